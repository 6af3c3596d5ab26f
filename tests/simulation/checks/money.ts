// All money, by the gateway's books: what came in has bought a ticket, was a fee, or was refunded, once; and nobody who
// had paid lost the seats for want of a question.
import { sumFen } from '@railhead/domain/kernel/money.ts';
import type { GatewayAccount } from '../ports/sim-gateway.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';
import { keptNos } from './after-sales.ts';
import type { OrderTruth } from './class-truth.ts';

/** Tickets that are valid, and fees for those that were given back or changed. */
const spentOn = (order: OrderTruth): number => {
  const tickets = order.status === 'SUCCESS' ? keptNos(order) : [];
  const fares = tickets.map((itemNo) => order.faresFen[itemNo - 1] ?? 0);
  const changed = [...order.changes.values()].filter(({ status }) => status === 'CHANGED' || status === 'SETTLED');
  return sumFen([...fares, ...[...order.refunds.values(), ...changed].map(({ feeFen }) => feeFen)]);
};

/** Money moves on with tickets that are changed, so an order and those that came of it are counted together. */
const checkSums = ({ gateway, truth }: World): void => {
  const firstOf = (orderNo: string): string => truth.orders.get(orderNo)?.before?.orderNo ?? orderNo;
  const sums = new Map<string, { came: number; back: number; spent: number }>();
  const sumOf = (orderNo: string): { came: number; back: number; spent: number } => {
    const sum = sums.get(firstOf(orderNo)) ?? { came: 0, back: 0, spent: 0 };
    sums.set(firstOf(orderNo), sum);
    return sum;
  };
  for (const { orderNo, status, amountFen, refundedFen } of gateway.accounts.values()) {
    // Closed before it was registered.
    if (orderNo === '') continue;
    const sum = sumOf(orderNo);
    sum.came += status === 'paid' ? amountFen : 0;
    sum.back += refundedFen;
  }
  for (const order of truth.orders.values()) sumOf(order.orderNo).spent += spentOn(order);
  for (const [orderNo, { came, back, spent }] of sums)
    if (came !== spent + back) {
      const { status, closeReason } = truth.orders.get(orderNo) ?? {};
      throw new Violation(
        'MONEY_LOST',
        `order ${orderNo}: ${came} fen came in, ${spent} for tickets and fees, ${back} went back (${status}, ${closeReason})`,
      );
    }
};

/** An append may be that late. What was registered so shortly before the order expired, it need not have heard of. */
const LATE_MS = 6 * 60_000;

export const checkMoney = (world: World): void => {
  const { gateway, truth } = world;
  checkSums(world);
  for (const [paymentNo, { status }] of truth.payments)
    if (status === 'PaymentClosed' && gateway.accounts.get(paymentNo)?.status !== 'closed')
      throw new Violation('CLOSED_BY_NOBODY', `${paymentNo} counts as closed, and the gateway never closed it`);
  for (const account of gateway.accounts.values()) {
    const { paymentNo, orderNo, amountFen } = account;
    if (orderNo === '') continue;
    const order = truth.orders.get(orderNo);
    if (order?.closeReason === 'EXPIRED') checkAsked(account, order.closedMs);
    const prepaid = truth.waitlists.byNumber.get(orderNo)?.prepayFen;
    const due = prepaid ?? order?.before?.payFen ?? order?.faresFen.reduce((sum, fen) => sum + fen, 0);
    if (due !== amountFen) throw new Violation('AMOUNT_WRONG', `${paymentNo} is of ${amountFen} fen, due were ${due}`);
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
