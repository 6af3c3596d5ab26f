// The queue of a run, for operators.
import type { QueueModeDeps } from '@railhead/commands/queue/set-queue-mode.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { runQueueShape } from '@railhead/http/run-queue-shapes.ts';
import { shownRunQueue } from '@railhead/http/run-queue-view.ts';
import { dateShape, trainShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';

export const showRunQueueRoute = ({ runs, queues, clock }: Pick<QueueModeDeps, 'runs' | 'queues' | 'clock'>): Route =>
  route({
    method: 'get',
    path: '/v1/admin/runs/{train}/{date}/queue',
    operationId: 'showRunQueue',
    summary: 'The queue of a run: its mode, who waits, how fast they are admitted',
    tag: 'admin',
    access: 'operator',
    params: z.object({ train: trainShape, date: dateShape }),
    responses: { 200: { description: 'As it is now.', schema: runQueueShape } },
    problems: ['TRAIN_NOT_FOUND'],
    handle: async ({ params: { train, date } }) => {
      if ((await runs.find(train, date)) === undefined)
        return { refused: { code: 'TRAIN_NOT_FOUND', detail: `${train} does not run on ${date}` } };
      const line = await queues.line({ train, date });
      await line.refresh();
      return { status: 200, body: shownRunQueue(line, clock) };
    },
  });
