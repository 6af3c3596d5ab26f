// Queries on the timetable model: all stations, trains between two places, the route of one train.
import type { Position } from '@railhead/commands/ports/event-store.ts';
import { addDays } from '@railhead/domain/timetable/timetable.ts';
import { journeyBetween } from '@railhead/domain/train-run/journey.ts';
import type { Kysely } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { SqlDialect } from '../engine/sql-dialect.ts';
import type { RouteFacts, RunStatus, StationChange, TimetableTables } from './timetable-tables.ts';

export type StationRow = {
  readonly code: string;
  readonly name: string;
  readonly city: string;
  readonly pinyin: string;
};

/** A run from stop `from` to stop `to` (sequence numbers). */
export type Connection = {
  readonly facts: RouteFacts;
  readonly runDate: string;
  readonly status: RunStatus;
  readonly from: number;
  readonly to: number;
};

/** Size of the cache of parsed routes; a national timetable has a few thousand. */
const MAX_ROUTES = 10_000;
/** A train arrives at most so many days after its run date. */
const MAX_DAY_OFFSET = 6;

export class TimetableQueries {
  readonly #db: Kysely<TimetableTables>;
  readonly #dialect: SqlDialect;
  readonly #routes: LRUCache<string, RouteFacts>;

  constructor(db: Kysely<TimetableTables>, dialect: SqlDialect, maxRoutes = MAX_ROUTES) {
    this.#routes = new LRUCache({ max: maxRoutes });
    this.#db = db;
    this.#dialect = dialect;
  }

  /** How far the stations have changed, and where trains call. Equal: nothing has changed. */
  async stationChanges(): Promise<Readonly<Record<StationChange, Position>>> {
    const rows = await this.#db.selectFrom('station_changes').select(['what', 'position']).execute();
    return { stations: 0, calls: 0, ...Object.fromEntries(rows.map(({ what, position }) => [what, Number(position)])) };
  }

  allStations(): Promise<readonly StationRow[]> {
    return this.#db.selectFrom('stations').select(['code', 'name', 'city', 'pinyin']).execute();
  }

  /** How many trains call at each station that has any. */
  async stationCalls(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#db
      .selectFrom('station_calls')
      .select(({ fn }) => ['code', fn.countAll().as('trains')])
      .groupBy('code')
      .execute();
    return new Map(rows.map(({ code, trains }) => [code, Number(trains)]));
  }

  /** The station codes of a place: one telecode, or `city:北京` for all stations of a city; empty if there are none. */
  async place(text: string): Promise<readonly string[]> {
    const city = text.startsWith('city:') ? text.slice('city:'.length) : undefined;
    const rows = await this.#db
      .selectFrom('stations')
      .select('code')
      .where(city === undefined ? 'code' : 'city', '=', city ?? text)
      .execute();
    return rows.map(({ code }) => code);
  }

  /**
   * Runs that leave one of `from` on `date` (local) and call at one of `to` later. Where a train calls twice at a station,
   * the way on which it is sold.
   */
  async connections(from: readonly string[], to: readonly string[], date: string): Promise<readonly Connection[]> {
    if (from.length === 0 || to.length === 0) return [];
    const dates = Array.from({ length: MAX_DAY_OFFSET + 1 }, (_, days) => addDays(date, -days));
    const rows = await this.#db
      .selectFrom('route_stops as a')
      .innerJoin('route_stops as b', 'b.route_id', 'a.route_id')
      .innerJoin('runs as r', 'r.route_id', 'a.route_id')
      .select([
        'a.route_id as routeId',
        'a.code as fromCode',
        'b.code as toCode',
        'a.seq as from',
        'b.seq as to',
        'a.day_offset as dayOffset',
        'r.date as runDate',
        'r.status as status',
      ])
      .where('a.code', 'in', from)
      .where('b.code', 'in', to)
      .whereRef('a.seq', '<', 'b.seq')
      .where('r.date', 'in', dates)
      .execute();
    const connections: Connection[] = [];
    for (const row of rows) {
      if (addDays(row.runDate, row.dayOffset) !== date) continue;
      const facts = await this.#route(row.routeId);
      if (facts === undefined) continue;
      const sold = journeyBetween(facts, row.fromCode, row.toCode);
      if (!sold.ok || sold.value.from !== row.from || sold.value.to !== row.to) continue;
      connections.push({ facts, runDate: row.runDate, status: row.status, from: row.from, to: row.to });
    }
    return connections;
  }

  async run(
    train: string,
    date: string,
  ): Promise<{ readonly facts: RouteFacts; readonly status: RunStatus } | undefined> {
    const row = await this.#db
      .selectFrom('runs')
      .select(['route_id', 'status'])
      .where('train', '=', train)
      .where('date', '=', date)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const facts = await this.#route(row.route_id);
    return facts === undefined ? undefined : { facts, status: row.status };
  }

  async #route(routeId: string): Promise<RouteFacts | undefined> {
    const known = this.#routes.get(routeId);
    if (known !== undefined) return known;
    const row = await this.#db.selectFrom('routes').select('facts').where('route_id', '=', routeId).executeTakeFirst();
    if (row === undefined) return undefined;
    const facts = this.#dialect.fromJson(row.facts);
    this.#routes.set(routeId, facts);
    return facts;
  }
}
