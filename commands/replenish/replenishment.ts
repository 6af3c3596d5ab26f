// What others are told of seats that come free: a function of the lock book, or of the run, and its events.
//
// Why it is as it is:
// - Who waits for seats gets them in the append that frees them, where a store writes several streams at once. So the
//   events of one append of the book are looked at together.
// - A release and the hold that it serves need not cover the same part of the way. So a freed place counts as gone to who
//   waits if they got its seat on any part of it, and what is left is free as a whole.
import type { Recorded } from '@railhead/domain/kernel/event.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import { evolve, type LockBook } from '@railhead/domain/seat-lock/fold.ts';
import { type FreedPlaces, freedBy, type Place } from '@railhead/domain/seat-lock/freed.ts';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import { orderNoOfLock } from '@railhead/domain/seat-lock/stream.ts';
import { classSizes } from '@railhead/domain/train-run/composition.ts';
import type { CoachesAdded } from '@railhead/domain/train-run/events.ts';
import type { TrainRun } from '@railhead/domain/train-run/fold.ts';
import type { ClassId } from '@railhead/domain/train-run/stream.ts';
import type { Position, RecordedEvent } from '../ports/event-store.ts';

/**
 * `id` is the same whenever the message is read. `count`: places that came free, each of one traveller. `toWaiting`: how
 * many of them went, on some part of the way at least, to who waits for seats, before anybody else could have them; absent
 * where the log does not say. `reason`: a code.
 */
export type Replenishment = ClassId & {
  readonly id: string;
  readonly position: Position;
  readonly at: string;
  readonly count: number;
  readonly toWaiting?: number;
  readonly reason: string;
};

/** `givenBack`: the items of an order whose tickets are void; whether they were refunded or changed, the order says. */
export type Told = Omit<Replenishment, keyof ClassId> & {
  readonly givenBack?: { readonly orderNo: string; readonly itemNos: readonly number[] };
};

export type BookEvent = RecordedEvent & Recorded<SeatLockEvent>;
type Freed = FreedPlaces & { readonly event: BookEvent; readonly taken: Set<Place> };

/**
 * Tells what the events of one append to a lock book free, and takes them into `book`. `servesTogether`: whoever waits gets
 * freed seats in the same append, as on a store that writes several streams at once.
 */
export const toldInAppend = (
  book: LockBook,
  events: readonly BookEvent[],
  servesTogether: boolean,
): readonly Told[] => {
  const freed: Freed[] = [];
  for (const event of events) {
    for (const plan of servedBy(book, event)) for (const one of freed) markTaken(one, plan);
    for (const one of freedBy(book, event)) freed.push({ ...one, event, taken: new Set() });
    evolve(book, event);
  }
  const isKnown = servesTogether || book.line.waiting.size === 0;
  const groups = Map.groupBy(freed, ({ event, reason }) => idOf(event, reason));
  return [...groups].flatMap(([id, group]) => toldOf(id, group, isKnown));
};

/** The plans of those who waited until this event. */
const servedBy = ({ line }: LockBook, event: SeatLockEvent): readonly LockPlan[] =>
  event.type === 'SeatLocksAcquired'
    ? event.data.locks.map(({ plan }) => plan).filter(({ orderNo }) => line.waiting.has(orderNo))
    : [];

const markTaken = ({ places, taken }: Freed, { legs }: LockPlan): void => {
  for (const place of places)
    if (
      place.some(({ from, to, seat }) => legs.some((leg) => leg.from < to && from < leg.to && leg.seats.includes(seat)))
    )
      taken.add(place);
};

const idOf = ({ id }: RecordedEvent, what: string): string => `${id}/${what}`;

const toldOf = (id: string, group: readonly Freed[], isKnown: boolean): readonly Told[] => {
  const [first] = group;
  const count = sumOf(group, ({ places }) => places.length);
  if (first === undefined || count === 0) return [];
  const { event, reason, lockId, travellers } = first;
  const toWaiting = isKnown ? { toWaiting: sumOf(group, ({ taken }) => taken.size) } : {};
  const told = { id, position: event.position, at: event.meta.at, count, ...toWaiting, reason };
  if (event.type !== 'SeatsGivenBack') return [told];
  // Items count from 1.
  return [{ ...told, givenBack: { orderNo: orderNoOfLock(lockId), itemNos: travellers.map((one) => one + 1) } }];
};

const sumOf = (group: readonly Freed[], of: (one: Freed) => number): number =>
  group.reduce((sum, one) => sum + of(one), 0);

/**
 * `run` is as it is after the event. Whoever waits is served by a later decision, so how many they get is not known. Once
 * seats have been assigned nothing more is sold of the classes sold by count.
 */
export const toldOfCoaches = (
  run: TrainRun,
  event: RecordedEvent & Recorded<CoachesAdded>,
): readonly (Omit<Told, 'givenBack'> & { readonly seatClass: SeatClass })[] => {
  if (run.status !== 'open') return [];
  const { position, meta, data } = event;
  return classSizes(data.coaches)
    .filter(({ seatClass }) => !(run.seatsAssigned && run.lateAssignment?.includes(seatClass)))
    .map(({ seatClass, seats }) => ({
      ...{ id: idOf(event, seatClass), position, at: meta.at, seatClass, count: seats, reason: 'COACHES_ADDED' },
    }));
};
