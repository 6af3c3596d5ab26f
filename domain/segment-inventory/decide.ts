// Decides whether seats can be held on one segment. A hold takes all of its seats or none.
import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import type { SegmentInventoryEvent } from './events.ts';
import type { SegmentInventory } from './fold.ts';

export type SegmentInventoryCommand =
  /** Opens the segment with `seats` seats, or extends it to that number. */
  | { readonly type: 'Open'; readonly seats: number }
  | { readonly type: 'Hold'; readonly lockId: string; readonly seats: readonly number[] }
  /** Without `seats`: all that the lock holds. */
  | { readonly type: 'Release'; readonly lockId: string; readonly seats?: readonly number[] };

export type SegmentRefusal = 'SEATS_TAKEN' | 'SEGMENT_NOT_OPEN' | 'NO_SUCH_SEAT' | 'STREAM_CONTRADICTION';

export const decide = (
  segment: SegmentInventory,
  command: SegmentInventoryCommand,
): Decision<SegmentInventoryEvent, SegmentRefusal> => {
  if (segment.contradiction !== undefined) return refuse('STREAM_CONTRADICTION', segment.contradiction);
  switch (command.type) {
    case 'Open':
      if (segment.seats < 0) return emit({ type: 'SegmentOpened', version: 1, data: { seats: command.seats } });
      return segment.seats >= command.seats
        ? unchanged
        : emit({ type: 'SegmentExtended', version: 1, data: { seats: command.seats } });
    case 'Hold': {
      const { lockId, seats } = command;
      if (segment.seats < 0) return refuse('SEGMENT_NOT_OPEN', 'the segment is not on sale');
      if (segment.holds.has(lockId)) return unchanged;
      if (!seats.every((seat, index) => seat >= 0 && seat < segment.seats && seats.indexOf(seat) === index))
        return refuse('NO_SUCH_SEAT', `no such seats: ${seats.join()}`);
      const taken = seats.filter((seat) => segment.holderOf.has(seat));
      if (taken.length > 0) return refuse('SEATS_TAKEN', `seats ${taken.join()} are taken`);
      return emit({ type: 'SeatsHeld', version: 2, data: { holds: [{ lockId, seats }] } });
    }
    case 'Release': {
      const { lockId, seats: wanted } = command;
      const held = segment.holds.get(lockId)?.seats ?? [];
      const seats = wanted === undefined ? held : held.filter((seat) => wanted.includes(seat));
      return seats.length === 0
        ? unchanged
        : emit({ type: 'SeatsReleased', version: 2, data: { releases: [{ lockId, seats }] } });
    }
  }
};
