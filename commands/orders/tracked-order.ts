// The state of the order process for one order: the order and its payments, folded from their streams.
import type { Recorded } from '@railhead/domain/kernel/event.ts';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { absentOrder, evolve as evolveOrder, type Order } from '@railhead/domain/order/fold.ts';
import type { PaymentEvent } from '@railhead/domain/payment/events.ts';
import { absentPayment, evolve as evolvePayment, type Payment } from '@railhead/domain/payment/fold.ts';

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
  /** What the gateway was asked about payments in vain, by step and payment. Forgotten with the process: then it is asked anew. */
  readonly asked: Readonly<Record<string, Asked>>;
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
