// Every lock begins whole: by its commit record it has the seats of its plan on every segment of the way and on no other,
// whatever became of it later.
import { type AcquiredLock, commitsOf } from '@railhead/domain/seat-lock/events.ts';
import { type LockPlan, seatsOnSegment, segmentsOf } from '@railhead/domain/seat-lock/plan.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import type { SeatHold } from '@railhead/domain/segment-inventory/events.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import type { AuditedClass } from '../ledger.ts';
import { sameNumbers } from '../plans.ts';
import type { PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

/** Of one class. A lock is in it only until all of its holds and its commit record have been read. */
type Beginnings = {
  /** Seats by segment, of locks whose commit record is not read yet: it is written after the holds. */
  readonly holds: Map<string, Map<number, readonly number[]>>;
  /** Segments still to come. In the merged log of several clusters the holds of a lock may come after its commit record. */
  readonly missing: Map<string, { readonly plan: LockPlan; readonly segments: Set<number> }>;
};

export const locksBegun: PromiseOf = (ledger) => {
  const violations = new Violations();
  const classes = new Map<AuditedClass, Beginnings>();
  const of = (audited: AuditedClass): Beginnings => {
    const known = classes.get(audited) ?? { holds: new Map(), missing: new Map() };
    classes.set(audited, known);
    return known;
  };

  const compare = (
    audited: AuditedClass,
    lockId: string,
    plan: LockPlan,
    seq: number,
    seats: readonly number[],
  ): void => {
    if (!sameNumbers(seatsOnSegment(plan, seq), seats))
      violations.add('LOCK_BROKEN', `${audited.key}: ${lockId} holds ${seats.join()} on segment ${seq}, not its plan`);
  };

  const hold = (audited: AuditedClass, seq: number, { lockId, seats }: SeatHold): void => {
    const { holds, missing } = of(audited);
    const begun = missing.get(lockId);
    if (begun?.segments.delete(seq) === true) {
      compare(audited, lockId, begun.plan, seq, seats);
      if (begun.segments.size === 0) missing.delete(lockId);
    } else if (!audited.stock.book.locks.has(lockId))
      holds.set(lockId, (holds.get(lockId) ?? new Map<number, readonly number[]>()).set(seq, seats));
  };

  const commit = (audited: AuditedClass, { lockId, plan }: AcquiredLock): void => {
    const { holds, missing } = of(audited);
    const held = holds.get(lockId);
    holds.delete(lockId);
    const segments = new Set<number>();
    for (const seq of segmentsOf(plan)) {
      const seats = held?.get(seq);
      if (seats === undefined) segments.add(seq);
      else compare(audited, lockId, plan, seq, seats);
    }
    if (segments.size > 0) missing.set(lockId, { plan, segments });
    const way = new Set(segmentsOf(plan));
    for (const seq of held?.keys() ?? [])
      if (!way.has(seq))
        violations.add('LOCK_BROKEN', `${audited.key}: ${lockId} held segment ${seq}, which is not on its way`);
  };

  return {
    categories: [segmentCategory, lockBookCategory],
    observe(event) {
      if (segmentCategory.owns(event)) {
        const id = segmentCategory.idOf(event.stream);
        const audited = event.type === 'SeatsHeld' ? ledger.classOf(id) : undefined;
        if (event.type !== 'SeatsHeld' || audited === undefined) return;
        for (const one of event.data.holds) hold(audited, id.seq, one);
      } else if (lockBookCategory.owns(event)) {
        const audited = ledger.classOf(lockBookCategory.idOf(event.stream));
        if (audited === undefined) return;
        for (const lock of commitsOf(event)) commit(audited, lock);
        if (event.type === 'SeatLockAborted') of(audited).holds.delete(event.data.lockId);
      }
    },
    findings() {
      const found = new Violations();
      // A segment with a contradiction proves nothing any more.
      for (const [audited, { missing }] of classes)
        for (const [lockId, { segments }] of missing)
          for (const seq of segments)
            if (audited.stock.segments[seq]?.contradiction === undefined)
              found.add('LOCK_BROKEN', `${audited.key}: ${lockId} never held its seats on segment ${seq}`);
      return [...violations.list, ...found.list];
    },
  };
};
