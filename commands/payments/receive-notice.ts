// Receives the gateway's notice of a payment. Its signature has been verified; the payment decides the rest.
import { type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { Fen } from '@railhead/domain/kernel/money.ts';
import { decide, noticeDefect } from '@railhead/domain/payment/decide.ts';
import type { Payment } from '@railhead/domain/payment/fold.ts';
import { orderNoOfPayment, paymentCategory } from '@railhead/domain/payment/stream.ts';
import { type TransactDeps, type Transacted, transact } from '../streams/transact.ts';

/** `version` grows with each notice of a payment; `gatewayRef` is the gateway's own number for it. */
export type PaymentNotice = {
  readonly paymentNo: string;
  readonly outcome: 'paid' | 'declined';
  readonly version: number;
  readonly amountFen: Fen;
  readonly gatewayRef: string;
};

/**
 * A repeated or outdated notice is accepted and changes nothing. One of another amount is refused, and written down as
 * refused: money may have come that nobody asked for.
 */
export const receiveNotice = async (
  deps: TransactDeps,
  notice: PaymentNotice,
  /** The channel whose gateway has signed it; payments of others are none of its business. */
  channel?: string,
): Promise<Result<Transacted<Payment>, 'PAYMENT_UNKNOWN' | 'AMOUNT_MISMATCH' | 'PAYMENT_STATE'>> => {
  const { paymentNo, version, outcome, amountFen } = notice;
  // Of all that makes it another notice: a refused one must not pass for the right one of the same version.
  const commandId = `${paymentNo}/notice/${version}/${outcome}/${amountFen}`;
  const origin = {
    commandId,
    actor: 'gateway',
    correlationId: orderNoOfPayment(paymentNo),
    causationId: commandId,
  };
  const heard = await transact(deps, paymentCategory, paymentNo, origin, (payment) =>
    channel !== undefined && payment.channel !== channel
      ? refuse('PAYMENT_UNKNOWN', `the channel ${channel} has no payment ${paymentNo}`)
      : decide(payment, { type: 'Notify', ...notice }),
  );
  if (heard.ok) {
    const { before } = heard.value;
    const defect = noticeDefect(before, notice);
    if (defect === undefined) return heard;
    return refuse(defect, `${amountFen} fen reported, ${before.amountFen} fen asked for`);
  }
  const { code, detail, extra } = heard.refusal;
  return refuse(code === 'PAYMENT_UNKNOWN' ? code : 'PAYMENT_STATE', detail, extra);
};
