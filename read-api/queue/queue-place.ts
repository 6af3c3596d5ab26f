// An order's place in the queue, by its queue token.
import { loadOrder } from '@railhead/commands/orders/load-order.ts';
import { orderOfToken } from '@railhead/commands/orders/queue-token.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import type { OrderQueue } from '@railhead/http/order-queue.ts';
import { Problem } from '@railhead/http/problem.ts';
import { z } from 'zod';

export type QueueReads = { readonly store: EventStore; readonly queue: OrderQueue };

export const queueParams = z.object({ token: z.string().max(128) });
export const queuePlaceShape = z.object({
  orderNo: z.string(),
  status: z.string(),
  position: z.int(),
  etaSeconds: z.int(),
});

/** The place to show, and whose order it is. Throws `Problem` QUEUE_TOKEN_UNKNOWN. */
export const queuePlaceOf = async ({ store, queue }: QueueReads, token: string) => {
  const { tokenSecret, positionOf, etaSeconds } = queue;
  const orderNo = orderOfToken(token, tokenSecret);
  const order = orderNo === undefined ? undefined : (await loadOrder(store, orderNo)).order;
  if (orderNo === undefined || order === undefined || order.status === 'ABSENT')
    throw new Problem('QUEUE_TOKEN_UNKNOWN', 'no order waits under this token');
  const position = order.status === 'QUEUED' ? Math.max(1, positionOf(orderNo)) : 0;
  const place = { orderNo, status: order.status, position, etaSeconds: position === 0 ? 0 : etaSeconds(position) };
  return { place, userId: order.request?.userId ?? '' };
};
