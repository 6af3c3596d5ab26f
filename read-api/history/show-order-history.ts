// The history of an order: its events and those of its payments, without personal data.
import { withoutPersonalData } from '@railhead/commands/orders/masking.ts';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { instantShape, orderNoShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';
import { type OrderReads, ownOrder } from '../orders/own-order.ts';

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

export const showOrderHistoryRoute = (reads: OrderReads): Route =>
  route({
    method: 'get',
    path: '/v1/orders/{orderNo}/history',
    operationId: 'showOrderHistory',
    summary: 'Everything that happened to an order and its payments, from the log',
    tag: 'orders',
    access: 'user',
    params: z.object({ orderNo: orderNoShape }),
    responses: { 200: { description: 'In the order of the log.', schema: historyShape } },
    problems: ['ORDER_NOT_FOUND', 'MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ params: { orderNo }, caller, request }) => {
      const order = await ownOrder(reads, orderNo, { caller, request });
      const streams = [
        orderCategory.stream(orderNo),
        ...order.payments.map(({ paymentNo }) => paymentCategory.stream(paymentNo)),
      ];
      const read = await Promise.all(streams.map((stream) => reads.store.readStream(stream)));
      const events = read.flat().sort((a, b) => a.position - b.position);
      return { status: 200, body: { events: events.map(historyEntry) } };
    },
  });

const historyEntry = ({ position, stream, type, meta, data }: RecordedEvent) => ({
  position,
  stream,
  type,
  at: meta.at,
  actor: meta.actor,
  data: withoutPersonalData(data),
});
