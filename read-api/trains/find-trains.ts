// Finds trains from one place to another.
import { type Route, route } from '@railhead/http/route.ts';
import { dateShape, instantShape, placeShape, visibleText } from '@railhead/http/shapes.ts';
import type { Connection } from '@railhead/projections/timetable/timetable-queries.ts';
import { z } from 'zod';
import { limitShape, wholeNumber } from '../limit-shape.ts';
import { askModel, asReadNow, awaitPosition, type ReadContext } from '../read-models.ts';
import { classesOf, freshness, runStatusShape, type ShownClasses, stockShape, stopOf, timeOf } from './shown-run.ts';

const MAX_TRAINS = 200;

const cursorShape = wholeNumber.min(0).optional();

/** A telecode, `city:北京` for every station of the city, or what a station or city is called. */
const placeText = visibleText(64).trim().min(1);

const trainsShape = z.object({
  date: dateShape,
  position: z.int(),
  asOf: instantShape,
  trains: z.array(
    z.object({
      train: z.string(),
      runDate: dateShape,
      status: runStatusShape,
      from: placeShape,
      to: placeShape,
      departs: instantShape,
      arrives: instantShape,
      durationMinutes: z.int(),
      classes: z.array(z.object({ ...stockShape, currency: z.string(), waitlist: z.boolean() })),
    }),
  ),
  nextCursor: z.int().optional(),
});

export const findTrainsRoute = (given: ReadContext): Route =>
  route({
    method: 'get',
    path: '/v1/trains',
    operationId: 'findTrains',
    summary: 'Trains from one place to another that leave on a day, with free seats',
    tag: 'timetable',
    access: 'public',
    query: z.strictObject({
      from: placeText,
      to: placeText,
      date: dateShape,
      cursor: cursorShape,
      limit: limitShape(MAX_TRAINS, 100),
    }),
    responses: { 200: { description: 'In the order of departure.', schema: trainsShape } },
    problems: ['STATION_UNKNOWN', 'AMBIGUOUS_STATION', 'MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ query, request }) => {
      const context = asReadNow(given);
      const { timetable, availability } = context.models;
      const asked = askModel(request, timetable, async (queries) => {
        const placed = (text: string) => context.stations.place(request, queries, text);
        const [from, to] = await Promise.all([placed(query.from), placed(query.to)]);
        return queries.connections(from, to, query.date);
      });
      const [found] = await Promise.all([asked, awaitPosition(request, availability)]);
      const offset = query.cursor ?? 0;
      const trains = found.map((connection) => ({ connection, row: trainOf(connection) })).sort(byDeparture);
      const end = offset + query.limit;
      const page = trains.slice(offset, end);
      const fresh = freshness(context);
      const classes = await classesOf(
        context,
        page.map(({ connection }) => ({ ...connection, journey: connection })),
      );
      return {
        status: 200,
        body: {
          date: query.date,
          ...fresh,
          trains: page.map(({ row }, index) => ({ ...row, classes: (classes[index] ?? []).map(shownInList) })),
          ...(trains.length > end ? { nextCursor: end } : {}),
        },
      };
    },
  });

const trainOf = ({ facts, runDate, status, from, to }: Connection) => {
  const leaves = facts.stops[from]?.departs ?? 0;
  const comes = facts.stops[to]?.arrives ?? 0;
  return {
    train: facts.train,
    runDate,
    status,
    from: stopOf(facts, from),
    to: stopOf(facts, to),
    departs: timeOf(facts, runDate, leaves),
    arrives: timeOf(facts, runDate, comes),
    durationMinutes: comes - leaves,
  };
};

const shownInList = ({ total: _, held: __, sold: ___, ...row }: ShownClasses[number]) => row;

type Found = { readonly row: ReturnType<typeof trainOf> };

const byDeparture = ({ row: a }: Found, { row: b }: Found): number =>
  a.departs < b.departs ? -1 : a.departs > b.departs ? 1 : a.train < b.train ? -1 : 1;
