// Shows one run of a train.
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import { classSizes } from '@railhead/domain/train-run/composition.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { dateShape, instantShape, placeShape, seatClassShape, trainShape } from '@railhead/http/shapes.ts';
import type { RouteFacts } from '@railhead/projections/timetable/timetable-tables.ts';
import { z } from 'zod';
import type { ReadContext } from '../read-models.ts';
import { runOf } from './run-of.ts';
import { runStatusShape, timeOf } from './shown-run.ts';

/** The classes of a run that are shown. The model of free seats may be away: then none is known to be withheld. */
const shownClasses = async (
  { models }: Pick<ReadContext, 'models'>,
  { train, composition }: RouteFacts,
  date: string,
) => {
  const classes = classSizes(composition);
  try {
    const ids = classes.map(({ seatClass }) => ({ train, date, seatClass }));
    const stocks = await models.availability.queries.stocks(ids);
    return classes.filter((_, index) => stocks[index]?.isWithheld !== true);
  } catch (error) {
    if (error instanceof EventStoreError) return classes;
    throw error;
  }
};

export const showTrainRoute = (context: Pick<ReadContext, 'models'>): Route =>
  route({
    method: 'get',
    path: '/v1/trains/{train}',
    operationId: 'showTrain',
    summary: 'One run of a train: its calls and its classes',
    tag: 'timetable',
    access: 'public',
    params: z.object({ train: trainShape }),
    query: z.strictObject({ date: dateShape }),
    responses: {
      200: {
        description: 'Times are instants; `km` counts from the first stop.',
        schema: z.object({
          train: z.string(),
          runDate: dateShape,
          status: runStatusShape,
          stops: z.array(
            placeShape.extend({ arrives: instantShape.nullable(), departs: instantShape.nullable(), km: z.number() }),
          ),
          classes: z.array(z.object({ seatClass: seatClassShape, seats: z.int() })),
        }),
      },
    },
    problems: ['TRAIN_NOT_FOUND', 'MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ params: { train }, query: { date }, request }) => {
      const { facts, status } = await runOf(context, request, train, date);
      const at = (minutes: number | null): string | null => (minutes === null ? null : timeOf(facts, date, minutes));
      const stops = facts.stops.map(({ code, name, arrives, departs, km }) => ({
        code,
        name,
        arrives: at(arrives),
        departs: at(departs),
        km,
      }));
      const classes = await shownClasses(context, facts, date);
      return { status: 200, body: { train, runDate: date, status, stops, classes } };
    },
  });
