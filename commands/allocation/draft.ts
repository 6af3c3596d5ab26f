// A batch while it is being decided: operations one after another on the stock in memory, and the events that follow.
// Nothing is written here.
//
// Why it is as it is:
// - Every operation is decided on the result of the ones before it. So its events are applied to the one stock in
//   memory at once; a copy of the stock for each batch would cost more than the decisions.
// - The store may refuse the batch. So every event is kept with what is needed to take it back, and `undo` restores the
//   stock in reverse order: a seat may be released and held again in one batch.
// - `undoSegment` takes back one segment only. Where streams are appended one at a time, a segment may be refused while
//   the others are written.
// - The aggregates decide: every event comes from the `decide` of the segment or of the book. A refusal that a caller
//   can cause becomes an answer. One that only a bug can cause throws.
// - An order that has a lock gets that lock as its answer again, so every operation may be repeated.
// - Who waits is served before anybody else: after operations that free seats, and before the next that takes some.
// - Where a class is sold by count, no place belongs to anybody. A withdrawal then holds any free places of that
//   number, and its lock names the seats that are meant.
import { assignSeats, type CountedLock } from '@railhead/domain/allocation/assign-seats.ts';
import { counted, type Selling } from '@railhead/domain/allocation/choose-legs.ts';
import { parseWant } from '@railhead/domain/allocation/layout.ts';
import {
  applyToBook,
  applyToSegment,
  beforeOnSegment,
  type ClassStock,
  revertOnSegment,
  type SegmentBefore,
  segmentAt,
  unbacked,
} from '@railhead/domain/class-stock/class-stock.ts';
import { accept, refuse } from '@railhead/domain/kernel/decision.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import { decide as decideBook, type SeatLockCommand } from '@railhead/domain/seat-lock/decide.ts';
import { type BookCloseReason, commitsOf, type SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import { type LockStatus, occupies, type SeatLock } from '@railhead/domain/seat-lock/fold.ts';
import {
  type Leg,
  type LockPlan,
  seatsOnSegment,
  segmentsOf,
  stillTravelling,
  withoutGone,
} from '@railhead/domain/seat-lock/plan.ts';
import { lockIdOf, orderNoOfLock } from '@railhead/domain/seat-lock/stream.ts';
import { inOrder, isWaiting, restoreLine, type Waiting } from '@railhead/domain/seat-lock/waiting.ts';
import { decide as decideSegment } from '@railhead/domain/segment-inventory/decide.ts';
import type { SeatsHeld, SegmentInventoryEvent } from '@railhead/domain/segment-inventory/events.ts';
import type {
  AskOperation,
  CloseOperation,
  GiveBackOperation,
  HoldOperation,
  LeaveOperation,
  LockOperation,
  LockOutcome,
  Operation,
  ReturnOperation,
  WaitOperation,
  WithdrawOperation,
} from './operation.ts';

export type SegmentEntry = {
  readonly lockId: string;
  readonly event: SegmentInventoryEvent;
  readonly meta: EventMeta;
  readonly before: SegmentBefore;
};
export type BookEntry = { readonly lockId: string; readonly event: SeatLockEvent; readonly meta: EventMeta };

/** Whom the draft may serve of those who wait, and how. */
export type Serving = {
  readonly nowMs: number;
  /** Requests that are known to have ended, although the book does not say so yet. */
  readonly gone: ReadonlySet<string>;
  readonly metaFor: (waitlistNo: string) => EventMeta;
};

/** A request that was served in this batch. */
export type Served = { readonly waiting: Waiting; readonly lockId: string; readonly meta: EventMeta };

export class Draft {
  readonly segments = new Map<number, SegmentEntry[]>();
  readonly book: BookEntry[] = [];
  readonly #stock: ClassStock;
  readonly #selling: Selling;
  readonly served: Served[] = [];
  readonly #bookBefore: (() => void)[] = [];
  readonly #serving: Serving | undefined;
  /** May there be seats for somebody who waits? */
  #mayServe = true;

  /** Without `serving` nobody who waits is served. */
  constructor(stock: ClassStock, selling: Selling, serving?: Serving) {
    this.#stock = stock;
    this.#selling = selling;
    this.#serving = serving;
  }

  decide(operation: Operation): LockOutcome {
    switch (operation.kind) {
      case 'hold':
        this.serve();
        return this.#hold(operation);
      case 'withdraw':
        return this.#withdraw(operation);
      case 'close':
        return this.#close(operation);
      case 'wait':
        return this.#wait(operation);
      case 'leave':
        return this.#leave(operation);
      case 'ask':
        this.serve();
        return this.#ask(operation);
      case 'serve':
        this.#mayServe = true;
        return accept(NO_LOCK);
      case 'confirm':
        return this.#end(operation);
      default:
        this.#mayServe = true;
        return this.#end(operation);
    }
  }

  /** Holds seats for those who wait, as far as there are some, first come first served: a whole party or nobody of it. */
  serve(): void {
    const { book, layout, occupancy } = this.#stock;
    const serving = this.#serving;
    if (!this.#mayServe || serving === undefined) return;
    this.#mayServe = false;
    if (book.line.waiting.size === 0 || book.closed !== undefined) return;
    /** Kinds of journeys of which one was tried in vain: the seats only become fewer. */
    const hopeless = new Set<string>();
    for (const one of inOrder(book.line)) {
      if (hopeless.has(one.kind) || !isWaiting(book.line, one)) continue;
      if (one.untilMs <= serving.nowMs || serving.gone.has(one.waitlistNo)) continue;
      const { from, to, waitlistNo } = one;
      const wants = one.wants.map((want) => parseWant(want ?? undefined));
      const legs = this.#selling.choose(layout, occupancy, { from, to, wants, acceptSeatChange: false });
      if (legs === undefined) {
        hopeless.add(one.kind);
        continue;
      }
      const seated: LockPlan = { orderNo: waitlistNo, epoch: book.epoch, legs };
      const keptWants = this.#selling.counted && one.wants.some((want) => want !== null);
      const plan = keptWants ? { ...seated, wants: one.wants } : seated;
      const meta = serving.metaFor(waitlistNo);
      const taken = this.#take(plan, meta, (lockId) => ({ type: 'Acquire', lockId, plan }));
      if (taken.ok) this.served.push({ waiting: one, lockId: taken.value.lockId, meta });
    }
  }

  /** Restores the stock as it was before the first decision. */
  undo(): void {
    for (const seq of this.segments.keys()) this.undoSegment(seq);
    for (const restore of this.#bookBefore.splice(0).reverse()) restore();
    this.book.length = 0;
    this.served.length = 0;
  }

  undoSegment(seq: number): void {
    for (const { event, before } of (this.segments.get(seq) ?? []).toReversed())
      revertOnSegment(this.#stock, seq, event, before);
    this.segments.delete(seq);
  }

  /** Applies one event to a segment and keeps it for the append. */
  onSegment(seq: number, lockId: string, event: SegmentInventoryEvent, meta: EventMeta): void {
    const before = beforeOnSegment(this.#stock, seq, event);
    applyToSegment(this.#stock, seq, event);
    const entries = this.segments.get(seq);
    if (entries === undefined) this.segments.set(seq, [{ lockId, event, meta, before }]);
    else entries.push({ lockId, event, meta, before });
  }

  onBook(lockId: string, event: SeatLockEvent, meta: EventMeta): void {
    const { locks, lockOf, closed, line } = this.#stock.book;
    const touched = event.type === 'SeatsAssigned' ? event.data.seats.map((one) => one.lockId) : [lockId];
    const before = touched.map((touchedId) => [touchedId, locks.get(touchedId)] as const);
    const waitingBefore =
      line.waiting.size === 0 && event.type !== 'WaitingJoined'
        ? []
        : waitersOf(event).map((waitlistNo) => [waitlistNo, line.waiting.get(waitlistNo)] as const);
    this.#bookBefore.push(() => {
      for (const [waitlistNo, waiting] of waitingBefore) restoreLine(line, waitlistNo, waiting);
      for (const [touchedId, lock] of before)
        if (lock === undefined) locks.delete(touchedId);
        else locks.set(touchedId, lock);
      for (const { plan } of commitsOf(event)) lockOf.delete(plan.orderNo);
      this.#stock.book.closed = closed;
    });
    applyToBook(this.#stock, event);
    this.book.push({ lockId, event, meta });
  }

  /** Holds the seats on every segment of the plan that lacks the hold; opens or extends segments as needed. */
  holdSegments(lockId: string, plan: LockPlan, meta: EventMeta): boolean {
    let held: SeatsHeld | undefined;
    for (const seq of segmentsOf(plan)) {
      const segment = segmentAt(this.#stock, seq);
      const opened = decideSegment(segment, { type: 'Open', seats: this.#stock.layout.size });
      if (opened.ok) for (const event of opened.value) this.onSegment(seq, lockId, event, meta);
      const seats = seatsOnSegment(plan, seq);
      const decision = decideSegment(segment, { type: 'Hold', lockId, seats });
      if (!decision.ok) return false;
      for (const event of decision.value) {
        // All segments of a leg keep one object for the hold.
        if (event.type === 'SeatsHeld' && held?.data.holds[0]?.seats !== seats) held = event;
        this.onSegment(seq, lockId, held ?? event, meta);
      }
    }
    return true;
  }

  /** Releases what the lock holds there and does not have by the book. */
  releaseSegments(lockId: string, segments: Iterable<number>, meta: EventMeta): void {
    const lock = this.#stock.book.locks.get(lockId);
    for (const seq of segments) {
      const segment = segmentAt(this.#stock, seq);
      const seats = unbacked(lock, seq, segment.holds.get(lockId)?.seats ?? []);
      const decision = decideSegment(segment, { type: 'Release', lockId, seats });
      if (decision.ok) for (const event of decision.value) this.onSegment(seq, lockId, event, meta);
    }
  }

  #hold(operation: HoldOperation): LockOutcome {
    const { orderNo, from, to, wants, meta, acceptSeatChange = false, assignedLater = false } = operation;
    const existing = this.#lockOf(orderNo);
    if (existing !== undefined) return outcomeOf(existing.lockId, existing.lock);
    if (operation.order?.isWaiting() === false) return refuse('ORDER_MOVED', 'the order waits for no seats any more');
    const { book, layout, occupancy } = this.#stock;
    if (book.closed !== undefined) return refuseClosed(book.closed);
    const legs = this.#selling.choose(layout, occupancy, { from, to, wants, acceptSeatChange });
    if (legs === undefined) return refuse('SOLD_OUT', 'not enough seats are free over the whole journey');
    const seated: LockPlan = { orderNo, epoch: book.epoch, legs };
    const keptWants = assignedLater && wants.some((want) => want !== undefined);
    const plan = keptWants ? { ...seated, wants: wants.map((want) => want ?? null) } : seated;
    return this.#take(plan, meta, (lockId) => ({ type: 'Acquire', lockId, plan }));
  }

  /** The seats must be just these: where a traveller has one of them, the refusal names who. */
  #withdraw({ orderNo, from, to, seats, reason, coach, meta }: WithdrawOperation): LockOutcome {
    const existing = this.#lockOf(orderNo);
    if (existing !== undefined) return outcomeOf(existing.lockId, existing.lock);
    const { book, layout } = this.#stock;
    if (book.closed !== undefined) return refuseClosed(book.closed);
    const unknown = seats.find((seat) => seat >= layout.size);
    if (unknown !== undefined) return refuse('NO_SUCH_SEAT', `the class has no seat ${unknown}`);
    const holders = this.#holdersOf(seats, from, to);
    if (holders.length > 0)
      return refuse('SEATS_SOLD', `taken by ${holders.slice(0, NAMED_HOLDERS).join(', ')}`, { holders });
    const meant: readonly Leg[] = [{ from, to, seats }];
    const why = coach === undefined ? { reason } : { reason, coach };
    if (!this.#selling.counted) {
      const plan: LockPlan = { orderNo, epoch: book.epoch, legs: meant };
      return this.#take(plan, meta, (lockId) => ({ type: 'Withdraw', lockId, plan, ...why }));
    }
    const wants = seats.map(() => undefined);
    const legs = anyPlaces(layout, this.#stock.occupancy, { from, to, wants, acceptSeatChange: false });
    if (legs === undefined)
      return refuse('SEATS_SOLD', 'too many places are sold to take these seats out of sale', { holders });
    const plan: LockPlan = { orderNo, epoch: book.epoch, legs };
    return this.#take(plan, meta, (lockId) => ({ type: 'Withdraw', lockId, plan, ...why, seats: meant }));
  }

  /** The orders and withdrawals that have one of the seats anywhere on [from, to). */
  #holdersOf(seats: readonly number[], from: number, to: number): readonly string[] {
    const holders = new Set<string>();
    if (this.#selling.counted) {
      // In a class sold by count only withdrawals name seats.
      for (const { status, plan, assigned = [] } of this.#stock.book.locks.values())
        if (status === 'withdrawn' && plan !== undefined && assigned.some((leg) => overlap(leg, { from, to, seats })))
          holders.add(plan.orderNo);
      return [...holders];
    }
    for (let seq = from; seq < to; seq += 1) {
      const { holderOf } = segmentAt(this.#stock, seq);
      for (const seat of seats) {
        const lockId = holderOf.get(seat);
        if (lockId !== undefined) holders.add(orderNoOfLock(lockId));
      }
    }
    return [...holders];
  }

  /** Occupies every segment of the plan, and adds the commit record. */
  #take(plan: LockPlan, meta: EventMeta, command: (lockId: string) => SeatLockCommand): LockOutcome {
    const lockId = this.#nextLockId(plan.orderNo);
    if (!this.holdSegments(lockId, plan, meta))
      throw new Error(`the policy chose seats that are taken: ${JSON.stringify(plan)}`);
    const decision = decideBook(this.#stock.book, command(lockId));
    if (!decision.ok) throw new Error(`${decision.refusal.code}: ${decision.refusal.detail}`);
    for (const event of decision.value) this.onBook(lockId, event, meta);
    return accept({ lockId, plan });
  }

  #wait({ orderNo, waiting, meta }: WaitOperation): LockOutcome {
    const existing = this.#lockOf(orderNo);
    if (existing !== undefined) return outcomeOf(existing.lockId, existing.lock);
    const { book } = this.#stock;
    if (book.closed !== undefined) return refuseClosed(book.closed);
    const decision = decideBook(book, { type: 'Wait', waiting });
    if (!decision.ok) throw new Error(`${decision.refusal.code}: ${decision.refusal.detail}`);
    for (const event of decision.value) this.onBook('', event, meta);
    if (decision.value.length > 0) this.#mayServe = true;
    return accept(NO_LOCK);
  }

  #leave({ orderNo, meta }: LeaveOperation): LockOutcome {
    const { book } = this.#stock;
    const decision = decideBook(book, { type: 'StopWaiting', waitlistNo: orderNo });
    if (decision.ok) for (const event of decision.value) this.onBook('', event, meta);
    const existing = this.#lockOf(orderNo);
    if (existing === undefined || !occupies(existing.lock)) return accept(NO_LOCK);
    // It was served here after it had been served elsewhere, or was over.
    this.#mayServe = true;
    return this.#end({ kind: 'release', orderNo, meta, reason: 'WAITLIST_OVER' });
  }

  #ask({ from, to, wants }: AskOperation): LockOutcome {
    const { book, layout, occupancy } = this.#stock;
    if (book.closed !== undefined) return refuseClosed(book.closed);
    const legs = this.#selling.choose(layout, occupancy, { from, to, wants, acceptSeatChange: false });
    return legs === undefined
      ? refuse('SOLD_OUT', 'not enough seats are free over the whole journey')
      : accept(NO_LOCK);
  }

  #close({ reason, meta }: CloseOperation): LockOutcome {
    const { book } = this.#stock;
    const closing = decideBook(book, { type: 'CloseBook', reason });
    if (closing.ok) for (const event of closing.value) this.onBook('', event, meta);
    if (book.closed === 'SEATS_ASSIGNED') {
      const assignment = decideBook(book, { type: 'AssignSeats', seats: this.#assignment() });
      if (!assignment.ok) throw new Error(`${assignment.refusal.code}: ${assignment.refusal.detail}`);
      for (const event of assignment.value) this.onBook('', event, meta);
    }
    return accept(NO_LOCK);
  }

  #assignment(): ReturnType<typeof assignSeats> {
    const { book, layout, segments } = this.#stock;
    const taken: { readonly legs: readonly Leg[] }[] = [];
    const open: CountedLock[] = [];
    for (const [lockId, { status, plan, assigned, gone = [] }] of book.locks) {
      if (plan === undefined || !occupies({ status })) continue;
      if (status === 'withdrawn') taken.push({ legs: assigned ?? plan.legs });
      else if (assigned !== undefined) taken.push({ legs: withoutGone(assigned, gone) });
      else open.push({ lockId, plan: stillTravelling(plan, gone) });
    }
    return assignSeats(layout, segments.length, taken, open);
  }

  #end(operation: LockOperation | GiveBackOperation | ReturnOperation): LockOutcome {
    const { kind, orderNo, meta } = operation;
    const existing = this.#lockOf(orderNo);
    if (existing?.lock.plan === undefined) return refuse('LOCK_NOT_HELD', `order ${orderNo} has no seats`);
    const { lockId } = existing;
    const { plan } = existing.lock;
    const out = kind === 'return' ? this.#coachOutOf(existing.lock) : undefined;
    if (out !== undefined) return refuse('COACH_WITHDRAWN', `coach ${out} has left the train`);
    const decision = decideBook(this.#stock.book, endingOf(operation, lockId));
    if (!decision.ok) return refuse('LOCK_NOT_HELD', decision.refusal.detail);
    for (const event of decision.value) this.onBook(lockId, event, meta);
    if (kind !== 'confirm') this.releaseSegments(lockId, segmentsOf(plan), meta);
    return accept({ lockId, plan });
  }

  /** The coach of these seats, if it has left the composition: it comes back whole, and its seats not one by one. */
  #coachOutOf({ status, coach, plan, assigned }: SeatLock): string | undefined {
    if (status !== 'withdrawn' || coach !== undefined) return undefined;
    const { book, seats } = this.#stock;
    const out = new Set<string>();
    for (const lock of book.locks.values())
      if (lock.status === 'withdrawn' && lock.coach !== undefined) out.add(lock.coach);
    const legs = assigned ?? plan?.legs ?? [];
    return legs
      .flatMap((leg) => leg.seats.map((seat) => seats[seat]?.coach))
      .find((number) => number !== undefined && out.has(number));
  }

  #lockOf(orderNo: string): { readonly lockId: string; readonly lock: SeatLock } | undefined {
    const lockId = this.#stock.book.lockOf.get(orderNo);
    const lock = lockId === undefined ? undefined : this.#stock.book.locks.get(lockId);
    return lockId === undefined || lock === undefined ? undefined : { lockId, lock };
  }

  /** An id not yet used in this epoch: an attempt that lost its seats to another writer is in the book as aborted. */
  #nextLockId(orderNo: string): string {
    const { epoch, locks } = this.#stock.book;
    let attempt = 1;
    while (locks.has(lockIdOf(orderNo, epoch, attempt))) attempt += 1;
    return lockIdOf(orderNo, epoch, attempt);
  }
}

/** Holders named in the sentence of a refusal; its data names all of them. */
const NAMED_HOLDERS = 5;

const anyPlaces = counted();

const overlap = (a: Leg, b: Leg): boolean =>
  a.from < b.to && b.from < a.to && a.seats.some((seat) => b.seats.includes(seat));

const NO_PLAN: LockPlan = { orderNo: '', epoch: 0, legs: [] };
const NO_LOCK = { lockId: '', plan: NO_PLAN };

/** The numbers that an event moves in the line, or might. */
const waitersOf = (event: SeatLockEvent): readonly string[] => {
  switch (event.type) {
    case 'SeatLocksAcquired':
      return event.data.locks.map(({ plan }) => plan.orderNo);
    case 'WaitingJoined':
    case 'WaitingLeft':
      return event.data.waiting.map(({ waitlistNo }) => waitlistNo);
    default:
      return [];
  }
};

const refuseClosed = (reason: BookCloseReason): LockOutcome =>
  reason === 'RUN_CANCELLED'
    ? refuse('RUN_CANCELLED', 'the run is cancelled')
    : refuse('SALE_CLOSED', 'the seats have been given out; nothing more is sold');

const endingOf = (operation: LockOperation | GiveBackOperation | ReturnOperation, lockId: string): SeatLockCommand => {
  switch (operation.kind) {
    case 'confirm':
      return { type: 'Confirm', lockId };
    case 'expire':
      return { type: 'Expire', lockId };
    case 'return':
      return { type: 'Return', lockId };
    case 'giveBack':
      return { type: 'GiveBack', lockId, travellers: operation.travellers, reason: operation.reason };
    case 'release':
      return { type: 'Release', lockId, reason: operation.reason ?? 'released' };
  }
};

const outcomeOf = (lockId: string, lock: SeatLock): LockOutcome => {
  const { plan, status }: { readonly plan?: LockPlan; readonly status: LockStatus } = lock;
  return occupies(lock) && plan !== undefined
    ? accept({ lockId, plan })
    : refuse('LOCK_ENDED', `${lockId} was ${status} before`, { lockStatus: status });
};
