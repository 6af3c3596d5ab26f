// Stations, trains and free seats.

import { timestampOf } from '@railhead/commands/ports/clock.ts';
import { zoneNamed } from '@railhead/commands/time/zone.ts';
import { fareFen } from '@railhead/domain/fare/fare.ts';
import { classSizes } from '@railhead/domain/train-run/composition.ts';
import { type Journey, journeyBetween, journeyKm } from '@railhead/domain/train-run/journey.ts';
import { Problem } from '@railhead/http/problem.ts';
import { type Route, route } from '@railhead/http/route.ts';
import {
  dateShape,
  fenShape,
  instantShape,
  placeShape,
  seatClassShape,
  stationCodeShape,
  trainShape,
} from '@railhead/http/shapes.ts';
import type { RunStatus } from '@railhead/projections/engine/read-tables.ts';
import type { RouteFacts } from '@railhead/projections/timetable/timetable-model.ts';
import type { Connection } from '@railhead/projections/timetable/timetable-queries.ts';
import { z } from 'zod';
import { awaitPosition, type ReadContext } from './read-models.ts';

const MAX_STATIONS = 50;
const MAX_TRAINS = 200;

const stationShape = z
  .object({ code: z.string(), name: z.string(), city: z.string(), pinyin: z.string() })
  .meta({ id: 'Station' });

const limitShape = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);
const cursorShape = z.coerce.number().int().min(0).optional();

/** A telecode, or `city:北京` for every station of the city. */
const placeText = z.string().trim().min(1).max(64);

const stockShape = {
  seatClass: seatClassShape,
  fareFen: fenShape,
  available: z.int(),
};

/** A cancelled run is shown, so that whoever looks for it knows; nothing of it is available. */
const runStatusShape = z.enum(['open', 'cancelled']);

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

export const trainsRoutes = (context: ReadContext): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/stations',
    operationId: 'findStations',
    summary: 'Stations by code, name, city, pinyin or its initials',
    tag: 'timetable',
    access: 'public',
    query: z.object({ q: z.string().trim().min(1).max(64), limit: limitShape(MAX_STATIONS, 20) }),
    responses: { 200: { about: 'Best matches first.', schema: z.object({ stations: z.array(stationShape) }) } },
    problems: ['MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ query: { q, limit }, request }) => {
      const { queries, gate } = context.models.timetable;
      await awaitPosition(request, gate);
      return { status: 200, body: { stations: await queries.stations(q, limit) } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/trains',
    operationId: 'findTrains',
    summary: 'Trains from one place to another that leave on a day, with free seats',
    tag: 'timetable',
    access: 'public',
    query: z.object({
      from: placeText,
      to: placeText,
      date: dateShape,
      cursor: cursorShape,
      limit: limitShape(MAX_TRAINS, 100),
    }),
    responses: { 200: { about: 'In the order of departure.', schema: trainsShape } },
    problems: ['STATION_UNKNOWN', 'MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ query, request }) => {
      const { timetable, availability } = context.models;
      await awaitPosition(request, timetable.gate, availability.gate);
      const [from, to] = await Promise.all([place(context, query.from), place(context, query.to)]);
      const found = await timetable.queries.connections(from, to, query.date);
      const offset = query.cursor ?? 0;
      const trains = found.map((connection) => trainOf(context, connection)).sort(byDeparture);
      const end = offset + query.limit;
      return {
        status: 200,
        body: {
          date: query.date,
          ...freshness(context),
          trains: trains.slice(offset, end),
          ...(trains.length > end ? { nextCursor: end } : {}),
        },
      };
    },
  }),
  route({
    method: 'get',
    path: '/v1/trains/{train}',
    operationId: 'showTrain',
    summary: 'One run of a train: its calls and its classes',
    tag: 'timetable',
    access: 'public',
    params: z.object({ train: trainShape }),
    query: z.object({ date: dateShape }),
    responses: {
      200: {
        about: 'Times are instants; `km` counts from the first stop.',
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
      await awaitPosition(request, context.models.timetable.gate);
      const { facts, status } = await runOf(context, train, date);
      const at = (minutes: number | null): string | null => (minutes === null ? null : timeOf(facts, date, minutes));
      const stops = facts.stops.map(({ code, name, arrives, departs, km }) => ({
        code,
        name,
        arrives: at(arrives),
        departs: at(departs),
        km,
      }));
      return { status: 200, body: { train, runDate: date, status, stops, classes: classSizes(facts.composition) } };
    },
  }),
  route({
    method: 'get',
    path: '/v1/trains/{train}/runs/{date}/availability',
    operationId: 'showAvailability',
    summary: 'Free, held and sold seats of a run between two of its stops',
    tag: 'timetable',
    access: 'public',
    params: z.object({ train: trainShape, date: dateShape }),
    query: z.object({ from: stationCodeShape, to: stationCodeShape }),
    responses: {
      200: {
        about:
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
      const { timetable, availability } = context.models;
      await awaitPosition(request, timetable.gate, availability.gate);
      const { facts } = await runOf(context, train, date);
      const journey = journeyBetween(facts, query.from, query.to);
      if (!journey.ok) throw new Problem(journey.refusal.code, journey.refusal.detail);
      const classes = classesOf(context, facts, date, journey.value).map(
        ({ currency: _, waitlist: __, ...row }) => row,
      );
      const { from, to } = journey.value;
      const body = {
        train,
        runDate: date,
        from: stopOf(facts, from),
        to: stopOf(facts, to),
        ...freshness(context),
        classes,
      };
      return { status: 200, body };
    },
  }),
];

const place = async ({ models }: ReadContext, text: string): Promise<readonly string[]> => {
  const codes = await models.timetable.queries.place(text);
  if (codes.length === 0) throw new Problem('STATION_UNKNOWN', `no station or city is called ${text}`);
  return codes;
};

const runOf = async (
  { models }: ReadContext,
  train: string,
  date: string,
): Promise<{ readonly facts: RouteFacts; readonly status: RunStatus }> => {
  const run = await models.timetable.queries.run(train, date);
  if (run === undefined) throw new Problem('TRAIN_NOT_FOUND', `${train} is not on sale for ${date}`);
  return run;
};

const stopOf = (facts: RouteFacts, seq: number) => ({
  code: facts.stops[seq]?.code ?? '',
  name: facts.stops[seq]?.name ?? '',
});

/** Where the answer stands: the position it includes, and when that was read. */
const freshness = ({ models, clock }: ReadContext) => ({
  position: models.availability.gate.position,
  asOf: timestampOf(clock),
});

/** The classes the tariff sells on a journey, with its fare and what can be bought of it now. */
export const classesOf = ({ models, offer }: ReadContext, facts: RouteFacts, date: string, journey: Journey) => {
  const km = journeyKm(facts, journey);
  const { queries } = models.availability;
  const run = { ...facts, date };
  return classSizes(facts.composition).flatMap(({ seatClass, seats }) => {
    const fare = fareFen(facts.tariff, seatClass, km, 'adult');
    if (fare === undefined) return [];
    const stock = queries.count({ train: facts.train, date, seatClass }, seats, journey.from, journey.to);
    const shown = { seats, free: stock.available, taken: () => queries.taken({ train: facts.train, date, seatClass }) };
    const available = offer.count(run, seatClass, journey, shown);
    return [{ seatClass, fareFen: fare, currency: 'CNY', ...stock, available, waitlist: false }];
  });
};

/** A minute of a train's clock as an instant, in the zone that the run was opened in. */
const timeOf = ({ zone: name }: RouteFacts, runDate: string, minutes: number): string => {
  const zone = zoneNamed(name);
  return zone.timetableTime(zone.instantMs(runDate, minutes));
};

const trainOf = (context: ReadContext, connection: Connection) => {
  const { facts, runDate, status, from, to } = connection;
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
    classes: classesOf(context, facts, runDate, connection).map(({ total: _, held: __, sold: ___, ...row }) => row),
  };
};

type TrainRow = ReturnType<typeof trainOf>;

const byDeparture = (a: TrainRow, b: TrainRow): number =>
  a.departs < b.departs ? -1 : a.departs > b.departs ? 1 : a.train < b.train ? -1 : 1;
