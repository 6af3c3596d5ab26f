// A batch being decided: operations one after another on the stock in memory, and the events that will say so.
// Nothing is written yet; `undo` takes it all back.
import type { SeatPolicy, SeatRequest } from '@railhead/domain/allocation/choose-seats.ts';
import { coverWithSeatChange } from '@railhead/domain/allocation/seat-change.ts';
import {
  applyToBook,
  applyToSegment,
  type ClassStock,
  revertOnSegment,
  segmentAt,
} from '@railhead/domain/class-stock/class-stock.ts';
import { accept, refuse } from '@railhead/domain/kernel/decision.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import { decide as decideBook } from '@railhead/domain/seat-lock/decide.ts';
import type { SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import { type LockStatus, occupies, type SeatLock } from '@railhead/domain/seat-lock/fold.ts';
import { type Leg, type LockPlan, seatsOnSegment, segmentsOf } from '@railhead/domain/seat-lock/plan.ts';
import { lockIdOf } from '@railhead/domain/seat-lock/stream.ts';
import { decide as decideSegment } from '@railhead/domain/segment-inventory/decide.ts';
import type { SegmentInventoryEvent } from '@railhead/domain/segment-inventory/events.ts';
import type { SegmentHold } from '@railhead/domain/segment-inventory/fold.ts';
import type { HoldOperation, LockOperation, LockOutcome, Operation } from './operation.ts';

export type SegmentEntry = {
  readonly lockId: string;
  readonly event: SegmentInventoryEvent;
  readonly meta: EventMeta;
  readonly released: SegmentHold | undefined;
};
export type BookEntry = { readonly lockId: string; readonly event: SeatLockEvent; readonly meta: EventMeta };

export class Draft {
  readonly segments = new Map<number, SegmentEntry[]>();
  readonly book: BookEntry[] = [];
  readonly #stock: ClassStock;
  readonly #policy: SeatPolicy;
  readonly #bookBefore: (() => void)[] = [];

  constructor(stock: ClassStock, policy: SeatPolicy) {
    this.#stock = stock;
    this.#policy = policy;
  }

  decide(operation: Operation): LockOutcome {
    return operation.kind === 'hold' ? this.#hold(operation) : this.#end(operation);
  }

  /** Puts the stock back to where it was before the first decision. */
  undo(): void {
    for (const seq of this.segments.keys()) this.undoSegment(seq);
    for (const restore of this.#bookBefore.splice(0).reverse()) restore();
    this.book.length = 0;
  }

  undoSegment(seq: number): void {
    for (const { event, released } of (this.segments.get(seq) ?? []).toReversed())
      revertOnSegment(this.#stock, seq, event, released);
    this.segments.delete(seq);
  }

  /** Applies one event to a segment and keeps it for writing. */
  onSegment(seq: number, lockId: string, event: SegmentInventoryEvent, meta: EventMeta): void {
    const released = event.type === 'SeatsReleased' ? segmentAt(this.#stock, seq).holds.get(lockId) : undefined;
    applyToSegment(this.#stock, seq, event);
    const entries = this.segments.get(seq);
    if (entries === undefined) this.segments.set(seq, [{ lockId, event, meta, released }]);
    else entries.push({ lockId, event, meta, released });
  }

  onBook(lockId: string, event: SeatLockEvent, meta: EventMeta): void {
    const { locks, lockOf } = this.#stock.book;
    const before = locks.get(lockId);
    this.#bookBefore.push(() => {
      if (before === undefined) locks.delete(lockId);
      else locks.set(lockId, before);
      if (event.type === 'SeatLockAcquired') lockOf.delete(event.data.plan.orderNo);
    });
    applyToBook(this.#stock, event);
    this.book.push({ lockId, event, meta });
  }

  /** Applies a hold to every segment of its plan that does not have it yet; a segment's first hold opens it. */
  holdSegments(lockId: string, plan: LockPlan, meta: EventMeta): boolean {
    let held: SegmentInventoryEvent | undefined;
    for (const seq of segmentsOf(plan)) {
      const segment = segmentAt(this.#stock, seq);
      if (segment.seats < 0) {
        const data = { seats: this.#stock.layout.size };
        this.onSegment(seq, lockId, { type: 'SegmentOpened', version: 1, data }, meta);
      }
      const seats = seatsOnSegment(plan, seq);
      const decision = decideSegment(segment, { type: 'Hold', lockId, seats, plan });
      if (!decision.ok) return false;
      for (const event of decision.value) {
        // Segments of one leg say the same; one object is serialised once.
        if (held?.type !== 'SeatsHeld' || event.type !== 'SeatsHeld' || held.data.seats !== event.data.seats)
          held = event;
        this.onSegment(seq, lockId, held, meta);
      }
    }
    return true;
  }

  releaseSegments(lockId: string, segments: Iterable<number>, meta: EventMeta): void {
    for (const seq of segments) {
      const decision = decideSegment(segmentAt(this.#stock, seq), { type: 'Release', lockId });
      if (decision.ok) for (const event of decision.value) this.onSegment(seq, lockId, event, meta);
    }
  }

  #hold(operation: HoldOperation): LockOutcome {
    const { orderNo, from, to, wants, meta } = operation;
    const existing = this.#lockOf(orderNo);
    if (existing !== undefined) return outcomeOf(existing.lockId, existing.lock);
    const legs = this.#legsFor({ from, to, wants }, operation.acceptSeatChange === true);
    if (legs === undefined) return refuse('SOLD_OUT', 'not enough seats are free over the whole journey');
    const lockId = this.#nextLockId(orderNo);
    const plan: LockPlan = { orderNo, epoch: this.#stock.book.epoch, legs };
    if (!this.holdSegments(lockId, plan, meta))
      throw new Error(`the seat policy chose taken seats: ${JSON.stringify(plan)}`);
    this.acquire(lockId, plan, meta);
    return accept({ lockId, plan });
  }

  /** One leg by the policy; two only where that finds nothing and the traveller accepts it. */
  #legsFor(request: SeatRequest, acceptSeatChange: boolean): readonly Leg[] | undefined {
    const { layout, occupancy } = this.#stock;
    const { from, to } = request;
    const seats = this.#policy(layout, occupancy, request);
    if (seats !== undefined) return [{ from, to, seats }];
    if (!acceptSeatChange || request.wants.length > layout.size) return undefined;
    const change = coverWithSeatChange(layout, occupancy, request);
    if (change === undefined) return undefined;
    const { at, first, second } = change;
    return [
      { from, to: at, seats: first },
      { from: at, to, seats: second },
    ];
  }

  acquire(lockId: string, plan: LockPlan, meta: EventMeta): void {
    const decision = decideBook(this.#stock.book, { type: 'Acquire', lockId, plan });
    if (!decision.ok) throw new Error(`${decision.refusal.code}: ${decision.refusal.detail}`);
    for (const event of decision.value) this.onBook(lockId, event, meta);
  }

  #end(operation: LockOperation): LockOutcome {
    const { kind, orderNo, meta, reason } = operation;
    const existing = this.#lockOf(orderNo);
    if (existing?.lock.plan === undefined) return refuse('LOCK_NOT_HELD', `order ${orderNo} has no seats`);
    const { lockId } = existing;
    const { plan } = existing.lock;
    const decision = decideBook(
      this.#stock.book,
      kind === 'confirm'
        ? { type: 'Confirm', lockId }
        : kind === 'expire'
          ? { type: 'Expire', lockId }
          : { type: 'Release', lockId, reason: reason ?? 'released' },
    );
    if (!decision.ok) return refuse('LOCK_NOT_HELD', decision.refusal.detail);
    for (const event of decision.value) this.onBook(lockId, event, meta);
    if (kind !== 'confirm') this.releaseSegments(lockId, segmentsOf(plan), meta);
    return accept({ lockId, plan });
  }

  #lockOf(orderNo: string): { readonly lockId: string; readonly lock: SeatLock } | undefined {
    const lockId = this.#stock.book.lockOf.get(orderNo);
    const lock = lockId === undefined ? undefined : this.#stock.book.locks.get(lockId);
    return lockId === undefined || lock === undefined ? undefined : { lockId, lock };
  }

  /** An id not tried yet in this epoch: an attempt that lost its seats to another writer stands in the book as aborted. */
  #nextLockId(orderNo: string): string {
    const { epoch, locks } = this.#stock.book;
    let attempt = 1;
    while (locks.has(lockIdOf(orderNo, epoch, attempt))) attempt += 1;
    return lockIdOf(orderNo, epoch, attempt);
  }
}

const outcomeOf = (lockId: string, lock: SeatLock): LockOutcome => {
  const { plan, status }: { readonly plan?: LockPlan; readonly status: LockStatus } = lock;
  return occupies(lock) && plan !== undefined
    ? accept({ lockId, plan })
    : refuse('LOCK_ENDED', `${lockId} was ${status} before`);
};
