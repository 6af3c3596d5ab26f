// A payment only goes forward and has one amount. Each refund goes out once, and all of them are never more than was
// paid.
import { noticeDefect } from '@railhead/domain/payment/decide.ts';
import type { PaymentEvent, PaymentRefunded, PaymentRefundRequested } from '@railhead/domain/payment/events.ts';
import {
  absentPayment,
  askedBackFen,
  isSameNotice,
  type Payment,
  type PaymentStatus,
} from '@railhead/domain/payment/fold.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { observing, type PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

const FOLLOWS: Readonly<Record<PaymentEvent['type'], readonly PaymentStatus[]>> = {
  PaymentCreated: ['ABSENT'],
  PaymentDeclined: ['CREATED', 'DECLINED'],
  PaymentSucceeded: ['CREATED', 'DECLINED', 'CLOSED'],
  PaymentClosed: ['CREATED', 'DECLINED'],
  PaymentRefundRequested: ['SUCCEEDED', 'REFUNDING'],
  PaymentRefunded: ['REFUNDING'],
  PaymentNoticeDismissed: ['CREATED', 'DECLINED', 'SUCCEEDED', 'CLOSED', 'REFUNDING', 'REFUNDED'],
  PaymentNoticeRefused: ['CREATED', 'DECLINED', 'SUCCEEDED', 'CLOSED', 'REFUNDING', 'REFUNDED'],
};

export const paymentSteps: PromiseOf = (ledger) => {
  const violations = new Violations();
  return {
    ...observing(paymentCategory, (event, paymentNo) => {
      const payment = ledger.payments.get(paymentNo) ?? absentPayment;
      const about = `${event.type} of ${paymentNo}`;
      if (!FOLLOWS[event.type]?.includes(payment.status))
        violations.add('PAYMENT_BACKWARDS', `${about}, which is ${payment.status}`);
      else if (
        event.type !== 'PaymentNoticeRefused' &&
        event.type !== 'PaymentNoticeDismissed' &&
        'version' in event.data &&
        !(event.data.version > payment.version)
      )
        violations.add('PAYMENT_BACKWARDS', `${about}: version ${event.data.version} after ${payment.version}`);
      if (event.data.paymentNo !== paymentNo || !isOfOrder(paymentNo, payment, event))
        violations.add('STREAM_MISNAMED', `${about} is of ${event.data.paymentNo}, order ${event.data.orderNo}`);
      if (event.type === 'PaymentNoticeRefused') {
        if (noticeDefect(payment, event.data) !== event.data.code)
          violations.add('AMOUNT_WRONG', `${about} is of ${event.data.amountFen} fen, and was refused for its amount`);
      } else if (event.type === 'PaymentRefundRequested' || event.type === 'PaymentRefunded') {
        const wrong = refundDefect(payment, event);
        if (wrong !== undefined) violations.add('AMOUNT_WRONG', `${about}: ${wrong}`);
      } else if (event.type === 'PaymentNoticeDismissed') {
        if (!payment.refused.some((one) => isSameNotice(one, event.data)))
          violations.add('PAYMENT_BACKWARDS', `${about}, which has refused no such notice`);
      } else if (
        event.type !== 'PaymentCreated' &&
        'amountFen' in event.data &&
        event.data.amountFen !== payment.amountFen
      )
        violations.add(
          'AMOUNT_WRONG',
          `${about} is of ${event.data.amountFen} fen, the payment of ${payment.amountFen}`,
        );
    }),
    findings: () => violations.list,
  };
};

const refundDefect = (
  payment: Payment,
  { type, data }: PaymentRefundRequested | PaymentRefunded,
): string | undefined => {
  const known = payment.refunds[data.refundNo];
  if (type === 'PaymentRefunded') {
    if (known === undefined || known.isDone) return `${data.refundNo} was not asked for, or is done`;
    return known.amountFen === data.amountFen ? undefined : `${data.amountFen} fen, ${known.amountFen} were asked for`;
  }
  if (known !== undefined) return `${data.refundNo} was asked for before`;
  const leftFen = payment.amountFen - askedBackFen(payment);
  return data.amountFen > 0 && data.amountFen <= leftFen
    ? undefined
    : `${data.amountFen} fen of ${leftFen} that are left`;
};

const isOfOrder = (paymentNo: string, payment: Payment, { data, type }: PaymentEvent): boolean =>
  type === 'PaymentCreated' || payment.orderNo === ''
    ? /^P[1-9]\d*$/.test(paymentNo.slice(data.orderNo.length)) && paymentNo.startsWith(data.orderNo)
    : data.orderNo === payment.orderNo;
