import type { TrainRunOpened } from '@railhead/domain/train-run/events.ts';
import type { StoredJson } from '../engine/sql-dialect.ts';
import { integer, json, type TableDefinitions, text } from '../engine/tables.ts';

export type RunStatus = 'open' | 'cancelled';

/** Everything about a run except its date. */
export type RouteFacts = Omit<TrainRunOpened['data'], 'date'>;

export type TimetableTables = {
  /** What is searched is in small letters, because databases differ in whether `like` sees them. */
  stations: {
    code: string;
    name: string;
    city: string;
    pinyin: string;
    typed_name: string;
    typed_city: string;
    typed_pinyin: string;
    initials: string;
    name_length: number;
  };
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
      typed_name: text(128),
      typed_city: text(128),
      typed_pinyin: text(256),
      initials: text(64),
      name_length: integer,
    },
    key: ['code'],
    indexes: { city: ['city'] },
  },
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
