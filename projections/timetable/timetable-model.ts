// Stations, routes and runs on sale: the data that searches use.
import { hash } from 'node:crypto';
import type { Position } from '@railhead/commands/ports/event-store.ts';
import { NotUnderstood } from '@railhead/commands/streams/understood.ts';
import type { LoggedEvent } from '@railhead/domain/kernel/category.ts';
import type { Recorded } from '@railhead/domain/kernel/event.ts';
import { stationCategory } from '@railhead/domain/timetable/stream.ts';
import type { Station } from '@railhead/domain/timetable/timetable.ts';
import type { TrainRunEvent, TrainRunOpened } from '@railhead/domain/train-run/events.ts';
import { dayOffset } from '@railhead/domain/train-run/journey.ts';
import { type RunId, runCategory } from '@railhead/domain/train-run/stream.ts';
import { LRUCache } from 'lru-cache';
import { pinyin } from 'pinyin-pro';
import { sqlModel } from '../engine/sql-model.ts';
import type { ModelWriter, SqlHandler } from '../engine/sql-projection.ts';
import { TimetableQueries } from './timetable-queries.ts';
import { type RouteFacts, type StationChange, type TimetableTables, timetableTables } from './timetable-tables.ts';

/** With its pinyin, where the timetable gives none. Other scripts stay as they are. */
export const shownStation = ({ code, name, city, pinyin: given }: Station): TimetableTables['stations'] => {
  const syllables = (): string =>
    pinyin(name, { toneType: 'none', type: 'array', v: true, nonZh: 'consecutive' }).join('').toLowerCase();
  return { code, name, city, pinyin: given === '' ? syllables() : given };
};

/** Routes known to be in the tables; one that is forgotten is written again, as it is. */
const MAX_KNOWN = 20_000;

export const timetableHandler = (maxKnown = MAX_KNOWN): SqlHandler<TimetableTables> => {
  const knownRoutes = new LRUCache<string, true>({ max: maxKnown });
  return async (writer, { events }) => {
    const stations = new Map<string, Station>();
    const opened: TrainRunOpened['data'][] = [];
    const changed: Recorded<TrainRunEvent & LoggedEvent>[] = [];
    const changes = new Map<StationChange, Position>();
    for (const event of events)
      if (stationCategory.owns(event)) {
        stations.set(event.data.code, event.data);
        changes.set('stations', event.position);
      } else if (!runCategory.owns(event)) throw new NotUnderstood(event);
      else if (event.type === 'TrainRunOpened') {
        opened.push(event.data);
        changes.set('calls', event.position);
      } else changed.push(event);
    await writer.upsert('stations', [...stations.values()].map(shownStation));
    const added: string[] = [];
    const calls: TimetableTables['station_calls'][] = [];
    const routeOf = async (facts: RouteFacts): Promise<string> => {
      const routeId = hash('sha256', JSON.stringify(facts), 'base64url');
      if (knownRoutes.get(routeId) === undefined && !added.includes(routeId)) {
        await addRoute(writer, routeId, facts);
        added.push(routeId);
        for (const { code } of facts.stops) calls.push({ code, train: facts.train });
      }
      return routeId;
    };
    const rows: TimetableTables['runs'][] = [];
    for (const { date, ...facts } of opened)
      rows.push({ train: facts.train, date, route_id: await routeOf(facts), status: 'open' });
    await writer.upsert('runs', rows);
    for (const event of changed) await changeRun(writer, runCategory.idOf(event.stream), event, routeOf);
    await writer.upsert('station_calls', calls);
    await writer.upsert(
      'station_changes',
      [...changes].map(([what, position]) => ({ what, position })),
    );
    return () => {
      for (const routeId of added) knownRoutes.set(routeId, true);
    };
  };
};

export const timetableModel = sqlModel<TimetableTables, TimetableQueries>({
  name: 'timetable',
  version: 3,
  categories: [stationCategory, runCategory],
  tables: timetableTables,
  handler: () => timetableHandler(),
  queries: (db, dialect) => new TimetableQueries(db, dialect),
});

/** Added coaches give the run another route row; a cancellation only changes its status. */
const changeRun = async (
  { trx, dialect }: ModelWriter<TimetableTables>,
  { train, date }: RunId,
  { type, data }: TrainRunEvent,
  routeOf: (facts: RouteFacts) => Promise<string>,
): Promise<void> => {
  const run = trx.updateTable('runs').where('train', '=', train).where('date', '=', date);
  if (type === 'TrainRunCancelled') await run.set({ status: 'cancelled' }).execute();
  if (type !== 'CoachesAdded') return;
  const row = await trx
    .selectFrom('runs')
    .innerJoin('routes', 'routes.route_id', 'runs.route_id')
    .select('routes.facts')
    .where('runs.train', '=', train)
    .where('runs.date', '=', date)
    .executeTakeFirst();
  if (row === undefined) throw new Error(`${train} on ${date} got coaches before it was opened`);
  const facts = dialect.fromJson(row.facts);
  const routeId = await routeOf({ ...facts, composition: [...facts.composition, ...data.coaches] });
  await run.set({ route_id: routeId }).execute();
};

const addRoute = async (
  { upsert, dialect }: ModelWriter<TimetableTables>,
  routeId: string,
  facts: RouteFacts,
): Promise<void> => {
  await upsert('routes', [{ route_id: routeId, train: facts.train, facts: dialect.toJson(facts) }]);
  await upsert(
    'route_stops',
    facts.stops.map(({ code, arrives, departs }, seq) => ({
      route_id: routeId,
      seq,
      code,
      day_offset: dayOffset(departs ?? arrives ?? 0),
    })),
  );
};
