// Opens the queue of a run, pauses it, or begins one.
import { type QueueModeDeps, setQueueMode } from '@railhead/commands/queue/set-queue-mode.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { queueModeShape, runQueueShape } from '@railhead/http/run-queue-shapes.ts';
import { shownRunQueue } from '@railhead/http/run-queue-view.ts';
import { z } from 'zod';
import { operatorOf, runParams } from './operator-request.ts';

/** Faster than any process sells. */
const FASTEST = 100_000;

export const setQueueModeRoute = (deps: QueueModeDeps): Route =>
  route({
    method: 'post',
    path: '/v1/admin/runs/{train}/{date}/queue',
    operationId: 'setQueueMode',
    summary: 'Begin, slow down, pause or open the queue of a run',
    tag: 'admin',
    access: 'operator',
    params: runParams,
    body: z.strictObject({
      mode: queueModeShape,
      ratePerSecond: z
        .number()
        .min(0.01)
        .max(FASTEST)
        .optional()
        .meta({ description: 'At most so many are admitted; without it as many as the seats left allow.' }),
    }),
    responses: {
      200: {
        description: 'It holds from now on. Whoever waits in a queue that is opened is admitted.',
        schema: runQueueShape,
      },
    },
    problems: ['TRAIN_NOT_FOUND', 'QUEUE_CLOSED', 'CONTENDED'],
    handle: async ({ params, body, ...context }) => {
      const done = await setQueueMode(deps, { ...params, ...body, ...operatorOf(context) });
      if (!done.ok) return { refused: done.refusal };
      const { line, position } = done.value;
      return { status: 200, body: shownRunQueue(line, deps.clock), headers: positionHeader(position) };
    },
  });
