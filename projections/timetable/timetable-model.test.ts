import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { EventBatch, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { TimetableEvent } from '@railhead/domain/timetable/events.ts';
import { stationCategory } from '@railhead/domain/timetable/stream.ts';
import type { Station } from '@railhead/domain/timetable/timetable.ts';
import type { TrainRunOpened } from '@railhead/domain/train-run/events.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { anyLog, readSideOf } from '@railhead/tests/support/read-side.ts';
import type { Kysely } from 'kysely';
import type { Projection } from '../engine/projection.ts';
import { type ReadDatabase, tablesOf } from '../engine/read-database.ts';
import { shownStation, timetableModel } from './timetable-model.ts';
import type { TimetableTables } from './timetable-tables.ts';

describe('a station without pinyin', () => {
  test.each([
    { name: '济南西', pinyin: 'jinanxi' },
    { name: '北京南', pinyin: 'beijingnan' },
    { name: '上海虹桥', pinyin: 'shanghaihongqiao' },
    { name: '西安北', pinyin: 'xianbei' },
    { name: '重庆北', pinyin: 'chongqingbei' },
    { name: '长沙南', pinyin: 'changshanan' },
    { name: '吕梁', pinyin: 'lvliang' },
    { name: 'Berlin', pinyin: 'berlin' },
  ])('$name is shown as $pinyin', ({ name, pinyin }) => {
    const station = { code: 'X', name, city: name };
    expect(shownStation({ ...station, pinyin: '' })).toEqual({ ...station, pinyin });
  });
});

describe('timetable model', () => {
  let database: ReadDatabase;
  let db: Kysely<TimetableTables>;
  /** Opens the model again. */
  const newModel = (): Projection => timetableModel.open(database).projection;
  beforeEach(async () => {
    database = await readSideOf(timetableModel);
    db = tablesOf(database.db);
  });
  afterEach(() => db.destroy());

  let position = 0;
  const at = (stream: string, { type, data }: TimetableEvent | TrainRunOpened): RecordedEvent => {
    position += 1;
    return { ...newEvent(data, type), stream, revision: 0, position };
  };
  const station = (data: Station) =>
    at(stationCategory.stream(data.code), { type: 'StationRegistered', version: 1, data });
  const batch = (...events: readonly RecordedEvent[]): EventBatch => ({ events, position, caughtUp: true });

  const run = (date: string, change: Partial<TrainRunOpened['data']> = {}): RecordedEvent => {
    const data: TrainRunOpened['data'] = {
      train: 'K47',
      date,
      zone: 'Asia/Shanghai',
      trainType: '快速',
      stops: [
        { code: 'BJP', name: '北京', arrives: null, departs: 1_400, km: 0 },
        { code: 'TJP', name: '天津', arrives: 1_439, departs: 1_441, km: 137 },
        { code: 'SHH', name: '上海', arrives: 2_900, departs: null, km: 1463 },
      ],
      composition: [{ coach: '01', seatClass: 'hardSeat', layout: { kind: 'numbers', seats: 118 } }],
      tariff: {
        name: 'flat',
        ratesMilliFenPerKm: { hardSeat: 13_000 },
        bands: [{ percent: 100 }],
        minimumFen: 200,
        roundToFen: 50,
        percentOfAdult: { adult: 100, child: 50, student: 75 },
      },
      ...change,
    };
    return at(runCategory.stream({ train: data.train, date }), { type: 'TrainRunOpened', version: 2, data });
  };

  test('stations are as last registered; missing pinyin is derived from the name', async () => {
    const model = newModel();
    const jinan = { code: 'JGK', name: '济南西', city: '济南', pinyin: '' };
    await model.apply(batch(station({ ...jinan, city: '?' }), station(jinan)));
    await model.apply(batch(station({ code: 'VNP', name: '北京南', city: '?', pinyin: 'bjnan' })));
    await model.apply(batch(station({ code: 'VNP', name: '北京南', city: '北京', pinyin: 'bjnan' })));
    expect(await db.selectFrom('stations').selectAll().orderBy('code').execute()).toEqual([
      { code: 'JGK', name: '济南西', city: '济南', pinyin: 'jinanxi' },
      { code: 'VNP', name: '北京南', city: '北京', pinyin: 'bjnan' },
    ]);
  });

  test('runs that differ only in their date share a route', async () => {
    const model = newModel();
    await model.apply(batch(run('2026-12-01'), run('2026-12-02')));
    await model.apply(batch(run('2026-12-03'), run('2026-12-04', { trainType: '特快' })));
    const runs = await db.selectFrom('runs').selectAll().orderBy('date').execute();
    expect(runs.map(({ train, date, status }) => `${train} ${date} ${status}`)).toEqual([
      'K47 2026-12-01 open',
      'K47 2026-12-02 open',
      'K47 2026-12-03 open',
      'K47 2026-12-04 open',
    ]);
    const [first, second, third, other] = runs.map(({ route_id }) => route_id);
    expect([second, third]).toEqual([first, first]);
    expect(other).not.toBe(first);
    expect(await db.selectFrom('routes').select('route_id').execute()).toHaveLength(2);
  });

  test('each stop has the day of its departure, and the last stop that of its arrival', async () => {
    await newModel().apply(batch(run('2026-12-01')));
    const stops = await db.selectFrom('route_stops').select(['seq', 'code', 'day_offset']).orderBy('seq').execute();
    expect(stops).toEqual([
      { seq: 0, code: 'BJP', day_offset: 0 },
      { seq: 1, code: 'TJP', day_offset: 1 },
      { seq: 2, code: 'SHH', day_offset: 2 },
    ]);
  });

  test('the same events again change nothing, even in a reopened model', async () => {
    const events = batch(station({ code: 'BJP', name: '北京', city: '北京', pinyin: '' }), run('2026-12-01'));
    const content = async () => {
      const read = (table: keyof TimetableTables) => db.selectFrom(table).selectAll().execute();
      const tables = ['stations', 'routes', 'route_stops', 'runs', 'station_calls', 'station_changes'] as const;
      return Promise.all(tables.map(read));
    };
    const model = newModel();
    await model.apply(events);
    const before = await content();
    await model.apply(events);
    await newModel().apply(events);
    expect(await content()).toEqual(before);
    expect(before.map((rows) => rows.length)).toEqual([1, 1, 3, 1, 3, 2]);
  });

  test('a route that was rolled back with its batch is written when the batch is applied again', async () => {
    const model = newModel();
    const opened = run('2026-12-01');
    const coaches = (): RecordedEvent => ({
      ...newEvent({ coaches: [] }, 'CoachesAdded'),
      stream: runCategory.stream({ train: 'K48', date: '2026-12-01' }),
      revision: 1,
      position: opened.position + 1,
    });
    await expect(model.apply(batch(opened, coaches()))).rejects.toThrow('before it was opened');
    await model.apply(batch(opened));
    expect(await db.selectFrom('routes').select('train').execute()).toEqual([{ train: 'K47' }]);
  });

  test('remembers how far it has read', async () => {
    const model = newModel();
    expect(await model.load(anyLog)).toBe(0);
    await model.apply({ events: [run('2026-12-01')], position: 41, caughtUp: true });
    expect(await newModel().load(anyLog)).toBe(41);
    await model.apply({ events: [], position: 20_000, caughtUp: true });
    expect(await newModel().load(anyLog)).toBe(20_000);
  });
});
