import { expect, test } from '@jest/globals';
import { given } from '@railhead/tests/support/given.ts';
import { decide } from './decide.ts';
import type { WaitlistUserEvent } from './events.ts';
import { evolve, newWaitlistUser, type WaitlistUser } from './fold.ts';
import { waitlistUserCategory } from './stream.ts';

const user = given<WaitlistUser, WaitlistUserEvent>(evolve, () => newWaitlistUser);
const opened = (waitlistNo: string): WaitlistUserEvent => ({
  type: 'WaitlistOpened',
  version: 1,
  data: { waitlistNo, limit: 2 },
});
const ended = (waitlistNo: string): WaitlistUserEvent => ({ type: 'WaitlistEnded', version: 1, data: { waitlistNo } });
const open = (waitlistNo: string, ...voids: readonly string[]) =>
  ({ type: 'Open', waitlistNo, limit: 2, void: voids }) as const;

test('two requests wait at once, and a third once one of them has ended', () => {
  user([]).when(decide, open('A')).emits(opened('A'));
  user([opened('A')])
    .when(decide, open('A'))
    .changesNothing();
  user([opened('A')])
    .when(decide, open('B'))
    .emits(opened('B'));
  user([opened('A'), opened('B')])
    .when(decide, open('C'))
    .refuses('WAITLIST_LIMIT');
  user([opened('A'), opened('B')])
    .when(decide, open('C', 'A'))
    .emits(ended('A'), opened('C'));
  user([opened('A'), opened('B'), ended('A')])
    .when(decide, open('C'))
    .emits(opened('C'));
});

test('a request ends once', () => {
  user([opened('A')])
    .when(decide, { type: 'End', waitlistNo: 'A' })
    .emits(ended('A'));
  user([]).when(decide, { type: 'End', waitlistNo: 'A' }).changesNothing();
  expect(user([opened('A'), opened('A'), ended('A')]).state.open).toEqual([]);
});

test('any key names a stream', () => {
  for (const key of ['_B2Yg8PgZEAaf5CH', '-a', 'u']) {
    const stream = waitlistUserCategory.stream(key);
    // No stream's id may begin with anything but a letter or a digit.
    expect(stream).toMatch(/^waitlistUser-[A-Za-z0-9]/);
    expect(waitlistUserCategory.idOf(stream)).toBe(key);
  }
});
