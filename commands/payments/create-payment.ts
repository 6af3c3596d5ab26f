// Begins a payment of a waiting order. Asked again while one is open, the same payment comes back.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { Fen } from '@railhead/domain/kernel/money.ts';
import { absentPayment } from '@railhead/domain/payment/fold.ts';
import { paymentNoOf } from '@railhead/domain/payment/stream.ts';
import { paymentAppend } from '../order-process/order-writer.ts';
import { loadOrder } from '../orders/load-order.ts';
import { type Clock, timestamp } from '../ports/clock.ts';
import type { EventStore, Position } from '../ports/event-store.ts';
import type { PaymentGateway } from '../ports/payment-gateway.ts';
import { loadPayment } from './load-payment.ts';

export type CreatePaymentDeps = {
  readonly store: EventStore;
  readonly gateway: PaymentGateway;
  readonly clock: Clock;
  readonly utcOffsetMinutes: number;
};

export type CreatePayment = {
  readonly orderNo: string;
  readonly userId: string;
  readonly channel: string;
  readonly correlationId: string;
};

export type CreatedPayment = {
  readonly paymentNo: string;
  readonly amountFen: Fen;
  readonly payUrl: string;
  readonly position: Position;
};

/** A payer whose card is declined may try again, so often. */
const MAX_PAYMENTS = 10;

/** Throws `GatewayError` where the gateway does not answer; asking again continues. */
export const createPayment = async (
  { store, gateway, clock, utcOffsetMinutes }: CreatePaymentDeps,
  { orderNo, userId, channel, correlationId }: CreatePayment,
): Promise<Result<CreatedPayment, 'ORDER_NOT_FOUND' | 'ORDER_STATE' | 'TOO_MANY_PAYMENTS'>> => {
  const { order } = await loadOrder(store, orderNo);
  if (order.request?.userId !== userId) return refuse('ORDER_NOT_FOUND', `no order ${orderNo}`);
  if (order.status !== 'WAIT_PAY')
    return refuse('ORDER_STATE', `order ${orderNo} is ${order.status}, not WAIT_PAY`, { status: order.status });
  const { amountFen } = order;
  const { currency } = order.request;
  for (let attempt = 1; attempt <= MAX_PAYMENTS; attempt += 1) {
    const paymentNo = paymentNoOf(orderNo, attempt);
    const known = await loadPayment(store, paymentNo);
    let position = 0;
    if (known.payment.status === 'ABSENT') {
      const at = timestamp(clock.now(), utcOffsetMinutes);
      const commandId = `${paymentNo}/create`;
      const meta = { commandId, correlationId, causationId: correlationId, actor: userId, at };
      const payment = { payment: { ...absentPayment, paymentNo }, revision: -1 };
      const append = paymentAppend(payment, { type: 'Create', paymentNo, orderNo, channel, amountFen, currency }, meta);
      const [result] = append === undefined ? [] : await store.append([append]);
      // Begun twice at once: the other request wrote it, and it is the same payment.
      position = result?.ok === true ? result.position : 0;
    } else if (known.payment.status === 'SUCCEEDED')
      return refuse('ORDER_STATE', `order ${orderNo} has been paid`, { status: 'PAID' });
    else if (known.payment.status !== 'CREATED') continue;
    const { payUrl } = await gateway.createPayment({ paymentNo, orderNo, amountFen, currency });
    return accept({ paymentNo, amountFen, payUrl, position });
  }
  return refuse('TOO_MANY_PAYMENTS', `order ${orderNo} has had ${MAX_PAYMENTS} payments declined`);
};
