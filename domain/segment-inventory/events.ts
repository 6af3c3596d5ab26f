// The occupancy of one segment in one class. Who may hold seats, and why, is decided in the lock book.
import type { DomainEvent } from '../kernel/event.ts';

/** The seats that one lock takes or gives back. The lock's id names its order and its owner's epoch. */
export type SeatHold = { readonly lockId: string; readonly seats: readonly number[] };

export type SegmentOpened = DomainEvent<'SegmentOpened', { readonly seats: number }>;
/** Coaches were added: the segment has `seats` seats from now on, the new ones after the old. */
export type SegmentExtended = DomainEvent<'SegmentExtended', { readonly seats: number }>;
/** All holds that were decided together. */
export type SeatsHeld = DomainEvent<'SeatsHeld', { readonly holds: readonly SeatHold[] }, 2>;
/** Of each lock all seats that it holds on the segment, or some of them. */
export type SeatsReleased = DomainEvent<'SeatsReleased', { readonly releases: readonly SeatHold[] }, 2>;

export type SegmentInventoryEvent = SegmentOpened | SegmentExtended | SeatsHeld | SeatsReleased;
