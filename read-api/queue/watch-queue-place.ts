// Sends a place as server-sent events, until the order is decided or nobody waits under the token any more.
import type { ServerResponse } from 'node:http';
import type { OrderWatch } from '@railhead/commands/orders/order-watch.ts';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import { isPlaceToken } from '@railhead/commands/queue/place-token.ts';
import { clientGone } from '@railhead/http/client-gone.ts';
import { Problem } from '@railhead/http/problem.ts';
import { type Route, route } from '@railhead/http/route.ts';
import type { NoPlace, WaitingRequests } from '@railhead/http/waiting-requests.ts';
import { z } from 'zod';
import type { PlaceStreams } from './place-streams.ts';
import { queueParams, queuePlaceOf } from './queue-place.ts';
import { runPlaceOf } from './run-place.ts';
import type { ShowPlaceReads } from './show-queue-place.ts';

export type WatchQueueDeps = ShowPlaceReads & {
  readonly streams: PlaceStreams;
  readonly watch: OrderWatch;
  readonly clock: Clock;
  readonly waiting: WaitingRequests;
};

/** The longest time without an event, so that proxies keep the connection open. */
const HEARTBEAT_MS = 5_000;
/** When a client for whom there was no room may ask for a stream again. */
const TRY_AGAIN_SECONDS = 5;
/** Ends after this time; the client connects again (EventSource does so by itself). */
const LONGEST_WATCH_MS = 300_000;

export const watchQueuePlaceRoute = (deps: WatchQueueDeps): Route =>
  route({
    method: 'get',
    path: '/v1/queue/{token}/events',
    operationId: 'watchQueuePlace',
    summary: 'A place as server-sent events, until the order has been decided or the place is good for nothing',
    tag: 'queue',
    access: 'public',
    params: queueParams,
    responses: {
      200: {
        description: 'Events `place` and, last, `decided` of an order, `closed` of a place in the queue of a run.',
        contentType: 'text/event-stream',
        schema: z.string(),
      },
    },
    problems: ['QUEUE_TOKEN_UNKNOWN'],
    handle: async ({ params: { token }, response }) => {
      if (isPlaceToken(token)) {
        const found = await runPlaceOf(deps.places, token);
        if (deps.streams.isFull) throw noRoom('all');
        await deps.streams.watch(found, response);
        return 'streamed';
      }
      const { place, userId } = await queuePlaceOf(deps, token);
      const slot = deps.waiting.take(userId);
      if (typeof slot !== 'function') throw noRoom(slot);
      try {
        await stream(deps, token, place, response);
      } finally {
        slot();
      }
      return 'streamed';
    },
  });

type Place = Awaited<ReturnType<typeof queuePlaceOf>>['place'];

const stream = async (deps: WatchQueueDeps, token: string, first: Place, response: ServerResponse): Promise<void> => {
  const until = deps.clock.now() + LONGEST_WATCH_MS;
  const gone = clientGone(response);
  let place = first;
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  while (!gone.aborted && !response.writableEnded) {
    const decided = place.status !== 'QUEUED';
    response.write(`event: ${decided ? 'decided' : 'place'}\ndata: ${JSON.stringify(place)}\n\n`);
    if (decided || deps.watch.stopped || deps.clock.now() > until) break;
    const probe = async () => {
      const now = (await queuePlaceOf(deps, token)).place;
      return now.status === 'QUEUED' ? undefined : now;
    };
    const changed = await deps.watch.until(place.orderNo, HEARTBEAT_MS, probe, { gone });
    if (!gone.aborted) place = changed ?? (await queuePlaceOf(deps, token)).place;
  }
  response.end();
};

const noRoom = (whose: NoPlace): Problem => {
  const later = { 'Retry-After': String(TRY_AGAIN_SECONDS) };
  return whose === 'account'
    ? new Problem('RATE_LIMITED', 'this account has as many streams open as it may', { policy: 'waiting' }, later)
    : new Problem('OVERLOADED', 'as many requests wait as may; ask for the place without a stream', {}, later);
};
