import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { REFUND_TABLE } from '../refund/fees.ts';
import { type ChangeMoment, changeTable, quoteChange } from './fees.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TABLE = changeTable(REFUND_TABLE);
const DEPARTS_DATE = '2026-12-10';
const departsMs = Date.parse(`${DEPARTS_DATE}T09:00:00+08:00`);
const dateOf = (ms: number): string => new Date(ms + 8 * HOUR).toISOString().slice(0, 10);

const moment = (leftMs: number, change: Partial<ChangeMoment> = {}): ChangeMoment => ({
  nowMs: departsMs - leftMs,
  today: dateOf(departsMs - leftMs),
  departsMs,
  departsDate: DEPARTS_DATE,
  newDate: DEPARTS_DATE,
  isOtherDestination: false,
  ...change,
});
const quote = (leftMs: number, change: Partial<ChangeMoment> = {}, fareFen = 553_00, newFareFen = fareFen) =>
  quoteChange(TABLE, [{ itemNo: 1, fareFen, newFareFen }], moment(leftMs, change));

const LATER = { newDate: '2026-12-11' };
const EARLIER = { newDate: '2026-12-09' };
const ELSEWHERE = { isOtherDestination: true };
const until = (left: number): number => departsMs - left;

describe('a fare of 553 yuan, changed', () => {
  test.each<[string, number, Partial<ChangeMoment>, string, number, number | undefined]>([
    [
      'to a later date, 48 hours and a minute before',
      48 * HOUR + MINUTE,
      LATER,
      'CHANGE_FROM_48_HOURS',
      0,
      until(48 * HOUR),
    ],
    ['to a later date, 48 hours before', 48 * HOUR, LATER, 'CHANGE_FROM_48_HOURS', 0, until(48 * HOUR)],
    [
      'to a later date, 48 hours less a minute before',
      48 * HOUR - MINUTE,
      LATER,
      'CHANGE_FROM_24_HOURS',
      27_50,
      until(24 * HOUR),
    ],
    [
      'to a later date, 24 hours and a minute before',
      24 * HOUR + MINUTE,
      LATER,
      'CHANGE_FROM_24_HOURS',
      27_50,
      until(24 * HOUR),
    ],
    ['to a later date, 24 hours before', 24 * HOUR, LATER, 'CHANGE_FROM_24_HOURS', 27_50, until(24 * HOUR)],
    [
      'to a later date, 24 hours less a minute before',
      24 * HOUR - MINUTE,
      LATER,
      'CHANGE_UNDER_24_HOURS',
      83_00,
      until(0),
    ],
    ['to a later date, a minute before', MINUTE, LATER, 'CHANGE_UNDER_24_HOURS', 83_00, until(0)],
    ['to a later date, at the departure', 0, LATER, 'CHANGE_AFTER_DEPARTURE', 221_00, undefined],
    ['to a later date, a minute after', -MINUTE, LATER, 'CHANGE_AFTER_DEPARTURE', 221_00, undefined],
    ['to the same date, 48 hours before', 48 * HOUR, {}, 'CHANGE_FROM_48_HOURS', 0, until(48 * HOUR)],
    [
      'to the same date, 48 hours less a minute before',
      48 * HOUR - MINUTE,
      {},
      'CHANGE_NOT_TO_A_LATER_DATE',
      0,
      until(24 * HOUR),
    ],
    ['to the same date, a minute before', MINUTE, {}, 'CHANGE_NOT_TO_A_LATER_DATE', 0, until(0)],
    ['to an earlier date, 30 hours before', 30 * HOUR, EARLIER, 'CHANGE_NOT_TO_A_LATER_DATE', 0, until(24 * HOUR)],
    ['to the same date, at the departure', 0, {}, 'CHANGE_AFTER_DEPARTURE', 0, undefined],
    [
      'to another destination, 48 hours before',
      48 * HOUR,
      { ...LATER, ...ELSEWHERE },
      'CHANGE_OF_DESTINATION',
      0,
      until(48 * HOUR),
    ],
  ])('%s', (_, leftMs, change, rule, feeFen, validUntilMs) => {
    expect(quote(leftMs, change)).toEqual({
      items: [{ itemNo: 1, fareFen: 553_00, newFareFen: 553_00, feeFen, rule }],
      rule,
      feeFen,
      differenceFen: 0,
      payFen: feeFen,
      refundFen: 0,
      carriedFen: 553_00,
      validUntilMs,
    });
  });

  test.each<[string, number, Partial<ChangeMoment>]>([
    ['to another destination, 48 hours less a minute before', 48 * HOUR - MINUTE, ELSEWHERE],
    ['to another destination, after the departure', -MINUTE, ELSEWHERE],
    ['to an earlier date, after the departure', -MINUTE, EARLIER],
    ['on the day after the departure', -15 * HOUR, LATER],
    ['on the day after the departure, to the date of the departure', -15 * HOUR, {}],
  ])('%s: it is not to be had', (_, leftMs, change) => {
    expect(quote(leftMs, change)).toBeUndefined();
  });

  test('until the last minute of its day, and of no other', () => {
    const midnight = Date.parse('2026-12-11T00:00:00+08:00') - departsMs;
    expect(quote(-midnight + 1)?.rule).toBe('CHANGE_AFTER_DEPARTURE');
    expect(quote(-midnight)).toBeUndefined();
  });
});

test.each<
  [string, number, Partial<ChangeMoment>, number, number, { feeFen: number; payFen: number; refundFen: number }]
>([
  ['a dearer one costs the difference', 72 * HOUR, LATER, 100_00, 150_00, { feeFen: 0, payFen: 50_00, refundFen: 0 }],
  ['and a share of the cheaper fare', 30 * HOUR, LATER, 100_00, 150_00, { feeFen: 5_00, payFen: 55_00, refundFen: 0 }],
  // 8 days and more: nothing is kept back of a difference.
  ['a cheaper one brings it back', 9 * DAY, LATER, 150_00, 100_00, { feeFen: 0, payFen: 0, refundFen: 50_00 }],
  // 5 % of 50 yuan is 2.50.
  ['less the fee of its refund', 72 * HOUR, LATER, 150_00, 100_00, { feeFen: 2_50, payFen: 0, refundFen: 47_50 }],
  // 5 % of 100 yuan for the change, and 10 % of the 50 yuan that come back.
  ['and less the share', 30 * HOUR, LATER, 150_00, 100_00, { feeFen: 10_00, payFen: 0, refundFen: 40_00 }],
  // 15 % of 100 yuan is more than what is left of the difference: 1 yuan, of which the least fee leaves nothing.
  [
    'which may be more than what comes back',
    HOUR,
    LATER,
    101_00,
    100_00,
    { feeFen: 16_00, payFen: 15_00, refundFen: 0 },
  ],
  [
    'after the departure, of a difference what the last tier leaves',
    -HOUR,
    {},
    150_00,
    100_00,
    { feeFen: 10_00, payFen: 0, refundFen: 40_00 },
  ],
  ['a share of 5.24 yuan is 5', 30 * HOUR, LATER, 104_80, 104_80, { feeFen: 5_00, payFen: 5_00, refundFen: 0 }],
  ['a share of 5.25 yuan is 5.50', 30 * HOUR, LATER, 105_00, 105_00, { feeFen: 5_50, payFen: 5_50, refundFen: 0 }],
  ['a share of 5.74 yuan is 5.50', 30 * HOUR, LATER, 114_80, 114_80, { feeFen: 5_50, payFen: 5_50, refundFen: 0 }],
  ['a share of 5.75 yuan is 6', 30 * HOUR, LATER, 115_00, 115_00, { feeFen: 6_00, payFen: 6_00, refundFen: 0 }],
  ['the least share is 2 yuan', 30 * HOUR, LATER, 10_00, 10_00, { feeFen: 2_00, payFen: 2_00, refundFen: 0 }],
  ['and never more than the fare', 30 * HOUR, LATER, 1_50, 1_50, { feeFen: 1_50, payFen: 1_50, refundFen: 0 }],
])('%s', (_, leftMs, change, fareFen, newFareFen, sums) => {
  expect(quote(leftMs, change, fareFen, newFareFen)).toMatchObject({ ...sums, differenceFen: newFareFen - fareFen });
});

test('what was paid and is due is what the new tickets cost, what comes back, and the fees', () => {
  const fares = fc.array(fc.record({ fareFen: fc.nat(500_000), newFareFen: fc.nat(500_000) }), {
    minLength: 1,
    maxLength: 5,
  });
  const left = fc.integer({ min: -12 * HOUR, max: 20 * DAY });
  fc.assert(
    fc.property(fares, left, fc.constantFrom(LATER, {}, EARLIER), (pairs, leftMs, change) => {
      const quoted = quoteChange(
        TABLE,
        pairs.map((pair, index) => ({ itemNo: index + 1, ...pair })),
        moment(leftMs, change),
      );
      if (quoted === undefined) return;
      const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
      const { payFen, refundFen, feeFen } = quoted;
      expect(sum(pairs.map(({ fareFen }) => fareFen)) + payFen).toBe(
        sum(pairs.map(({ newFareFen }) => newFareFen)) + refundFen + feeFen,
      );
      expect(Math.min(payFen, refundFen)).toBe(0);
      expect(sum(quoted.items.map((item) => item.feeFen))).toBe(feeFen);
      for (const item of quoted.items)
        expect(item.feeFen >= 0 && item.feeFen <= item.fareFen + item.newFareFen).toBe(true);
    }),
  );
});
