// What the three files may hold, at its limits: each refusal names its file and the place.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { loadRollingStock, RollingStockError } from './rolling-stock.ts';

const folder = mkdtempSync(join(tmpdir(), 'rolling-stock-limits-'));
afterAll(() => rmSync(folder, { recursive: true }));

const rows = { kind: 'rows', rows: 1, letters: 'A' };
const coaches = { seatClass: 'second', count: 1, layout: rows };
const tariff = {
  name: 'flat',
  ratesMilliFenPerKm: { second: 1 },
  bands: [{ percent: 100 }],
  minimumFen: 1,
  roundToFen: 1,
  percentOfAdult: { adult: 100, child: 50, student: 75 },
};
const kind = { composition: 'one', tariff: 'flat' };

type Files = { readonly compositions?: unknown; readonly tariffs?: unknown; readonly kinds?: unknown };
/** The file that is refused, or 'accepted'. */
const outcomeOf = ({ compositions, tariffs, kinds }: Files): string => {
  writeFileSync(
    join(folder, 'compositions.json'),
    JSON.stringify(compositions ?? [{ name: 'one', coaches: [coaches] }]),
  );
  writeFileSync(join(folder, 'tariffs.json'), JSON.stringify(tariffs ?? [tariff]));
  writeFileSync(join(folder, 'train-kinds.json'), JSON.stringify(kinds ?? [kind]));
  try {
    loadRollingStock(folder);
  } catch (error) {
    if (!(error instanceof RollingStockError)) throw error;
    expect(error.code).toBe('ROLLING_STOCK_INVALID');
    return error.message.slice(0, error.message.indexOf('.json') + 5);
  }
  return 'accepted';
};
const ofCoach = (change: object): Files => ({ compositions: [{ name: 'one', coaches: [{ ...coaches, ...change }] }] });
const ofLayout = (layout: object): Files => ofCoach({ layout });
const ofTariff = (change: object): Files => ({ tariffs: [{ ...tariff, ...change }] });
const ofKind = (change: object): Files => ({ kinds: [{ ...kind, ...change }] });
const ofBands = (...bands: readonly object[]): Files => ofTariff({ bands });
const berths = (bays: number, ...levels: readonly string[]): Files => ofLayout({ kind: 'berths', bays, levels });
const name = 'N'.repeat(64);

const ACCEPTED: Readonly<Record<string, Files>> = {
  'a train of one seat': {},
  'a train of 99 coaches': ofCoach({ count: 99 }),
  'as many rows as can be': ofLayout({ ...rows, rows: 99 }),
  'as many letters as can be': ofLayout({ ...rows, letters: 'ABCDEFGHJK' }),
  'as many numbers as can be': ofLayout({ kind: 'numbers', seats: 999 }),
  'as many bays as can be': berths(49, 'lower', 'middle', 'upper'),
  'one bay of one level': berths(1, 'upper'),
  'as many who stand as can be': {
    ...ofCoach({ standing: 999 }),
    ...ofTariff({ ratesMilliFenPerKm: { second: 1, standing: 1 } }),
  },
  'a long name': { compositions: [{ name, coaches: [coaches] }], kinds: [{ ...kind, composition: name }] },
  'a rate as high as can be': ofTariff({ ratesMilliFenPerKm: { second: 100_000_000 } }),
  'bands that grow': ofBands({ untilKm: 1, percent: 0 }, { untilKm: 2, percent: 1_000 }, { percent: 100 }),
  'all for nothing': ofTariff({ percentOfAdult: { adult: 0, child: 0, student: 0 } }),
  'late assignment': ofKind({ lateAssignment: ['second'] }),
  'patterns before the last': { kinds: [{ ...kind, trainPattern: '^G', typePattern: '动车' }, kind] },
};

const COMPOSITIONS: Readonly<Record<string, Files>> = {
  'no coach': { compositions: [{ name: 'one', coaches: [] }] },
  'no coaches of a kind': ofCoach({ count: 0 }),
  'a hundred coaches of a kind': ofCoach({ count: 100 }),
  'a hundred coaches in all': { compositions: [{ name: 'one', coaches: [{ ...coaches, count: 99 }, coaches] }] },
  'a coach and a half': ofCoach({ count: 1.5 }),
  'no rows': ofLayout({ ...rows, rows: 0 }),
  'too many rows': ofLayout({ ...rows, rows: 100 }),
  'no letters': ofLayout({ ...rows, letters: '' }),
  'too many letters': ofLayout({ ...rows, letters: 'ABCDEFGHJKL' }),
  'a small letter': ofLayout({ ...rows, letters: 'Ab' }),
  'a letter twice': ofLayout({ ...rows, letters: 'ABA' }),
  'no numbers': ofLayout({ kind: 'numbers', seats: 0 }),
  'too many numbers': ofLayout({ kind: 'numbers', seats: 1_000 }),
  'no bays': berths(0, 'lower'),
  'too many bays': berths(50, 'lower'),
  'no levels': berths(1),
  'a level twice': berths(1, 'lower', 'lower'),
  'a level that is none': berths(1, 'attic'),
  'a layout that is none': ofLayout({ kind: 'circle', seats: 1 }),
  'something else in a layout': ofLayout({ ...rows, colour: 'red' }),
  'nobody who stands': ofCoach({ standing: 0 }),
  'too many who stand': ofCoach({ standing: 1_000 }),
  'a coach of places to stand': ofCoach({ seatClass: 'standing' }),
  'something else in a coach': ofCoach({ colour: 'red' }),
  'no name': { compositions: [{ name: '', coaches: [coaches] }] },
  'too long a name': { compositions: [{ name: `${name}N`, coaches: [coaches] }] },
  'a name twice': {
    compositions: [
      { name: 'one', coaches: [coaches] },
      { name: 'one', coaches: [coaches] },
    ],
  },
};

const TARIFFS: Readonly<Record<string, Files>> = {
  'a name twice': { tariffs: [tariff, tariff] },
  'a rate of nothing': ofTariff({ ratesMilliFenPerKm: { second: 0 } }),
  'too high a rate': ofTariff({ ratesMilliFenPerKm: { second: 100_000_001 } }),
  'a rate for what is no class': ofTariff({ ratesMilliFenPerKm: { second: 1, throne: 1 } }),
  'no band': ofBands(),
  'a last band that ends': ofBands({ untilKm: 1, percent: 100 }),
  'a band before the last that does not end': ofBands({ percent: 100 }, { percent: 100 }),
  'bands that do not grow': ofBands({ untilKm: 2, percent: 1 }, { untilKm: 2, percent: 1 }, { percent: 1 }),
  'a band of nothing': ofBands({ untilKm: 0, percent: 1 }, { percent: 1 }),
  'less than nothing of a band': ofBands({ percent: -1 }),
  'more than ten times of a band': ofBands({ percent: 1_001 }),
  'something else in a band': ofBands({ percent: 1, colour: 'red' }),
  'a minimum of nothing': ofTariff({ minimumFen: 0 }),
  'rounding to nothing': ofTariff({ roundToFen: 0 }),
  'more than the whole fare': ofTariff({ percentOfAdult: { adult: 101, child: 1, student: 1 } }),
  'less than no fare': ofTariff({ percentOfAdult: { adult: 1, child: -1, student: 1 } }),
  'a traveller without a share': ofTariff({ percentOfAdult: { adult: 1, child: 1 } }),
  'something else': ofTariff({ colour: 'red' }),
};

const KINDS: Readonly<Record<string, Files>> = {
  'places to stand given out late': ofKind({ lateAssignment: ['standing'] }),
  'nothing given out late': ofKind({ lateAssignment: [] }),
  'a pattern of numbers that is none': { kinds: [{ ...kind, trainPattern: '[' }, kind] },
  'a pattern of kinds that is none': { kinds: [{ ...kind, typePattern: '\\' }, kind] },
  'a last one for some trains': { kinds: [kind, { ...kind, trainPattern: 'G' }] },
  'a last one for some kinds': { kinds: [kind, { ...kind, typePattern: 'G' }] },
  'a class without a rate': ofTariff({ ratesMilliFenPerKm: { first: 1 } }),
  'places to stand without a rate': ofCoach({ standing: 1 }),
};

describe.each([
  ['accepted', ACCEPTED],
  ['compositions.json', COMPOSITIONS],
  ['tariffs.json', TARIFFS],
  ['train-kinds.json', KINDS],
])('%s', (outcome, cases) => {
  test.each(Object.entries(cases))('%s', (_, files) => {
    expect(outcomeOf(files)).toBe(outcome);
  });
});
