// How many places came free by a log, counted from what its segments release: slow, and without the fold of the lock book.
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { commitsOf } from '@railhead/domain/seat-lock/events.ts';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';

type Log = readonly RecordedEvent[];

/** By the name of the lock book, without books that were closed: what comes free there is nobody's any more. */
export const freedByHand = (log: Log): ReadonlyMap<string, number> => {
  const freed = new Map<string, number>();
  const plans = plansIn(log);
  const closed = new Set(log.filter(({ type }) => type === 'BookClosed').map(({ stream }) => stream));
  for (const event of log) {
    if (!segmentCategory.owns(event) || event.type !== 'SeatsReleased') continue;
    const { seq, ...id } = segmentCategory.idOf(event.stream);
    const book = lockBookCategory.stream(id);
    for (const { lockId, seats } of event.data.releases) {
      // Each traveller has one seat on each segment of the way, so the first of them counts everybody. What has no plan
      // was aborted.
      const isFirst = plans.get(`${book} ${lockId}`)?.legs[0]?.from === seq;
      if (isFirst && !closed.has(book)) freed.set(book, (freed.get(book) ?? 0) + seats.length);
    }
  }
  for (const [book, places] of addedByHand(log))
    if (!closed.has(book)) freed.set(book, (freed.get(book) ?? 0) + places);
  return freed;
};

const plansIn = (log: Log): ReadonlyMap<string, LockPlan> => {
  const plans = new Map<string, LockPlan>();
  for (const event of log)
    if (lockBookCategory.owns(event))
      for (const { lockId, plan } of commitsOf(event)) plans.set(`${event.stream} ${lockId}`, plan);
  return plans;
};

const addedByHand = (log: Log): ReadonlyMap<string, number> => {
  const added = new Map<string, number>();
  for (const event of log) {
    if (!runCategory.owns(event) || event.type !== 'CoachesAdded') continue;
    for (const seatClass of ['first', 'second', 'standing'] as const) {
      const book = lockBookCategory.stream({ ...runCategory.idOf(event.stream), seatClass });
      const places = seatsOfClass(event.data.coaches, seatClass).length;
      if (places > 0) added.set(book, (added.get(book) ?? 0) + places);
    }
  }
  return added;
};

/**
 * How many places were freed and taken by a request of the waitlist, on some segment, in one commit. `commit`: the events
 * that were written at once.
 */
export const takenByHand = (log: Log, commit: Log): number => {
  const plans = plansIn(log);
  const served = new Set(
    commit.flatMap((event) =>
      waitlistCategory.owns(event) && event.type === 'WaitlistSeatsLocked' ? [event.data.lockId] : [],
    ),
  );
  const lastFreed = new Map<string, string>();
  const taken = new Set<string>();
  for (const event of commit) {
    if (!segmentCategory.owns(event)) continue;
    const { seq, ...id } = segmentCategory.idOf(event.stream);
    const book = lockBookCategory.stream(id);
    const at = (seat: number): string => `${event.stream} ${seat}`;
    if (event.type === 'SeatsReleased')
      for (const { lockId, seats } of event.data.releases) {
        const leg = plans.get(`${book} ${lockId}`)?.legs.find(({ from, to }) => from <= seq && seq < to);
        for (const seat of seats) lastFreed.set(at(seat), `${book} ${lockId} ${leg?.seats.indexOf(seat)}`);
      }
    if (event.type === 'SeatsHeld')
      for (const { lockId, seats } of event.data.holds)
        for (const seat of seats) {
          const place = lastFreed.get(at(seat));
          if (served.has(lockId) && place !== undefined) taken.add(place);
        }
  }
  return taken.size;
};
