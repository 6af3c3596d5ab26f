// Finds stations by what a traveller types.
import { type Route, route } from '@railhead/http/route.ts';
import { visibleText } from '@railhead/http/shapes.ts';
import { z } from 'zod';
import { limitShape } from '../limit-shape.ts';
import type { StationReads } from './station-reads.ts';

const MAX_STATIONS = 50;

const stationShape = z
  .object({ code: z.string(), name: z.string(), city: z.string(), pinyin: z.string() })
  .meta({ id: 'Station' });

export const findStationsRoute = (stations: StationReads): Route =>
  route({
    method: 'get',
    path: '/v1/stations',
    operationId: 'findStations',
    summary: 'Stations by what people type: code, name, city, pinyin or initials, English, with slips',
    tag: 'timetable',
    access: 'public',
    query: z.strictObject({ q: visibleText(64).trim().min(1), limit: limitShape(MAX_STATIONS, 20) }),
    responses: { 200: { description: 'Best matches first.', schema: z.object({ stations: z.array(stationShape) }) } },
    problems: ['MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ query: { q, limit }, request }) => {
      const found = await stations.find(request, q, limit);
      return { status: 200, body: { stations: [...found] } };
    },
  });
