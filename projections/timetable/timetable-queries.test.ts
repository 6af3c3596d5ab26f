import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { stationCategory } from '@railhead/domain/timetable/stream.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { openedRun } from '@railhead/tests/support/opened-run.ts';
import { anyLog, readSideOf } from '@railhead/tests/support/read-side.ts';
import { type ReadDatabase, tablesOf } from '../engine/read-database.ts';
import { sqlProjection } from '../engine/sql-projection.ts';
import { timetableHandler, timetableModel } from './timetable-model.ts';
import { TimetableQueries } from './timetable-queries.ts';
import { type TimetableTables, timetableTables } from './timetable-tables.ts';

let database: ReadDatabase;
let queries: TimetableQueries;
beforeEach(async () => {
  database = await readSideOf(timetableModel);
  queries = timetableModel.open(database).queries;
});
afterEach(() => database.db.destroy());

type Named = readonly [code: string, name: string, city?: string];

const register = async (...stations: readonly Named[]): Promise<void> => {
  const events = stations.map(
    ([code, name, city = name], index): RecordedEvent => ({
      ...newEvent({ code, name, city, pinyin: '' }, 'StationRegistered'),
      stream: stationCategory.stream(code),
      revision: 0,
      position: index + 1,
    }),
  );
  const { projection } = timetableModel.open(database);
  await projection.load(anyLog);
  await projection.apply({ events, position: events.length, caughtUp: true });
};
describe('a place', () => {
  test('is a station by its code, or all stations of a city, or nothing', async () => {
    await register(['VNP', '北京南', '北京'], ['BJP', '北京', '北京'], ['AOH', '上海虹桥', '上海']);
    expect(await queries.place('VNP')).toEqual(['VNP']);
    expect([...(await queries.place('city:北京'))].sort()).toEqual(['BJP', 'VNP']);
    expect(await queries.place('北京')).toEqual([]);
    expect(await queries.place('city:VNP')).toEqual([]);
    expect(await queries.place('vnp')).toEqual([]);
  });
});

test('more routes than are remembered, by the model or by its queries, are each found as they are', async () => {
  const runs = Array.from({ length: 3 }, (_, n) => openedRun({ train: `G${n}`, trainType: `type ${n}` }));
  const opening = ({ train, date }: { train: string; date: string }) => runCategory.stream({ train, date });
  const events = [...runs, ...runs.map((run) => ({ ...run, date: '2026-12-02' }))].map(
    (run, index): RecordedEvent => ({
      ...newEvent(run, 'TrainRunOpened'),
      version: 2,
      stream: opening(run),
      revision: 0,
      position: index + 1,
    }),
  );
  const definition = {
    name: 'timetable',
    version: timetableModel.schema?.version ?? 0,
    categories: [runCategory],
    tables: timetableTables,
  };
  const projection = sqlProjection<TimetableTables>(database, definition, () => timetableHandler(2));
  for (const event of events) await projection.apply({ events: [event], position: event.position, caughtUp: true });
  queries = new TimetableQueries(tablesOf(database.db), database.dialect, 2);
  for (const date of ['2026-12-01', '2026-12-02', '2026-12-01'])
    for (const { train, trainType } of runs)
      expect(await queries.run(train, date)).toMatchObject({ status: 'open', facts: { train, trainType } });
  expect(await tablesOf<TimetableTables>(database.db).selectFrom('routes').select('train').execute()).toHaveLength(3);
});
