// Decides one attempt to pay. Notices may arrive twice, late and out of order. Each refund goes out once, and all of them
// together are never more than was paid.
import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import type { Currency, Fen } from '../kernel/money.ts';
import type { PaymentEvent } from './events.ts';
import { askedBackFen, isSameNotice, type Payment } from './fold.ts';

export type PaymentCommand =
  | {
      readonly type: 'Create';
      readonly paymentNo: string;
      readonly orderNo: string;
      readonly channel: string;
      readonly amountFen: Fen;
      readonly currency: Currency;
    }
  | {
      readonly type: 'Notify';
      readonly outcome: 'paid' | 'declined';
      readonly version: number;
      readonly amountFen: Fen;
      readonly gatewayRef: string;
    }
  /** The gateway says that it has closed the payment unpaid. */
  | { readonly type: 'Close' }
  | {
      readonly type: 'DismissNotice';
      readonly outcome: 'paid' | 'declined';
      readonly version: number;
      readonly amountFen: Fen;
      readonly reason: string;
    }
  | { readonly type: 'RequestRefund'; readonly refundNo: string; readonly amountFen: Fen; readonly reason: string }
  | { readonly type: 'ConfirmRefund'; readonly refundNo: string; readonly gatewayRef: string };

export type PaymentRefusal = 'PAYMENT_UNKNOWN' | 'PAYMENT_STATE' | 'NOTICE_UNKNOWN';

type Notify = Extract<PaymentCommand, { readonly type: 'Notify' }>;

/** What keeps a notice from being believed, however new it is. */
export const noticeDefect = (
  { status, amountFen }: Payment,
  notice: Pick<Notify, 'amountFen'>,
): 'AMOUNT_MISMATCH' | undefined =>
  status !== 'ABSENT' && notice.amountFen !== amountFen ? 'AMOUNT_MISMATCH' : undefined;

/** A gateway out of its mind is written down so often, for each payment. */
export const MAX_REFUSED_NOTICES = 20;

/** Written once, however often it is sent; it changes nothing of the payment. */
const refused = (payment: Payment, notice: Notify): Decision<PaymentEvent, never> => {
  const { paymentNo, orderNo } = payment;
  const { version, outcome, amountFen, gatewayRef } = notice;
  const isKnown = payment.refused.some((known) => isSameNotice(known, notice));
  if (isKnown || payment.refused.length >= MAX_REFUSED_NOTICES) return unchanged;
  const data = { paymentNo, orderNo, code: 'AMOUNT_MISMATCH', outcome, version, amountFen, gatewayRef } as const;
  return emit({ type: 'PaymentNoticeRefused', version: 1, data });
};

export const decide = (payment: Payment, command: PaymentCommand): Decision<PaymentEvent, PaymentRefusal> => {
  const { paymentNo, orderNo, amountFen, status } = payment;
  if (command.type === 'Create') {
    if (status !== 'ABSENT') return unchanged;
    const { type: _, ...data } = command;
    return emit({ type: 'PaymentCreated', version: 1, data });
  }
  if (status === 'ABSENT') return refuse('PAYMENT_UNKNOWN', 'no such payment');
  switch (command.type) {
    case 'Notify': {
      const { version, outcome, gatewayRef } = command;
      if (noticeDefect(payment, command) !== undefined) return refused(payment, command);
      if (version <= payment.version) return unchanged;
      if (outcome === 'declined')
        // A repeated decline with a higher version is written too, so that notices between the two count as outdated.
        return status === 'CREATED' || status === 'DECLINED'
          ? emit({ type: 'PaymentDeclined', version: 1, data: { paymentNo, orderNo, version } })
          : unchanged;
      // Even a payment that the gateway had closed: money that came is written down, whatever was promised.
      if (status !== 'CREATED' && status !== 'DECLINED' && status !== 'CLOSED') return unchanged;
      return emit({
        type: 'PaymentSucceeded',
        version: 1,
        data: { paymentNo, orderNo, amountFen, version, gatewayRef },
      });
    }
    case 'Close':
      return status === 'CREATED' || status === 'DECLINED'
        ? emit({ type: 'PaymentClosed', version: 1, data: { paymentNo, orderNo } })
        : unchanged;
    case 'DismissNotice': {
      const { type: _, ...notice } = command;
      const known = payment.refused.find((one) => isSameNotice(one, notice));
      if (known === undefined) return refuse('NOTICE_UNKNOWN', `payment ${paymentNo} has refused no such notice`);
      if (known.dismissed === true) return unchanged;
      const { outcome, version, reason } = notice;
      return emit({
        type: 'PaymentNoticeDismissed',
        version: 1,
        data: { paymentNo, orderNo, outcome, version, amountFen: notice.amountFen, reason },
      });
    }
    case 'RequestRefund': {
      const { refundNo, reason } = command;
      if (payment.refunds[refundNo] !== undefined) return unchanged;
      if (status !== 'SUCCEEDED' && status !== 'REFUNDING')
        return refuse('PAYMENT_STATE', `payment ${paymentNo} is ${status}`);
      const leftFen = amountFen - askedBackFen(payment);
      if (!(command.amountFen > 0 && command.amountFen <= leftFen))
        return refuse('PAYMENT_STATE', `${command.amountFen} fen of ${paymentNo}, of which ${leftFen} are left`);
      return emit({
        type: 'PaymentRefundRequested',
        version: 2,
        data: { paymentNo, orderNo, refundNo, amountFen: command.amountFen, reason },
      });
    }
    case 'ConfirmRefund': {
      const { refundNo, gatewayRef } = command;
      const refund = payment.refunds[refundNo];
      if (refund === undefined) return refuse('PAYMENT_STATE', `${refundNo} was never asked for`);
      if (refund.isDone) return unchanged;
      return emit({
        type: 'PaymentRefunded',
        version: 2,
        data: { paymentNo, orderNo, refundNo, amountFen: refund.amountFen, gatewayRef },
      });
    }
  }
};
