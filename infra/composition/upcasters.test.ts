import { expect, test } from '@jest/globals';
import { newEvent } from '@railhead/tests/support/events.ts';
import { openedRun } from '@railhead/tests/support/opened-run.ts';
import {
  acquired,
  confirmed,
  expired,
  held as heldEvent,
  releasedLock,
  releasedSeats,
} from '@railhead/tests/support/seat-events.ts';
import { liftWith } from '../eventstore/upcasting-store.ts';
import { UPCASTERS } from './upcasters.ts';

test.each([
  ['coach 05: another set', [0, 1], '05'],
  ['coach 05: window broken', [0], undefined],
  ['broken', [0, 1], undefined],
])('a withdrawal of before for the reason %j, of the seats %j, is that of coach %s', (reason, seats, coach) => {
  const plan = { orderNo: 'W1', epoch: 1, legs: [{ from: 0, to: 1, seats }] };
  const data = { lockId: 'W1.1.1', plan, reason };
  const written = { ...newEvent(data, 'SeatsWithdrawn'), stream: 'seatLock-G1_2026-12-01_second' };
  const lifted = liftWith(UPCASTERS)({ ...written, revision: 0, position: 1 });
  expect(lifted).toMatchObject({ version: 2, data: coach === undefined ? data : { ...data, coach } });
  expect(Object.hasOwn(lifted.data as object, 'coach')).toBe(coach !== undefined); // of every version, an object
});

test.each(['+08:00', '-03:30', '+00:00'])(
  'a run opened before runs had a zone keeps the offset %s it was sold with',
  (offset) => {
    const { zone: _, ...data } = openedRun();
    const written = newEvent(data, 'TrainRunOpened');
    const event = { ...written, meta: { ...written.meta, at: `2026-11-21T08:00:00.000${offset}` } };
    const lifted = liftWith(UPCASTERS)({ ...event, stream: 'trainRun-G1_2026-12-01', revision: 0, position: 1 });
    expect(lifted).toMatchObject({ version: 2, data: { ...data, zone: offset } });
  },
);

const plan = { orderNo: 'N1', epoch: 1, legs: [{ from: 0, to: 2, seats: [4] }] };

test.each<
  readonly [stream: string, type: string, data: unknown, lifted: { readonly type: string; readonly data: unknown }]
>([
  ['segmentInventory', 'SeatsHeld', { lockId: 'N1.1.1', seats: [4], plan }, heldEvent('N1.1.1', [4])],
  ['segmentInventory', 'SeatsReleased', { lockId: 'N1.1.1', seats: [4] }, releasedSeats('N1.1.1', [4])],
  ['seatLock', 'SeatLockAcquired', { lockId: 'N1.1.1', plan }, acquired('N1.1.1', plan)],
  ['seatLock', 'SeatLockConfirmed', { lockId: 'N1.1.1' }, confirmed('N1.1.1')],
  ['seatLock', 'SeatLockReleased', { lockId: 'N1.1.1', reason: 'late' }, releasedLock('N1.1.1', 'late')],
  ['seatLock', 'SeatLockExpired', { lockId: 'N1.1.1' }, expired('N1.1.1')],
])('in %s a %s of one lock becomes the event of many', (stream, type, data, lifted) => {
  const written = { ...newEvent(data, type), stream: `${stream}-G1_2026-12-01_second`, revision: 3, position: 7 };
  expect(liftWith(UPCASTERS)(written)).toEqual({ ...written, ...lifted, version: 2 });
  // An event of today is not changed.
  const { type: newType, data: newData } = lifted;
  const today = { ...written, type: newType, version: 2, data: newData };
  expect(liftWith(UPCASTERS)(today)).toBe(today);
});
