import { expect, test } from '@jest/globals';
import { FIRST_GENERATION, type Generations } from '@railhead/domain/replay/fold.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { silentLogger } from '@railhead/tests/support/read-side.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import type { Projection } from '../projection.ts';
import { ProjectionRunner } from '../projection-runner.ts';
import { ModelGenerations, type OpenGeneration, type Standing } from './model-generations.ts';
import { ReplayPace } from './replay-pace.ts';

const [decided, last] = [{ serving: 1, last: 1 } as Generations, 2];
const beside = {
  generation: 2,
  isPaused: false,
  eventsPerSecond: 0,
  part: {},
  workers: 1,
  wasRead: false,
  by: 'olga',
  startedAt: '',
};

/** Generations of a model that keeps nothing. A generation takes a batch when `lets` does. */
const generationsOn = async (store: MemoryEventStore, stands: ReadonlySet<number> = new Set()) => {
  const removed: number[] = [];
  /** Those that were opened and are not closed. */
  const open = new Set<number>();
  const unknown: number[] = [];
  const failures: unknown[] = [];
  let isAway = false;
  const held = new Set<number>();
  const runners: ProjectionRunner[] = [];
  const standings = new Map<number, Standing>();
  const nextNow = () => [...standings].flatMap(([number, { isNext }]) => (isNext() ? [number] : []));
  const opening = (number: number, standing: Standing): OpenGeneration<string> => {
    open.add(number);
    const projection: Projection = {
      name: `model@g${number}`,
      categories: undefined,
      setAside: new Map(),
      load: async () => 0,
      apply: async () => {
        await waitUntil('it to be let', () => !held.has(number));
      },
      drop: async () => {},
    };
    const pace = new ReplayPace(realClock);
    standings.set(number, standing);
    const generation = { name: () => String(number), ...standing, pace };
    const runner = new ProjectionRunner(store, projection, silentLogger, realClock, { generation });
    const remove = async () => {
      if (isAway) {
        isAway = false;
        throw new Error('no room');
      }
      removed.push(number);
    };
    // Safe cast: of what is opened only the queries are looked at here.
    const opened = { projection, queries: String(number) } as OpenGeneration<string>['opened'];
    const close = async () => {
      open.delete(number);
    };
    const size = async () => {
      if (!stands.has(number)) throw new Error('there is no such table');
      return { rows: number };
    };
    const stored = { store: 'nowhere', isInDataFolder: false, size, remove, close };
    return { number, model: { name: 'model' } as OpenGeneration<string>['model'], opened, runner, pace, ...stored };
  };
  const changed = {
    added: (runner: ProjectionRunner) => runners.push(runner),
    removed: (runner: ProjectionRunner) => {
      if (runners.includes(runner)) runners.splice(runners.indexOf(runner), 1);
    },
    unknown: (generation: number) => unknown.push(generation),
    failed: (error: unknown, again: () => void) => {
      failures.push(error);
      again();
    },
  };
  const generations = new ModelGenerations('model', opening, changed, () => store.lastPosition());
  await generations.begin(decided);
  for (const runner of runners) runner.start();
  await generations.removeLeft();
  /** Removed at the start. */
  const left = removed.splice(0);
  const append = () => store.append([{ stream: 'thing-1', expected: 'any', events: [newEvent({}, 'Happened')] }]);
  const stop = async () => {
    held.clear();
    await generations.end();
    await Promise.all(runners.map((runner) => runner.stop()));
    await generations.close();
  };
  const goesAway = () => {
    isAway = true;
  };
  return { generations, held, left, removed, open, unknown, failures, goesAway, runners, nextNow, append, stop };
};

test('what was built is read as soon as it has all that the other has, and who asks then waits until it has what the log had', async () => {
  const store = new MemoryEventStore();
  const { generations, held, append, runners, nextNow, stop } = await generationsOn(store);
  await append();
  await generations.follow({ ...decided, last, beside });
  await waitUntil('both', () => runners.length === 2 && runners.every(({ gate }) => gate.position === 1));
  held.add(2);
  await append();
  await waitUntil('the first', () => generations.read.runner.gate.position === 2);
  await generations.follow({ serving: 2, last, beside: { ...beside, generation: 1, wasRead: true } });
  // It lacks an event that was shown.
  expect([generations.read.number, nextNow()]).toEqual([1, [2]]);
  held.delete(2);
  await waitUntil('it to have everything', () => generations.read.number === 2);
  expect(nextNow()).toEqual([]);
  await generations.moving;
  expect(generations.moving).toBeUndefined();
  expect(generations.read.runner.gate.position).toBe(2);
  await stop();
});

test('after it has moved nobody is answered before it has what the log had at that moment', async () => {
  const store = new MemoryEventStore();
  const { generations, held, append, runners, stop } = await generationsOn(store);
  await append();
  await generations.follow({ ...decided, last, beside });
  await waitUntil('both', () => runners.length === 2 && runners.every(({ gate }) => gate.position === 1));
  // Another process may have shown what neither has here.
  for (const number of [1, 2]) held.add(number);
  await append();
  await generations.follow({ serving: 2, last, beside: { ...beside, generation: 1, wasRead: true } });
  expect(generations.read.number).toBe(2);
  let isMoved = false;
  const moved = generations.moving?.then(() => {
    isMoved = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isMoved).toBe(false);
  held.clear();
  await moved;
  expect(generations.read.runner.gate.position).toBe(2);
  await stop();
});

test('what nobody needs any more is stopped, removed and closed; what was left by another process too', async () => {
  const store = new MemoryEventStore();
  const { generations, removed, open, runners, stop } = await generationsOn(store);
  await generations.follow({ ...decided, last, beside });
  expect([runners.length, [...open]]).toEqual([2, [1, 2]]);
  await generations.follow({ ...decided, last });
  expect([runners.length, removed, [...open]]).toEqual([1, [2], [1]]);
  await stop();
  expect(open.size).toBe(0);
  const { generations: later, removed: removedLater, open: openLater, stop: end } = await generationsOn(store);
  await later.begin({ serving: FIRST_GENERATION, last: 3 });
  await later.removeLeft();
  // Also those that come after the last one that the log knows.
  expect(removedLater.toSorted()).toEqual([2, 3, 4, 5, 6]);
  expect([...openLater]).toEqual([1]);
  await later.begin({ serving: 3, last: 3 });
  expect([...openLater]).toEqual([3]);
  await end();
  expect(openLater.size).toBe(0);
});

test('what could not be removed when it was moved away from is removed later', async () => {
  const store = new MemoryEventStore();
  const { generations, held, removed, failures, goesAway, runners, append, stop } = await generationsOn(store);
  await generations.follow({ ...decided, last, beside });
  await waitUntil('both', () => runners.length === 2 && runners.every(({ wasWhole }) => wasWhole));
  held.add(2);
  await append();
  await waitUntil('the first', () => generations.read.runner.gate.position === 1);
  // It is read and dropped before the other has come so far: it goes when it is not read any more.
  await generations.follow({ serving: 2, last });
  expect([generations.read.number, removed]).toEqual([1, []]);
  goesAway();
  held.clear();
  await waitUntil('it to be moved', () => generations.read.number === 2);
  await waitUntil('it to be removed', () => removed.length === 1);
  expect([removed, failures]).toEqual([[1], [new Error('no room')]]);
  await stop();
});

test('what stands under the number of the next generation is removed before that one is begun', async () => {
  const { generations, removed, open, goesAway, stop } = await generationsOn(new MemoryEventStore(), new Set([8]));
  await generations.follow({ ...decided, last: 7 });
  await generations.clearNext();
  expect([removed, [...open]]).toEqual([[8], [1]]);
  goesAway();
  await expect(generations.clearNext()).rejects.toThrow('no room');
  await stop();
});

test('what stands there of generations that the log does not know, since it is older, is removed and told', async () => {
  const { left, open, unknown, stop } = await generationsOn(new MemoryEventStore(), new Set([3, 9]));
  expect([left, unknown, [...open]]).toEqual([[4, 3, 2], [3], [1]]);
  await stop();
});
