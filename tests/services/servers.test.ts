// Each server that this machine has does what tests rely on: it answers the client that the product uses, it keeps what
// it has stored through a kill, it can be paused, and nothing of it is left behind.
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { startChild } from '../support/children.ts';
import { waitUntil } from '../support/wait-until.ts';
import { KINDS } from './kinds.ts';
import { isRunning, treeOf } from './processes.ts';
import { RunningServer } from './running-server.ts';
import { findProgram, type OwnPart, type Place, type ServerKind } from './server-kind.ts';
import { type StoredValues, storedValues } from './stored-values.ts';
import { describeOnServer, describeServerFaults } from './under-test.ts';

const STARTER = fileURLToPath(new URL('start-and-wait.ts', import.meta.url));

const opened: StoredValues[] = [];
afterEach(async () => {
  for (const values of opened.splice(0)) await values.close();
});

const open = async (kind: ServerKind, part: Pick<OwnPart, 'url' | 'prefix'>): Promise<StoredValues> => {
  const values = await storedValues(kind, part);
  opened.push(values);
  return values;
};

/** Undefined while there is no answer. */
const tryRead = (values: StoredValues, key: string): Promise<string | undefined> =>
  values.read(key).catch(() => undefined);

const answersOn = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** Whatever works in a folder, whoever its parent is. Only Linux tells. */
const workingIn = (folder: string): readonly string[] =>
  existsSync('/proc/self/cwd')
    ? readdirSync('/proc').filter((pid) => {
        try {
          return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
        } catch {
          return false;
        }
      })
    : [];

/** Processes that have made shared memory which is still there. */
const madeSharedMemory = (): readonly number[] =>
  existsSync('/proc/sysvipc/shm')
    ? readFileSync('/proc/sysvipc/shm', 'utf8')
        .split('\n')
        .slice(1)
        .map((line) => Number(line.trim().split(/\s+/)[4]))
    : [];

type Remains = {
  readonly isRunning: boolean;
  readonly processes: readonly unknown[];
  readonly inItsFolder: readonly string[];
  readonly answers: boolean;
  readonly sharedMemory: boolean;
};

const NOTHING: Remains = { isRunning: false, processes: [], inItsFolder: [], answers: false, sharedMemory: false };

/** Called while the server runs; what it gives tells what is left of it later on. */
const remains = (server: RunningServer): (() => Promise<Remains>) => {
  const { folder, port } = server.place;
  if (server.process === undefined) throw new Error('it does not run');
  const tree = treeOf(server.process);
  expect(tree.length).toBeGreaterThan(0);
  if (existsSync('/proc/self/cwd')) expect(workingIn(folder).length).toBeGreaterThan(0);
  return async () => ({
    isRunning: server.isRunning,
    processes: tree.filter(isRunning),
    inItsFolder: workingIn(folder),
    answers: await answersOn(port),
    sharedMemory: tree.some(({ pid }) => madeSharedMemory().includes(pid)),
  });
};

for (const kind of KINDS) {
  describeOnServer(kind, (server) => {
    test('answers its client', async () => {
      const values = await open(kind, await server.ownPart());
      await values.write('北京', '上海');
      expect(await values.read('北京')).toBe('上海');
    });

    test('a part of it is one test file’s alone, and nothing is left of it when it is dropped', async () => {
      const [mine, theirs] = [await server.ownPart(), await server.ownPart()];
      const [here, there] = [await open(kind, mine), await open(kind, theirs)];
      await here.write('key', 'mine');
      await there.write('key', 'theirs');
      expect(await here.read('key')).toBe('mine');
      await mine.drop();
      expect(await tryRead(here, 'key')).toBeUndefined();
      expect(await there.read('key')).toBe('theirs');
    });
  });

  describeServerFaults(kind, (server) => {
    test.each(['kill', 'stop'] as const)(
      '%s leaves no process, no port and no memory behind, and after a restart it has all that it had stored',
      async (end) => {
        const { url } = server();
        const values = await open(kind, { url, prefix: '' });
        await values.write(`before ${end}`, 'kept');
        const left = remains(server());
        await server()[end]();
        expect(await left()).toEqual(NOTHING);
        await server().restart();
        expect(server().url).toBe(url);
        expect(await waitUntil('the value', () => tryRead(values, `before ${end}`))).toBe('kept');
      },
    );

    test('paused it says nothing, and then it goes on', async () => {
      const values = await open(kind, { url: server().url, prefix: '' });
      await values.write('paused', 'value');
      await server().pause();
      const answer = values.read('paused');
      const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 100, 'silence'))]);
      server().resume();
      expect(first).toBe('silence');
      expect(await answer).toBe('value');
    });

    if (kind.hasReplicas)
      test('a replica follows it, also through a kill', async () => {
        const replica = await server().replica();
        const primary = await open(kind, { url: server().url, prefix: '' });
        const follower = await open(kind, { url: replica.url, prefix: '' });
        expect(replica.url).not.toBe(server().url);
        await primary.write('first', 'followed');
        expect(await waitUntil('the replica', () => tryRead(follower, 'first'))).toBe('followed');
        await expect(follower.write('not', 'here')).rejects.toThrow(/read.only/);
        await server().kill();
        expect(await follower.read('first')).toBe('followed');
        await server().restart();
        await waitUntil('the primary', () => tryRead(primary, 'first'));
        await primary.write('second', 'followed too');
        expect(await waitUntil('the replica', () => tryRead(follower, 'second'))).toBe('followed too');
        await replica.discard();
      });

    // Elsewhere than on Linux it goes on.
    if (findProgram('setpriv') !== undefined)
      test('it ends with the process that started it, even if that one is killed', async () => {
        const starter = startChild([STARTER, kind.name], { stdio: ['ignore', 'pipe', 'inherit'] });
        let printed = '';
        starter.stdout?.on('data', (chunk: Buffer) => {
          printed += chunk.toString();
        });
        await waitUntil('a server', () => printed.includes('\n'));
        // Safe cast: what the starter prints.
        const place = JSON.parse(printed) as Place;
        expect(await answersOn(place.port)).toBe(true);
        starter.kill('SIGKILL');
        await waitUntil('the end of the server', async () => !(await answersOn(place.port)));
        await waitUntil('the end of its processes', () => workingIn(place.folder).length === 0);
        const installed = kind.find();
        if (!('missing' in installed)) await installed.clear?.(place);
        rmSync(place.folder, { recursive: true });
      });

    test('nothing at all is left of one that is discarded, even paused', async () => {
      const own = await RunningServer.start(kind);
      const left = remains(own);
      await own.pause();
      await own.discard();
      expect(await left()).toEqual(NOTHING);
      expect(existsSync(own.place.folder)).toBe(false);
    });
  });
}
