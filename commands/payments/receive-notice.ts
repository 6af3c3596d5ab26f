// Hears what the gateway says of a payment. The signature was verified before; the rest is decided by the payment.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { Fen } from '@railhead/domain/kernel/money.ts';
import { decide } from '@railhead/domain/payment/decide.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { appendOf } from '../order-process/order-writer.ts';
import { type Clock, timestamp } from '../ports/clock.ts';
import type { EventStore, Position } from '../ports/event-store.ts';
import { loadPayment } from './load-payment.ts';

export type NoticeDeps = { readonly store: EventStore; readonly clock: Clock; readonly utcOffsetMinutes: number };

/** `version` grows with each notice of a payment; `gatewayRef` is the gateway's own number for it. */
export type PaymentNotice = {
  readonly paymentNo: string;
  readonly outcome: 'paid' | 'declined';
  readonly version: number;
  readonly amountFen: Fen;
  readonly gatewayRef: string;
};

const MAX_ATTEMPTS = 5;

/** A repeated or outdated notice is accepted and changes nothing. */
export const receiveNotice = async (
  { store, clock, utcOffsetMinutes }: NoticeDeps,
  notice: PaymentNotice,
): Promise<
  Result<
    { readonly position: Position; readonly changed: boolean },
    'PAYMENT_UNKNOWN' | 'AMOUNT_MISMATCH' | 'PAYMENT_STATE'
  >
> => {
  const { paymentNo, version } = notice;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const { payment, revision } = await loadPayment(store, paymentNo);
    const decision = decide(payment, { type: 'Notify', ...notice });
    if (!decision.ok) return decision;
    if (decision.value.length === 0) return accept({ position: 0, changed: false });
    const commandId = `${paymentNo}/notice/${version}`;
    const at = timestamp(clock.now(), utcOffsetMinutes);
    const meta = { commandId, correlationId: payment.orderNo, causationId: commandId, actor: 'gateway', at };
    const [result] = await store.append([appendOf(paymentCategory.stream(paymentNo), revision, decision.value, meta)]);
    if (result?.ok === true) return accept({ position: result.position, changed: !result.repeated });
  }
  return refuse('PAYMENT_STATE', `payment ${paymentNo} keeps changing; send the notice again`);
};
