// Joins the queue of a run, or its waiting room before the sale opens.

import { timestampOf } from '@railhead/commands/ports/clock.ts';
import { type JoinQueueDeps, joinQueue } from '@railhead/commands/queue/join-queue.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { queueStandingFields, retryAfterSeconds, shownStanding } from '@railhead/http/run-queue-shapes.ts';
import { dateShape, trainShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';

export const joinQueueRoute = (deps: JoinQueueDeps): Route =>
  route({
    method: 'post',
    path: '/v1/queue',
    operationId: 'joinQueue',
    summary: 'Join the queue of a run, or its waiting room before the sale opens; who has a place keeps it',
    tag: 'queue',
    access: 'user',
    body: z.strictObject({ train: trainShape, date: dateShape }),
    responses: {
      201: {
        description: 'The token goes into `Queue-Token` of the order. On a run without a queue everybody is admitted.',
        schema: z.object({ queueToken: z.string(), ...queueStandingFields }),
      },
    },
    problems: [
      'TRAIN_NOT_FOUND',
      'DATE_OUTSIDE_SALE',
      'RUN_CANCELLED',
      'SALE_CLOSED',
      'QUEUE_CLOSED',
      'QUEUE_FULL',
      'CONTENDED',
    ],
    handle: async ({ body, caller }) => {
      const joined = await joinQueue(deps, { ...body, userId: caller.userId });
      if (!joined.ok) return { refused: joined.refusal };
      const { queueToken, standing, opensMs, position } = joined.value;
      const opening = opensMs === undefined ? {} : { opensAt: timestampOf(deps.clock, opensMs) };
      const again = retryAfterSeconds(deps.clock, standing);
      const headers: Record<string, string> = { ...positionHeader(position), Location: `/v1/queue/${queueToken}` };
      if (again !== undefined) headers['Retry-After'] = String(again);
      return { status: 201, body: { queueToken, ...shownStanding(deps.clock, standing), ...opening }, headers };
    },
  });
