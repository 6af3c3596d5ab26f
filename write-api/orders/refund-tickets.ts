// Gives tickets back.
import { type RefundDeps, refundTickets } from '@railhead/commands/orders/refund-tickets.ts';
import { idempotencyKeyOf } from '@railhead/http/idempotency-key.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { fenShape, itemNosShape, orderNoShape, refundShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';

export const refundTicketsRoute = (deps: RefundDeps): Route =>
  route({
    method: 'post',
    path: '/v1/orders/{orderNo}/refunds',
    operationId: 'refundTickets',
    summary: 'Give tickets back',
    tag: 'orders',
    access: 'user',
    params: z.object({ orderNo: orderNoShape }),
    body: z.strictObject({
      items: itemNosShape
        .optional()
        .meta({ description: 'The items whose tickets go back; without it, all that are left.' }),
      quotedFen: fenShape.optional().meta({
        description: 'The refund that was quoted: with another one nothing is done, and the answer is QUOTE_EXPIRED.',
      }),
    }),
    responses: {
      202: { description: 'The tickets are void; seats and money follow.', schema: refundShape },
    },
    problems: ['ORDER_NOT_FOUND', 'NOT_REFUNDABLE', 'QUOTE_EXPIRED', 'RUN_CANCELLED', 'CONTENDED'],
    handle: async ({ params: { orderNo }, body: { items, quotedFen }, caller, request, requestId }) => {
      const done = await refundTickets(deps, {
        orderNo,
        userId: caller.userId,
        idempotencyKey: idempotencyKeyOf(request),
        correlationId: requestId,
        ...(items === undefined ? {} : { itemNos: items }),
        ...(quotedFen === undefined ? {} : { quotedFen }),
      });
      if (!done.ok) return { refused: done.refusal };
      const { refund, position } = done.value;
      const { refundNo, feeFen, refundFen, isDone } = refund;
      const itemNos = refund.items.map(({ itemNo }) => itemNo);
      const body = { refundNo, items: itemNos, feeFen, refundFen, status: isDone ? 'DONE' : 'REQUESTED' } as const;
      return { status: 202, body, headers: positionHeader(position) };
    },
  });
