// The orders of a user at a moment.
import { type Route, route } from '@railhead/http/route.ts';
import { momentOf } from '@railhead/projections/past/moment.ts';
import { userAt } from '@railhead/projections/past/things.ts';
import { told } from '@railhead/projections/past/told-moment.ts';
import { z } from 'zod';
import { limitShape, wholeNumber } from '../limit-shape.ts';
import type { PastQuestions } from './past-questions.ts';
import { momentInQuery, pastShape } from './past-shapes.ts';
import { pastOrderShape } from './show-order-at.ts';

const MAX_ORDERS = 100;

export const showUserAtRoute = (questions: PastQuestions): Route =>
  route({
    method: 'get',
    path: '/v1/admin/users/{userId}',
    operationId: 'showUserAt',
    summary: 'The orders of a user as they were shown at a moment, newest first',
    tag: 'admin',
    access: 'operator',
    params: z.object({
      userId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$/, 'must be the id of a user'),
    }),
    query: z.strictObject({
      at: momentInQuery.optional(),
      cursor: wholeNumber.min(1).optional(),
      limit: limitShape(MAX_ORDERS, 20),
    }),
    responses: {
      200: {
        description: 'A page; `nextCursor` is there if more follow.',
        schema: z.object({
          userId: z.string(),
          orders: z.array(pastOrderShape),
          nextCursor: z.int().optional(),
          moment: pastShape,
        }),
      },
    },
    problems: ['USER_NOT_FOUND', 'NOT_YET', 'MOMENT_INVALID', 'MOMENT_IN_FUTURE', 'TOO_MUCH_TO_READ', 'MODEL_BEHIND'],
    handle: (context) =>
      questions.answer(context, async (past, now) => {
        const { at, cursor, limit } = context.query;
        const moment = await momentOf(past.log, at, now);
        if (!moment.ok) return { refused: moment.refusal };
        const user = await userAt(past, context.params.userId, moment.value, { before: cursor, limit });
        return user.ok ? { status: 200, body: told(user.value) } : { refused: user.refusal };
      }),
  });
