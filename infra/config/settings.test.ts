// Every setting from every source, and every number at its bounds.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { ConfigError, loadConfig } from './load-config.ts';
import { SETTINGS, type SettingName } from './settings.ts';

const folder = tempFolder();
const names = Object.keys(SETTINGS) as SettingName[];
/** The allowed range of each number, and the step between values. */
const NUMBERS: Partial<Record<SettingName, readonly [least: number, most: number, step: number]>> = {
  port: [0, 65_535, 1],
  bodyLimitBytes: [1_024, 10 * 1024 * 1024, 1],
  shutdownSeconds: [1, 300, 1],
  accountWritesPerSecond: [0, 1_000_000, 1],
  accountWriteBurst: [1, 1_000_000, 1],
  addressRequestsPerSecond: [0, 1_000_000, 1],
  addressBurst: [1, 1_000_000, 1],
  requestQueueLimit: [1, 1_000_000, 1],
  addressQueueLimit: [1, 1_000_000, 1],
  waitingLimit: [1, 100_000, 1],
  accountWaitingLimit: [1, 100_000, 1],
  saleDays: [1, 60, 1],
  paymentMinutes: [0.01, 1_440, 0.001],
  gatewayGraceMinutes: [0, 1_440, 1],
  assignMinutes: [1, 30 * 1_440, 1],
  checkInMinutes: [1, 30 * 1_440, 1],
  idempotencyDays: [1, 365, 1],
  unpaidSeatsLimit: [0, 1_000_000, 1],
  ticketsPerTrainLimit: [0, 1_000_000, 1],
  ticketsPerDocumentLimit: [0, 1_000_000, 1],
  journeysAtOnceLimit: [0, 1, 1],
  cancelledOrdersLimit: [0, 1_000_000, 1],
  queueLimit: [1, 1_000_000, 1],
  queueFirst: [0, 1_000_000, 1],
  queueSeatsPercent: [0.01, 100, 0.001],
  queueMostPerSecond: [1, 100_000, 1],
  queueLeastPerSecond: [0.01, 100_000, 0.001],
  queuePlacesLimit: [1, 1_000_000, 1],
  queueTokenMinutes: [1, 1_440, 1],
  queueListenersLimit: [0, 1_000_000, 1],
  queueFromRequests: [0, 1_000_000, 1],
  queueFromSeatsPercent: [0.01, 100, 0.001],
  waitlistSameTimeSeconds: [0, 86_400, 1],
  maxLogBytes: [0, Number.MAX_SAFE_INTEGER, 1],
  readReplicaLagSeconds: [2, 86_400, 1],
  tokenHours: [1, 8_760, 1],
  callbackToleranceSeconds: [1, 86_400, 1],
  reconcileEveryMinutes: [0, 10_080, 1],
};
/** For each setting a value that is not the default. */
const OTHERS: Partial<Record<SettingName, string>> = {
  timeZone: 'Europe/Berlin',
  waitlistPriorities: 'party-size, member-level',
  store: 'esdb',
  ticketIssuer: 'sandbox',
  esdbUrl: 'esdb://other:2113',
  readSql: 'postgres://other/railhead',
  setAsideIn: 'orders',
  readSqlReplica: 'postgres://one/railhead,postgres://two/railhead',
  readCache: 'redis://other:6379/3/north',
  authSecret: 'other-secret-of-length',
  gatewaySecret: 'other-secret-of-length',
  orderSecret: 'other-secret-of-length',
  ordersKeyedSince: '2026-11-23T08:00:00+08:00',
  ordersCheckedSince: '2026-11-23T08:00:00+08:00',
  gatewayUrl: 'http://other.example/',
  readSearch: 'http://other.example:9200',
  reconcileAt: '05:30',
  unlimitedAddresses: '10.0.0.0/8',
  trustedProxies: 'loopback',
  logLevel: 'debug',
};
const otherOf = (name: SettingName): string | number => NUMBERS[name]?.[0] ?? OTHERS[name] ?? 'other';

/** What a setting cannot be without; it comes as a flag. */
const BESIDE: Partial<Record<SettingName, Partial<Record<SettingName, string>>>> = {
  readSqlReplica: { readSql: 'postgres://other/railhead' },
};

const load = (name: SettingName, value: unknown, from: 'flag' | 'environment' | 'file') => {
  const file = join(folder, 'settings.json');
  writeFileSync(file, JSON.stringify(from === 'file' ? { [name]: value } : {}));
  return loadConfig({
    flags: { ...BESIDE[name], ...(from === 'flag' ? { [name]: value } : {}) },
    env: from === 'environment' ? { [SETTINGS[name].env]: String(value) } : {},
    file,
  });
};
const accepts = (name: SettingName, value: unknown, from: 'flag' | 'environment' | 'file'): boolean => {
  try {
    load(name, value, from);
    return true;
  } catch (error) {
    if (error instanceof ConfigError && error.code === 'CONFIG_INVALID') return false;
    throw error;
  }
};

describe('every setting', () => {
  test.each(['flag', 'environment', 'file'] as const)('is taken from the %s, and changes no other', (from) => {
    const defaults = loadConfig({ flags: {}, env: {}, file: undefined }).config;
    for (const name of names) {
      const { config, origins } = load(name, otherOf(name), from);
      expect({ name, config }).toEqual({ name, config: { ...defaults, ...BESIDE[name], [name]: otherOf(name) } });
      const given = Object.fromEntries(Object.keys(BESIDE[name] ?? {}).map((each) => [each, 'flag']));
      expect(origins).toEqual({
        ...Object.fromEntries(names.map((each) => [each, 'default'])),
        ...given,
        [name]: from,
      });
    }
  });

  test('has a variable of its own, named after it', () => {
    for (const name of names)
      expect(SETTINGS[name].env).toBe(`RAILHEAD_${name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`);
  });

  test('that is a number has its bounds, and takes nothing else', () => {
    const numeric = names.filter((name) => typeof SETTINGS[name].fallback === 'number');
    expect(numeric).toEqual(Object.keys(NUMBERS));
    for (const name of numeric) {
      const [least, most, step] = NUMBERS[name] ?? [0, 0, 1];
      const cases = {
        good: [least, least + step, most - step, most],
        bad: [least - step, most + step, 'many', '1;2', ...(step === 1 ? [least + 0.5] : [])],
      };
      for (const from of ['flag', 'environment', 'file'] as const)
        for (const [kind, values] of Object.entries(cases))
          for (const value of values)
            expect({ name, from, value, accepted: accepts(name, value, from) }).toEqual({
              name,
              from,
              value,
              accepted: kind === 'good',
            });
      for (const value of ['', true, null, [least], {}])
        expect({ name, value, accepted: accepts(name, value, 'file') }).toEqual({ name, value, accepted: false });
    }
  });

  test.each<[SettingName, string, boolean]>([
    ['authSecret', 'x'.repeat(15), false],
    ['authSecret', 'x'.repeat(16), true],
    ['gatewaySecret', 'x'.repeat(15), false],
    ['gatewaySecret', 'x'.repeat(16), true],
    ['orderSecret', 'x'.repeat(15), false],
    ['orderSecret', 'x'.repeat(16), true],
    ['ordersKeyedSince', '2026-11-23T08:00:00Z', true],
    ['ordersKeyedSince', '2026-11-23', false],
    ['esdbUrl', 'http://host:2113', false],
    ['esdbUrl', 'esdb+discover://host:2113', true],
    ['esdbUrl', 'esdb://a b', false],
    ['readSql', 'mysql://host:3306/railhead', true],
    ['readSql', 'mariadb://host/railhead', true],
    ['readSql', 'http://host/', false],
    ['readSql', 'host', false],
    ['setAsideIn', 'orders, timetable', true],
    ['setAsideIn', 'all', true],
    ['setAsideIn', 'order', false],
    ['readSqlReplica', 'postgres://one/railhead', true],
    ['readSqlReplica', 'postgresql://one/railhead, postgres://two/railhead', true],
    ['readSqlReplica', 'postgres://one/railhead,', false],
    ['readSqlReplica', 'postgres://one/railhead,two', false],
    ['readSqlReplica', 'postgres://one/railhead,postgres://one/railhead', false],
    ['readSqlReplica', 'mysql://one/railhead', false],
    ['readSqlReplica', 'postgres://one/railhead,mariadb://two/railhead', false],
    ['readSqlReplica', Array.from({ length: 17 }, (_, n) => `postgres://host${n}/railhead`).join(), false],
    ['readCache', 'redis://host/3/north', true],
    ['readCache', 'http://host:6379', false],
    ['gatewayUrl', 'host', false],
    ['gatewayUrl', 'ftp://host', false],
    ['gatewayUrl', 'file:///gateway', false],
    ['gatewayUrl', 'xhttp://host', false],
    ['gatewayUrl', 'httpx://host', false],
    ['gatewayUrl', 'https://host', true],
    ['gatewayUrl', '', true],
    ['store', 'memory', false],
    ['logLevel', 'trace', false],
    ['data', '', false],
    ['host', '', false],
    ['timeZone', 'Europe/Berlin', true],
    ['timeZone', 'Europe/Atlantis', false],
    ['timeZone', '', false],
    ['timeZone', '+08:00', false],
    ['timeZone', 'UTC', true],
  ])('%s takes %j: %s', (name, value, accepted) => {
    expect(accepts(name, value, 'flag')).toBe(accepted);
  });
});
