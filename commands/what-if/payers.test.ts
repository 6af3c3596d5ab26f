import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { payersOf, Unpaid } from './payers.ts';

const NUMBERS = Array.from({ length: 2_000 }, (_, n) => `ORDER${n}`);

test('about the share of all orders pays, the same ones each time, and those of a smaller share among them', () => {
  const paying = (share: number) => NUMBERS.filter(payersOf(share, 0).pays);
  expect([paying(0).length, paying(1).length]).toEqual([0, NUMBERS.length]);
  expect(paying(0.3)).toEqual(paying(0.3));
  expect(Math.abs(paying(0.3).length / NUMBERS.length - 0.3)).toBeLessThan(0.05);
  const more = new Set(paying(0.6));
  expect(paying(0.3).every((orderNo) => more.has(orderNo))).toBe(true);
});

test('each order is told once, when its time is over, the earliest first', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.array(fc.nat(60)), (ends, looks) => {
      const unpaid = new Unpaid();
      for (const [index, endsMs] of ends.entries()) unpaid.add(String(index), endsMs);
      const seen: number[] = [];
      for (const nowMs of [...looks].sort((a, b) => a - b)) {
        const due = [...unpaid.dueAt(nowMs)].map((index) => ends[Number(index)] ?? -1);
        expect(due.every((endsMs) => endsMs <= nowMs)).toBe(true);
        seen.push(...due);
      }
      const last = Math.max(-1, ...looks);
      expect(seen).toEqual(ends.filter((endsMs) => endsMs <= last).sort((a, b) => a - b));
    }),
  );
});
