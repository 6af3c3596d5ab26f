// An order as its traveller was shown it at a moment.
import { type Route, route } from '@railhead/http/route.ts';
import { orderNoShape, orderShape } from '@railhead/http/shapes.ts';
import { momentOf } from '@railhead/projections/past/moment.ts';
import { orderAt } from '@railhead/projections/past/things.ts';
import { told } from '@railhead/projections/past/told-moment.ts';
import { z } from 'zod';
import type { PastQuestions } from './past-questions.ts';
import { momentInQuery, pastShape } from './past-shapes.ts';

/** Without what may be done with an order: that is of the present. */
export const pastOrderShape = orderShape
  .omit({ actions: true })
  .extend({ userId: z.string() })
  .meta({ id: 'PastOrder' });

export const showOrderAtRoute = (questions: PastQuestions): Route =>
  route({
    method: 'get',
    path: '/v1/admin/orders/{orderNo}',
    operationId: 'showOrderAt',
    summary: 'An order as it was shown at a moment, from the log',
    tag: 'admin',
    access: 'operator',
    params: z.object({ orderNo: orderNoShape }),
    query: z.strictObject({ at: momentInQuery.optional() }),
    responses: {
      200: {
        description: 'The order then; without `at` as the log has it now.',
        schema: pastOrderShape.extend({ moment: pastShape }),
      },
    },
    problems: ['ORDER_NOT_FOUND', 'NOT_YET', 'MOMENT_INVALID', 'MOMENT_IN_FUTURE', 'TOO_MUCH_TO_READ'],
    handle: (context) =>
      questions.answer(context, async (past, now) => {
        const moment = await momentOf(past.log, context.query.at, now);
        if (!moment.ok) return { refused: moment.refusal };
        const order = await orderAt(past, context.params.orderNo, moment.value);
        return order.ok ? { status: 200, body: told(order.value) } : { refused: order.refusal };
      }),
  });
