// Cancels an order that is not paid.
import { type CancelOrderDeps, cancelOrder } from '@railhead/commands/orders/cancel-order.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { orderNoShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';

export const cancelOrderRoute = (deps: CancelOrderDeps): Route =>
  route({
    method: 'post',
    path: '/v1/orders/{orderNo}/cancel',
    operationId: 'cancelOrder',
    summary: 'Give up an order that is not paid',
    tag: 'orders',
    access: 'user',
    params: z.object({ orderNo: orderNoShape }),
    responses: {
      200: {
        description: 'Cancelled; its seats go back on sale.',
        schema: z.object({ orderNo: z.string(), status: z.string() }),
      },
    },
    problems: ['ORDER_NOT_FOUND', 'ORDER_STATE'],
    handle: async ({ params: { orderNo }, caller, requestId }) => {
      const command = { orderNo, userId: caller.userId, correlationId: requestId };
      const cancelled = await cancelOrder(deps, command);
      if (!cancelled.ok) return { refused: cancelled.refusal };
      return { status: 200, body: { orderNo, status: 'CLOSED' }, headers: positionHeader(cancelled.value.position) };
    },
  });
