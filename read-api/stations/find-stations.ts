// Finds stations by what a traveller types.
import { type Route, route } from '@railhead/http/route.ts';
import { z } from 'zod';
import { limitShape } from '../limit-shape.ts';
import { awaitPosition, type ReadContext } from '../read-models.ts';

const MAX_STATIONS = 50;

const stationShape = z
  .object({ code: z.string(), name: z.string(), city: z.string(), pinyin: z.string() })
  .meta({ id: 'Station' });

export const findStationsRoute = (context: Pick<ReadContext, 'models'>): Route =>
  route({
    method: 'get',
    path: '/v1/stations',
    operationId: 'findStations',
    summary: 'Stations by code, name, city, pinyin or its initials',
    tag: 'timetable',
    access: 'public',
    query: z.strictObject({ q: z.string().trim().min(1).max(64), limit: limitShape(MAX_STATIONS, 20) }),
    responses: { 200: { description: 'Best matches first.', schema: z.object({ stations: z.array(stationShape) }) } },
    problems: ['MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ query: { q, limit }, request }) => {
      const { queries, gate } = context.models.timetable;
      await awaitPosition(request, gate);
      return { status: 200, body: { stations: await queries.stations(q, limit) } };
    },
  });
