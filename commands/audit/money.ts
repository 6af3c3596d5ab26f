// Where all money is, by the log: it bought tickets, was refunded, or is in flight to one of the two.
import { sumFen } from '@railhead/domain/kernel/money.ts';
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

export const moneyOf = ({ payments, orders }: Ledger): MoneyReport => {
  let [inFen, ticketsFen, refundsFen, inFlightFen] = [0, 0, 0, 0];
  for (const { status, amountFen, orderNo, paymentNo } of payments.values()) {
    if (status === 'ABSENT' || status === 'CREATED' || status === 'DECLINED' || status === 'CLOSED') continue;
    inFen += amountFen;
    const order = orders.get(orderNo);
    if (status === 'REFUNDED') refundsFen += amountFen;
    else if (status === 'SUCCEEDED' && order?.status === 'SUCCESS' && order.paymentNo === paymentNo)
      ticketsFen += order.items.reduce((sum, item) => sum + item.fareFen, 0);
    else inFlightFen += amountFen;
  }
  // Nothing charges a fee yet.
  return { inFen, ticketsFen, refundsFen, feesFen: 0, inFlightFen };
};
