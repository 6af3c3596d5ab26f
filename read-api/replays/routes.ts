// The read models with their generations: which is read, which is built beside it, and how far.
import {
  modelNameShape,
  planShape,
  type ReplayedState,
  type ReplayPlan,
  replayedShape,
  workersShape,
} from '@railhead/http/replay-shapes.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { z } from 'zod';

export type ReplayReads = {
  /** `sizes`: with rows and bytes, which have to be counted. */
  states(sizes: boolean): Promise<readonly ReplayedState[]>;
  unknown(model: string): string;
  /** By so many workers. Undefined: there is no such model. */
  plan(model: string, workers: number): Promise<ReplayPlan | undefined>;
};

export const replayQuestions = (replays: ReplayReads): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/admin/replays',
    operationId: 'listReplays',
    summary: 'The read models with the generation that is read, and what stands beside it',
    tag: 'admin',
    access: 'operator',
    query: z.strictObject({
      sizes: z.enum(['true', 'false']).optional().meta({ description: 'With rows and bytes, which takes longer.' }),
    }),
    responses: { 200: { description: 'All of them.', schema: z.object({ models: z.array(replayedShape) }) } },
    problems: [],
    handle: async ({ query: { sizes } }) => ({
      status: 200,
      body: { models: [...(await replays.states(sizes === 'true'))] },
    }),
  }),
  route({
    method: 'get',
    path: '/v1/admin/replays/{model}/plan',
    operationId: 'planReplay',
    summary: 'What a replay of a read model would read and write, and what keeps it from being done',
    tag: 'admin',
    access: 'operator',
    params: z.object({ model: modelNameShape }),
    query: z.strictObject({
      workers: z.coerce.number().pipe(workersShape).optional(),
    }),
    responses: { 200: { description: 'Nothing is done.', schema: planShape } },
    problems: ['READ_MODEL_UNKNOWN'],
    handle: async ({ params: { model }, query: { workers = 1 } }) => {
      const plan = await replays.plan(model, workers);
      if (plan === undefined) return { refused: { code: 'READ_MODEL_UNKNOWN', detail: replays.unknown(model) } };
      return { status: 200, body: plan };
    },
  }),
];
