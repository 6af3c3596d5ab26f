// The payments, refunds and tickets of an order as they are listed, and which of them an event has changed.
import type { OrderItemView, OrderView, PaymentView } from '@railhead/commands/orders/order-view.ts';
import type { MoneyBack, SoldOrder } from './sold-order.ts';

export type ListedPayment = PaymentView & {
  readonly orderNo: string;
  readonly userId: string;
  readonly currency: string;
  readonly gatewayRef?: string;
  readonly startedAt: string;
  readonly endedAt?: string;
};

/**
 * `TICKETS_REFUNDED`: of tickets that were given back. `TICKETS_CHANGED`: the tickets after a change cost less. `CARRIED`:
 * either of them, of tickets in another order, for which this payment's money was kept. `PAYMENT_UNUSED`: the payment
 * bought no ticket, or came too late, or its order ended.
 */
export const REFUND_KINDS = ['TICKETS_REFUNDED', 'TICKETS_CHANGED', 'CARRIED', 'PAYMENT_UNUSED'] as const;

/** `items` and `feeFen`: of tickets of this order. */
export type ListedRefund = MoneyBack & {
  readonly orderNo: string;
  readonly userId: string;
  readonly currency: string;
  readonly kind: (typeof REFUND_KINDS)[number];
  readonly items?: readonly number[];
  readonly feeFen?: number;
  readonly status: 'REQUESTED' | 'DONE';
};

export type ListedTicket = Omit<OrderItemView, 'ticketNo' | 'ticketStatus' | 'fareFen'> & {
  readonly ticketNo: string;
  readonly status: OrderItemView['ticketStatus'];
  readonly orderNo: string;
  readonly userId: string;
  readonly train: string;
  readonly date: string;
  readonly from: OrderView['from'];
  readonly to: OrderView['to'];
  readonly issuedAt: string;
  readonly usedAt?: string;
};

export type UnpaidOrder = Pick<
  OrderView,
  'orderNo' | 'userId' | 'train' | 'date' | 'from' | 'to' | 'seatClass' | 'requestedAt' | 'amountFen' | 'currency'
> & { readonly payBefore: string; readonly seats: number };

export type SalesRows = {
  readonly payments: readonly ListedPayment[];
  readonly refunds: readonly ListedRefund[];
  readonly tickets: readonly ListedTicket[];
};

/** What differs from the order `before`; all of it without one. */
export const changedRows = (before: SoldOrder | undefined, after: SoldOrder): SalesRows => ({
  payments: after.view.payments
    .filter((payment) => !before?.view.payments.includes(payment))
    .map((payment) => listedPayment(after, payment)),
  refunds: after.moneyBack.filter((one) => !before?.moneyBack.includes(one)).map((one) => listedRefund(after, one)),
  tickets: after.view.items
    .filter((item) => !before?.view.items.includes(item))
    .flatMap((item) => listedTicket(after, item)),
});

const listedPayment = ({ view, payments }: SoldOrder, payment: PaymentView): ListedPayment => {
  const { orderNo, userId, currency } = view;
  return { ...payment, orderNo, userId, currency, ...(payments[payment.paymentNo] ?? { startedAt: view.requestedAt }) };
};

const listedRefund = ({ view }: SoldOrder, one: MoneyBack): ListedRefund => {
  const { orderNo, userId, currency } = view;
  const status = one.doneAt === undefined ? 'REQUESTED' : 'DONE';
  return { ...one, orderNo, userId, currency, ...causeOf(view, one), status };
};

const causeOf = (
  { orderNo, refunds, changes }: OrderView,
  { refundNo }: MoneyBack,
): Pick<ListedRefund, 'kind' | 'items' | 'feeFen'> => {
  const refund = refunds.find((one) => one.refundNo === refundNo);
  if (refund !== undefined) return { kind: 'TICKETS_REFUNDED', items: refund.items, feeFen: refund.feeFen };
  const change = changes.find((one) => one.changeNo === refundNo);
  if (change !== undefined) return { kind: 'TICKETS_CHANGED', items: change.items, feeFen: change.feeFen };
  // The numbers of an order's own refunds begin with its number.
  return { kind: refundNo.startsWith(orderNo) ? 'PAYMENT_UNUSED' : 'CARRIED' };
};

const listedTicket = ({ view, issuedAt, usedAt }: SoldOrder, item: OrderItemView): readonly ListedTicket[] => {
  const { ticketNo = '', ticketStatus, fareFen: _, ...rest } = item;
  if (ticketNo === '' || issuedAt === undefined) return [];
  const { orderNo, userId, train, date, from, to } = view;
  const used = usedAt[item.itemNo];
  return [
    {
      ...rest,
      ...{ ticketNo, status: ticketStatus, orderNo, userId, train, date, from, to, issuedAt },
      ...(used === undefined ? {} : { usedAt: used }),
    },
  ];
};

/** Undefined for an order that does not wait for its payment. */
export const unpaidOrder = ({ status, payBefore, items, ...view }: OrderView): UnpaidOrder | undefined => {
  if (status !== 'WAIT_PAY' || payBefore === undefined) return undefined;
  const { orderNo, userId, train, date, from, to, seatClass, requestedAt, amountFen, currency } = view;
  return {
    ...{ orderNo, userId, train, date, from, to, seatClass, requestedAt, amountFen, currency, payBefore },
    seats: items.length,
  };
};
