// Creates the payment of an order; a repeated request returns the same payment.
import { type CreatePaymentDeps, createPayment } from '@railhead/commands/payments/create-payment.ts';
import { PAYMENT_CHANNELS } from '@railhead/commands/ports/payment-gateway.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { fenShape, orderNoShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';

export const createPaymentRoute = (deps: CreatePaymentDeps): Route =>
  route({
    method: 'post',
    path: '/v1/orders/{orderNo}/payments',
    operationId: 'createPayment',
    summary: 'Begin to pay an order',
    tag: 'payments',
    access: 'user',
    params: z.object({ orderNo: orderNoShape }),
    body: z.strictObject({ channel: z.enum(PAYMENT_CHANNELS) }),
    responses: {
      201: {
        description: 'The payer completes the payment at `payUrl`.',
        schema: z.object({ paymentNo: z.string(), amountFen: fenShape, payUrl: z.string() }),
      },
    },
    problems: ['ORDER_NOT_FOUND', 'ORDER_STATE', 'TOO_MANY_PAYMENTS', 'GATEWAY_UNAVAILABLE', 'GATEWAY_REFUSED'],
    handle: async ({ params: { orderNo }, body, caller, requestId }) => {
      const command = { orderNo, userId: caller.userId, channel: body.channel, correlationId: requestId };
      const created = await createPayment(deps, command);
      if (!created.ok) return { refused: created.refusal };
      const { paymentNo, amountFen, payUrl, position } = created.value;
      return { status: 201, body: { paymentNo, amountFen, payUrl }, headers: positionHeader(position) };
    },
  });
