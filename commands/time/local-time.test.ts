import { expect, test } from '@jest/globals';
import { instantIn } from './local-time.ts';

const BERLIN = 'Europe/Berlin';

test.each([
  ['2026-12-01T09:00:00+08:00', '2026-12-01T01:00:00.000Z'],
  ['2026-12-01T09:00:00.123456Z', '2026-12-01T09:00:00.123Z'],
  ['2026-12-01T09:00-05:00', '2026-12-01T14:00:00.000Z'],
  ['2026-12-01T09:00:00', '2026-12-01T08:00:00.000Z'],
  ['2026-07-01T09:00', '2026-07-01T07:00:00.000Z'],
])('%s is an instant', (text, instant) => {
  expect(new Date(instantIn(text, BERLIN) ?? 0).toISOString()).toBe(instant);
});

test('a time that the clock shows twice is the first of the two, one that it leaves out comes after the gap', () => {
  expect(instantIn('2026-10-25T02:30:00', BERLIN)).toBe(Date.parse('2026-10-25T00:30:00Z'));
  expect(instantIn('2026-03-29T02:30:00', BERLIN)).toBe(Date.parse('2026-03-29T01:30:00Z'));
});

test.each(['', 'now', '2026-12-01', '2026-02-30T00:00:00', '2026-12-01T25:00:00', '2026-12-01T09:00:00 08:00', '1e9'])(
  '%p is no time',
  (text) => expect(instantIn(text, BERLIN)).toBeUndefined(),
);
