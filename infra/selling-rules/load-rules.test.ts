import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bestFitOnly, type SellingRules } from '@railhead/commands/allocation/selling-rules.ts';
import { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { codeOf } from '@railhead/tests/support/code-of.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { openedRun, stopsOf } from '@railhead/tests/support/opened-run.ts';
import { MemoryEventStore } from '../eventstore/memory/memory-event-store.ts';
import { checkRules } from './check-rules.ts';
import { loadForecasts, loadQuotas, SellingRulesError } from './load-rules.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'selling-rules-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fileOf = (value: unknown): string => {
  const path = join(folder, 'rules.json');
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
};
const LOADERS = { QUOTA_INVALID: loadQuotas, FORECAST_INVALID: loadForecasts } as const;
/** What a file comes to: 'accepted', or the code; the message must name the file. */
const outcomeOf = (load: (path: string) => unknown, path: string): string => {
  try {
    load(path);
  } catch (error) {
    if (!(error instanceof SellingRulesError)) throw error;
    expect(error.message).toContain(path);
    return error.code;
  }
  return 'accepted';
};

const quota = { train: 'G1', seatClass: 'second', from: 'A', to: 'B', seats: 5, untilMinutesBefore: 60 };
const { from: _, to: __, ...anywhere } = quota;
const demand = { from: 'A', to: 'B', requests: 10 };
const forecast = { train: 'G1', seatClass: 'second', daysOnSale: 2, demand: [demand] };
const long = 'N'.repeat(17);

describe.each(Object.entries(LOADERS))('a file that is refused as %s', (code, load) => {
  test('is none where the path is empty; it may begin with a byte order mark', () => {
    expect(load('')).toEqual([]);
    expect(load(fileOf('\uFEFF[]'))).toEqual([]);
  });

  test.each([['{'], [''], ['{}'], ['null'], ['[1]'], ['[{}]']])('holds %j', (text) => {
    expect(outcomeOf(load, fileOf(text))).toBe(code);
  });

  test('is not there', () => {
    expect(outcomeOf(load, join(folder, 'nowhere.json'))).toBe(code);
  });
});

test.each<[string, object, boolean]>([
  ['a part of the way', {}, true],
  ['no seats', { seats: 0 }, true],
  ['as many seats as can be', { seats: 100_000 }, true],
  ['more seats', { seats: 100_001 }, false],
  ['fewer than none', { seats: -1 }, false],
  ['half a seat', { seats: 0.5 }, false],
  ['to the last minute', { untilMinutesBefore: 0 }, true],
  ['until a year before', { untilMinutesBefore: 525_600 }, true],
  ['until longer before', { untilMinutesBefore: 525_601 }, false],
  ['until after it has left', { untilMinutesBefore: -1 }, false],
  ['a class that is none', { seatClass: 'throne' }, false],
  ['a train without a number', { train: '' }, false],
  ['a train of too long a number', { train: long }, false],
  ['a station without a code', { from: '' }, false],
  ['a station of too long a code', { to: long }, false],
  ['only one end', { to: undefined }, false],
  ['both kinds of place', { boardingAt: 'A' }, false],
  ['something else', { colour: 'red' }, false],
])('a quota of %s', (_, change, accepted) => {
  expect(outcomeOf(loadQuotas, fileOf([{ ...quota, ...change }]))).toBe(accepted ? 'accepted' : 'QUOTA_INVALID');
});

test('quotas are a hundred thousand at most', () => {
  const rules = Array.from({ length: 100_001 }, () => quota);
  expect(outcomeOf(loadQuotas, fileOf(rules))).toBe('QUOTA_INVALID');
  expect(outcomeOf(loadQuotas, fileOf(rules.slice(1)))).toBe('accepted');
});

test('a quota is kept to the last minute unless it says otherwise, and may be of a station', () => {
  const { untilMinutesBefore: _, ...rest } = anywhere;
  expect(loadQuotas(fileOf([{ ...rest, boardingAt: 'B' }, quota]))).toEqual([
    { ...rest, boardingAt: 'B', untilMinutesBefore: 0 },
    quota,
  ]);
});

test.each<[string, object, boolean]>([
  ['as it should be', {}, true],
  ['of no days', { daysOnSale: 0 }, false],
  ['of half a day', { daysOnSale: 0.5 }, true],
  ['of a year', { daysOnSale: 365 }, true],
  ['of longer', { daysOnSale: 365.5 }, false],
  ['of no demand', { demand: [] }, false],
  ['of ten thousand journeys', { demand: Array.from({ length: 10_000 }, () => demand) }, true],
  ['of more', { demand: Array.from({ length: 10_001 }, () => demand) }, false],
  ['of nobody', { demand: [{ ...demand, requests: 0 }] }, true],
  ['of a million', { demand: [{ ...demand, requests: 1_000_000 }] }, true],
  ['of more than a million', { demand: [{ ...demand, requests: 1_000_000.5 }] }, false],
  ['of fewer than none', { demand: [{ ...demand, requests: -1 }] }, false],
  ['with something else', { colour: 'red' }, false],
  ['with something else in its demand', { demand: [{ ...demand, colour: 'red' }] }, false],
  ['of a class that is none', { seatClass: 'throne' }, false],
])('a forecast %s', (_, change, accepted) => {
  const outcome = outcomeOf(loadForecasts, fileOf([{ ...forecast, ...change }]));
  expect(outcome).toBe(accepted ? 'accepted' : 'FORECAST_INVALID');
});

describe('rules are looked at when the sale opens', () => {
  const dates = ['2026-12-01', '2026-12-02'];
  const check = async (rules: Partial<SellingRules>): Promise<string> => {
    const store = new MemoryEventStore();
    const tariff = { ...openedRun().tariff, ratesMilliFenPerKm: { second: 10_000 } };
    for (const [date, codes] of [
      ['2026-12-01', ['A', 'B', 'C']],
      ['2026-12-02', ['A', 'B']],
    ] as const) {
      const event = newEvent(openedRun({ date, tariff, stops: stopsOf(...codes) }), 'TrainRunOpened');
      await store.append([
        { stream: runCategory.stream({ train: 'G1', date }), expected: 'noStream', events: [event] },
      ]);
    }
    return codeOf(checkRules({ ...bestFitOnly, ...rules }, new RunDirectory(store), [...dates, '2026-12-03']));
  };
  const one = { train: 'G1', seatClass: 'second', seats: 1, untilMinutesBefore: 0 } as const;

  test.each<[string, Partial<SellingRules>, string]>([
    ['none', {}, 'accepted'],
    ['that fit every run', { quotas: [{ ...one, from: 'A', to: 'B' }] }, 'accepted'],
    ['of a train that does not run', { quotas: [{ ...one, train: 'G9', from: 'X', to: 'Y' }] }, 'accepted'],
    ['that fit only the first run', { quotas: [{ ...one, from: 'A', to: 'C' }] }, 'QUOTA_INVALID'],
    [
      'of which the last does not fit',
      {
        quotas: [
          { ...one, from: 'A', to: 'B' },
          { ...one, seatClass: 'first', from: 'A', to: 'B' },
        ],
      },
      'QUOTA_INVALID',
    ],
    [
      'of a forecast that fits only the first run',
      { forecasts: [{ ...one, daysOnSale: 1, demand: [{ from: 'B', to: 'C', requests: 1 }] }] },
      'FORECAST_INVALID',
    ],
  ])('%s', async (_, rules, code) => {
    expect(await check(rules)).toBe(code);
  });
});
