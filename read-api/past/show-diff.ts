// What changed of one thing between two moments, value by value.
import { type Route, route } from '@railhead/http/route.ts';
import { momentsOf } from '@railhead/projections/past/moment.ts';
import { diffOf, KINDS, thingNamed } from '@railhead/projections/past/things.ts';
import { toldDiff } from '@railhead/projections/past/told-moment.ts';
import { z } from 'zod';
import { limitShape } from '../limit-shape.ts';
import type { PastQuestions } from './past-questions.ts';
import { momentInQuery, momentShape, namedEventShape, setAsideShape } from './past-shapes.ts';

const MAX_CHANGES = 1_000;

const leafShape = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const diffQuery = z.strictObject({
  from: momentInQuery,
  to: momentInQuery.optional().meta({ description: 'Without it the end of the log.' }),
  limit: limitShape(MAX_CHANGES, 100),
});

export const showDiffRoute = (questions: PastQuestions): Route =>
  route({
    method: 'get',
    path: '/v1/admin/diff/{kind}/{name}',
    operationId: 'showDiff',
    summary: 'What changed of an order, a run, a class or a user between two moments, and by which events',
    tag: 'admin',
    access: 'operator',
    params: z.object({
      kind: z.enum(KINDS),
      name: z.string().max(256).meta({
        description: 'An order number, G1_2026-12-01, G1_2026-12-01_second, or the id of a user.',
      }),
    }),
    query: diffQuery,
    responses: {
      200: {
        description: 'In the order of the first change of each value; a value that is what it was is not there.',
        schema: z.object({
          from: momentShape,
          to: momentShape,
          events: z.int().meta({ description: 'So many events of it between the two moments.' }),
          changes: z.array(
            z.object({
              what: z.string().meta({ example: 'items[1].ticketStatus' }),
              before: leafShape.optional(),
              after: leafShape.optional(),
              events: z.array(namedEventShape),
              moreEvents: z.int(),
            }),
          ),
          leftOut: z.int().meta({ description: 'So many changes more than `limit`.' }),
          setAside: setAsideShape,
        }),
      },
    },
    problems: [
      'ORDER_NOT_FOUND',
      'TRAIN_NOT_FOUND',
      'CLASS_NOT_ON_TRAIN',
      'USER_NOT_FOUND',
      'NAME_INVALID',
      'NOT_YET',
      'MOMENT_INVALID',
      'MOMENT_IN_FUTURE',
      'MOMENTS_BACKWARDS',
      'TOO_MUCH_TO_READ',
      'MODEL_BEHIND',
    ],
    handle: (context) =>
      questions.answer(context, async (past, now) => {
        const { from, to, limit } = context.query;
        const thing = thingNamed(context.params.kind, context.params.name);
        if (!thing.ok) return { refused: thing.refusal };
        const moments = await momentsOf(past.log, { from, to }, now);
        if (!moments.ok) return { refused: moments.refusal };
        const diff = await diffOf(past, thing.value, { ...moments.value, limit });
        return diff.ok ? { status: 200, body: toldDiff(moments.value, diff.value) } : { refused: diff.refusal };
      }),
  });
