// The state of the order process for one order: the order and its payments, folded from their streams.
import type { Recorded } from '@railhead/domain/kernel/event.ts';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { absentOrder, evolve as evolveOrder, type Order } from '@railhead/domain/order/fold.ts';
import type { PaymentEvent } from '@railhead/domain/payment/events.ts';
import { absentPayment, evolve as evolvePayment, type Payment } from '@railhead/domain/payment/fold.ts';
import type { WaitlistEvent } from '@railhead/domain/waitlist/events.ts';
import { absentWaitlist, evolve as evolveWaitlist, type Waitlist } from '@railhead/domain/waitlist/fold.ts';

/** `createdMs`: when the payment was created, since the epoch. */
export type TrackedPayment = { readonly payment: Payment; readonly revision: number; readonly createdMs: number };

/** How often the gateway was asked something, and when last, in ms since the epoch. */
export type Asked = { readonly times: number; readonly atMs: number };

/** A revision is that of the last event folded; -1 before the first. */
export type TrackedOrder = {
  readonly order: Order;
  readonly revision: number;
  readonly payments: Readonly<Record<string, TrackedPayment>>;
  /** The order has ended, and the release of its seats has been answered. */
  readonly seatsReleased: boolean;
  /** Refunds and changes whose seats are free again, by number. */
  readonly seatsGivenBack: readonly string[];
  /** Tickets that do not stand any more, and that count no more for their buyer and their travellers. */
  readonly released: readonly number[];
  /** Changes whose new orders have been placed, by number. */
  readonly placed: readonly string[];
  /** Changes whose new orders have been told that the tickets before are void. */
  readonly endedChanges: readonly string[];
  /** How the change ended that this order was for, where that is no event of its own. */
  readonly changeEnded?: 'DROPPED' | 'CHANGED';
  /** Refunds that have come back of the money that came over from the earlier order, by number. */
  readonly carriedBack: readonly string[];
  /** The waitlist request of the order's number; undefined for an order that was placed as one. */
  readonly waits?: TrackedWaitlist;
  readonly lines: KnownLines;
  /** The waitlist request counts no more for its user. */
  readonly placeFree: boolean;
  /** What the gateway was asked about payments in vain, by step and payment. Forgotten with the process: then it is asked anew. */
  readonly asked: Readonly<Record<string, Asked>>;
};

export type TrackedWaitlist = { readonly waitlist: Waitlist; readonly revision: number };

/**
 * What the lines of its classes have answered a waitlist request, by class. `joined`: when it last asked for its place, in ms
 * since the epoch; `left`: where it waits no more; `closed`: where it never will be served, and why. Apart from what is
 * folded from events: a step's answer may be older than the last event.
 */
export type KnownLines = {
  readonly joined: Readonly<Record<string, number>>;
  readonly left: readonly string[];
  readonly closed: Readonly<Record<string, 'RUN_CANCELLED' | 'SALE_CLOSED'>>;
};

export const untracked: TrackedOrder = {
  order: absentOrder,
  revision: -1,
  payments: {},
  seatsReleased: false,
  seatsGivenBack: [],
  released: [],
  placed: [],
  endedChanges: [],
  carriedBack: [],
  lines: { joined: {}, left: [], closed: {} },
  placeFree: false,
  asked: {},
};

/** An event that was folded before changes nothing, so a process may read again from an earlier position. */
export const withOrderEvent = (tracked: TrackedOrder, event: Recorded<OrderEvent>, revision: number): TrackedOrder =>
  revision <= tracked.revision ? tracked : { ...tracked, order: evolveOrder(tracked.order, event), revision };

export const withPaymentEvent = (
  tracked: TrackedOrder,
  event: Recorded<PaymentEvent>,
  revision: number,
): TrackedOrder => {
  const { paymentNo } = event.data;
  const known = tracked.payments[paymentNo] ?? {
    payment: absentPayment,
    revision: -1,
    createdMs: Date.parse(event.meta.at),
  };
  if (revision <= known.revision) return tracked;
  const next = { ...known, payment: evolvePayment(known.payment, event), revision };
  return { ...tracked, payments: { ...tracked.payments, [paymentNo]: next } };
};

/** The number of the order, or of the request that is to become it. */
export const numberOf = ({ order, waits }: Pick<TrackedOrder, 'order' | 'waits'>): string =>
  waits?.waitlist.request?.waitlistNo ?? order.orderNo;

export const withWaitlistEvent = (
  tracked: TrackedOrder,
  event: Recorded<WaitlistEvent>,
  revision: number,
): TrackedOrder => {
  const waits = tracked.waits ?? { waitlist: absentWaitlist, revision: -1 };
  if (revision <= waits.revision) return tracked;
  return { ...tracked, waits: { waitlist: evolveWaitlist(waits.waitlist, event), revision } };
};
