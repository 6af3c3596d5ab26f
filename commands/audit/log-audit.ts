// Checks the promises from the log alone: no seat twice, every lock whole, money in = tickets + refunds + fees. Each
// promise is a file in promises/. Work that is still to be done counts as pending and is no violation.

import { leftovers } from '@railhead/domain/class-stock/class-stock.ts';
import type { OrderStatus } from '@railhead/domain/order/fold.ts';
import { mayStillBePaid } from '@railhead/domain/payment/fold.ts';
import { occupies, partyOf } from '@railhead/domain/seat-lock/fold.ts';
import { isServedBy } from '@railhead/domain/waitlist/fold.ts';
import { categoryOf, type RecordedEvent } from '../ports/event-store.ts';
import { NotUnderstood, strangenessIn } from '../streams/understood.ts';
import { Ledger } from './ledger.ts';
import { type MoneyReport, moneyOf, type RefusedNotices, refusedNoticesOf } from './money.ts';
import type { LogPromise, PromiseOf } from './promise.ts';
import { changesProved } from './promises/changes-proved.ts';
import { faresProved } from './promises/fares-proved.ts';
import { limitsHeld } from './promises/limits-held.ts';
import { lockSteps } from './promises/lock-steps.ts';
import { locksBegun } from './promises/locks-begun.ts';
import { locksWhole } from './promises/locks-whole.ts';
import { logUnbroken } from './promises/log-unbroken.ts';
import { moneyAccounted } from './promises/money-accounted.ts';
import { orderSteps } from './promises/order-steps.ts';
import { ordersSeated } from './promises/orders-seated.ts';
import { paymentSteps } from './promises/payment-steps.ts';
import { prioritiesKept } from './promises/priorities-kept.ts';
import { queuesInOrder } from './promises/queues-in-order.ts';
import { refundsCaused } from './promises/refunds-caused.ts';
import { refundsProved } from './promises/refunds-proved.ts';
import { reservationsKept, reservationsLeft } from './promises/reservations-kept.ts';
import { runSteps } from './promises/run-steps.ts';
import { runsEnded } from './promises/runs-ended.ts';
import { seatsOnce } from './promises/seats-once.ts';
import { stationsNamed, trainsNamed } from './promises/timetable-named.ts';
import { waitlistsKept, waitlistsPending } from './promises/waitlists-kept.ts';
import { waitlistsProved } from './promises/waitlists-proved.ts';
import { type Violation, type ViolationCode, Violations } from './violation.ts';

export type { Violation, ViolationCode };

export type AuditReport = {
  readonly ok: boolean;
  readonly events: number;
  readonly position: number;
  readonly streams: number;
  readonly runs: number;
  readonly orders: Readonly<Record<string, number>>;
  readonly seats: { readonly held: number; readonly sold: number };
  readonly money: MoneyReport;
  readonly refusedNotices: RefusedNotices;
  /** Work that processes have still to do; all 0 at rest. */
  readonly pending: PendingWork;
  /** Streams with an event that this version does not understand: nothing after it is looked at, and nothing is proved of them. */
  readonly setAside: Readonly<Record<string, string>>;
  readonly violations: readonly Violation[];
};

export type PendingWork = {
  /** Tickets given back whose seats or money are not back yet. */
  readonly refunds: number;
  /** Changes that wait for seats or payment of the new tickets, or for the seats or money of the old ones. */
  readonly changes: number;
  readonly releases: number;
  readonly uncommittedHolds: number;
  /** Cancelled runs that are not settled yet. */
  readonly cancellations: number;
  /** Payments of orders that have ended, by which money may still come: the gateway has not said how they end. */
  readonly payments: number;
  /** Tickets that do not stand any more, and still count for their buyer or a traveller. */
  readonly reservations: number;
  /** Reserved by requests that never became an order; whoever meets them releases them. */
  readonly unclaimed: number;
  /** Waitlist requests that wait no more, and whose order, money or place in a line is still to be seen to. */
  readonly waitlists: number;
};

const PROMISES: readonly PromiseOf[] = [
  logUnbroken,
  stationsNamed,
  trainsNamed,
  runSteps,
  seatsOnce,
  lockSteps,
  locksBegun,
  locksWhole,
  orderSteps,
  ordersSeated,
  faresProved,
  paymentSteps,
  moneyAccounted,
  refundsCaused,
  refundsProved,
  changesProved,
  runsEnded,
  limitsHeld,
  reservationsKept,
  waitlistsKept,
  waitlistsProved,
  prioritiesKept,
  queuesInOrder,
];

export class LogAudit {
  readonly #ledger = new Ledger();
  readonly #promises: readonly LogPromise[] = PROMISES.map((promiseOf) => promiseOf(this.#ledger));
  readonly #strangeness = strangenessIn(
    this.#promises.flatMap(({ categories }) => (categories === 'all' ? [] : categories)),
  );
  /** The promises that look at a category. */
  readonly #concerned = new Map<string, readonly LogPromise[]>();
  readonly #unreadable = new Violations();
  readonly #streams = new Set<string>();
  readonly #setAside = new Map<string, string>();
  #events = 0;
  #position = 0;

  /** Takes the events in the order of the log, beginning with the first. */
  add(event: RecordedEvent): void {
    this.#events += 1;
    this.#position = event.position;
    this.#streams.add(event.stream);
    if (this.#setAside.has(event.stream)) return;
    const category = categoryOf(event.stream);
    try {
      const strangeness = this.#strangeness(event);
      if (strangeness !== undefined) {
        this.#setAside.set(event.stream, strangeness);
        throw new NotUnderstood(event);
      }
      for (const { observe } of this.#concernedBy(category)) observe(event);
      this.#ledger.fold(event);
    } catch (error) {
      // The audit must not stop at a damaged event: it reports it and goes on.
      const { type, stream, position } = event;
      this.#unreadable.add('EVENT_UNREADABLE', `${type} of ${stream} at position ${position}: ${String(error)}`);
    }
  }

  #concernedBy(category: string): readonly LogPromise[] {
    const known = this.#concerned.get(category);
    if (known !== undefined) return known;
    const concerned = this.#promises.filter(
      ({ categories }) => categories === 'all' || categories.some(({ name }) => name === category),
    );
    this.#concerned.set(category, concerned);
    return concerned;
  }

  report(): AuditReport {
    const violations = [...this.#unreadable.list, ...this.#promises.flatMap(findingsOf)];
    const orders: Record<string, number> = {};
    for (const { status } of this.#ledger.orders.values()) orders[status] = (orders[status] ?? 0) + 1;
    return {
      ok: violations.length === 0,
      events: this.#events,
      position: this.#position,
      streams: this.#streams.size,
      runs: this.#ledger.runs.size,
      orders,
      seats: seatsOf(this.#ledger),
      money: moneyOf(this.#ledger),
      refusedNotices: refusedNoticesOf(this.#ledger),
      pending: pendingOf(this.#ledger),
      setAside: Object.fromEntries(this.#setAside),
      violations,
    };
  }
}

/** An event that was misread before may make a promise fail only here. */
const findingsOf = ({ findings }: LogPromise): readonly Violation[] => {
  try {
    return findings();
  } catch (error) {
    return [{ code: 'EVENT_UNREADABLE', detail: `a promise could not be checked: ${String(error)}` }];
  }
};

const seatsOf = ({ classes }: Ledger): AuditReport['seats'] => {
  const seats = { held: 0, sold: 0 };
  for (const { stock } of classes.values())
    for (const lock of stock.book.locks.values()) {
      const count = partyOf(lock) - (lock.gone?.length ?? 0);
      if (lock.status === 'acquired') seats.held += count;
      if (lock.status === 'confirmed') seats.sold += count;
    }
  return seats;
};

/** States in which an order keeps no seats. */
const WITHOUT_SEATS: readonly OrderStatus[] = ['CLOSED', 'FAIL', 'QUEUED', 'REFUND', 'CHANGE'];

const pendingOf = (ledger: Ledger): PendingWork => {
  const { classes, orders, payments, runs } = ledger;
  const { ended: reservations, unclaimed } = reservationsLeft(ledger);
  const pending = {
    releases: 0,
    uncommittedHolds: 0,
    cancellations: 0,
    payments: 0,
    refunds: 0,
    changes: 0,
    reservations,
    unclaimed,
    waitlists: waitlistsPending(ledger),
  };
  for (const { refunds, changes } of orders.values()) {
    pending.refunds += refunds.filter(({ isDone }) => !isDone).length;
    pending.changes += changes.filter(({ status }) => status === 'PENDING' || status === 'CHANGED').length;
  }
  for (const { key, stock } of classes.values()) {
    // A dead owner left holds without a commit record; the next owner aborts them.
    const { toAbort, toRelease } = leftovers(stock, Number.POSITIVE_INFINITY);
    pending.uncommittedHolds += toAbort.length;
    pending.releases += toRelease.size - toAbort.length;
    for (const [lockId, lock] of stock.book.locks) {
      if (!occupies(lock) || lock.plan === undefined || lock.status === 'withdrawn') continue;
      const { orderNo } = lock.plan;
      const waitlist = ledger.waitlists.get(orderNo);
      const isUnused = waitlist !== undefined && !isServedBy(waitlist, key, lockId);
      const status = isUnused ? 'CLOSED' : orders.get(orderNo)?.status;
      if (status !== undefined && WITHOUT_SEATS.includes(status)) pending.releases += 1;
    }
  }
  for (const payment of payments.values()) {
    const isOfFailed = ledger.waitlists.get(payment.orderNo)?.status === 'FAIL';
    const status = orders.get(payment.orderNo)?.status ?? (isOfFailed ? 'CLOSED' : undefined);
    if (mayStillBePaid(payment) && (status === 'CLOSED' || status === 'SUCCESS')) pending.payments += 1;
  }
  for (const run of runs.values()) if (run.status === 'cancelled' && !run.settled) pending.cancellations += 1;
  return pending;
};
