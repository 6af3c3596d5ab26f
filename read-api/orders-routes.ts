// Orders as their owners see them, and the history of each: its events.
import { maskPassenger } from '@railhead/commands/orders/masking.ts';
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import type { EventStore, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { OrderRequested } from '@railhead/domain/order/events.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { Problem } from '@railhead/http/problem.ts';
import { type Caller, type Route, route } from '@railhead/http/route.ts';
import { instantShape, orderNoShape, orderShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';
import { awaitPosition, type ReadContext } from './read-models.ts';

const MAX_ORDERS = 100;
/** How long an order that is not there may still come. */
const PATIENCE_MS = 1_000;

const historyShape = z.object({
  events: z.array(
    z.object({
      position: z.int(),
      stream: z.string(),
      type: z.string(),
      at: instantShape,
      actor: z.string(),
      data: z.unknown(),
    }),
  ),
});

export const ordersRoutes = (context: ReadContext, store: EventStore): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/orders/{orderNo}',
    operationId: 'showOrder',
    summary: 'An order with its seats, tickets and payments',
    tag: 'orders',
    access: 'user',
    params: z.object({ orderNo: orderNoShape }),
    responses: { 200: { about: 'The order.', schema: orderShape } },
    problems: ['ORDER_NOT_FOUND', 'MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ params: { orderNo }, caller, request }) => {
      await awaitPosition(request, context.models.orders.gate);
      return { status: 200, body: shown(await ownOrder(context, store, orderNo, caller)) };
    },
  }),
  route({
    method: 'get',
    path: '/v1/orders',
    operationId: 'listOrders',
    summary: 'Your orders, newest first',
    tag: 'orders',
    access: 'user',
    query: z.object({
      status: z.string().max(16).optional(),
      cursor: z.coerce.number().int().min(1).optional(),
      limit: z.coerce.number().int().min(1).max(MAX_ORDERS).default(20),
    }),
    responses: {
      200: {
        about: 'A page; `nextCursor` is there if more follow.',
        schema: z.object({ orders: z.array(orderShape), nextCursor: z.int().optional() }),
      },
    },
    problems: ['MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ query, caller, request }) => {
      const { queries, gate } = context.models.orders;
      await awaitPosition(request, gate);
      const { orders, nextCursor } = await queries.byUser(caller.userId, query);
      const more = nextCursor === undefined ? {} : { nextCursor };
      return { status: 200, body: { orders: orders.map(shown), ...more } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/orders/{orderNo}/history',
    operationId: 'showOrderHistory',
    summary: 'Everything that happened to an order and its payments, from the log',
    tag: 'orders',
    access: 'user',
    params: z.object({ orderNo: orderNoShape }),
    responses: { 200: { about: 'In the order of the log.', schema: historyShape } },
    problems: ['ORDER_NOT_FOUND', 'MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ params: { orderNo }, caller, request }) => {
      await awaitPosition(request, context.models.orders.gate);
      const order = await ownOrder(context, store, orderNo, caller);
      const streams = [
        orderCategory.stream(orderNo),
        ...order.payments.map(({ paymentNo }) => paymentCategory.stream(paymentNo)),
      ];
      const read = await Promise.all(streams.map((stream) => store.readStream(stream)));
      const events = read.flat().sort((a, b) => a.position - b.position);
      return { status: 200, body: { events: events.map(historyEntry) } };
    },
  }),
];

const STAFF = ['admin', 'operator'];

/** Another user's order is as absent as one that never was. */
const ownOrder = async (
  { models: { orders } }: ReadContext,
  store: EventStore,
  orderNo: string,
  { userId, role }: Caller,
): Promise<OrderView> => {
  let order = await orders.queries.byNumber(orderNo);
  if (order === undefined) {
    // It may have been asked for a moment ago, by who names no position: only what the log lacks is not there.
    await orders.gate.waitFor(await store.lastPosition(), PATIENCE_MS);
    order = await orders.queries.byNumber(orderNo);
  }
  if (order === undefined || (order.userId !== userId && !STAFF.includes(role)))
    throw new Problem('ORDER_NOT_FOUND', `no order ${orderNo}`);
  return order;
};

const shown = ({ userId: _, ...order }: OrderView) => order;

const historyEntry = ({ position, stream, type, meta, data }: RecordedEvent) => ({
  position,
  stream,
  type,
  at: meta.at,
  actor: meta.actor,
  data: type === 'OrderRequested' ? withoutPersonalData(data) : data,
});

const withoutPersonalData = (data: unknown): unknown => {
  // Only OrderRequested comes here.
  const requested = data as OrderRequested['data'];
  const { request } = requested;
  return { ...requested, request: { ...request, passengers: request.passengers.map(maskPassenger) } };
};
