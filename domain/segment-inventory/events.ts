// Occupancy of one segment in one class, and nothing else: who may hold and why stands in the lock book.
import type { DomainEvent } from '../kernel/event.ts';
import type { LockPlan } from '../seat-lock/plan.ts';

export type SegmentOpened = DomainEvent<'SegmentOpened', { readonly seats: number }>;
export type SeatsHeld = DomainEvent<
  'SeatsHeld',
  { readonly lockId: string; readonly seats: readonly number[]; readonly plan: LockPlan }
>;
export type SeatsReleased = DomainEvent<
  'SeatsReleased',
  { readonly lockId: string; readonly seats: readonly number[] }
>;

export type SegmentInventoryEvent = SegmentOpened | SeatsHeld | SeatsReleased;
