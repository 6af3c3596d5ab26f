// Where all money is, by the log: it bought tickets, was refunded, or is in flight to one of the two.
import type { Ledger } from './ledger.ts';

/** All in fen. `inFlightFen`: paid, while the ticket or the refund is still to come. */
export type MoneyReport = {
  readonly inFen: number;
  readonly ticketsFen: number;
  readonly refundsFen: number;
  readonly feesFen: number;
  readonly inFlightFen: number;
};

export const moneyOf = ({ payments, orders }: Ledger): MoneyReport => {
  let [inFen, ticketsFen, refundsFen, inFlightFen] = [0, 0, 0, 0];
  for (const { status, amountFen, orderNo, paymentNo } of payments.values()) {
    if (status === 'ABSENT' || status === 'CREATED' || status === 'DECLINED') continue;
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
