// Shows a place once: of an order that waits for its decision, or of somebody in the queue of a run.

import { isPlaceToken } from '@railhead/commands/queue/place-token.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { retryAfterSeconds, shownStanding } from '@railhead/http/run-queue-shapes.ts';
import { z } from 'zod';
import { type QueueReads, queueParams, queuePlaceOf, queuePlaceShape } from './queue-place.ts';
import { type RunPlaceReads, runPlaceOf, runPlaceShape, standingOfPlace } from './run-place.ts';

export type ShowPlaceReads = QueueReads & { readonly places: RunPlaceReads };

export const showQueuePlaceRoute = (reads: ShowPlaceReads): Route =>
  route({
    method: 'get',
    path: '/v1/queue/{token}',
    operationId: 'showQueuePlace',
    summary: 'The place of an order, or of somebody in the queue of a run',
    tag: 'queue',
    access: 'public',
    params: queueParams,
    responses: {
      200: {
        description:
          'By the token of an order: `position` is 0 once it has been decided. By the token of a run: `Retry-After` says when to ask again.',
        schema: z.union([queuePlaceShape, runPlaceShape]),
      },
    },
    problems: ['QUEUE_TOKEN_UNKNOWN'],
    handle: async ({ params: { token } }) => {
      if (!isPlaceToken(token)) return { status: 200, body: (await queuePlaceOf(reads, token)).place };
      const { clock } = reads.places;
      const standing = await standingOfPlace(reads.places, await runPlaceOf(reads.places, token));
      const again = retryAfterSeconds(clock, standing);
      const headers: Record<string, string> = again === undefined ? {} : { 'Retry-After': String(again) };
      return { status: 200, body: shownStanding(clock, standing), headers };
    },
  });
