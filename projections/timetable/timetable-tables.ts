import type { TrainRunOpened } from '@railhead/domain/train-run/events.ts';
import type { StoredJson } from '../engine/sql-dialect.ts';
import { integer, json, position, type TableDefinitions, text } from '../engine/tables.ts';

export type StationChange = 'stations' | 'calls';

export type RunStatus = 'open' | 'cancelled';

/** Everything about a run except its date. */
export type RouteFacts = Omit<TrainRunOpened['data'], 'date'>;

export type TimetableTables = {
  /** How they are searched is computed from these, in memory. */
  stations: { code: string; name: string; city: string; pinyin: string };
  /** Which trains call at a station, on whatever day. */
  station_calls: { code: string; train: string };
  /** The positions of the last event of a station, and of the last that may have changed where trains call. */
  station_changes: { what: StationChange; position: number };
  /** What runs have in common is stored once. `route_id` is a hash of `facts`: stops, zone, composition and tariff. */
  routes: { route_id: string; train: string; facts: StoredJson<RouteFacts> };
  route_stops: { route_id: string; seq: number; code: string; day_offset: number };
  runs: { train: string; date: string; route_id: string; status: RunStatus };
};

export const timetableTables: TableDefinitions<TimetableTables> = {
  stations: {
    columns: {
      code: text(16),
      name: text(128),
      city: text(128),
      pinyin: text(256),
    },
    key: ['code'],
    indexes: { city: ['city'] },
  },
  station_calls: { columns: { code: text(16), train: text(16) }, key: ['code', 'train'] },
  station_changes: { columns: { what: text(16), position }, key: ['what'] },
  routes: { columns: { route_id: text(64), train: text(16), facts: json }, key: ['route_id'] },
  route_stops: {
    columns: { route_id: text(64), seq: integer, code: text(16), day_offset: integer },
    key: ['route_id', 'seq'],
    indexes: { code: ['code', 'route_id'] },
  },
  runs: {
    columns: { train: text(16), date: text(10), route_id: text(64), status: text(16) },
    key: ['train', 'date'],
    indexes: { route: ['route_id', 'date'] },
  },
};
