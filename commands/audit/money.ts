// Where all money is, by the log: it bought tickets, was refunded, was kept as a fee, or is in flight to one of these.
// Tickets that were changed were paid for with the money of the earlier ones, so all orders that came of one are one
// account.
import { type Fen, sumFen } from '@railhead/domain/kernel/money.ts';
import { keptItems, type Order } from '@railhead/domain/order/fold.ts';
import type { Payment, PaymentStatus } from '@railhead/domain/payment/fold.ts';
import type { Ledger } from './ledger.ts';

/** All in fen. `inFlightFen`: paid, while the ticket or the refund is still to come. */
export type MoneyReport = {
  readonly inFen: number;
  readonly ticketsFen: number;
  readonly refundsFen: number;
  readonly feesFen: number;
  readonly inFlightFen: number;
};

/** Notices of the gateway that were refused and that nobody has dismissed, and how much money they say was paid: in no sum, to be asked about. */
export type RefusedNotices = { readonly count: number; readonly paidFen: number };

export const refusedNoticesOf = ({ payments }: Ledger): RefusedNotices => {
  const refused = [...payments.values()].flatMap((payment) =>
    payment.refused.filter(({ dismissed }) => dismissed !== true),
  );
  const paid = refused.filter(({ outcome }) => outcome === 'paid');
  return { count: refused.length, paidFen: sumFen(paid.map(({ amountFen }) => amountFen)) };
};

/** An order that somebody placed, with those that its tickets were changed to, and all their payments. */
export type Account = { readonly orders: Map<string, Order>; readonly payments: Payment[] };

/** By the number of the order at its beginning. */
export const accountsOf = ({ orders, payments }: Ledger): ReadonlyMap<string, Account> => {
  const accounts = new Map<string, Account>();
  const accountOf = (orderNo: string): Account => {
    const first = orders.get(orderNo)?.request?.change?.orderNo ?? orderNo;
    const known = accounts.get(first);
    if (known !== undefined) return known;
    const account = { orders: new Map<string, Order>(), payments: [] };
    accounts.set(first, account);
    return account;
  };
  for (const [orderNo, order] of orders) accountOf(orderNo).orders.set(orderNo, order);
  for (const payment of payments.values()) accountOf(payment.orderNo).payments.push(payment);
  return accounts;
};

/** `inFlightFen` below 0: more went back, or is a ticket or a fee, than was paid. */
export const moneyOfAccount = ({ orders, payments }: Account): MoneyReport => {
  const paid = payments.filter(({ status }) => !NO_MONEY.includes(status));
  if (paid.length === 0) return NOTHING;
  const inFen = sumFen(paid.map(({ amountFen }) => amountFen));
  const refundsFen = sumFen(
    paid.flatMap(({ refunds }) => Object.values(refunds).map((refund) => (refund.isDone ? refund.amountFen : 0))),
  );
  const ticketsFen = sumFen([...orders.values()].map(ticketsOf));
  const feesFen = sumFen([...orders.values()].map(feesOf));
  // What is none of these has still to become one of them.
  return { inFen, ticketsFen, refundsFen, feesFen, inFlightFen: inFen - refundsFen - ticketsFen - feesFen };
};

const ticketsOf = (order: Order): Fen =>
  order.status === 'SUCCESS' ? sumFen(keptItems(order).map(({ fareFen }) => fareFen)) : 0;

const feesOf = ({ refunds, changes }: Order): Fen =>
  sumFen([
    ...refunds.map(({ feeFen }) => feeFen),
    ...changes.map(({ status, feeFen }) => (status === 'CHANGED' || status === 'SETTLED' ? feeFen : 0)),
  ]);

/** Nobody has paid by it. */
const NO_MONEY: readonly PaymentStatus[] = ['ABSENT', 'CREATED', 'DECLINED', 'CLOSED'];

const NOTHING: MoneyReport = { inFen: 0, ticketsFen: 0, refundsFen: 0, feesFen: 0, inFlightFen: 0 };

export const moneyOf = (ledger: Ledger): MoneyReport => {
  const all = [...accountsOf(ledger).values()].map(moneyOfAccount);
  const sumOf = (amount: keyof MoneyReport): Fen => sumFen(all.map((one) => one[amount]));
  return {
    inFen: sumOf('inFen'),
    ticketsFen: sumOf('ticketsFen'),
    refundsFen: sumOf('refundsFen'),
    feesFen: sumOf('feesFen'),
    inFlightFen: sumOf('inFlightFen'),
  };
};
