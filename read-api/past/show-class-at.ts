// The seats of a class at a moment: as searches showed them, and who had them.
import { type Route, route } from '@railhead/http/route.ts';
import { dateShape, placeShape, seatClassShape, stationCodeShape, trainShape } from '@railhead/http/shapes.ts';
import { momentOf } from '@railhead/projections/past/moment.ts';
import { classAt } from '@railhead/projections/past/things.ts';
import { told } from '@railhead/projections/past/told-moment.ts';
import { z } from 'zod';
import type { PastQuestions } from './past-questions.ts';
import { countsShape, momentInQuery, pastShape } from './past-shapes.ts';

const query = z
  .strictObject({
    at: momentInQuery.optional(),
    from: stationCodeShape.optional().meta({ description: 'With `to`: one journey in place of each segment.' }),
    to: stationCodeShape.optional(),
  })
  .refine(({ from, to }) => (from === undefined) === (to === undefined), 'from and to name a journey together');

const classShape = z.object({
  train: z.string(),
  date: dateShape,
  seatClass: seatClassShape,
  status: z.enum(['open', 'cancelled']),
  closed: z.boolean().meta({ description: 'Nothing more is sold of it.' }),
  journeys: z.array(z.object({ from: placeShape, to: placeShape, ...countsShape })),
  locks: z.array(
    z.object({
      lockId: z.string(),
      orderNo: z.string().meta({ description: 'Or the number of a withdrawal.' }),
      status: z.enum(['held', 'sold', 'withdrawn']),
      travellers: z.int(),
      legs: z
        .array(
          z.object({
            from: z.string(),
            to: z.string(),
            seats: z.array(z.object({ coach: z.string(), seat: z.string() })),
          }),
        )
        .meta({ description: 'Without seats where they are assigned late, or travellers stand.' }),
    }),
  ),
  moment: pastShape,
});

export const showClassAtRoute = (questions: PastQuestions): Route =>
  route({
    method: 'get',
    path: '/v1/admin/classes/{train}/{date}/{seatClass}',
    operationId: 'showClassAt',
    summary: 'The seats of a class at a moment, from the log: free, held and sold, and who had them',
    tag: 'admin',
    access: 'operator',
    params: z.object({ train: trainShape, date: dateShape, seatClass: seatClassShape }),
    query,
    responses: { 200: { description: 'The class then; without `at` as the log has it now.', schema: classShape } },
    problems: [
      'TRAIN_NOT_FOUND',
      'CLASS_NOT_ON_TRAIN',
      'STATION_NOT_ON_ROUTE',
      'JOURNEY_BACKWARDS',
      'NOT_YET',
      'MOMENT_INVALID',
      'MOMENT_IN_FUTURE',
      'TOO_MUCH_TO_READ',
    ],
    handle: (context) =>
      questions.answer(context, async (past, now) => {
        const { at, from, to } = context.query;
        const moment = await momentOf(past.log, at, now);
        if (!moment.ok) return { refused: moment.refusal };
        const journey = from === undefined || to === undefined ? {} : { journey: { from, to } };
        const found = await classAt(past, { ...context.params, ...journey }, moment.value);
        return found.ok ? { status: 200, body: told(found.value) } : { refused: found.refusal };
      }),
  });
