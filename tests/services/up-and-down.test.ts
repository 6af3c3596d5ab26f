// `make services` and `make services-down`: the first prints settings that hold, the second ends what the first started,
// and only that.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { SETTINGS } from '@railhead/infra/config/settings.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';
import { KINDS } from './kinds.ts';
import { REDIS } from './redis.ts';
import { RunningServer } from './running-server.ts';
import { reasonToSkip, type ServerKind } from './server-kind.ts';
import { type StoredValues, storedValues } from './stored-values.ts';

const VARIABLES = Object.values(SETTINGS).map(({ env }) => env);
const folder = tempFolder();
const RECORD = join(folder, '.services', 'running.json');

type Outcome = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

const command = (name: 'up' | 'down', ...args: readonly string[]): Outcome => {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { cwd: folder, encoding: 'utf8' });
  return { code: status, stdout, stderr };
};

const opened: StoredValues[] = [];
afterEach(async () => {
  for (const values of opened.splice(0)) await values.close();
  command('down');
});

const open = async (kind: ServerKind, url: string): Promise<StoredValues> => {
  const values = await storedValues(kind, { url, prefix: '' });
  opened.push(values);
  return values;
};

const settings = (stdout: string): ReadonlyMap<string, string> =>
  new Map([...stdout.matchAll(/^(\w+)=(\S+) {2}# \S/gm)].map(([, name = '', value = '']) => [name, value]));

for (const kind of KINDS) {
  const found = kind.find();
  const name = kind.name.toLowerCase();
  if ('missing' in found)
    test(`says why there is no ${kind.name}`, () => {
      expect(command('up', name)).toEqual({ code: 0, stdout: `# skipped: ${found.missing}\n`, stderr: '' });
    });
  else
    test(`${kind.name}: the printed settings hold, until it is ended`, async () => {
      const up = command('up', name);
      expect(up).toMatchObject({ code: 0, stderr: '' });
      const urls = settings(up.stdout);
      expect([...urls.keys()]).toEqual([kind.setting, ...(kind.hasReplicas ? [`${kind.setting}_REPLICA`] : [])]);
      for (const name of urls.keys()) expect(VARIABLES).toContain(name);
      const [first, ...replicas] = [...urls.values()];
      if (first === undefined) throw new Error('no address is printed');
      const values = await open(kind, first);
      await values.write('key', 'value');
      for (const url of [first, ...replicas]) {
        const read = await open(kind, url);
        expect(await waitUntil(url, () => read.read('key').catch(() => undefined))).toBe('value');
      }
      const down = command('down');
      expect(down).toMatchObject({ code: 0, stderr: '' });
      expect(down.stdout.split('\n').sort()).toEqual(['', ...[...urls.values()].map((url) => `ended: ${url}`)].sort());
      expect(existsSync(RECORD)).toBe(false);
    });
}

const reason = process.env[REDIS.variable] ? `${REDIS.variable} names one that is not ours` : reasonToSkip(REDIS);
const withRedis = reason === undefined ? 'with Redis' : `with Redis (skipped: ${reason})`;

(reason === undefined ? describe : describe.skip)(withRedis, () => {
  test('they are not started twice, and the first go on', async () => {
    const first = settings(command('up', 'redis').stdout).get(REDIS.setting) ?? '';
    expect(command('up', 'redis')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('run already'),
    });
    await (await open(REDIS, first)).write('key', 'value');
  });

  test('what others have started goes on, even under the number of a process that was ours', async () => {
    const other = await RunningServer.start(REDIS);
    command('up', 'redis');
    const record = readFileSync(RECORD, 'utf8');
    // The process of ours has ended, and the machine has given its number to another one.
    const forged = JSON.parse(record);
    forged.servers[0].process.pid = other.process?.pid;
    writeFileSync(RECORD, JSON.stringify(forged));
    expect(command('down').stdout).toMatch(/^had ended already/);
    await (await open(REDIS, other.url)).write('key', 'value');
    writeFileSync(RECORD, record);
    expect(command('down').stdout).toMatch(/^ended/);
    await (await open(REDIS, other.url)).write('key', 'value');
  });

  test('after a crash they are started anew', async () => {
    command('up', 'redis');
    const { process: crashed, place } = JSON.parse(readFileSync(RECORD, 'utf8')).servers[0];
    process.kill(crashed.pid, 'SIGKILL');
    const again = command('up', 'redis');
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('had ended already') });
    expect(existsSync(place.folder)).toBe(false);
    await (await open(REDIS, settings(again.stdout).get(REDIS.setting) ?? '')).write('key', 'value');
  });
});

test('a server that nobody knows is refused', () => {
  expect(command('up', 'oracle')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('redis') });
});
