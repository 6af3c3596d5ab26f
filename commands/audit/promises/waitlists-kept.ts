// Whoever waits is served first come first served, once, by the lock that their request names, or gets all of the money
// back.
import { isDeepStrictEqual } from 'node:util';
import { wholeRefundNoOf } from '@railhead/domain/payment/stream.ts';
import type { AcquiredLock, JoinedWaiting } from '@railhead/domain/seat-lock/events.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { compare, isWaiting, type Waiting } from '@railhead/domain/seat-lock/waiting.ts';
import type { WaitlistEvent } from '@railhead/domain/waitlist/events.ts';
import {
  absentWaitlist,
  isOver,
  lineOf,
  servedLine,
  type Waitlist,
  type WaitlistStatus,
  waitingIn,
} from '@railhead/domain/waitlist/fold.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import type { WaitlistUserEvent } from '@railhead/domain/waitlist-user/events.ts';
import type { WaitlistUser } from '@railhead/domain/waitlist-user/fold.ts';
import { waitlistUserCategory } from '@railhead/domain/waitlist-user/stream.ts';
import type { AuditedClass, Ledger } from '../ledger.ts';
import type { PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

/** An event tells when it was asked for; it was decided so much later at most. */
const DECIDED_WITHIN_MS = 600_000;

const FOLLOWS: Readonly<Record<WaitlistEvent['type'], readonly WaitlistStatus[]>> = {
  WaitlistSubmitted: ['ABSENT'],
  WaitlistPrepaid: ['PENDING'],
  WaitlistSeatsLocked: ['MATCHING'],
  WaitlistOrderPlaced: ['LOCKED'],
  WaitlistServed: ['LOCKED', 'AWAIT_PAY'],
  WaitlistFailed: ['PENDING', 'MATCHING', 'LOCKED', 'AWAIT_PAY'],
};

export const waitlistsKept: PromiseOf = (ledger) => {
  const violations = new Violations();
  const joined: Joined[] = [];
  /** Who got seats without waiting for them, by class and number. */
  const past = new Set<string>();
  const ended = new Set<string>();
  return {
    categories: [waitlistCategory, waitlistUserCategory, lockBookCategory],
    observe(event) {
      if (waitlistCategory.owns(event)) {
        const waitlistNo = waitlistCategory.idOf(event.stream);
        const { status } = ledger.waitlists.get(waitlistNo) ?? absentWaitlist;
        if (!FOLLOWS[event.type].includes(status))
          violations.add('WAITLIST_BACKWARDS', `${event.type} of ${waitlistNo}, which is ${status}`);
        const dueFen = ledger.waitlists.get(waitlistNo)?.request?.prepayFen;
        if (event.type === 'WaitlistPrepaid' && event.data.amountFen !== dueFen)
          violations.add(
            'AMOUNT_WRONG',
            `${waitlistNo} was prepaid with ${event.data.amountFen} fen, due were ${dueFen}`,
          );
        if (event.type === 'WaitlistSubmitted' && event.data.waitlistNo !== waitlistNo)
          violations.add('STREAM_MISNAMED', `${event.stream} is of ${event.data.waitlistNo}`);
        return;
      }
      if (waitlistUserCategory.owns(event)) {
        const wrong = placeDefect(ledger.waitlistUsers.get(waitlistUserCategory.idOf(event.stream)), event);
        if (wrong !== undefined) violations.add('WAITLIST_BACKWARDS', `${event.type} in ${event.stream}: ${wrong}`);
        if (event.type === 'WaitlistEnded') ended.add(event.data.waitlistNo);
        return;
      }
      const audited = lockBookCategory.owns(event) ? ledger.classOf(lockBookCategory.idOf(event.stream)) : undefined;
      if (audited === undefined || !lockBookCategory.owns(event)) return;
      if (event.type === 'WaitingJoined') for (const one of event.data.waiting) joined.push({ line: audited.key, one });
      if (event.type === 'SeatLocksAcquired') {
        for (const { plan } of event.data.locks)
          if (!audited.stock.book.line.waiting.has(plan.orderNo)) past.add(`${audited.key} ${plan.orderNo}`);
        checkOrder(violations, ledger, audited, event.data.locks, Date.parse(event.meta.at));
      }
    },
    findings() {
      const found = new Violations();
      for (const one of joined) checkJoined(found, ledger, one);
      for (const [waitlistNo, waitlist] of ledger.waitlists) {
        checkEnd(found, ledger, waitlistNo, waitlist);
        if (past.has(`${servedLine(waitlist)} ${waitlistNo}`))
          found.add('WAITLIST_DIFFERS', `${waitlistNo} was served where it did not wait`);
        if (ended.has(waitlistNo) && (waitlist.status === 'PENDING' || waitlist.status === 'MATCHING'))
          found.add('WAITLIST_DIFFERS', `${waitlistNo} waits, and counts no more for its user`);
      }
      for (const [orderNo, { request }] of ledger.orders)
        if (request?.waitlist !== undefined && !ledger.waitlists.has(orderNo))
          found.add('WAITLIST_DIFFERS', `order ${orderNo} is of a waitlist request that was never submitted`);
      return [...violations.list, ...found.list];
    },
  };
};

/** Neither twice nor beyond the limit; and only what counts comes to its end. */
const placeDefect = (user: WaitlistUser | undefined, { type, data }: WaitlistUserEvent): string | undefined => {
  const open = user?.open ?? [];
  const isOpen = open.some(({ waitlistNo }) => waitlistNo === data.waitlistNo);
  if (type === 'WaitlistEnded') return isOpen ? undefined : `${data.waitlistNo} did not count`;
  if (isOpen) return `${data.waitlistNo} counts already`;
  return open.length < data.limit ? undefined : `${open.length} count, and ${data.limit} may`;
};

type Joined = { readonly line: string; readonly one: JoinedWaiting };

/** Who joins has prepaid, and waits for what the request asks for. */
const checkJoined = (found: Violations, { waitlists }: Ledger, { line, one }: Joined): void => {
  const { waitlistNo, choice, from, to, wants, since, until, priority, revision } = one;
  const waitlist = waitlists.get(waitlistNo);
  const place = waitlist === undefined ? undefined : waitingIn(waitlist).find((of) => lineOf(of) === line);
  const isAsked =
    waitlist?.paymentNo !== undefined &&
    place?.choice === choice &&
    place.of.from === from &&
    place.of.to === to &&
    place.of.until === until &&
    waitlist.submittedAt === since &&
    isDeepStrictEqual(waitlist.request?.priority, priority) &&
    waitlist.request?.passengers.length === wants.length &&
    // After it was submitted and prepaid.
    revision === 1;
  if (!isAsked) found.add('WAITLIST_DIFFERS', `${waitlistNo} waits in ${line} for what it did not ask or pay for`);
};

/**
 * Nobody is served past somebody who came before and could have had the seats: who asked for the same journey, for no more
 * travellers. Others may not have been able to use them, which the stock decides.
 */
const checkOrder = (
  found: Violations,
  { waitlists }: Ledger,
  { key, stock: { book } }: AuditedClass,
  locks: readonly AcquiredLock[],
  atMs: number,
): void => {
  if (book.line.waiting.size === 0) return;
  const served = new Set<string>();
  for (const { plan } of locks) {
    const one = book.line.waiting.get(plan.orderNo);
    served.add(plan.orderNo);
    if (one === undefined) {
      // The public, past those who wait for the same.
      const [from, to, party] = [plan.legs[0]?.from, plan.legs.at(-1)?.to, plan.legs[0]?.seats.length ?? 0];
      if (plan.legs.length > 1) continue;
      const passed = waitingFor(book.line.order, from, to, party).find((other) => stillWaits(other));
      if (passed !== undefined)
        found.add('OVERTAKEN', `${key}: order ${plan.orderNo} got what ${passed.waitlistNo} waits for`);
      continue;
    }
    const passed = waitingFor(book.line.order, one.from, one.to, one.wants.length).find(
      (other) => compare(other, one) < 0 && stillWaits(other),
    );
    if (passed !== undefined)
      found.add('OVERTAKEN', `${key}: ${one.waitlistNo} was served past ${passed.waitlistNo}, which came before`);
  }
  function stillWaits(other: Waiting): boolean {
    const status = waitlists.get(other.waitlistNo)?.status;
    return (
      isWaiting(book.line, other) &&
      !served.has(other.waitlistNo) &&
      other.untilMs > atMs + DECIDED_WITHIN_MS &&
      (status === undefined || status === 'MATCHING')
    );
  }
};

const waitingFor = (
  order: readonly Waiting[],
  from: number | undefined,
  to: number | undefined,
  party: number,
): readonly Waiting[] => order.filter((one) => one.from === from && one.to === to && one.wants.length <= party);

const checkEnd = (found: Violations, ledger: Ledger, waitlistNo: string, waitlist: Waitlist): void => {
  const { status, request, paymentNo, served } = waitlist;
  const order = ledger.orders.get(waitlistNo);
  if (served !== undefined) {
    const lock = ledger.classes.get(servedLine(waitlist) ?? '')?.stock.book.locks.get(served.lockId);
    if (lock?.plan?.orderNo !== waitlistNo)
      found.add('WAITLIST_DIFFERS', `${waitlistNo} was served by ${served.lockId}, which is not its lock`);
  }
  if (status === 'SUCCESS' && (order === undefined || order.tickets.length === 0))
    found.add('WAITLIST_DIFFERS', `${waitlistNo} was served, and has no tickets`);
  if (order !== undefined && (served === undefined || order.request?.waitlist?.prepaidFen !== request?.prepayFen))
    found.add('WAITLIST_DIFFERS', `order ${waitlistNo} is not what its waitlist request says`);
  for (const payment of ledger.payments.values()) {
    if (payment.orderNo !== waitlistNo) continue;
    if (payment.amountFen !== request?.prepayFen)
      found.add('AMOUNT_WRONG', `${payment.paymentNo} is of ${payment.amountFen}, ${request?.prepayFen} are due`);
    if (order !== undefined) continue;
    const refunds = Object.entries(payment.refunds);
    const isNeeded = payment.paymentNo === paymentNo && status !== 'FAIL';
    const isWhole = refunds.every(
      ([no, { amountFen }]) => no === wholeRefundNoOf(payment.paymentNo) && amountFen === payment.amountFen,
    );
    if (refunds.length > 0 && (isNeeded || !isWhole))
      found.add('REFUND_WITHOUT_CAUSE', `${payment.paymentNo} goes back, and ${waitlistNo} is ${status}`);
  }
};

/** Requests for which something is still to be done, although they wait no more: an order, money, or a place in a line. */
export const waitlistsPending = (ledger: Ledger): number => {
  const inLine = new Set<string>();
  for (const { stock } of ledger.classes.values()) for (const no of stock.book.line.waiting.keys()) inLine.add(no);
  let pending = 0;
  for (const { open } of ledger.waitlistUsers.values())
    pending += open.filter(({ waitlistNo }) => isOver(ledger.waitlists.get(waitlistNo) ?? absentWaitlist)).length;
  for (const [waitlistNo, waitlist] of ledger.waitlists) {
    const { status } = waitlist;
    const isInLine = isOver(waitlist) && inLine.has(waitlistNo);
    const isPending =
      status === 'LOCKED' ||
      status === 'AWAIT_PAY' ||
      isInLine ||
      (status === 'MATCHING' && !waitsEverywhere(ledger, waitlistNo, waitlist));
    if (isPending) pending += 1;
  }
  for (const payment of ledger.payments.values()) {
    const isFailed = !ledger.orders.has(payment.orderNo) && ledger.waitlists.get(payment.orderNo)?.status === 'FAIL';
    if (isFailed && (payment.status === 'SUCCEEDED' || payment.status === 'REFUNDING')) pending += 1;
  }
  return pending;
};

/** Is it in the line of each of its classes that are on sale? */
const waitsEverywhere = ({ classes }: Ledger, waitlistNo: string, waitlist: Waitlist): boolean =>
  waitingIn(waitlist).every((place) => {
    const book = classes.get(lineOf(place))?.stock.book;
    return book?.line.waiting.has(waitlistNo) === true || book?.closed !== undefined;
  });
