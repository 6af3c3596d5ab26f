// Sends the place as server-sent events until the order is decided.
import type { OrderWatch } from '@railhead/commands/orders/order-watch.ts';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { z } from 'zod';
import { type QueueReads, queueParams, queuePlaceOf } from './queue-place.ts';

export type WatchQueueDeps = QueueReads & { readonly watch: OrderWatch; readonly clock: Clock };

/** The longest time without an event, so that proxies keep the connection open. */
const HEARTBEAT_MS = 5_000;
/** Ends after this time; the client connects again (EventSource does so by itself). */
const LONGEST_WATCH_MS = 300_000;

export const watchQueuePlaceRoute = (deps: WatchQueueDeps): Route =>
  route({
    method: 'get',
    path: '/v1/queue/{token}/events',
    operationId: 'watchQueuePlace',
    summary: 'The place of an order as server-sent events, until it has been decided',
    tag: 'queue',
    access: 'public',
    params: queueParams,
    responses: {
      200: {
        description: 'Events `place` and, last, `decided`.',
        contentType: 'text/event-stream',
        schema: z.string(),
      },
    },
    problems: ['QUEUE_TOKEN_UNKNOWN'],
    handle: async ({ params: { token }, response }) => {
      let place = await queuePlaceOf(deps, token);
      const until = deps.clock.now() + LONGEST_WATCH_MS;
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      while (!response.closed && !response.writableEnded) {
        const decided = place.status !== 'QUEUED';
        response.write(`event: ${decided ? 'decided' : 'place'}\ndata: ${JSON.stringify(place)}\n\n`);
        if (decided || deps.watch.stopped || deps.clock.now() > until) break;
        const changed = await deps.watch.until(place.orderNo, HEARTBEAT_MS, async () => {
          const now = await queuePlaceOf(deps, token);
          return now.status !== 'QUEUED' || response.closed ? now : undefined;
        });
        place = changed ?? (await queuePlaceOf(deps, token));
      }
      response.end();
      return 'streamed';
    },
  });
