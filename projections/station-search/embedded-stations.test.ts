import { beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import type { StationRow } from '../timetable/timetable-queries.ts';
import { EmbeddedStations, type StationRows } from './embedded-stations.ts';
import { keysBy } from './station-keys.ts';

const station = (code: string, name: string): StationRow => ({ code, name, city: name, pinyin: '' });

/** Rows that tell how often they were read. */
class Rows implements StationRows {
  stations: readonly StationRow[] = [station('A', '甲地'), station('B', '甲山')];
  calls = new Map([['A', 1]]);
  changes = { stations: 1, calls: 1 };
  isAway = false;
  looks = 0;
  reads = 0;

  async stationChanges() {
    this.looks += 1;
    if (this.isAway) throw new Error('the rows are away');
    return { ...this.changes };
  }
  async allStations() {
    this.reads += 1;
    return this.stations;
  }
  async stationCalls() {
    return this.calls;
  }
}

let rows: Rows;
let clock: ManualClock;
let embedded: EmbeddedStations;
beforeEach(() => {
  rows = new Rows();
  clock = new ManualClock();
  embedded = new EmbeddedStations(keysBy({}), clock);
});

const indexOf = async (isNew: boolean): ReturnType<EmbeddedStations['index']> => {
  let [isDone, failure]: [boolean, unknown] = [false, undefined];
  const index = embedded.index(rows, isNew).finally(() => {
    isDone = true;
  });
  index.catch((error: unknown) => {
    failure = error;
  });
  await waitUntil('the index', async () => {
    await clock.advance(0);
    return isDone || failure !== undefined;
  });
  return index;
};
const found = async (text: string, isNew = false): Promise<readonly string[]> =>
  (await (await indexOf(isNew)).search(text, 10)).map(({ code }) => code);

describe('the embedded index', () => {
  test('is made once, and looked after once a second', async () => {
    expect(await found('甲')).toEqual(['A', 'B']);
    for (let n = 0; n < 5; n += 1) await found('甲');
    expect([rows.looks, rows.reads]).toEqual([1, 1]);
    await clock.advance(1_000);
    for (let n = 0; n < 5; n += 1) await found('甲');
    expect([rows.looks, rows.reads]).toEqual([2, 1]);
  });

  test('has changed stations within a second, and at once for whoever names a position', async () => {
    await found('甲');
    rows.stations = [station('A', '乙地')];
    rows.changes = { stations: 2, calls: 1 };
    expect(await found('乙')).toEqual([]);
    expect(await found('乙', true)).toEqual(['A']);
    rows.stations = [station('A', '丙地')];
    rows.changes = { stations: 3, calls: 1 };
    await clock.advance(1_000);
    expect(await found('丙')).toEqual(['A']);
    expect(await found('乙')).toEqual([]);
  });

  test('ranks anew where trains call elsewhere, without reading the stations again', async () => {
    expect(await found('甲')).toEqual(['A', 'B']);
    rows.calls = new Map([['B', 5]]);
    rows.changes = { stations: 1, calls: 2 };
    expect(await found('甲', true)).toEqual(['B', 'A']);
    expect(rows.reads).toBe(1);
  });

  test('is asked for by many at once, and made once', async () => {
    const all = Promise.all(Array.from({ length: 20 }, () => indexOf(true)));
    const [first, ...others] = await all;
    expect([rows.looks, rows.reads]).toEqual([1, 1]);
    expect(others.every((other) => other === first)).toBe(true);
  });

  test('fails with its rows, and is there again with them', async () => {
    rows.isAway = true;
    await expect(indexOf(false)).rejects.toThrow('away');
    rows.isAway = false;
    expect(await found('甲')).toEqual(['A', 'B']);
  });

  test('of each database is its own', async () => {
    await found('甲');
    const first = rows;
    rows = new Rows();
    rows.stations = [station('C', '甲乙')];
    expect(await found('甲')).toEqual(['C']);
    rows = first;
    expect(await found('甲')).toEqual(['A', 'B']);
  });
});
