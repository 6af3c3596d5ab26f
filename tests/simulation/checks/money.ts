// All money, by the gateway's books: what came in has bought a ticket, was a fee, or was refunded, once.
import { sumFen } from '@railhead/domain/kernel/money.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';
import { keptNos, type OrderTruth } from './truth.ts';

/** Tickets that are valid, and fees for those that were given back. */
const spentOn = (order: OrderTruth): number => {
  const tickets = order.status === 'SUCCESS' ? keptNos(order) : [];
  const fares = tickets.map((itemNo) => order.faresFen[itemNo - 1] ?? 0);
  return sumFen([...fares, ...[...order.refunds.values()].map(({ feeFen }) => feeFen)]);
};

export const checkMoney = ({ gateway, truth }: World): void => {
  for (const { paymentNo, orderNo, amountFen, status, refundedFen } of gateway.accounts.values()) {
    const order = truth.orders.get(orderNo);
    const came = status === 'paid' ? amountFen : 0;
    const spent = order?.paymentNo === paymentNo ? spentOn(order) : 0;
    if (came !== spent + refundedFen)
      throw new Violation(
        'MONEY_LOST',
        `${paymentNo}: ${came} fen came in, ${spent} for tickets and fees, ${refundedFen} went back (order ${order?.status}, ${order?.closeReason})`,
      );
    const fare = order?.faresFen.reduce((sum, fen) => sum + fen, 0);
    if (fare !== amountFen)
      throw new Violation('AMOUNT_WRONG', `${paymentNo} is of ${amountFen} fen, the fare ${fare}`);
  }
};
