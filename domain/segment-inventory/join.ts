// One event for the holds of a batch on a segment, and one for its releases.
import { type JoinRules, joined } from '../kernel/join.ts';
import type { SegmentInventoryEvent } from './events.ts';

/** Bytes of a hold as JSON, without its seats; and of one seat. */
const HOLD_BYTES = 64;
const SEAT_BYTES = 6;

const partsOf = (event: SegmentInventoryEvent) => {
  if (event.type === 'SeatsHeld') return event.data.holds;
  return event.type === 'SeatsReleased' ? event.data.releases : [];
};

const RULES: JoinRules<SegmentInventoryEvent> = {
  keyOf: (event) => partsOf(event)[0]?.lockId,
  bytesOf: (event) => partsOf(event).reduce((sum, { seats }) => sum + HOLD_BYTES + SEAT_BYTES * seats.length, 0),
  // A seat may be free earlier than it was. It must not be taken before it is free.
  mayPass: (later, earlier) => later === 'SeatsReleased' && earlier === 'SeatsHeld',
};

/** Items with one decided event each, in groups with one event each. */
export const joinedOnSegment = <Item extends { readonly event: SegmentInventoryEvent }>(
  items: readonly Item[],
): readonly { readonly event: SegmentInventoryEvent; readonly items: readonly Item[] }[] =>
  joined(items, RULES).flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ event: oneEvent(first.event, group), items: group }];
  });

const oneEvent = (
  first: SegmentInventoryEvent,
  group: readonly { readonly event: SegmentInventoryEvent }[],
): SegmentInventoryEvent => {
  if (group.length === 1) return first;
  const parts = group.flatMap(({ event }) => partsOf(event));
  if (first.type === 'SeatsHeld') return { ...first, data: { holds: parts } };
  return first.type === 'SeatsReleased' ? { ...first, data: { releases: parts } } : first;
};
