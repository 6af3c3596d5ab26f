// Shows one order.
import { type Route, route } from '@railhead/http/route.ts';
import { orderNoShape, orderShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';
import { type ActionDeps, actionsOf } from './order-actions.ts';
import { type OrderReads, ownOrder, shown } from './own-order.ts';

export const showOrderRoute = (reads: OrderReads & ActionDeps): Route =>
  route({
    method: 'get',
    path: '/v1/orders/{orderNo}',
    operationId: 'showOrder',
    summary: 'An order with its seats, tickets and payments',
    tag: 'orders',
    access: 'user',
    params: z.object({ orderNo: orderNoShape }),
    responses: { 200: { description: 'The order.', schema: orderShape } },
    problems: ['ORDER_NOT_FOUND', 'MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ params: { orderNo }, caller, request }) => {
      const order = await ownOrder(reads, orderNo, { caller, request });
      return { status: 200, body: { ...shown(order), actions: await actionsOf(reads, order) } };
    },
  });
