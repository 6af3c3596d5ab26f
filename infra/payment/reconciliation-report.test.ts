import { expect, test } from '@jest/globals';
import type { Difference } from '@railhead/commands/reconciliation/reconcile-payments.ts';
import { repairOf } from './reconciliation-report.ts';

const CODES = ['MISSING_HERE', 'MISSING_THERE', 'AMOUNT', 'STATUS', 'TWICE'] as const;
const refund = {
  kind: 'refund',
  paymentNo: 'P1',
  refundNo: 'P1R1',
  hereFen: 0,
  thereFen: 1,
  status: 'SUCCEEDED',
} as const;
const payment = { ...refund, kind: 'payment', refundNo: '' } as const;

test('every difference has its repair, and that of a refund speaks of no notice and of no refund of it', () => {
  const repairs = (one: Omit<Difference, 'code' | 'action'>): readonly string[] =>
    CODES.map((code) => repairOf({ ...one, code, action: 'alarm' }));
  for (const one of [payment, refund]) expect(new Set(repairs(one)).size).toBe(CODES.length);
  for (const text of repairs(refund)) expect(text).not.toMatch(/notice|refund it/);
  expect(repairOf({ ...payment, code: 'STATUS', action: 'alarm' })).toMatch(/send its notice again/);
  for (const one of [payment, refund])
    expect(repairOf({ ...one, code: 'STATUS', action: 'auto' })).toMatch(/^none needed/);
});
