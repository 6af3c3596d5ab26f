// Given what the lock book of a class has, when these events are appended together, then others are told this.
import { describe, expect, test } from '@jest/globals';
import type { Recorded } from '@railhead/domain/kernel/event.ts';
import type { JoinedWaiting, SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import { evolve } from '@railhead/domain/seat-lock/fold.ts';
import type { Leg, LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import type { Coach } from '@railhead/domain/train-run/composition.ts';
import type { CoachesAdded, TrainRunEvent } from '@railhead/domain/train-run/events.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { recorded, testMeta } from '@railhead/tests/support/events.ts';
import { openedRun } from '@railhead/tests/support/opened-run.ts';
import { aborted, acquired, confirmed, expired, releasedLock } from '@railhead/tests/support/seat-events.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import { type BookEvent, toldInAppend, toldOfCoaches } from './replenishment.ts';

const stream = lockBookCategory.stream({ train: 'G1', date: '2026-12-01', seatClass: 'second' });
const plan = (orderNo: string, ...legs: readonly Leg[]): LockPlan => ({ orderNo, epoch: 1, legs });
const seated = (orderNo: string, from: number, to: number, ...seats: readonly number[]): SeatLockEvent =>
  acquired(`${orderNo}.1.1`, plan(orderNo, { from, to, seats }));
const joined = (waitlistNo: string, from = 0, to = 3, party = 1): SeatLockEvent => {
  const wants = Array.from({ length: party }, () => null);
  const since = '2026-11-01T00:00:00.000Z';
  const waiting: JoinedWaiting = { waitlistNo, choice: 0, from, to, wants, since, until: since, revision: 1 };
  return { type: 'WaitingJoined', version: 1, data: { waiting: [waiting] } };
};
const givenBack = (lockId: string, ...travellers: readonly number[]): SeatLockEvent => ({
  ...{ type: 'SeatsGivenBack', version: 1, data: { lockId, travellers } },
});
const withdrawn = (lockId: string, ...seats: readonly number[]): SeatLockEvent => ({
  type: 'SeatsWithdrawn',
  version: 2,
  data: { lockId, plan: plan(lockId, { from: 0, to: 3, seats }), reason: 'broken' },
});
const returned = (lockId: string): SeatLockEvent => ({ type: 'SeatsReturned', version: 1, data: { lockId } });
const closed: SeatLockEvent = { type: 'BookClosed', version: 1, data: { reason: 'RUN_CANCELLED' } };

/** The first event has id `e0` and position 10. */
const given = (...before: readonly SeatLockEvent[]) => ({
  when: (events: readonly SeatLockEvent[], servesTogether = true) => {
    const book = before.reduce((now, event) => evolve(now, event), lockBookCategory.initial());
    const append = events.map(
      (event, index): BookEvent => ({
        ...event,
        id: `e${index}`,
        meta: testMeta(),
        stream,
        revision: index,
        position: 10 + index,
      }),
    );
    return toldInAppend(book, append, servesTogether).map(({ at: _, ...told }) => told);
  },
});
const told = (reason: string, count: number, toWaiting = 0, event = 0) => ({
  ...{ id: `e${event}/${reason}`, position: 10 + event, reason, count, toWaiting },
});

describe('places come free', () => {
  test('of an order that was cancelled, or not paid in time', () => {
    expect(given(seated('A', 0, 2, 4, 5)).when([releasedLock('A.1.1', 'CANCELLED')])).toEqual([told('CANCELLED', 2)]);
    expect(given(seated('A', 0, 2, 4)).when([expired('A.1.1')])).toEqual([told('EXPIRED', 1)]);
  });

  test('of tickets that were given back: only theirs, and with the last of them those that are left', () => {
    const sold = given(seated('A', 0, 2, 4, 5, 6), confirmed('A.1.1'));
    const { id, position, count } = { id: 'e0/GIVEN_BACK', position: 10, count: 2 };
    expect(sold.when([givenBack('A.1.1', 0, 2)])).toEqual([
      { id, position, count, toWaiting: 0, reason: 'GIVEN_BACK', givenBack: { orderNo: 'A', itemNos: [1, 3] } },
    ]);
    const part = given(seated('A', 0, 2, 4, 5, 6), confirmed('A.1.1'), givenBack('A.1.1', 0, 2));
    expect(part.when([releasedLock('A.1.1', 'REFUNDED')])).toEqual([told('REFUNDED', 1)]);
  });

  test('of a withdrawal that is lifted', () => {
    expect(given(withdrawn('W.1.1', 1, 2, 3)).when([returned('W.1.1')])).toEqual([told('WITHDRAWAL_LIFTED', 3)]);
  });

  test('one for a traveller who would have changed seats on the way', () => {
    const changes = plan('A', { from: 0, to: 1, seats: [4] }, { from: 1, to: 3, seats: [7] });
    expect(given(acquired('A.1.1', changes)).when([expired('A.1.1')])).toEqual([told('EXPIRED', 1)]);
  });

  test('and are told by reason, where many were freed together', () => {
    const event: SeatLockEvent = {
      ...{ type: 'SeatLocksReleased', version: 2 },
      data: {
        locks: [
          { lockId: 'A.1.1', reason: 'CANCELLED' },
          { lockId: 'B.1.1', reason: 'REFUNDED' },
          { lockId: 'C.1.1', reason: 'CANCELLED' },
        ],
      },
    };
    const book = given(seated('A', 0, 3, 1), seated('B', 0, 3, 2, 3), seated('C', 1, 2, 4), seated('D', 0, 1, 9));
    expect(book.when([event, expired('D.1.1')])).toEqual([
      told('CANCELLED', 2),
      told('REFUNDED', 2),
      told('EXPIRED', 1, 0, 1),
    ]);
  });
});

describe('nothing is told', () => {
  test('of a lock that is unknown, ended, or was aborted', () => {
    expect(given().when([releasedLock('A.1.1', 'CANCELLED')])).toEqual([]);
    expect(given(seated('A', 0, 2, 4), expired('A.1.1')).when([releasedLock('A.1.1')])).toEqual([]);
    expect(given().when([aborted('A.1.1')])).toEqual([]);
  });

  test('of a book that is closed: nobody can have its places', () => {
    expect(given(seated('A', 0, 2, 4), closed).when([releasedLock('A.1.1', 'RUN_CANCELLED')])).toEqual([]);
    expect(given(seated('A', 0, 2, 4)).when([closed, releasedLock('A.1.1', 'RUN_CANCELLED')])).toEqual([]);
  });

  test('of what is taken, joins or leaves', () => {
    expect(given(joined('W')).when([seated('W', 0, 3, 1), joined('X')])).toEqual([]);
  });
});

describe('who waits gets', () => {
  test('a place that came free in the same append', () => {
    const full = given(seated('A', 0, 3, 1), seated('B', 0, 3, 2), joined('W'));
    const cancelled = releasedLock('A.1.1', 'CANCELLED');
    expect(full.when([cancelled, seated('W', 0, 3, 1)])).toEqual([told('CANCELLED', 1, 1)]);
    expect(full.when([cancelled])).toEqual([told('CANCELLED', 1, 0)]);
  });

  test('a part of its way: the place counts once, whoever shares it', () => {
    const full = given(seated('A', 0, 3, 1, 2), joined('W', 0, 1), joined('X', 2, 3));
    const append = [releasedLock('A.1.1', 'CANCELLED'), seated('W', 0, 1, 1), seated('X', 2, 3, 1)];
    expect(full.when(append)).toEqual([told('CANCELLED', 2, 1)]);
  });

  test('no place that the public bought in the same append, and none that was free before', () => {
    const full = given(seated('A', 0, 3, 1), joined('W', 0, 3, 2));
    expect(full.when([releasedLock('A.1.1', 'CANCELLED'), seated('P', 0, 3, 1)])).toEqual([told('CANCELLED', 1, 0)]);
    expect(full.when([releasedLock('A.1.1', 'CANCELLED'), seated('W', 0, 3, 1, 7)])).toEqual([told('CANCELLED', 1, 1)]);
  });

  test('what comes free behind it in the same append not', () => {
    const full = given(seated('A', 0, 3, 1), seated('B', 0, 3, 2), joined('W'));
    const append = [expired('A.1.1'), seated('W', 0, 3, 1), releasedLock('W.1.1', 'WAITLIST_OVER'), expired('B.1.1')];
    expect(full.when(append)).toEqual([
      told('EXPIRED', 1, 1),
      told('WAITLIST_OVER', 1, 0, 2),
      told('EXPIRED', 1, 0, 3),
    ]);
  });

  test('one place more than was free to others: those of the reason whose seat it was', () => {
    const full = given(seated('A', 0, 3, 1), seated('B', 0, 3, 2), joined('W'));
    const append = [releasedLock('A.1.1', 'CANCELLED'), expired('B.1.1'), seated('W', 0, 3, 2)];
    expect(full.when(append)).toEqual([told('CANCELLED', 1, 0), told('EXPIRED', 1, 1, 1)]);
  });

  test('what nobody can tell, where they are served by a later append', () => {
    const append = [releasedLock('A.1.1', 'CANCELLED')];
    const [one] = given(seated('A', 0, 3, 1), joined('W')).when(append, false);
    expect(one).toEqual({ id: 'e0/CANCELLED', position: 10, reason: 'CANCELLED', count: 1 });
    expect(given(seated('A', 0, 3, 1)).when(append, false)).toEqual([told('CANCELLED', 1, 0)]);
  });
});

describe('coaches that are added', () => {
  const coach = (number: string, seatClass: Coach['seatClass'], standing = 0): Coach => ({
    ...{ coach: number, seatClass, layout: { kind: 'rows', rows: 2, letters: 'ACF' }, standing },
  });
  const runEvent = <Event extends TrainRunEvent>(event: Event): RecordedEvent & Recorded<Event> => ({
    ...{ ...recorded(event), id: 'e0', stream: runCategory.stream({ train: 'G1', date: '2026-12-01' }) },
    ...{ revision: 1, position: 10 },
  });
  const added = (...coaches: readonly Coach[]) =>
    runEvent<CoachesAdded>({ type: 'CoachesAdded', version: 1, data: { coaches } });
  const opened = openedRun({ lateAssignment: ['first'] });
  const run = { ...opened, status: 'open', settled: false, seatsAssigned: false, handled: [] } as const;

  test('free their seats, a message for each class', () => {
    expect(toldOfCoaches(run, added(coach('07', 'second', 4), coach('08', 'second'), coach('09', 'first')))).toEqual([
      { id: 'e0/first', position: 10, at: testMeta().at, seatClass: 'first', count: 6, reason: 'COACHES_ADDED' },
      { id: 'e0/second', position: 10, at: testMeta().at, seatClass: 'second', count: 12, reason: 'COACHES_ADDED' },
      { id: 'e0/standing', position: 10, at: testMeta().at, seatClass: 'standing', count: 4, reason: 'COACHES_ADDED' },
    ]);
  });

  test('free nothing of a class whose seats have been assigned, or of a run that was cancelled', () => {
    const assigned = { ...run, seatsAssigned: true };
    expect(toldOfCoaches(assigned, added(coach('07', 'first'), coach('08', 'second')))).toMatchObject([
      { seatClass: 'second', count: 6 },
    ]);
    expect(toldOfCoaches({ ...run, status: 'cancelled' }, added(coach('07', 'second')))).toEqual([]);
  });
});
