// Where all money is, by the log: it bought tickets, was refunded, or is in flight to one of the two.
import { type Fen, sumFen } from '@railhead/domain/kernel/money.ts';
import { keptItems } from '@railhead/domain/order/fold.ts';
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

/** `inFlightFen` below 0: more went back, or is a ticket or a fee, than was paid. */
export const moneyOfPayment = ({ orders }: Ledger, payment: Payment): MoneyReport => {
  const { status, amountFen, orderNo, paymentNo, refunds } = payment;
  if (NO_MONEY.includes(status)) return NOTHING;
  const order = orders.get(orderNo);
  const bought = order !== undefined && order.paymentNo === paymentNo;
  const ticketsFen = bought && order.status === 'SUCCESS' ? sumFen(keptItems(order).map(({ fareFen }) => fareFen)) : 0;
  const feesFen = bought ? sumFen(order.refunds.map(({ feeFen }) => feeFen)) : 0;
  const refundsFen = sumFen(Object.values(refunds).map((refund) => (refund.isDone ? refund.amountFen : 0)));
  // What is none of these has still to become one of them.
  const inFlightFen = amountFen - refundsFen - ticketsFen - feesFen;
  return { inFen: amountFen, ticketsFen, refundsFen, feesFen, inFlightFen };
};

/** Nobody has paid by it. */
const NO_MONEY: readonly PaymentStatus[] = ['ABSENT', 'CREATED', 'DECLINED', 'CLOSED'];

const NOTHING: MoneyReport = { inFen: 0, ticketsFen: 0, refundsFen: 0, feesFen: 0, inFlightFen: 0 };

export const moneyOf = (ledger: Ledger): MoneyReport => {
  const all = [...ledger.payments.values()].map((payment) => moneyOfPayment(ledger, payment));
  const sumOf = (amount: keyof MoneyReport): Fen => sumFen(all.map((one) => one[amount]));
  return {
    inFen: sumOf('inFen'),
    ticketsFen: sumOf('ticketsFen'),
    refundsFen: sumOf('refundsFen'),
    feesFen: sumOf('feesFen'),
    inFlightFen: sumOf('inFlightFen'),
  };
};
