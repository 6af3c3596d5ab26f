// Creates a payment for a waiting order. While one is open, the same payment is returned again.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { Currency, Fen } from '@railhead/domain/kernel/money.ts';
import { decide } from '@railhead/domain/payment/decide.ts';
import type { Payment } from '@railhead/domain/payment/fold.ts';
import { paymentCategory, paymentNoOf } from '@railhead/domain/payment/stream.ts';
import { loadOrder } from '../orders/load-order.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore, Position } from '../ports/event-store.ts';
import { GatewayError, type GatewayPayment, type PaymentGateway } from '../ports/payment-gateway.ts';
import { transact } from '../streams/transact.ts';
import { hearGateway } from './hear-gateway.ts';

export type CreatePaymentDeps = {
  readonly store: EventStore;
  readonly gateway: PaymentGateway;
  readonly clock: Clock;
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

/** Attempts to pay one order, for payers whose card is declined. */
export const MAX_PAYMENTS = 10;

type PaymentRefusal = 'ORDER_NOT_FOUND' | 'ORDER_STATE' | 'TOO_MANY_PAYMENTS';

/** What is to be paid: an order, or the price of waiting for one. `status`: as it is told where it cannot be paid. */
export type Payable = {
  readonly status: string;
  readonly isDue: boolean;
  readonly amountFen: Fen;
  readonly currency: Currency;
  readonly payBefore: string | undefined;
};

/** Throws `GatewayError` if the gateway does not answer; calling it again continues. */
export const createPayment = async (
  deps: CreatePaymentDeps,
  command: CreatePayment,
): Promise<Result<CreatedPayment, PaymentRefusal>> => {
  const { orderNo, userId } = command;
  const { order } = await loadOrder(deps.store, orderNo);
  if (order.request?.userId !== userId) return refuse('ORDER_NOT_FOUND', `no order ${orderNo}`);
  const { status, amountFen, payBefore, request } = order;
  const payable = { status, isDue: status === 'WAIT_PAY', amountFen, currency: request.currency, payBefore };
  return payFor(deps, command, payable, () => createPayment(deps, command));
};

/** `again`: decides anew on what is to be paid. */
export const payFor = async (
  deps: CreatePaymentDeps,
  { orderNo, userId, channel, correlationId }: CreatePayment,
  { status, isDue, amountFen, currency, payBefore }: Payable,
  again: () => Promise<Result<CreatedPayment, PaymentRefusal>>,
): Promise<Result<CreatedPayment, PaymentRefusal>> => {
  const { store, gateway, clock } = deps;
  if (!isDue) return refuse('ORDER_STATE', `${orderNo} is ${status} and is not to be paid`, { orderStatus: status });
  // The time to pay is over, although the order process has not closed the order yet.
  if (payBefore !== undefined && Date.parse(payBefore) <= clock.now())
    return refuse('ORDER_STATE', `the time to pay ${orderNo} is over`, { orderStatus: status });
  for (let attempt = 1; attempt <= MAX_PAYMENTS; attempt += 1) {
    const paymentNo = paymentNoOf(orderNo, attempt);
    // Of all that makes it another payment: who begins one by another channel at the same moment has not begun this one.
    const commandId = `${paymentNo}/create/${channel}/${amountFen}`;
    const origin = { commandId, actor: userId, correlationId };
    const create = { type: 'Create', paymentNo, orderNo, channel, amountFen, currency } as const;
    const created = await transact({ store, clock }, paymentCategory, paymentNo, origin, (payment) =>
      decide(payment, create),
    );
    if (!created.ok) return refuse('ORDER_STATE', created.refusal.detail, { orderStatus: status });
    const { before, position } = created.value;
    if (before.status === 'SUCCEEDED')
      return refuse('ORDER_STATE', `order ${orderNo} has been paid`, { orderStatus: 'PAID' });
    // An open payment is returned again. After one that was declined, a new one is created.
    if (before.status !== 'ABSENT' && before.status !== 'CREATED') continue;
    if (before.status === 'CREATED' && before.channel !== channel) {
      if (await isPaidInstead(deps, before))
        return refuse('ORDER_STATE', `order ${orderNo} has been paid`, { orderStatus: 'PAID' });
      continue;
    }
    const payment = { paymentNo, orderNo, channel, amountFen, currency };
    try {
      const { payUrl } = await registered(gateway, payment);
      return accept({ paymentNo, amountFen, payUrl, position });
    } catch (error) {
      if (!(error instanceof GatewayError) || !error.isTaken) throw error;
      // Whoever closed it meanwhile had a reason: the next attempt looks at the order anew.
      if (await isEnded(deps, payment, error)) return again();
    }
  }
  return refuse('TOO_MANY_PAYMENTS', `order ${orderNo} has had ${MAX_PAYMENTS} payments declined`);
};

/** The payer has chosen another channel: the open payment is closed first, so that only one can be paid at a time. */
const isPaidInstead = async ({ gateway, ...deps }: CreatePaymentDeps, payment: Payment): Promise<boolean> => {
  const said = await gateway.close(payment);
  await hearGateway(deps, payment.paymentNo, said);
  return said.status === 'paid';
};

/**
 * The number of the payment is taken at the gateway. True: because it has ended, by another channel or with its order, and the
 * log has that now. False: because it is another payment's, of a log whose end was lost before a backup came back; nobody can
 * pay that one any more, and its money, if it came, is written down as a notice that was refused.
 */
const isEnded = async (
  { gateway, ...deps }: CreatePaymentDeps,
  payment: GatewayPayment,
  error: GatewayError,
): Promise<boolean> => {
  try {
    const asked = await gateway.query(payment);
    const said = asked.status === 'open' ? await gateway.close(payment) : asked;
    if (said.status === 'unknown') throw error;
    return await hearGateway(deps, payment.paymentNo, said);
  } catch (cause) {
    throw cause instanceof GatewayError ? error : cause;
  }
};

/** The payment is in the log by now, whatever the gateway says: who is told of a failure is told that, too. */
const registered = async (gateway: PaymentGateway, payment: GatewayPayment): Promise<{ readonly payUrl: string }> => {
  try {
    return await gateway.createPayment(payment);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const begun = `payment ${payment.paymentNo} has begun, and asking again goes on with it`;
    throw new GatewayError(error.code, `${error.message}; ${begun}`, { cause: error, isTaken: error.isTaken });
  }
};
