import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SEAT_POLICIES } from '@railhead/domain/allocation/seat-policies.ts';
import { loadPolicy } from './load-policy.ts';
import { SellingRulesError } from './load-rules.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fileOf = (value: unknown): string => {
  const path = join(folder, 'rules.json');
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
};
/** The code and the message; the message must name the file. */
const refusalOf = (path: string): readonly [string, string] => {
  try {
    loadPolicy(path);
  } catch (error) {
    if (!(error instanceof SellingRulesError)) throw error;
    expect(error.message).toContain(path);
    return [error.code, error.message];
  }
  throw new Error('it was accepted');
};

const quota = { train: 'G1', seatClass: 'second', from: 'A', to: 'B', seats: 5 };
const forecast = { train: 'G1', seatClass: 'second', daysOnSale: 2, demand: [{ from: 'A', to: 'B', requests: 1 }] };

test('an empty policy has no rules, chooses seats as a sale does, and is called as its file', () => {
  const rules = { policy: SEAT_POLICIES.bestFit, quotas: [], forecasts: [] };
  expect(loadPolicy(fileOf('\uFEFF{\r\n}\r\n'))).toEqual({ name: 'rules', rules });
});

test('a policy has all the rules of a sale', () => {
  const all = { name: '长途优先', seatPolicy: 'firstFit', quotas: [quota], forecasts: [forecast] };
  const quotas = [{ ...quota, untilMinutesBefore: 0 }];
  const rules = { policy: SEAT_POLICIES.firstFit, quotas, forecasts: [forecast] };
  expect(loadPolicy(fileOf(all))).toEqual({ name: '长途优先', rules });
});

test('a file that is not there', () => {
  expect(refusalOf(join(folder, 'none.json'))).toEqual(['POLICY_INVALID', expect.stringContaining('there is no file')]);
});

test.each<[string, unknown, string, RegExp]>([
  ['no JSON', '{', 'POLICY_INVALID', /not readable JSON/],
  ['nothing', '', 'POLICY_INVALID', /not readable JSON/],
  ['a list', [], 'POLICY_INVALID', /object/],
  ['null', 'null', 'POLICY_INVALID', /object/],
  ['a misspelt part', { quota: [] }, 'POLICY_INVALID', /quota is no part of a policy; did you mean quotas\?/],
  ['the name of the setting', { forecast: [] }, 'POLICY_INVALID', /did you mean forecasts\?/],
  ['another part', { colour: 'red' }, 'POLICY_INVALID', /there are name, seatPolicy, quotas, forecasts/],
  ['an empty name', { name: '' }, 'POLICY_INVALID', /name/],
  ['a long name', { name: 'n'.repeat(41) }, 'POLICY_INVALID', /name/],
  ['a misspelt way to choose', { seatPolicy: 'bestfti' }, 'POLICY_INVALID', /did you mean bestFit\?/],
  ['an unknown way to choose', { seatPolicy: 'constructor' }, 'POLICY_INVALID', /there are bestFit, firstFit/],
  ['a number for it', { seatPolicy: 1 }, 'POLICY_INVALID', /seatPolicy/],
  ['a wrong quota', { quotas: [{ ...quota, seats: -1 }] }, 'QUOTA_INVALID', /, quotas: /],
  ['no list of quotas', { quotas: null }, 'QUOTA_INVALID', /, quotas: /],
  ['a wrong forecast', { forecasts: [{ ...forecast, demand: [] }] }, 'FORECAST_INVALID', /, forecasts: /],
])('%s is refused', (_, value, code, message) => {
  expect(refusalOf(fileOf(value))).toEqual([code, expect.stringMatching(message)]);
});
