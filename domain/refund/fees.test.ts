import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { feeOf, quoteRefund, REFUND_TABLE } from './fees.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const departsMs = Date.parse('2026-12-10T09:00:00+08:00');
const quote = (leftMs: number, ...faresFen: number[]) =>
  quoteRefund(
    REFUND_TABLE,
    faresFen.map((fareFen, index) => ({ itemNo: index + 1, fareFen })),
    { nowMs: departsMs - leftMs, departsMs, changedLate: false },
  );

describe('the fee of a fare of 553 yuan', () => {
  test.each([
    ['8 days and a minute before', 8 * DAY + MINUTE, 'FROM_8_DAYS', 0],
    ['8 days before', 8 * DAY, 'FROM_8_DAYS', 0],
    ['8 days less a minute before', 8 * DAY - MINUTE, 'FROM_48_HOURS', 27_50],
    ['48 hours and a minute before', 48 * HOUR + MINUTE, 'FROM_48_HOURS', 27_50],
    ['48 hours before', 48 * HOUR, 'FROM_48_HOURS', 27_50],
    ['48 hours less a minute before', 48 * HOUR - MINUTE, 'FROM_24_HOURS', 55_50],
    ['24 hours and a minute before', 24 * HOUR + MINUTE, 'FROM_24_HOURS', 55_50],
    ['24 hours before', 24 * HOUR, 'FROM_24_HOURS', 55_50],
    ['24 hours less a minute before', 24 * HOUR - MINUTE, 'UNDER_24_HOURS', 110_50],
    ['a millisecond before', 1, 'UNDER_24_HOURS', 110_50],
  ])('%s the departure', (_, leftMs, rule, feeFen) => {
    expect(quote(leftMs, 553_00)?.items).toEqual([
      { itemNo: 1, fareFen: 553_00, feeFen, refundFen: 553_00 - feeFen, rule },
    ]);
  });

  test('is not to be had from the departure on', () => {
    for (const leftMs of [0, -1, -DAY]) expect(quote(leftMs, 553_00)).toBeUndefined();
  });
});

test.each([
  // fare, percent, fee: in units of 0.5 yuan
  ['a rest of 0.24 is dropped', 104_80, 5, 5_00], // 5.24
  ['a rest of 0.25 is 0.5', 105_00, 5, 5_50], // 5.25
  ['a rest of 0.74 is 0.5', 114_80, 5, 5_50], // 5.74
  ['a rest of 0.7499 is 0.5', 114_99, 5, 5_50], // 5.7495
  ['a rest of 0.75 is one', 115_00, 5, 6_00], // 5.75
  ['whole units stay', 110_00, 5, 5_50],
  ['the least is 2 yuan', 10_00, 5, 2_00],
  ['also just below', 44_90, 5, 2_00], // 2.245
  ['and more from where it is more', 45_00, 5, 2_50], // 2.25
  ['never more than the fare', 1_50, 20, 1_50],
  ['nothing of nothing', 0, 20, 0],
  ['free is free', 553_00, 0, 0],
])('%s', (_, fareFen, percent, feeFen) => {
  expect(feeOf(REFUND_TABLE, fareFen, percent)).toBe(feeFen);
});

test('a quote holds until another tier applies', () => {
  expect(quote(9 * DAY, 100_00)?.validUntilMs).toBe(departsMs - 8 * DAY);
  expect(quote(30 * HOUR, 100_00)?.validUntilMs).toBe(departsMs - 24 * HOUR);
  expect(quote(HOUR, 100_00)?.validUntilMs).toBe(departsMs);
});

test('fee and refund are the fare, ticket by ticket and in all, and never grow with time left', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(500_000), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 10 * DAY }),
      fc.nat(DAY),
      (fares, leftMs, earlier) => {
        const now = quote(leftMs, ...fares);
        const before = quote(leftMs + earlier, ...fares);
        if (now === undefined || before === undefined) throw new Error('the train has not left');
        for (const { fareFen, feeFen, refundFen } of now.items) {
          expect(feeFen + refundFen).toBe(fareFen);
          expect(feeFen >= 0 && feeFen <= fareFen).toBe(true);
        }
        expect(now.feeFen + now.refundFen).toBe(fares.reduce((sum, fare) => sum + fare, 0));
        expect(before.feeFen).toBeLessThanOrEqual(now.feeFen);
      },
    ),
  );
});
