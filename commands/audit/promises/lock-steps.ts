// A lock only goes forward: acquired or aborted, then confirmed, released or expired; an operator's is withdrawn, then
// returned. An order has one lock, in the epoch of its book, and nothing is acquired from a closed book.
import type {
  AcquiredLock,
  BookCloseReason,
  NamedLock,
  SeatLockEvent,
  SeatsWithdrawn,
  WaitingJoined,
  WaitingLeft,
} from '@railhead/domain/seat-lock/events.ts';
import { type LockStatus, occupies, partyOf, type SeatLock } from '@railhead/domain/seat-lock/fold.ts';
import { type Leg, type LockPlan, withoutGone } from '@railhead/domain/seat-lock/plan.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import type { AuditedClass } from '../ledger.ts';
import { isIdOf, legsDefect } from '../plans.ts';
import { observing, type PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

export const lockSteps: PromiseOf = (ledger) => {
  const violations = new Violations();
  return {
    ...observing(lockBookCategory, (event, id) => {
      const audited = ledger.classOf(id);
      if (audited === undefined) {
        violations.add('RUN_UNKNOWN', `${event.stream} is the book of no run that was opened`);
        return;
      }
      const wrong = defectOf(audited, event);
      if (wrong !== undefined)
        violations.add('LOCK_BACKWARDS', `${event.type} in ${audited.key} at position ${event.position}: ${wrong}`);
    }),
    findings: () => violations.list,
  };
};

/** The states that each event may follow; `undefined` is the state before a lock's first event. */
const FOLLOWS: Partial<Readonly<Record<SeatLockEvent['type'], readonly (LockStatus | undefined)[]>>> = {
  SeatLocksAcquired: [undefined],
  SeatsWithdrawn: [undefined],
  SeatLockAborted: [undefined],
  SeatLocksConfirmed: ['acquired'],
  SeatLocksReleased: ['acquired', 'confirmed'],
  SeatsGivenBack: ['confirmed'],
  SeatLocksExpired: ['acquired'],
  SeatsReturned: ['withdrawn'],
};

const defectOf = (audited: AuditedClass, event: SeatLockEvent): string | undefined => {
  const { book } = audited.stock;
  if (event.type === 'BookOpened')
    return event.data.epoch === book.epoch + 1 ? undefined : `epoch ${event.data.epoch} after ${book.epoch}`;
  if (book.epoch === 0) return 'the book was never opened';
  if (event.type === 'BookClosed') return closingDefect(book.closed, event.data.reason);
  if (event.type === 'SeatsAssigned') return assignmentDefect(audited, event.data.seats);
  if (event.type === 'WaitingJoined' || event.type === 'WaitingLeft') return waitingDefect(book, event);
  const locks: readonly NamedLock[] = 'locks' in event.data ? event.data.locks : [event.data];
  if (locks.length === 0) return 'it is about no lock';
  const named = new Set<string>();
  for (const { lockId } of locks) {
    const status = book.locks.get(lockId)?.status;
    if (FOLLOWS[event.type]?.includes(status) !== true) return `${lockId} is ${status ?? 'unknown'}`;
    if (named.has(lockId)) return `it names ${lockId} twice`;
    named.add(lockId);
  }
  switch (event.type) {
    case 'SeatsGivenBack':
      return givenBackDefect(book.locks.get(event.data.lockId), event.data.travellers);
    case 'SeatsWithdrawn':
      return withdrawalDefect(audited, event.data);
    case 'SeatLocksAcquired':
      return acquisitionDefect(audited, event.data.locks);
    default:
      return undefined;
  }
};

/** Who joins did not wait and has no seats; who leaves did wait. */
const waitingDefect = (
  { line, lockOf, closed }: AuditedClass['stock']['book'],
  event: WaitingJoined | WaitingLeft,
): string | undefined => {
  const joins = event.type === 'WaitingJoined';
  if (joins && closed !== undefined) return `the book was closed: ${closed}`;
  const named = new Set<string>();
  for (const { waitlistNo } of event.data.waiting) {
    if (line.waiting.has(waitlistNo) === joins) return `${waitlistNo} ${joins ? 'waits already' : 'does not wait'}`;
    if (joins && lockOf.has(waitlistNo)) return `${waitlistNo} has seats`;
    if (named.has(waitlistNo)) return `it names ${waitlistNo} twice`;
    named.add(waitlistNo);
  }
  return undefined;
};

const withdrawalDefect = (
  audited: AuditedClass,
  { lockId, plan, seats }: SeatsWithdrawn['data'],
): string | undefined => {
  if (seats !== undefined) {
    const wrong = legsDefect(seats, audited.stock.segments.length, audited.stock.seats.length);
    if (wrong !== undefined) return `${lockId} means seats: ${wrong}`;
    if (!isSameWay(seats, plan.legs)) return `${lockId} means other seats than it takes`;
  }
  return planDefect(audited, lockId, plan);
};

const acquisitionDefect = (audited: AuditedClass, locks: readonly AcquiredLock[]): string | undefined => {
  const orders = new Set<string>();
  for (const { lockId, plan } of locks) {
    if (orders.has(plan.orderNo)) return `order ${plan.orderNo} gets two locks`;
    orders.add(plan.orderNo);
    const wrong = planDefect(audited, lockId, plan);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
};

const planDefect = ({ stock }: AuditedClass, lockId: string, plan: LockPlan): string | undefined => {
  const { book } = stock;
  if (book.closed !== undefined) return `the book was closed: ${book.closed}`;
  if (plan.epoch !== book.epoch) return `${lockId} is of epoch ${plan.epoch}, the book of ${book.epoch}`;
  if (!isIdOf(lockId, plan)) return `${lockId} does not name order ${plan.orderNo} and epoch ${plan.epoch}`;
  const other = book.lockOf.get(plan.orderNo);
  if (other !== undefined) return `order ${plan.orderNo} has ${other} already`;
  const wrong = legsDefect(plan.legs, stock.segments.length, stock.seats.length);
  return wrong === undefined ? undefined : `the plan of ${lockId}: ${wrong}`;
};

/** Each traveller gives back once, and the last of them ends the lock by another event. */
const givenBackDefect = (lock: SeatLock | undefined, travellers: readonly number[]): string | undefined => {
  const [party, gone] = [partyOf(lock ?? {}), lock?.gone ?? []];
  const all = new Set([...gone, ...travellers]);
  const areThere = travellers.every((one) => Number.isInteger(one) && one >= 0 && one < party);
  if (travellers.length === 0 || !areThere || all.size !== gone.length + travellers.length || all.size >= party)
    return `travellers ${travellers.join()} of ${party} give seats back, ${gone.join() || 'nobody'} had before`;
  return undefined;
};

const REASONS: readonly BookCloseReason[] = ['RUN_CANCELLED', 'SEATS_ASSIGNED'];

const closingDefect = (closed: BookCloseReason | undefined, reason: BookCloseReason): string | undefined => {
  if (closed !== undefined) return `the book was closed before: ${closed}`;
  return REASONS.includes(reason) ? undefined : `${reason} is no reason`;
};

/** Do both go from the same stop to the same stop, with as many seats? */
const isSameWay = (a: readonly Leg[], b: readonly Leg[]): boolean =>
  a[0]?.from === b[0]?.from && a.at(-1)?.to === b.at(-1)?.to && a[0]?.seats.length === b[0]?.seats.length;

const assignmentDefect = (
  { stock: { book, segments, seats: all } }: AuditedClass,
  seats: (SeatLockEvent & { readonly type: 'SeatsAssigned' })['data']['seats'],
): string | undefined => {
  if (book.closed !== 'SEATS_ASSIGNED') return `seats are given out, and the book is ${book.closed ?? 'open'}`;
  for (const { lockId, legs } of seats) {
    const lock = book.locks.get(lockId);
    if (!occupies(lock) || lock?.plan === undefined || lock.assigned !== undefined)
      return `${lockId} is ${lock?.status ?? 'unknown'}, or has its seats`;
    const wrong = legsDefect(legs, segments.length, all.length);
    if (wrong !== undefined) return `${lockId} is given seats: ${wrong}`;
    if (!isSameWay(legs, withoutGone(lock.plan.legs, lock.gone ?? [])))
      return `${lockId} is given other seats than it bought`;
  }
  return undefined;
};
