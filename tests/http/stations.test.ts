// Stations are found by what people type, over HTTP, and trains between places that are called by their names.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TimetableSource } from '@railhead/commands/ports/timetable-source.ts';
import { NOTHING } from '../search/questions.ts';
import { STATIONS } from '../search/stations.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import type { Answer, Json } from '../support/shopper.ts';

const sourceOf = (stations: readonly (typeof STATIONS)[number][]): TimetableSource => ({
  name: 'stations',
  async *read() {
    for (const { calls: _, ...station } of stations) yield { kind: 'station', station };
  },
});

let railway: ServedRailway;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 1, letters: 'A', stops: 3, trains: 2 });
  await railway.server.importTimetable(sourceOf(STATIONS), () => {});
});
afterAll(() => railway.stop());

/** With all that the log has. */
const ask = async (path: string, query: Readonly<Record<string, string>>): Promise<Answer> =>
  railway.ask(`${path}?${new URLSearchParams(query)}`, {
    headers: { 'Railhead-Min-Position': String(await railway.store.lastPosition()) },
  });
const codes = async (q: string, limit?: string): Promise<readonly string[]> => {
  const { status, body } = await ask('/v1/stations', { q, ...(limit === undefined ? {} : { limit }) });
  expect([q, status]).toEqual([q, 200]);
  return body.stations.map(({ code }: Json) => code);
};
const trains = (from: string, to: string): Promise<Answer> => ask('/v1/trains', { from, to, date: RUN_DATE });

describe('stations', () => {
  test.each([
    ['aoh', 'AOH'],
    ['北京市', 'BJP'],
    ['北京南站', 'VNP'],
    ["xi'an bei", 'EAY'],
    ['Guangzhou South', 'IZQ'],
    ['瀋陽北', 'SBT'],
    ['Munich Hbf', 'MUC'],
    ['shanghaihongqaio', 'AOH'],
    ['站1', 'ST1'],
  ])('%s finds %s', async (q, code) => {
    expect((await codes(q))[0]).toBe(code);
    expect(await codes(q, '1')).toEqual([code]);
  });

  test.each(NOTHING)('%j finds none, or is refused', async (q) => {
    const { status, body } = await ask('/v1/stations', { q });
    expect(status === 200 ? body.stations : status).toEqual(status === 200 ? [] : 400);
  });

  test.each(['', ' ', '\u0000', 'a\u0000b', '\u202Eabc', '\u200B', 'x'.repeat(65)])('%j is refused', async (q) => {
    expect((await ask('/v1/stations', { q })).status).toBe(400);
  });

  test('without a position, what was there a moment ago is answered', async () => {
    const { body } = await railway.ask('/v1/stations?q=VNP');
    expect(body.stations).toEqual([{ code: 'VNP', name: '北京南', city: '北京', pinyin: 'beijingnan' }]);
  });

  test('that have got another name are found by it, and not by the old one, by whoever names the position', async () => {
    const name = { code: 'NEW', name: '新站点甲', city: '新城', pinyin: '', calls: 0 };
    await railway.server.importTimetable(sourceOf([name]), () => {});
    expect(await codes('新站点甲')).toEqual(['NEW']);
    await railway.server.importTimetable(sourceOf([{ ...name, name: 'Neustadt an der Probe' }]), () => {});
    expect(await codes('新站点甲')).toEqual([]);
    expect(await codes('neustadt')).toEqual(['NEW']);
  });

  test('where most trains call come first', async () => {
    await railway.server.importTimetable(
      sourceOf([{ code: 'AA1', name: '站1', city: '', pinyin: '', calls: 0 }]),
      () => {},
    );
    expect(await codes('站1')).toEqual(['ST1', 'AA1']);
  });
});

describe('trains between places', () => {
  test.each([
    ['ST0', 'ST2'],
    ['站0', '站2'],
    ['站 0', 'city:站2'],
    ['zhan0', 'ZHAN2'],
  ])('from %s to %s', async (from, to) => {
    const { status, body } = await trains(from, to);
    expect([status, body.trains?.length]).toEqual([200, 2]);
  });

  test.each(['北京', '北京南', 'beijingnan', 'Shanghai Hongqiao', 'Munich', 'Harbin West', 'xi’an'])(
    '%s is a place',
    async (place) => {
      expect((await trains(place, 'ST1')).status).toBe(200);
    },
  );

  test.each(['suzhou', 'Taizhou', 'fuzhou'])('%s is several places: they are told', async (place) => {
    const { status, body } = await trains('ST0', place);
    expect([status, body.code]).toEqual([422, 'AMBIGUOUS_STATION']);
    const cities = new Set(body.candidates.map(({ city }: Json) => city));
    expect(cities.size).toBe(2);
    expect(Object.keys(body.candidates[0])).toEqual(['code', 'name', 'city']);
  });

  test.each(['beijin', '北', 'vnp', 'city:Suzhou', 'Atlantis', '站', '%', '🚄'])('%s is none', async (place) => {
    const { status, body } = await trains(place, 'ST1');
    expect([status, body.code]).toEqual([422, 'STATION_UNKNOWN']);
  });
});
