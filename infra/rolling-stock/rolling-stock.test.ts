import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fareFen } from '@railhead/domain/fare/fare.ts';
import { classSizes } from '@railhead/domain/train-run/composition.ts';
import { defaultRollingStock, loadRollingStock, RollingStockError, rollingStockFor } from './rolling-stock.ts';
import { tariffsSchema } from './schema.ts';

const sizes = (train: string, type = ''): Record<string, number> =>
  Object.fromEntries(
    classSizes(rollingStockFor(defaultRollingStock(), { train, type }).composition).map((entry) => [
      entry.seatClass,
      entry.seats,
    ]),
  );

describe('the built-in rolling stock', () => {
  test('gives every kind of train its coaches', () => {
    expect(sizes('G1')).toEqual({ business: 24, first: 168, second: 1080 });
    expect(sizes('G651')).toEqual({ business: 24, first: 56, second: 540 });
    expect(sizes('D301')).toEqual({ second: 110, softSleeper: 560 });
    expect(sizes('C2001')).toEqual({ first: 48, second: 560, standing: 70 });
    expect(sizes('Z281')).toEqual({ softSleeper: 144, hardSleeper: 660, softSeat: 80, hardSeat: 354, standing: 90 });
    expect(sizes('1461')).toEqual({ softSleeper: 72, hardSleeper: 528, hardSeat: 944, standing: 240 });
  });

  test('falls back to the operator’s kind of train, then to a train of seats only', () => {
    expect(sizes('X1', '高速动车组')).toEqual(sizes('G651'));
    expect(sizes('X1', 'GTFS route_type 2')).toEqual({ first: 48, second: 560, standing: 70 });
  });

  test('numbers coaches in order', () => {
    const { composition } = rollingStockFor(defaultRollingStock(), { train: 'G651', type: '' });
    expect(composition.map(({ coach }) => coach)).toEqual(['01', '02', '03', '04', '05', '06', '07', '08']);
  });

  test('prices Beijing to Shanghai', () => {
    const { tariff } = rollingStockFor(defaultRollingStock(), { train: 'G1', type: '' });
    expect(fareFen(tariff, 'second', 1318, 'adult')).toBe(60_650);
    expect(fareFen(tariff, 'second', 1318, 'student')).toBe(45_500);
  });
});

/** It gives as much away as it may. */
const flat = {
  name: 'flat',
  ratesMilliFenPerKm: { second: 1 },
  bands: [{ percent: 0 }],
  minimumFen: 1,
  roundToFen: 1_000,
  percentOfAdult: { adult: 0, child: 0, student: 0 },
};

test('whatever a tariff gives away, a fare is something that can be paid', () => {
  const [tariff] = tariffsSchema.parse([flat]);
  if (tariff === undefined) throw new Error('it was parsed');
  for (const kind of ['adult', 'child', 'student'] as const)
    for (const km of [0, 1, 5_000]) expect(fareFen(tariff, 'second', km, kind)).toBe(1);
});

describe('a folder of one’s own', () => {
  let folder = '';
  const put = (file: string, value: unknown): void =>
    writeFileSync(join(folder, file), typeof value === 'string' ? value : JSON.stringify(value));
  const refusal = (): string => {
    try {
      loadRollingStock(folder);
    } catch (error) {
      if (error instanceof RollingStockError) return `${error.code} ${error.message}`;
      throw error;
    }
    return 'accepted';
  };
  const oneCoach = (name: string, seatClass: string): unknown => ({
    name,
    coaches: [{ seatClass, count: 1, layout: { kind: 'numbers', seats: 10 } }],
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rolling-stock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('replaces the files it has and leaves the others', () => {
    put('train-kinds.json', [{ composition: 'CR400AF-8', tariff: 'high-speed' }]);
    const { composition, tariff } = rollingStockFor(loadRollingStock(folder), { train: 'K1', type: '快速' });
    expect(composition).toHaveLength(8);
    expect(tariff.name).toBe('high-speed');
  });

  test('empty or not given means the built-in files', () => {
    expect(loadRollingStock(folder)).toEqual(defaultRollingStock());
    expect(loadRollingStock(undefined)).toEqual(defaultRollingStock());
  });

  test.each<[string, string, unknown, string]>([
    ['text that is not JSON', 'tariffs.json', '[', 'tariffs.json is not readable JSON'],
    ['an unknown field', 'train-kinds.json', [{ composition: 'a', tariff: 'b', colour: 'red' }], 'colour'],
    ['an unknown seat class', 'compositions.json', [oneCoach('A', 'throne')], 'seatClass'],
    ['a pattern that is none', 'train-kinds.json', [{ trainPattern: '(', composition: 'a', tariff: 'b' }], 'regular'],
    ['an unknown composition', 'train-kinds.json', [{ composition: 'none', tariff: 'emu' }], 'named none'],
    ['an unknown tariff', 'train-kinds.json', [{ composition: 'CRH6-8', tariff: 'none' }], 'named none'],
    ['an unpriced class', 'train-kinds.json', [{ composition: 'CR400AF-8', tariff: 'conventional' }], 'business'],
    ['a name given twice', 'compositions.json', [oneCoach('A', 'second'), oneCoach('A', 'first')], 'named A'],
    ['no catch-all', 'train-kinds.json', [{ trainPattern: 'G', composition: 'CRH6-8', tariff: 'emu' }], 'last entry'],
    ['a fare of nothing', 'tariffs.json', [{ ...flat, minimumFen: 0 }], 'minimumFen'],
    ['no rules at all', 'train-kinds.json', [], 'last entry'],
  ])('refuses %s', (_, file, value, expected) => {
    put(file, value);
    expect(refusal()).toMatch(/^ROLLING_STOCK_INVALID/);
    expect(refusal()).toContain(expected);
  });
});
