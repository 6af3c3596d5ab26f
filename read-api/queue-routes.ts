// Where an order stands in the queue, asked once or watched as server-sent events.
import { loadOrder } from '@railhead/commands/orders/load-order.ts';
import type { OrderWatch } from '@railhead/commands/orders/order-watch.ts';
import { orderOfToken } from '@railhead/commands/orders/queue-token.ts';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import { Problem } from '@railhead/http/problem.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { z } from 'zod';

export type QueueRoutesDeps = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly watch: OrderWatch;
  readonly tokenSecret: string;
  readonly queuePosition: (orderNo: string) => number;
  readonly etaSeconds: (position: number) => number;
};

const queueShape = z.object({ orderNo: z.string(), status: z.string(), position: z.int(), etaSeconds: z.int() });
const params = z.object({ token: z.string().max(128) });

/** A watcher is told at least so often, so that proxies keep the connection. */
const HEARTBEAT_MS = 5_000;
/** Then the client comes back (EventSource does so by itself). */
const LONGEST_WATCH_MS = 300_000;

export const queueRoutes = (deps: QueueRoutesDeps): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/queue/{token}',
    operationId: 'showQueuePlace',
    summary: 'The place of an order in its queue',
    tag: 'queue',
    access: 'public',
    params,
    responses: { 200: { about: '`position` is 0 once the order has been decided.', schema: queueShape } },
    problems: ['QUEUE_TOKEN_UNKNOWN'],
    handle: async ({ params: { token } }) => ({ status: 200, body: await placeOf(deps, token) }),
  }),
  route({
    method: 'get',
    path: '/v1/queue/{token}/events',
    operationId: 'watchQueuePlace',
    summary: 'The place of an order as server-sent events, until it has been decided',
    tag: 'queue',
    access: 'public',
    params,
    responses: {
      200: { about: 'Events `place` and, last, `decided`.', contentType: 'text/event-stream', schema: z.string() },
    },
    problems: ['QUEUE_TOKEN_UNKNOWN'],
    handle: async ({ params: { token }, response }) => {
      let place = await placeOf(deps, token);
      const until = deps.clock.now() + LONGEST_WATCH_MS;
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      while (!response.closed && !response.writableEnded) {
        const decided = place.status !== 'QUEUED';
        response.write(`event: ${decided ? 'decided' : 'place'}\ndata: ${JSON.stringify(place)}\n\n`);
        if (decided || deps.watch.stopped || deps.clock.now() > until) break;
        const changed = await deps.watch.until(place.orderNo, HEARTBEAT_MS, async () => {
          const now = await placeOf(deps, token);
          return now.status !== 'QUEUED' || response.closed ? now : undefined;
        });
        place = changed ?? (await placeOf(deps, token));
      }
      response.end();
      return 'streamed';
    },
  }),
];

const placeOf = async ({ store, tokenSecret, queuePosition, etaSeconds }: QueueRoutesDeps, token: string) => {
  const orderNo = orderOfToken(token, tokenSecret);
  const order = orderNo === undefined ? undefined : (await loadOrder(store, orderNo)).order;
  if (orderNo === undefined || order === undefined || order.status === 'ABSENT')
    throw new Problem('QUEUE_TOKEN_UNKNOWN', 'no order waits under this token');
  const position = order.status === 'QUEUED' ? Math.max(1, queuePosition(orderNo)) : 0;
  return { orderNo, status: order.status, position, etaSeconds: position === 0 ? 0 : etaSeconds(position) };
};
