// An order that has not ended has one lock and names exactly its seats. Every lock has an order.

import type { OrderItem } from '@railhead/domain/order/events.ts';
import { keptItems, type Order } from '@railhead/domain/order/fold.ts';
import { occupies, type SeatLock } from '@railhead/domain/seat-lock/fold.ts';
import { type Leg, type LockPlan, NO_SEAT } from '@railhead/domain/seat-lock/plan.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { className, runName } from '@railhead/domain/train-run/stream.ts';
import { isServedBy } from '@railhead/domain/waitlist/fold.ts';
import type { AuditedClass, Ledger } from '../ledger.ts';
import { seatNames } from '../plans.ts';
import type { PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

/** The states in which an order must have a lock. */
export const WITH_SEATS: readonly Order['status'][] = ['WAIT_PAY', 'PAID', 'TICKETING', 'SUCCESS'];

export const ordersSeated: PromiseOf = (ledger) => ({
  categories: [],
  observe() {
    // Some stores write a lock and its order one after another, so they are compared in `findings`.
  },
  findings() {
    const found = new Violations();
    const holders = new Set<string>();
    for (const audited of ledger.classes.values())
      for (const [lockId, lock] of audited.stock.book.locks) {
        const { plan } = lock;
        // An operator's withdrawal has no order.
        if (plan === undefined || lock.status === 'withdrawn' || lock.status === 'returned') continue;
        const { orderNo } = plan;
        const order = ledger.orders.get(orderNo);
        const waitlist = ledger.waitlists.get(orderNo);
        // Where streams are written one after another, a request may get seats in two classes. One of them serves it,
        // and its order is placed then; those of the other go back.
        if (waitlist !== undefined && (order === undefined || !isServedBy(waitlist, audited.key, lockId))) continue;
        if (order === undefined) found.add('SEATS_WITHOUT_ORDER', `${audited.key}: ${lockId} belongs to no order`);
        else checkLock(found, ledger, { audited, order, lockId, lock, plan });
        if (order === undefined || !occupies(lock)) continue;
        if (holders.has(orderNo)) found.add('ORDER_SEATS_DIFFER', `order ${orderNo} has more than one lock`);
        holders.add(orderNo);
        checkState(found, order, lockId, lock);
      }
    for (const [orderNo, order] of ledger.orders) {
      if (WITH_SEATS.includes(order.status) && !holders.has(orderNo))
        found.add('ORDER_WITHOUT_SEATS', `order ${orderNo} is ${order.status} and has no seats`);
      checkTickets(found, ledger, orderNo, order);
    }
    return found.list;
  },
});

type Held = {
  readonly audited: AuditedClass;
  readonly order: Order;
  readonly lockId: string;
  readonly lock: SeatLock;
  readonly plan: LockPlan;
};

const checkState = (found: Violations, order: Order, lockId: string, lock: SeatLock): void => {
  const { orderNo, status } = order;
  if (status === 'SUCCESS' && lock.status !== 'confirmed')
    found.add('LOCK_BROKEN', `order ${orderNo} has tickets, but ${lockId} is ${lock.status}`);
  const gone = new Set((lock.gone ?? []).map((traveller) => traveller + 1));
  const valid = keptItems(order).find(({ itemNo }) => gone.has(itemNo));
  if (valid !== undefined)
    found.add('LOCK_BROKEN', `order ${orderNo}: ticket ${valid.itemNo} is valid, and its seat free`);
  for (const { refundNo, items, isDone } of order.refunds)
    if (isDone && !items.every(({ itemNo }) => gone.has(itemNo)))
      found.add('LOCK_BROKEN', `order ${orderNo}: ${refundNo} is done, and ${lockId} keeps its seats`);
  for (const { changeNo, items, status: at } of order.changes)
    if (at === 'SETTLED' && !items.every(({ itemNo }) => gone.has(itemNo)))
      found.add('LOCK_BROKEN', `order ${orderNo}: ${changeNo} is settled, and ${lockId} keeps its seats`);
  if (status === 'WAIT_PAY' && lock.status === 'confirmed')
    found.add('LOCK_BROKEN', `order ${orderNo} is not paid, but ${lockId} is confirmed`);
};

/** Checks ended locks too: each was for what its order asked for, and the order named its seats. */
const checkLock = (found: Violations, ledger: Ledger, held: Held): void => {
  const { audited, order } = held;
  const wrong = differenceOf(held);
  if (wrong !== undefined) found.add('ORDER_SEATS_DIFFER', `order ${order.orderNo} ${wrong}`);
  const run = ledger.openedRun(audited.runName);
  // An order names a new lock a moment later. An order that went on to stand never names its first lock; that one may
  // have the same id, which is unique in its book only.
  const isNamed = order.lockId === held.lockId && order.seatClass === audited.seatClass;
  if (run === undefined || wrong !== undefined || !isNamed) return;
  const sitting = namedSeats(held, run);
  if (sitting !== 'later') {
    if (sitting !== undefined) found.add('ORDER_SEATS_DIFFER', `order ${order.orderNo} ${sitting}`);
  } else if (run.seatsAssigned && WITH_SEATS.includes(order.status))
    found.add('SEATS_UNNAMED', `order ${order.orderNo} has no seats by name, its run says it has`);
};

const differenceOf = ({ audited, order, lockId, plan }: Held): string | undefined => {
  const { request, seatClass } = order;
  const [from, to] = [plan.legs[0]?.from, plan.legs.at(-1)?.to];
  const isAsked = audited.seatClass === request?.seatClass || audited.seatClass === seatClass;
  if ((request === undefined ? '' : runName(request)) !== audited.runName || !isAsked)
    return `is for ${request?.train} on ${request?.date} in ${seatClass}, its seats are in ${audited.key}`;
  if (request?.from !== from || request?.to !== to)
    return `goes from ${request?.from} to ${request?.to}, its seats from ${from} to ${to}`;
  if (plan.legs[0]?.seats.length !== request?.passengers.length)
    return `has ${request?.passengers.length} passengers, its lock ${plan.legs[0]?.seats.length} seats`;
  if (audited.seatClass === seatClass && order.lockId !== undefined && order.lockId !== lockId)
    return `names the lock ${order.lockId} and has ${lockId}`;
  return undefined;
};

/** What is wrong with the seats that an order names. 'later': its seats are assigned late, and it has none yet. */
const namedSeats = ({ audited, order, lock, plan }: Held, run: OpenedRun): string | undefined => {
  const late = run.lateAssignment?.includes(audited.seatClass) === true;
  const named = order.items.some(({ coach, seat }) => coach !== undefined || seat !== undefined);
  if (audited.seatClass === 'standing' || (late && !named)) {
    if (named) return 'stands, and names a seat';
    return late ? 'later' : undefined;
  }
  if (!late && plan.legs.length > 1 && order.request?.acceptSeatChange !== true)
    return 'has to change seats and does not accept it';
  const legs: readonly Leg[] | undefined = late ? lock.assigned : plan.legs;
  if (legs === undefined) return 'names seats that were never given out';
  const codeOf = (stop: number): string => run.stops[stop]?.code ?? '';
  for (const [index, item] of order.items.entries()) {
    if (legs[0]?.seats[index] === NO_SEAT) continue;
    const expected = seatNames(legs, index, audited.stock.seats, codeOf);
    const shown = shownNames(item, codeOf(legs[0]?.from ?? 0));
    if (shown.join() !== expected.join()) return `shows ${shown.join(', ')}, its lock has ${expected.join(', ')}`;
  }
  return undefined;
};

const shownNames = ({ coach, seat, changes = [] }: OrderItem, from: string): readonly string[] => [
  `${from} ${coach}/${seat}`,
  ...changes.map((change) => `${change.at} ${change.coach}/${change.seat}`),
];

/** Checks ended orders too: a ticket needs a confirmed lock, and a confirmed lock needs a payment. */
const checkTickets = (found: Violations, ledger: Ledger, orderNo: string, order: Order): void => {
  const { request, seatClass, lockId } = order;
  if (request === undefined || seatClass === undefined || lockId === undefined) return;
  const audited = ledger.classes.get(className({ ...request, seatClass }));
  const confirmed = audited?.confirmed.has(lockId) === true;
  if (order.tickets.length > 0 && !confirmed)
    found.add('LOCK_BROKEN', `order ${orderNo} was given tickets, ${lockId} was never confirmed`);
  if (confirmed && order.paymentNo === undefined && order.amountFen > 0)
    found.add('LOCK_BROKEN', `${lockId} was confirmed, order ${orderNo} was never paid`);
  if (audited?.stock.book.locks.has(lockId) !== true)
    found.add('ORDER_SEATS_DIFFER', `order ${orderNo} names the lock ${lockId}, which no book has`);
};
