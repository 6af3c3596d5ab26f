// All money, by the gateway's books: what came in has bought a ticket, was a fee, or was refunded, once; and nobody who
// had paid lost the seats for want of a question.
import { sumFen } from '@railhead/domain/kernel/money.ts';
import type { GatewayAccount } from '../ports/sim-gateway.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';
import { keptNos, type OrderTruth } from './truth.ts';

/** Tickets that are valid, and fees for those that were given back. */
const spentOn = (order: OrderTruth): number => {
  const tickets = order.status === 'SUCCESS' ? keptNos(order) : [];
  const fares = tickets.map((itemNo) => order.faresFen[itemNo - 1] ?? 0);
  return sumFen([...fares, ...[...order.refunds.values()].map(({ feeFen }) => feeFen)]);
};

/** An append may be that late. What was registered so shortly before the order expired, it need not have heard of. */
const LATE_MS = 6 * 60_000;

export const checkMoney = ({ gateway, truth }: World): void => {
  for (const [paymentNo, { status }] of truth.payments)
    if (status === 'PaymentClosed' && gateway.accounts.get(paymentNo)?.status !== 'closed')
      throw new Violation('CLOSED_BY_NOBODY', `${paymentNo} counts as closed, and the gateway never closed it`);
  for (const account of gateway.accounts.values()) {
    const { paymentNo, orderNo, amountFen, status, refundedFen } = account;
    // Closed before it was registered.
    if (orderNo === '') continue;
    const order = truth.orders.get(orderNo);
    const came = status === 'paid' ? amountFen : 0;
    const spent = order?.paymentNo === paymentNo ? spentOn(order) : 0;
    if (came !== spent + refundedFen)
      throw new Violation(
        'MONEY_LOST',
        `${paymentNo}: ${came} fen came in, ${spent} for tickets and fees, ${refundedFen} went back (order ${order?.status}, ${order?.closeReason})`,
      );
    if (order?.closeReason === 'EXPIRED') checkAsked(account, order.closedMs);
    const fare = order?.faresFen.reduce((sum, fen) => sum + fen, 0);
    if (fare !== amountFen)
      throw new Violation('AMOUNT_WRONG', `${paymentNo} is of ${amountFen} fen, the fare ${fare}`);
  }
};

/** Before the seats of an order go back, somebody has tried to close its payments, and believed what the gateway said. */
const checkAsked = (
  { paymentNo, registeredMs, paidMs, closeTriedMs, unanswered, status }: GatewayAccount,
  expiredMs: number,
): void => {
  if (registeredMs + LATE_MS > expiredMs) return;
  if (closeTriedMs === 0 || closeTriedMs > expiredMs)
    throw new Violation('EXPIRED_UNASKED', `the order of ${paymentNo} expired, and nobody had asked to close it`);
  if (status === 'paid' && paidMs < expiredMs && unanswered === 0)
    throw new Violation('PAID_YET_EXPIRED', `${paymentNo} was paid, the gateway said so, and its order expired`);
};
