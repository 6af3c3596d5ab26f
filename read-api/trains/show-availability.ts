// Shows the free seats of a run between two of its stops.
import { journeyBetween } from '@railhead/domain/train-run/journey.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { dateShape, instantShape, placeShape, stationCodeShape, trainShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';
import { asReadNow, awaitPosition, type ReadContext } from '../read-models.ts';
import { runOf } from './run-of.ts';
import { classesOf, freshness, stockShape, stopOf } from './shown-run.ts';

export const showAvailabilityRoute = (given: ReadContext): Route =>
  route({
    method: 'get',
    path: '/v1/trains/{train}/runs/{date}/availability',
    operationId: 'showAvailability',
    summary: 'Free, held and sold seats of a run between two of its stops',
    tag: 'timetable',
    access: 'public',
    params: z.object({ train: trainShape, date: dateShape }),
    query: z.strictObject({ from: stationCodeShape, to: stationCodeShape }),
    responses: {
      200: {
        description:
          'A seat taken anywhere on the way counts as held or sold. `available` is what can be bought: less than what is free where quotas or bid prices keep seats back.',
        schema: z.object({
          train: z.string(),
          runDate: dateShape,
          from: placeShape,
          to: placeShape,
          position: z.int(),
          asOf: instantShape,
          classes: z.array(z.object({ ...stockShape, total: z.int(), held: z.int(), sold: z.int() })),
        }),
      },
    },
    problems: ['TRAIN_NOT_FOUND', 'STATION_NOT_ON_ROUTE', 'JOURNEY_BACKWARDS', 'MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ params: { train, date }, query, request }) => {
      const context = asReadNow(given);
      const { availability } = context.models;
      const [run] = await Promise.all([runOf(context, request, train, date), awaitPosition(request, availability)]);
      const { facts } = run;
      const journey = journeyBetween(facts, query.from, query.to);
      if (!journey.ok) return { refused: journey.refusal };
      const fresh = freshness(context);
      const [classes = []] = await classesOf(context, [{ ...run, runDate: date, journey: journey.value }]);
      const { from, to } = journey.value;
      const body = {
        train,
        runDate: date,
        from: stopOf(facts, from),
        to: stopOf(facts, to),
        ...fresh,
        classes: classes.map(({ currency: _, waitlist: __, ...row }) => row),
      };
      return { status: 200, body };
    },
  });
