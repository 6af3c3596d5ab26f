// Events of segments and lock books, as they are decided: about one lock each. And the locks in an event of any size.

import type { SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import type { SeatHold, SegmentInventoryEvent } from '@railhead/domain/segment-inventory/events.ts';

export const held = (lockId: string, seats: readonly number[]): SegmentInventoryEvent =>
  heldTogether({ lockId, seats });

export const heldTogether = (...holds: readonly SeatHold[]): SegmentInventoryEvent => ({
  type: 'SeatsHeld',
  version: 2,
  data: { holds },
});

export const releasedSeats = (lockId: string, seats: readonly number[]): SegmentInventoryEvent =>
  releasedTogether({ lockId, seats });

export const releasedTogether = (...releases: readonly SeatHold[]): SegmentInventoryEvent => ({
  type: 'SeatsReleased',
  version: 2,
  data: { releases },
});

export const acquired = (lockId: string, plan: LockPlan): SeatLockEvent => ({
  type: 'SeatLocksAcquired',
  version: 2,
  data: { locks: [{ lockId, plan }] },
});

export const confirmed = (...lockIds: readonly string[]): SeatLockEvent => ({
  type: 'SeatLocksConfirmed',
  version: 2,
  data: { locks: lockIds.map((lockId) => ({ lockId })) },
});

export const releasedLock = (lockId: string, reason = 'test'): SeatLockEvent => ({
  type: 'SeatLocksReleased',
  version: 2,
  data: { locks: [{ lockId, reason }] },
});

export const expired = (...lockIds: readonly string[]): SeatLockEvent => ({
  type: 'SeatLocksExpired',
  version: 2,
  data: { locks: lockIds.map((lockId) => ({ lockId })) },
});

export const aborted = (lockId: string, reason = 'test'): SeatLockEvent => ({
  type: 'SeatLockAborted',
  version: 1,
  data: { lockId, reason },
});

/** What an event says of one lock. A withdrawal of seats sold by count has legs in place of `seats`. */
export type LockPart = { readonly lockId: string; readonly seats?: readonly number[]; readonly plan?: LockPlan };

const LISTS = ['holds', 'releases', 'locks'] as const;

/** What an event of a segment or a book says of each of its locks. */
export const lockPartsOf = ({ data }: { readonly data: unknown }): readonly LockPart[] => {
  // Of any event; those about locks have some of these fields.
  const fields = data as Readonly<Partial<Record<(typeof LISTS)[number], readonly LockPart[]> & { lockId: string }>>;
  for (const list of LISTS) {
    const parts = fields[list];
    if (parts !== undefined) return parts;
  }
  return fields.lockId === undefined ? [] : [fields as LockPart]; // checked
};

/** The event's data without what it says of these locks; undefined if it says nothing else. */
export const dataWithoutLocks = (
  { data }: { readonly data: unknown },
  isLost: (part: LockPart) => boolean,
): unknown | undefined => {
  const fields = data as Readonly<Record<string, unknown>>; // as above
  for (const list of LISTS) {
    if (!Array.isArray(fields[list])) continue;
    const kept = lockPartsOf({ data }).filter((part) => !isLost(part));
    return kept.length === 0 ? undefined : { ...fields, [list]: kept };
  }
  return lockPartsOf({ data }).some(isLost) ? undefined : data;
};
