// Stations, routes and runs on sale: what a search looks through.
import { hash } from 'node:crypto';
import { notUnderstood } from '@railhead/commands/streams/load.ts';
import type { LoggedEvent } from '@railhead/domain/kernel/category.ts';
import type { Recorded } from '@railhead/domain/kernel/event.ts';
import { stationCategory } from '@railhead/domain/timetable/stream.ts';
import type { Station } from '@railhead/domain/timetable/timetable.ts';
import type { TrainRunEvent, TrainRunOpened } from '@railhead/domain/train-run/events.ts';
import { dayOffset } from '@railhead/domain/train-run/journey.ts';
import { type RunId, runCategory } from '@railhead/domain/train-run/stream.ts';
import type { Kysely, Transaction } from 'kysely';
import { pinyin } from 'pinyin-pro';
import type { Projection } from '../engine/projection.ts';
import type { ReadTables } from '../engine/read-tables.ts';
import { sqlProjection } from '../engine/sql-projection.ts';

/** Everything of a run but its date. */
export type RouteFacts = Omit<TrainRunOpened['data'], 'date'>;

/** Rows of one statement: SQLite and the others bound the parameters, not the rows. */
const ROWS = 500;

/** How a name is typed: whole syllables (`beijingnan`) and their first letters (`bjn`); other scripts stay as they are. */
export const typedForms = (name: string): { readonly pinyin: string; readonly initials: string } => {
  const syllables = pinyin(name, { toneType: 'none', type: 'array', v: true, nonZh: 'consecutive' });
  return {
    pinyin: syllables.join('').toLowerCase(),
    initials: syllables
      .map((syllable) => syllable.charAt(0))
      .join('')
      .toLowerCase(),
  };
};

const stationRow = (station: Station): ReadTables['stations'] => {
  const { code, name, city } = station;
  const typed = typedForms(name);
  return { code, name, city, pinyin: station.pinyin === '' ? typed.pinyin : station.pinyin, initials: typed.initials };
};

export const timetableModel = (db: Kysely<ReadTables>): Projection => {
  const knownRoutes = new Set<string>();
  return sqlProjection(db, 'timetable', [stationCategory.name, runCategory.name], async (trx, { events }) => {
    const stations = new Map<string, Station>();
    const opened: TrainRunOpened['data'][] = [];
    const changed: Recorded<TrainRunEvent & LoggedEvent>[] = [];
    for (const event of events)
      if (stationCategory.owns(event)) stations.set(event.data.code, event.data);
      else if (!runCategory.owns(event))
        throw notUnderstood(runCategory.holds(event) ? runCategory : stationCategory, event);
      else if (event.type === 'TrainRunOpened') opened.push(event.data);
      else changed.push(event);
    for (const page of pages([...stations.values()]))
      await trx.replaceInto('stations').values(page.map(stationRow)).execute();
    const added: string[] = [];
    const routeOf = async (facts: RouteFacts): Promise<string> => {
      const text = JSON.stringify(facts);
      const routeId = hash('sha256', text, 'base64url');
      if (!knownRoutes.has(routeId) && !added.includes(routeId)) {
        await addRoute(trx, routeId, facts, text);
        added.push(routeId);
      }
      return routeId;
    };
    const rows: ReadTables['runs'][] = [];
    for (const { date, ...facts } of opened) {
      rows.push({ train: facts.train, date, route_id: await routeOf(facts), status: 'open' });
    }
    for (const page of pages(rows)) await trx.replaceInto('runs').values(page).execute();
    for (const event of changed) await changeRun(trx, runCategory.idOf(event.stream), event, routeOf);
    return () => {
      for (const routeId of added) knownRoutes.add(routeId);
    };
  });
};

/** More coaches make the run one of another route; a cancellation leaves it where it is. */
const changeRun = async (
  trx: Transaction<ReadTables>,
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
  // Written by this model from these very facts.
  const facts = JSON.parse(row.facts) as RouteFacts;
  const routeId = await routeOf({ ...facts, composition: [...facts.composition, ...data.coaches] });
  await run.set({ route_id: routeId }).execute();
};

const addRoute = async (
  trx: Transaction<ReadTables>,
  routeId: string,
  facts: RouteFacts,
  text: string,
): Promise<void> => {
  await trx.replaceInto('routes').values({ route_id: routeId, train: facts.train, facts: text }).execute();
  await trx
    .replaceInto('route_stops')
    .values(
      facts.stops.map((stop, seq) => ({
        route_id: routeId,
        seq,
        code: stop.code,
        day_offset: dayOffset(stop.departs ?? stop.arrives ?? 0),
      })),
    )
    .execute();
};

function* pages<Row>(rows: readonly Row[]): Iterable<readonly Row[]> {
  for (let start = 0; start < rows.length; start += ROWS) yield rows.slice(start, start + ROWS);
}
