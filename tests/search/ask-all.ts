// Asks every question of a store of stations, and says how often the right one came first, or among the first three.
import { expect, test } from '@jest/globals';
import { loadStationAliases } from '@railhead/infra/stations/load-aliases.ts';
import type { SearchedStation, StationIndex } from '@railhead/projections/station-search/station-index.ts';
import { keysBy } from '@railhead/projections/station-search/station-keys.ts';
import { NOTHING, QUESTIONS } from './questions.ts';
import { STATIONS } from './stations.ts';

const FIRST_TARGET = 0.95;
const AMONG_THREE_TARGET = 0.99;
/** As many as anybody may ask for. */
const MOST = 50;

const keysOf = keysBy(loadStationAliases(''));
export const SEARCHED: readonly SearchedStation[] = STATIONS.map(({ calls, ...facts }) => ({
  facts,
  calls,
  keys: keysOf(facts),
}));

const ALL = Object.entries(QUESTIONS).flatMap(([why, asked]) => asked.map(([typed, name]) => ({ why, typed, name })));

export const askAll = (store: string, open: () => StationIndex): void => {
  const found = async (typed: string, limit: number): Promise<readonly string[]> =>
    (await open().search(typed, limit)).map(({ code }) => code);

  test('each question is about a station that is there', () => {
    expect(ALL.length).toBeGreaterThanOrEqual(150);
    const names = new Set(STATIONS.map(({ name }) => name));
    expect(ALL.filter(({ name }) => !names.has(name))).toEqual([]);
  });

  test('the right station comes first', async () => {
    const missed: string[] = [];
    let [first, amongThree] = [0, 0];
    for (const { why, typed, name } of ALL) {
      const names = (await open().search(typed, 3)).map((station) => station.name);
      if (names[0] === name) first += 1;
      else missed.push(`${why}: ${typed} gives ${names.join(', ')} in place of ${name}`);
      if (names.includes(name)) amongThree += 1;
    }
    const rates = { precisionAt1: first / ALL.length, hitAt3: amongThree / ALL.length };
    process.stderr.write(`stations, ${store}: ${ALL.length} questions, ${JSON.stringify(rates)}\n`);
    if (rates.precisionAt1 < FIRST_TARGET || rates.hitAt3 < AMONG_THREE_TARGET) expect(missed).toEqual([]);
  });

  test('a smaller limit gives the beginning of what a larger one gives', async () => {
    const asked = [...ALL.map(({ typed }) => typed), 's', 'b', '北', 'hbf', 'a'];
    for (const typed of asked) {
      const most = await found(typed, MOST);
      for (const limit of [1, 2, 20]) expect([typed, await found(typed, limit)]).toEqual([typed, most.slice(0, limit)]);
    }
  });

  test.each(NOTHING)('%j finds nothing', async (typed) => {
    expect(await found(typed, MOST)).toEqual([]);
  });
};
