// Lists the caller's own orders.
import { type Route, route } from '@railhead/http/route.ts';
import { orderShape, visibleText } from '@railhead/http/shapes.ts';
import { z } from 'zod';
import { limitShape, wholeNumber } from '../limit-shape.ts';
import { askModel } from '../read-models.ts';
import { type OrderReads, shown } from './own-order.ts';

const MAX_ORDERS = 100;

export const listOrdersRoute = (reads: OrderReads): Route =>
  route({
    method: 'get',
    path: '/v1/orders',
    operationId: 'listOrders',
    summary: 'Your orders, newest first',
    tag: 'orders',
    access: 'user',
    query: z.strictObject({
      status: visibleText(16).optional(),
      cursor: wholeNumber.min(1).optional(),
      limit: limitShape(MAX_ORDERS, 20),
    }),
    responses: {
      200: {
        description: 'A page; `nextCursor` is there if more follow.',
        schema: z.object({ orders: z.array(orderShape), nextCursor: z.int().optional() }),
      },
    },
    problems: ['MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ query, caller, request }) => {
      const { orders, nextCursor } = await askModel(request, reads.models.orders.ofUser(caller.userId), (queries) =>
        queries.byUser(caller.userId, query),
      );
      const more = nextCursor === undefined ? {} : { nextCursor };
      return { status: 200, body: { orders: orders.map(shown), ...more } };
    },
  });
