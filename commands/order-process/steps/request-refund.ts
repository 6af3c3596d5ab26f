// Asks the money back of tickets that were given back, and of payments that bought no ticket: the order had ended, was
// paid before, or could not be ticketed.
import type { Fen } from '@railhead/domain/kernel/money.ts';
import { sumFen } from '@railhead/domain/kernel/money.ts';
import { keptItems, type Order } from '@railhead/domain/order/fold.ts';
import type { Payment } from '@railhead/domain/payment/fold.ts';
import { wholeRefundNoOf } from '@railhead/domain/payment/stream.ts';
import type { TrackedOrder } from '../../orders/tracked-order.ts';
import { type OrderStep, paymentStepMeta, write } from '../order-step.ts';
import { paymentAppend } from '../order-writer.ts';

const KIND = 'requestRefund';

/** Why a payment, or what is left of it, bought no ticket; undefined if it bought one or still may. */
export const refundReason = (order: Order, paymentNo: string): string | undefined => {
  switch (order.status) {
    case 'CLOSED':
      // The tickets that it bought were given back, and each refund has its own number.
      if (order.closeReason === 'REFUNDED' && paymentNo === order.paymentNo) return undefined;
      return `order closed: ${order.closeReason}`;
    case 'FAIL':
      return 'tickets could not be issued';
    case 'PAID':
    case 'TICKETING':
    case 'SUCCESS':
    case 'REFUND':
      return paymentNo === order.paymentNo ? undefined : 'order was paid already';
    default:
      return undefined;
  }
};

type Wanted = {
  readonly paymentNo: string;
  readonly refundNo: string;
  readonly amountFen: Fen;
  readonly reason: string;
};

/** Every refund that the order's state asks for, whether it was asked for before or not. */
export const refundsOf = ({ order, payments }: TrackedOrder): readonly Wanted[] => {
  const ofTickets = order.refunds
    .filter(({ refundFen }) => refundFen > 0)
    .map(({ refundNo, refundFen }) => ({
      paymentNo: order.paymentNo ?? '',
      refundNo,
      amountFen: refundFen,
      reason: 'tickets were given back',
    }));
  const whole = Object.values(payments).flatMap(({ payment }): readonly Wanted[] => {
    const { paymentNo } = payment;
    const reason = refundReason(order, paymentNo);
    const amountFen = withoutTicketFen(order, payment);
    if (reason === undefined || !hasMoney(payment) || amountFen === 0) return [];
    return [{ paymentNo, refundNo: wholeRefundNoOf(paymentNo), amountFen, reason }];
  });
  return [...ofTickets, ...whole];
};

const hasMoney = ({ status }: Payment): boolean => status === 'SUCCEEDED' || status === 'REFUNDING';

/** What is to go back of a payment that bought no ticket: of the tickets that were given back before, nothing more. */
const withoutTicketFen = (order: Order, { paymentNo, amountFen }: Payment): Fen =>
  paymentNo === order.paymentNo && order.refunds.length > 0
    ? sumFen(keptItems(order).map(({ fareFen }) => fareFen))
    : amountFen;

export const requestRefund: OrderStep = {
  kind: KIND,
  due: (tracked) =>
    refundsOf(tracked)
      .filter(({ paymentNo, refundNo }) => {
        const payment = tracked.payments[paymentNo]?.payment;
        return payment !== undefined && hasMoney(payment) && payment.refunds[refundNo] === undefined;
      })
      .map(({ refundNo }) => ({ key: refundNo })),
  run: async (context) => {
    const tracked = context.current();
    const wanted = refundsOf(tracked).find(({ refundNo }) => refundNo === context.key);
    const payment = tracked.payments[wanted?.paymentNo ?? ''];
    if (payment === undefined || wanted === undefined) return undefined;
    const { refundNo, amountFen, reason } = wanted;
    const meta = paymentStepMeta(context, KIND);
    return write(context.deps, paymentAppend(payment, { type: 'RequestRefund', refundNo, amountFen, reason }, meta));
  },
};
