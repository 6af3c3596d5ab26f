import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { ConfigError, type ConfigSources, describeConfig, loadConfig } from './load-config.ts';

const folder = tempFolder();
const path = join(folder, 'railhead.json');
const written = (content: unknown): string => {
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const load = (sources: Partial<ConfigSources> = {}) => loadConfig({ flags: {}, env: {}, file: undefined, ...sources });

const refusal = (sources: Partial<ConfigSources>): ConfigError => {
  try {
    load(sources);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
};

describe('a setting', () => {
  test('is taken from the flag, else the environment, else the file, else the default, and says which', () => {
    const file = written({ port: 1003, host: 'file', saleDays: 3 });
    const env = { RAILHEAD_PORT: '1002', RAILHEAD_HOST: 'environment', RAILHEAD_TOKEN_HOURS: '2' };
    const { config, origins } = load({ file, env, flags: { port: '1001' } });
    expect(config).toMatchObject({ port: 1001, host: 'environment', saleDays: 3, tokenHours: 2, paymentMinutes: 15 });
    expect(origins).toMatchObject({
      port: 'flag',
      host: 'environment',
      saleDays: 'file',
      tokenHours: 'environment',
      paymentMinutes: 'default',
    });
  });

  test('counts as not given where the variable is empty or the flag undefined', () => {
    const { config, origins } = load({ env: { RAILHEAD_PORT: '' }, flags: { port: undefined } });
    expect([config.port, origins.port]).toEqual([8080, 'default']);
  });

  test('from the command line or the environment is text and becomes what it stands for', () => {
    const { config } = load({ env: { RAILHEAD_PAYMENT_MINUTES: '0.5', RAILHEAD_TIME_ZONE: 'America/Toronto' } });
    expect(config).toMatchObject({ paymentMinutes: 0.5, timeZone: 'America/Toronto' });
  });
});

describe('a configuration is refused', () => {
  test('with everything that is wrong with it at once, each where it was given', () => {
    const { code, message } = refusal({
      file: written({ queueLimit: 0, colour: 'red', size: 1 }),
      env: { RAILHEAD_PORT: '65536', RAILHEAD_AUTH_SECRET: 'short' },
      flags: { host: '' },
    });
    expect(code).toBe('CONFIG_INVALID');
    const lines = message.split('\n');
    expect(lines).toHaveLength(6);
    for (const complaint of [
      `colour (in ${path}) is not a setting`,
      `size (in ${path}) is not a setting`,
      `queueLimit (in ${path}): `,
      'RAILHEAD_PORT: ',
      'RAILHEAD_AUTH_SECRET: must have at least 16 characters',
      '--host: ',
    ])
      expect(lines).toContainEqual(expect.stringContaining(complaint));
    expect(message).not.toContain('short');
  });

  test('with a variable that is no setting; those of other programs, of the tests, and empty ones are none of its business', () => {
    expect(refusal({ env: { RAILHEAD_SALE_DAY: '3' } })).toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'RAILHEAD_SALE_DAY (in the environment) is not a setting',
    });
    const env = { RAILHEAD_CONFIG: 'x', RAILHEAD_HANG_MS: '1', RAILHEAD_NO_MORE: '', RAILHEADS: '1', PORT: '2' };
    expect(load({ env }).config.port).toBe(8080);
  });

  test.each([
    [
      { readSqlReplica: 'postgres://a:hidden@one/r' },
      'readSqlReplica: replicas follow a server, and readSql names none',
    ],
    [
      { readSql: 'mysql://a:hidden@one/r', readSqlReplica: 'mysql://two/r,postgres://a:hidden@three/r' },
      'readSqlReplica: a replica must be a database of the same kind as readSql',
    ],
  ])('when a replica is not one of its server', (flags, message) => {
    expect(refusal({ flags })).toMatchObject({ code: 'CONFIG_INVALID', message });
  });

  test('though the wrong value is overridden by none', () => {
    expect(refusal({ env: { RAILHEAD_LOG_LEVEL: 'loud' } }).message).toContain('RAILHEAD_LOG_LEVEL: ');
    expect(load({ env: { RAILHEAD_LOG_LEVEL: 'loud' }, flags: { logLevel: 'info' } }).config.logLevel).toBe('info');
  });

  test.each(['{', '[]', 'null', '"text"', ''])('when its file holds %j', (content) => {
    expect(refusal({ file: written(content) })).toMatchObject({
      code: 'CONFIG_FILE_UNREADABLE',
      message: expect.stringContaining(path),
    });
  });

  test('when its file is not there', () => {
    expect(refusal({ file: join(folder, 'none.json') }).code).toBe('CONFIG_FILE_UNREADABLE');
  });
});

describe('the report of a configuration', () => {
  test('names every setting with value and origin, and shows no secret', () => {
    const env = { RAILHEAD_AUTH_SECRET: 'a-secret-of-some-length' };
    const report = describeConfig(load({ env, flags: { port: '1' } }));
    const of = (name: string) => report.find((setting) => setting.name === name);
    expect(of('port')).toMatchObject({ value: '1', origin: 'flag', env: 'RAILHEAD_PORT' });
    expect(of('authSecret')).toMatchObject({ value: '********', origin: 'environment' });
    expect(of('gatewaySecret')).toMatchObject({ value: '(made at the first start)', origin: 'default' });
    expect(JSON.stringify(report)).not.toContain('a-secret');
  });
});
