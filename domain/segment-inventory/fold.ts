import type { LockPlan } from '../seat-lock/plan.ts';
import type { SegmentInventoryEvent } from './events.ts';

export type SegmentHold = { readonly seats: readonly number[]; readonly plan: LockPlan };

/**
 * `seats` is -1 until the segment is opened. `contradiction`: the stream holds a seat twice, or releases one that is
 * not held. Nothing may be decided on the segment any more.
 */
export type SegmentInventory = {
  seats: number;
  readonly holds: Map<string, SegmentHold>;
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
 * Changes the state in place: a segment has tens of thousands of events, and its owner keeps one state only. The first
 * contradiction is kept. Neither that event nor any later one is applied.
 */
export const evolve = (segment: SegmentInventory, event: SegmentInventoryEvent): SegmentInventory => {
  if (segment.contradiction !== undefined) return segment;
  switch (event.type) {
    case 'SegmentOpened':
    case 'SegmentExtended':
      segment.seats = event.data.seats;
      return segment;
    case 'SeatsHeld': {
      const { lockId, seats, plan } = event.data;
      const taken = seats.find(
        (seat, index) =>
          segment.holderOf.has(seat) || seat < 0 || seat >= segment.seats || seats.indexOf(seat) !== index,
      );
      if (taken !== undefined || segment.holds.has(lockId)) {
        segment.contradiction ??= `${lockId} holds seat ${taken ?? seats.join()}, held by ${segment.holderOf.get(taken ?? -1) ?? lockId}`;
        return segment;
      }
      segment.holds.set(lockId, { seats, plan });
      for (const seat of seats) segment.holderOf.set(seat, lockId);
      return segment;
    }
    case 'SeatsReleased': {
      const { lockId, seats } = event.data;
      const hold = segment.holds.get(lockId);
      if (hold === undefined || !seats.every((seat) => hold.seats.includes(seat))) {
        segment.contradiction ??= `${lockId} releases seats it does not hold`;
        return segment;
      }
      const kept = hold.seats.length === seats.length ? [] : hold.seats.filter((seat) => !seats.includes(seat));
      if (kept.length === 0) segment.holds.delete(lockId);
      else segment.holds.set(lockId, { ...hold, seats: kept });
      for (const seat of seats) segment.holderOf.delete(seat);
      return segment;
    }
  }
};
