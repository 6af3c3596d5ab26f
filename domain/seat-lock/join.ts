// One event for the locks that a batch acquires, and one for each way in which it moves others on.
import { type JoinRules, joined } from '../kernel/join.ts';
import type { SeatLockEvent } from './events.ts';

/** Bytes of a lock as JSON, without its seats; and of one traveller's seat and wish. */
const LOCK_BYTES = 192;
const SEAT_BYTES = 24;

const seatsIn = (event: SeatLockEvent): number =>
  event.type === 'SeatLocksAcquired'
    ? event.data.locks.reduce((sum, { plan }) => sum + plan.legs.reduce((seats, leg) => seats + leg.seats.length, 0), 0)
    : 0;

const RULES: JoinRules<SeatLockEvent> = {
  keyOf: (event) => {
    switch (event.type) {
      case 'SeatLocksAcquired':
      case 'SeatLocksConfirmed':
      case 'SeatLocksReleased':
      case 'SeatLocksExpired':
        return event.data.locks[0]?.lockId;
      case 'WaitingJoined':
      case 'WaitingLeft':
        return event.data.waiting[0]?.waitlistNo;
      default:
        return undefined;
    }
  },
  bytesOf: (event) => LOCK_BYTES + SEAT_BYTES * seatsIn(event),
  // Seats may be free earlier than they were. They must not be taken before they are free, or before somebody waits for them
  // or after: what selling rules keep for others, and who was first, is proved by the order of the book.
  mayPass: (later, earlier) =>
    later === 'SeatLocksAcquired'
      ? earlier === 'SeatLocksConfirmed'
      : later !== 'WaitingJoined' || earlier !== 'SeatLocksAcquired',
};

/** Items with one decided event each, in groups with one event each. */
export const joinedInBook = <Item extends { readonly event: SeatLockEvent }>(
  items: readonly Item[],
): readonly { readonly event: SeatLockEvent; readonly items: readonly Item[] }[] =>
  joined(items, RULES).flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ event: oneEvent(first.event, group), items: group }];
  });

const oneEvent = (first: SeatLockEvent, group: readonly { readonly event: SeatLockEvent }[]): SeatLockEvent => {
  if (group.length === 1) return first;
  const events = group.map(({ event }) => event);
  switch (first.type) {
    case 'SeatLocksAcquired':
      return { ...first, data: { locks: events.flatMap((one) => (one.type === first.type ? one.data.locks : [])) } };
    case 'SeatLocksConfirmed':
      return { ...first, data: { locks: events.flatMap((one) => (one.type === first.type ? one.data.locks : [])) } };
    case 'SeatLocksReleased':
      return { ...first, data: { locks: events.flatMap((one) => (one.type === first.type ? one.data.locks : [])) } };
    case 'SeatLocksExpired':
      return { ...first, data: { locks: events.flatMap((one) => (one.type === first.type ? one.data.locks : [])) } };
    case 'WaitingJoined':
      return {
        ...first,
        data: { waiting: events.flatMap((one) => (one.type === first.type ? one.data.waiting : [])) },
      };
    case 'WaitingLeft':
      return {
        ...first,
        data: { waiting: events.flatMap((one) => (one.type === first.type ? one.data.waiting : [])) },
      };
    default:
      return first;
  }
};
