import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { openReadSide, ReadDisk } from '@railhead/tests/simulation/ports/sim-sql.ts';
import { addNumbers, countedModel, countedOnce, countedRows } from '@railhead/tests/support/counted-model.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { silentLogger } from '@railhead/tests/support/read-side.ts';
import { ModelLease } from './model-lease.ts';
import { prepareTables } from './prepare-tables.ts';
import { ProjectionRunner } from './projection-runner.ts';
import type { ReadDatabase } from './read-database.ts';

const model = countedModel();

/** A process: it has a clock of its own, which stands while the process does. */
type Worker = { readonly clock: ManualClock; readonly runner: ProjectionRunner; readonly database: ReadDatabase };

let disk: ReadDisk;
let store: MemoryEventStore;
let workers: Worker[];

beforeEach(async () => {
  disk = new ReadDisk();
  store = new MemoryEventStore();
  workers = [];
  await prepareTables(openReadSide(disk), [model], silentLogger);
});
afterEach(async () => {
  for (const { runner, clock } of workers) {
    const stopped = runner.stop();
    await clock.advance(1_000);
    await stopped;
  }
});

const started = (owner: string, log = store): Worker => {
  const clock = new ManualClock();
  const database = openReadSide(disk, {}, { owner, clock });
  const runner = new ProjectionRunner(log, model.open(database).projection, silentLogger, clock);
  runner.start();
  const worker = { clock, runner, database };
  workers.push(worker);
  return worker;
};

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
/** Time goes by for these, and stands still for all others. */
const pass = async (ms: number, ...running: readonly Worker[]): Promise<void> => {
  for (let left = ms; left > 0; left -= 50) {
    await Promise.all(running.map(({ clock }) => clock.advance(Math.min(50, left))));
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
};
const add = async (count: number): Promise<number> => {
  const end = await addNumbers(store, count);
  await settle();
  return end;
};
const NOT_PROVEN = 'its rows are not known to be of this log';
const rows = () => countedRows(openReadSide(disk));

test('one worker feeds the model, and the other shows what is there', async () => {
  const one = started('one');
  await settle();
  const other = started('other');
  await settle();
  const end = await add(5);
  await pass(1_000, one, other);
  expect([one.runner.state, other.runner.state]).toEqual(['live', 'standby']);
  expect([one.runner.isReady, other.runner.isReady]).toEqual([true, true]);
  expect([one.runner.gate.position, other.runner.gate.position]).toEqual([end, end]);
  expect(await rows()).toEqual(countedOnce(end));
});

test('the position of an owner that has nothing to write is known to the others', async () => {
  const [one, other] = [started('one'), started('other')];
  await settle();
  await store.append([{ stream: 'others-1', expected: 'any', events: [newEvent(), newEvent()] }]);
  await pass(1_000, one, other);
  expect(other.runner.gate.position).toBe(2);
});

test('whoever waits for a position gets it sooner than others look', async () => {
  const [one, other] = [started('one'), started('other')];
  await settle();
  await pass(300, one, other);
  const end = await add(3);
  const waiting = other.runner.gate.waitFor(end, 5_000);
  await pass(300, other);
  expect(await waiting).toBe(true);
});

test('within two seconds another takes over from a worker that is silent, which then takes nothing twice', async () => {
  const one = started('one');
  await settle();
  const other = started('other');
  await settle();
  await add(5);
  await pass(600, one, other);
  // From here on the first one stands still, as a process does that was stopped by a signal.
  await pass(2_000, other);
  expect(other.runner.state).toBe('live');
  const end = await add(5);
  await settle();
  // The first one had these events as well, and could not write them.
  await pass(3_000, one, other);
  expect([one.runner.state, other.runner.state]).toEqual(['standby', 'live']);
  expect(await rows()).toEqual(countedOnce(end));
});

test('a worker that goes on in time keeps its lease', async () => {
  const one = started('one');
  await settle();
  const other = started('other');
  await settle();
  for (let round = 0; round < 6; round += 1) {
    await pass(1_200, other);
    await pass(600, one);
  }
  expect([one.runner.state, other.runner.state]).toEqual(['live', 'standby']);
});

test('a worker that stops in order is followed at the next look', async () => {
  const one = started('one');
  await settle();
  const other = started('other');
  await settle();
  await one.runner.stop();
  await pass(300, other);
  expect(other.runner.state).toBe('live');
});

test('rows of another log are shown to nobody, and go when their owner is gone', async () => {
  const one = started('one');
  await settle();
  await add(5);
  const another = new MemoryEventStore();
  const events = Array.from({ length: 9 }, () => newEvent({ n: 'another' }));
  await another.append([{ stream: 'numbers-1', expected: 'any', events }]);
  const stranger = started('stranger', another);
  await pass(1_000, one, stranger);
  expect(stranger.runner).toMatchObject({ state: 'standby', isReady: false, failure: 'its rows are of another log' });
  expect([stranger.runner.gate.position, stranger.runner.unreadable]).toEqual([0, NOT_PROVEN]);
  await one.runner.stop();
  await pass(1_000, stranger);
  expect([stranger.runner.state, stranger.runner.unreadable]).toEqual(['live', undefined]);
  expect(await rows()).toEqual(countedOnce(9));
});

test('rows of another log that go further than one’s own are shown to nobody either', async () => {
  const one = started('one');
  await settle();
  await add(9);
  const another = new MemoryEventStore();
  await another.append([{ stream: 'numbers-1', expected: 'any', events: [newEvent({ n: 'another' })] }]);
  const stranger = started('stranger', another);
  await pass(1_000, one, stranger);
  expect(stranger.runner).toMatchObject({ isReady: false, failure: 'its rows go further than this log' });
  expect(stranger.runner.unreadable).toBe(NOT_PROVEN);
});

test('rows are not shown any more when a process with another log has taken them over', async () => {
  const [one, other] = [started('one'), started('other')];
  await settle();
  await add(5);
  await pass(1_000, one, other);
  expect([one.runner.unreadable, other.runner.unreadable]).toEqual([undefined, undefined]);
  const another = new MemoryEventStore();
  await another.append([{ stream: 'numbers-1', expected: 'any', events: [newEvent({ n: 'another' })] }]);
  const stranger = started('stranger', another);
  // The two stand still until the stranger has everything.
  await pass(3_000, stranger);
  expect(stranger.runner.state).toBe('live');
  await pass(1_000, one, other, stranger);
  expect([one.runner.unreadable, other.runner.unreadable]).toEqual([NOT_PROVEN, NOT_PROVEN]);
});

test('a model is not shown while it is built; one that is only behind is', async () => {
  const one = started('one');
  expect(one.runner.unreadable).toBe(NOT_PROVEN);
  await settle();
  const other = started('other');
  await settle();
  await add(5);
  await pass(1_000, one, other);
  expect([one.runner.unreadable, other.runner.unreadable]).toEqual([undefined, undefined]);
  // Until it looks again it does not know of more.
  await add(5);
  expect([other.runner.unreadable, await other.runner.lag()]).toEqual([undefined, 5]);
  await pass(1_000, one, other);
  // Half of it, as where somebody has emptied it and its owner has come so far again.
  const half = { position: 4, fingerprint: (await store.fingerprintAt(4)) ?? '' };
  await openReadSide(disk)
    .db.updateTable('model_places')
    .set((eb) => ({ ...half, beat: eb('beat', '+', 1) }))
    .execute();
  await pass(500, other);
  expect([other.runner.unreadable, other.runner.failure]).toEqual(['it is being built', 'it is built again']);
});

test('an owner that cannot show that it lives is not ready, and says why', async () => {
  const clock = new ManualClock();
  const row = { owner: '', epoch: 1, beat: 0, position: 0, fingerprint: '' };
  let isAway = false;
  const rows = { read: async () => row, take: async () => true, free: async () => {}, isPassing: () => true };
  const beat = async (): Promise<boolean> => {
    if (isAway) throw new Error('the server is away');
    return true;
  };
  const lease = new ModelLease(rows, { owner: 'one', clock }, beat);
  let lost = 0;
  const seen = async (): Promise<boolean> => false;
  expect(await lease.acquire(new AbortController().signal, seen, () => (lost += 1))).toBe(true);
  const failures: (string | undefined)[] = [];
  for (const away of [false, true, true, false]) {
    isAway = away;
    await clock.advance(500);
    await settle();
    failures.push(lease.failure);
  }
  expect([failures, lost]).toEqual([[undefined, 'the server is away', 'the server is away', undefined], 0]);
});

test('a worker does not go on while the tables are of another version', async () => {
  const one = started('one');
  await settle();
  await openReadSide(disk).db.updateTable('model_places').set({ version: 2 }).execute();
  await add(1);
  await pass(2_000, one);
  expect([one.runner.isReady, one.runner.failure]).toEqual([
    false,
    'the tables of read model counted are not of version 1',
  ]);
  expect(await rows()).toEqual([]);
});
