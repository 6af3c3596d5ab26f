// Creates the payment of a waitlist request; a repeated request returns the same payment.
import { PAYMENT_CHANNELS } from '@railhead/commands/ports/payment-gateway.ts';
import { type PrepayDeps, prepayWaitlist } from '@railhead/commands/waitlist/prepay-waitlist.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { fenShape, orderNoShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';

export const prepayWaitlistRoute = (deps: PrepayDeps): Route =>
  route({
    method: 'post',
    path: '/v1/waitlist/{waitlistNo}/payments',
    operationId: 'prepayWaitlist',
    summary: 'Begin to prepay a waitlist request',
    tag: 'waitlist',
    access: 'user',
    params: z.object({ waitlistNo: orderNoShape }),
    body: z.strictObject({ channel: z.enum(PAYMENT_CHANNELS) }),
    responses: {
      201: {
        description: 'The payer completes the payment at `payUrl`.',
        schema: z.object({ paymentNo: z.string(), amountFen: fenShape, payUrl: z.string() }),
      },
    },
    problems: ['WAITLIST_NOT_FOUND', 'WAITLIST_STATE', 'TOO_MANY_PAYMENTS', 'GATEWAY_UNAVAILABLE', 'GATEWAY_REFUSED'],
    handle: async ({ params: { waitlistNo }, body: { channel }, caller, requestId }) => {
      const command = { waitlistNo, userId: caller.userId, channel, correlationId: requestId };
      const created = await prepayWaitlist(deps, command);
      if (!created.ok) return { refused: created.refusal };
      const { paymentNo, amountFen, payUrl, position } = created.value;
      return { status: 201, body: { paymentNo, amountFen, payUrl }, headers: positionHeader(position) };
    },
  });
