// All money, by the gateway's books: what came in has bought a ticket or was refunded, once.
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';

export const checkMoney = ({ gateway, truth }: World): void => {
  for (const { paymentNo, orderNo, amountFen, status, refundedFen } of gateway.accounts.values()) {
    const order = truth.orders.get(orderNo);
    const buys = order?.status === 'SUCCESS' && order.paymentNo === paymentNo;
    const came = status === 'paid' ? amountFen : 0;
    const spent = buys ? amountFen : 0;
    if (came !== spent + refundedFen)
      throw new Violation(
        'MONEY_LOST',
        `${paymentNo}: ${came} fen came in, ${spent} bought tickets, ${refundedFen} went back (order ${order?.status}, ${order?.closeReason})`,
      );
    const fare = order?.faresFen.reduce((sum, fen) => sum + fen, 0);
    if (fare !== amountFen)
      throw new Violation('AMOUNT_WRONG', `${paymentNo} is of ${amountFen} fen, the fare ${fare}`);
  }
};
