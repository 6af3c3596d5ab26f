// What a log says of the seats of its runs, worked out by lists of seats instead of bitmaps: slow, and plain to read.
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { absentRun, type OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { type ClassId, className, type RunId, runCategory } from '@railhead/domain/train-run/stream.ts';

export type CountedByHand = {
  readonly total: number;
  readonly available: number;
  readonly held: number;
  readonly sold: number;
};

/** Of exactly these events. */
export const runByHand = (events: readonly RecordedEvent[], id: RunId): OpenedRun | undefined => {
  const run = events
    .filter(({ stream }) => stream === runCategory.stream(id))
    .filter((event) => runCategory.owns(event))
    .reduce(runCategory.evolve, absentRun);
  return run.status === 'absent' ? undefined : run;
};

/** The seats of a class between two stops. */
export const seatsByHand = (
  events: readonly RecordedEvent[],
  id: ClassId,
  { from, to }: { readonly from: number; readonly to: number },
): CountedByHand => {
  const run = runByHand(events, id);
  if (run === undefined) throw new Error('the run is not there');
  const ofBook = events
    .filter(({ stream }) => stream === lockBookCategory.stream(id))
    .filter((event) => lockBookCategory.owns(event));
  const confirmed = new Set<string>();
  const withdrawn = new Set<string>();
  let isClosed = run.status === 'cancelled';
  for (const event of ofBook) {
    if (event.type === 'SeatLocksConfirmed') for (const { lockId } of event.data.locks) confirmed.add(lockId);
    if (event.type === 'SeatsWithdrawn') withdrawn.add(event.data.lockId);
    if (event.type === 'BookClosed') isClosed = true;
  }
  const size = seatsOfClass(run.composition, id.seatClass).length;
  const segments = Array.from({ length: to - from }, (_, n) => heldOn(events, id, from + n));
  const isCounted = id.seatClass === 'standing' || run.lateAssignment?.includes(id.seatClass) === true;
  /** Seats that are not there for somebody who needs one all the way; where they are counted, those of the fullest segment. */
  const count = (isMeant: (lockId: string) => boolean): number => {
    const seats = segments.map((held) => [...held].filter(([, lockId]) => isMeant(lockId)).map(([seat]) => seat));
    return isCounted ? Math.max(...seats.map(({ length }) => length)) : new Set(seats.flat()).size;
  };
  const total = size - count((lockId) => withdrawn.has(lockId));
  const free = size - count(() => true);
  const sold = Math.min(
    total - free,
    count((lockId) => confirmed.has(lockId)),
  );
  return { total, available: isClosed ? 0 : free, held: total - free - sold, sold };
};

/** Who has which seat of a segment: lock by seat. */
const heldOn = (events: readonly RecordedEvent[], id: ClassId, seq: number): ReadonlyMap<number, string> => {
  const held = new Map<number, string>();
  for (const event of events) {
    if (event.stream !== segmentCategory.stream({ ...id, seq }) || !segmentCategory.owns(event)) continue;
    if (event.type === 'SeatsHeld')
      for (const { lockId, seats } of event.data.holds) for (const seat of seats) held.set(seat, lockId);
    if (event.type === 'SeatsReleased')
      for (const { seats } of event.data.releases) for (const seat of seats) held.delete(seat);
  }
  return held;
};

/** The locks of a class that have seats: their numbers and what they are. */
export const locksByHand = (events: readonly RecordedEvent[], id: ClassId): ReadonlyMap<string, string> => {
  const locks = new Map<string, string>();
  const aborted = new Set<string>();
  for (const event of events) {
    if (event.stream !== lockBookCategory.stream(id) || !lockBookCategory.owns(event)) continue;
    switch (event.type) {
      case 'SeatLocksAcquired':
        for (const { lockId } of event.data.locks) locks.set(lockId, 'held');
        break;
      case 'SeatsWithdrawn':
        locks.set(event.data.lockId, 'withdrawn');
        break;
      case 'SeatLocksConfirmed':
        for (const { lockId } of event.data.locks) if (locks.has(lockId)) locks.set(lockId, 'sold');
        break;
      case 'SeatLocksReleased':
      case 'SeatLocksExpired':
        for (const { lockId } of event.data.locks) locks.delete(lockId);
        break;
      case 'SeatLockAborted':
        aborted.add(event.data.lockId);
        break;
      case 'SeatsReturned':
        locks.delete(event.data.lockId);
        break;
      default:
    }
  }
  for (const lockId of aborted) locks.delete(lockId);
  return locks;
};

/** Classes of runs that the log has anything of. */
export const classesInLog = (events: readonly RecordedEvent[]): readonly ClassId[] => {
  const found = new Map<string, ClassId>();
  for (const { stream } of events) {
    const category = [lockBookCategory, segmentCategory].find((each) => each.holds({ stream }));
    if (category === undefined) continue;
    const { train, date, seatClass } = category.idOf(stream);
    found.set(className({ train, date, seatClass }), { train, date, seatClass });
  }
  return [...found.values()];
};
