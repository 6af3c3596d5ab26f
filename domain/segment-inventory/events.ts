// The occupancy of one segment in one class. Who may hold seats, and why, is decided in the lock book.
import type { DomainEvent } from '../kernel/event.ts';
import type { LockPlan } from '../seat-lock/plan.ts';

export type SegmentOpened = DomainEvent<'SegmentOpened', { readonly seats: number }>;
/** Coaches were added: the segment has `seats` seats from now on, the new ones after the old. */
export type SegmentExtended = DomainEvent<'SegmentExtended', { readonly seats: number }>;
export type SeatsHeld = DomainEvent<
  'SeatsHeld',
  { readonly lockId: string; readonly seats: readonly number[]; readonly plan: LockPlan }
>;
/** All seats that the lock holds on the segment, or some of them. */
export type SeatsReleased = DomainEvent<
  'SeatsReleased',
  { readonly lockId: string; readonly seats: readonly number[] }
>;

export type SegmentInventoryEvent = SegmentOpened | SegmentExtended | SeatsHeld | SeatsReleased;
