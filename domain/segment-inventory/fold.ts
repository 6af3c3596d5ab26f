import type { SeatHold, SegmentInventoryEvent } from './events.ts';

/**
 * `seats` is -1 until the segment is opened. `contradiction`: the stream holds a seat twice, or releases one that is
 * not held. Nothing may be decided on the segment any more.
 */
export type SegmentInventory = {
  seats: number;
  readonly holds: Map<string, SeatHold>;
  readonly holderOf: Map<number, string>;
  contradiction: string | undefined;
};

export const unopenedSegment = (): SegmentInventory => ({
  seats: -1,
  holds: new Map(),
  holderOf: new Map(),
  contradiction: undefined,
});

/**
 * Changes the state in place: a segment has tens of thousands of holds, and its owner keeps one state only. The first
 * contradiction is kept. Neither that event, with all of its holds, nor any later one is applied.
 */
export const evolve = (segment: SegmentInventory, event: SegmentInventoryEvent): SegmentInventory => {
  if (segment.contradiction !== undefined) return segment;
  switch (event.type) {
    case 'SegmentOpened':
    case 'SegmentExtended':
      segment.seats = event.data.seats;
      return segment;
    case 'SeatsHeld':
      return applyAll(segment, event.data.holds, hold, (done) => release(segment, done));
    case 'SeatsReleased': {
      const before = event.data.releases.map(({ lockId }) => segment.holds.get(lockId));
      return applyAll(segment, event.data.releases, release, ({ seats }, index) => {
        const was = before[index];
        if (was !== undefined) restore(segment, was, seats);
      });
    }
  }
};

/** Applies the parts of an event in order, or none of them. */
const applyAll = (
  segment: SegmentInventory,
  parts: readonly SeatHold[],
  apply: (segment: SegmentInventory, part: SeatHold) => string | undefined,
  undo: (part: SeatHold, index: number) => void,
): SegmentInventory => {
  for (const [index, part] of parts.entries()) {
    const wrong = apply(segment, part);
    if (wrong === undefined) continue;
    for (let done = index - 1; done >= 0; done -= 1) {
      const before = parts[done];
      if (before !== undefined) undo(before, done);
    }
    segment.contradiction = wrong;
    return segment;
  }
  return segment;
};

/** Takes the seats of one hold. Otherwise changes nothing, and tells what contradicts it. */
const hold = (segment: SegmentInventory, part: SeatHold): string | undefined => {
  const { holds, holderOf } = segment;
  const { lockId, seats } = part;
  for (const [index, seat] of seats.entries())
    if (holderOf.has(seat) || seat < 0 || seat >= segment.seats || seats.indexOf(seat) !== index)
      return `${lockId} holds seat ${seat}, held by ${holderOf.get(seat) ?? lockId}`;
  if (holds.has(lockId)) return `${lockId} holds seat ${seats.join()}, held by ${lockId}`;
  holds.set(lockId, part);
  for (const seat of seats) holderOf.set(seat, lockId);
  return undefined;
};

const release = ({ holds, holderOf }: SegmentInventory, { lockId, seats }: SeatHold): string | undefined => {
  const held = holds.get(lockId);
  if (held === undefined || !seats.every((seat) => held.seats.includes(seat)))
    return `${lockId} releases seats it does not hold`;
  const kept = held.seats.length === seats.length ? [] : held.seats.filter((seat) => !seats.includes(seat));
  if (kept.length === 0) holds.delete(lockId);
  else holds.set(lockId, { lockId, seats: kept });
  for (const seat of seats) holderOf.delete(seat);
  return undefined;
};

/** Gives a lock the hold back that it had before it released these seats. */
export const restore = ({ holds, holderOf }: SegmentInventory, before: SeatHold, seats: readonly number[]): void => {
  holds.set(before.lockId, before);
  for (const seat of seats) holderOf.set(seat, before.lockId);
};
