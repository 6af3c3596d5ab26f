// What changed of the whole railway between two moments.
import { type Route, route } from '@railhead/http/route.ts';
import { dateShape, fenShape, orderShape, seatClassShape } from '@railhead/http/shapes.ts';
import { diffRailway } from '@railhead/projections/past/diff-railway.ts';
import { momentsOf } from '@railhead/projections/past/moment.ts';
import { z } from 'zod';
import type { PastQuestions } from './past-questions.ts';
import { countsShape, momentShape, namedEventShape, setAsideShape } from './past-shapes.ts';
import { diffQuery } from './show-diff.ts';

const statuses = { before: orderShape.shape.status.optional(), after: orderShape.shape.status };
const countShape = z.int().min(0);

const railwayDiffShape = z.object({
  from: momentShape,
  to: momentShape,
  events: countShape,
  types: z.array(z.object({ type: z.string(), events: countShape })),
  orders: z.object({
    changed: countShape,
    transitions: z
      .array(z.object({ ...statuses, orders: countShape }))
      .meta({ description: 'From which status to which; `before` is absent for new orders.' }),
    list: z.array(z.object({ orderNo: z.string(), ...statuses, events: z.array(namedEventShape) })),
    leftOut: countShape,
  }),
  money: z.object({
    payments: countShape,
    paidFen: fenShape,
    askedBackFen: fenShape,
    refunds: countShape,
    refundedFen: fenShape,
  }),
  classes: z.object({
    list: z
      .array(
        z.object({
          train: z.string(),
          date: dateShape,
          seatClass: seatClassShape,
          before: z.object(countsShape).optional(),
          after: z.object(countsShape),
          events: countShape,
          first: z.int(),
          last: z.int(),
        }),
      )
      .meta({ description: 'Seats from the first stop to the last; `first` and `last` are positions.' }),
    leftOut: countShape.meta({ description: 'Classes with fewer events, which were not looked at.' }),
  }),
  setAside: setAsideShape,
});

export const showRailwayDiffRoute = (questions: PastQuestions): Route =>
  route({
    method: 'get',
    path: '/v1/admin/diff',
    operationId: 'showRailwayDiff',
    summary: 'What changed of the whole railway between two moments',
    tag: 'admin',
    access: 'operator',
    query: diffQuery,
    responses: { 200: { description: 'In numbers, with the first orders and classes.', schema: railwayDiffShape } },
    problems: ['MOMENT_INVALID', 'MOMENT_IN_FUTURE', 'MOMENTS_BACKWARDS', 'TOO_MUCH_TO_READ'],
    handle: (context) =>
      questions.answer(context, async ({ log }, now) => {
        const { from, to, limit } = context.query;
        const moments = await momentsOf(log, { from, to }, now);
        if (!moments.ok) return { refused: moments.refusal };
        const diff = await diffRailway(log, { ...moments.value, limit });
        return diff.ok ? { status: 200, body: { ...moments.value, ...diff.value } } : { refused: diff.refusal };
      }),
  });
