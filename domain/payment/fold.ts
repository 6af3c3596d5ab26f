import { type Currency, type Fen, sumFen } from '../kernel/money.ts';
import type { PaymentEvent, PaymentNoticeRefused } from './events.ts';

/** `REFUNDING`: a refund is on its way. `REFUNDED`: all money is back. In between, what is left of it is `SUCCEEDED`. */
export type PaymentStatus = 'ABSENT' | 'CREATED' | 'SUCCEEDED' | 'DECLINED' | 'CLOSED' | 'REFUNDING' | 'REFUNDED';

export type Payment = {
  readonly status: PaymentStatus;
  readonly paymentNo: string;
  readonly orderNo: string;
  readonly channel: string;
  readonly amountFen: Fen;
  readonly currency: Currency;
  /** The version of the newest notice received; 0 before the first. */
  readonly version: number;
  /** By number, in the order they were asked for. */
  readonly refunds: Readonly<Record<string, PaymentRefund>>;
  /** Notices that could not be right, each once. */
  readonly refused: readonly RefusedNotice[];
};

export type PaymentRefund = { readonly amountFen: Fen; readonly isDone: boolean };

export type RefusedNotice = Pick<PaymentNoticeRefused['data'], 'outcome' | 'version' | 'amountFen'> & {
  readonly dismissed?: true;
};

export const isSameNotice = (one: RefusedNotice, other: RefusedNotice): boolean =>
  one.version === other.version && one.outcome === other.outcome && one.amountFen === other.amountFen;

/**
 * May money still come by it, as far as is known? Then the gateway has to be asked how the payment ends. Not where the
 * gateway has said something that cannot be right: asking again would only repeat it, and somebody has to look.
 */
export const mayStillBePaid = ({ status, refused }: Payment): boolean =>
  (status === 'CREATED' || status === 'DECLINED') &&
  !refused.some(({ outcome, dismissed }) => outcome === 'paid' && dismissed !== true);

export const absentPayment: Payment = {
  status: 'ABSENT',
  paymentNo: '',
  orderNo: '',
  channel: '',
  amountFen: 0,
  currency: 'CNY',
  version: 0,
  refunds: {},
  refused: [],
};

const withRefund = (payment: Payment, refundNo: string, refund: PaymentRefund): Payment => {
  const refunds = { ...payment.refunds, [refundNo]: refund };
  const isOnItsWay = Object.values(refunds).some(({ isDone }) => !isDone);
  const next = { ...payment, refunds };
  if (isOnItsWay) return { ...next, status: 'REFUNDING' };
  return { ...next, status: askedBackFen(next) >= payment.amountFen ? 'REFUNDED' : 'SUCCEEDED' };
};

/** All that was ever asked back of a payment. */
export const askedBackFen = ({ refunds }: Pick<Payment, 'refunds'>): Fen =>
  sumFen(Object.values(refunds).map(({ amountFen }) => amountFen));

export const evolve = (payment: Payment, event: PaymentEvent): Payment => {
  switch (event.type) {
    case 'PaymentCreated':
      return { ...payment, status: 'CREATED', ...event.data };
    case 'PaymentSucceeded':
      return { ...payment, status: 'SUCCEEDED', version: event.data.version };
    case 'PaymentDeclined':
      return { ...payment, status: 'DECLINED', version: event.data.version };
    case 'PaymentClosed':
      return { ...payment, status: 'CLOSED' };
    case 'PaymentRefundRequested':
      return withRefund(payment, event.data.refundNo, { amountFen: event.data.amountFen, isDone: false });
    case 'PaymentRefunded':
      return withRefund(payment, event.data.refundNo, { amountFen: event.data.amountFen, isDone: true });
    case 'PaymentNoticeRefused':
      return { ...payment, refused: [...payment.refused, event.data] };
    case 'PaymentNoticeDismissed':
      return {
        ...payment,
        refused: payment.refused.map((one) => (isSameNotice(one, event.data) ? { ...one, dismissed: true } : one)),
      };
  }
};
