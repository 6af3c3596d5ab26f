// The runner by itself, with a minimal workflow: an errand is requested, and ends when its step has written an event.
import { afterEach, describe, expect, test } from '@jest/globals';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { checkpointIn, MemoryCheckpoints } from '@railhead/tests/support/memory-checkpoints.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import type { EventBatch, RecordedEvent, SubscribeOptions } from '../ports/event-store.ts';
import { NOTHING_READ } from '../ports/process-checkpoints.ts';
import { NotUnderstood } from '../streams/understood.ts';
import type { BoundStep, Due } from './step.ts';
import type { Workflow } from './workflow.ts';
import { type RunnerOptions, WorkflowRunner } from './workflow-runner.ts';

type Errand = {
  readonly name: string;
  readonly revision: number;
  readonly due: readonly Due[];
  readonly learnt: number;
};

const NONE: Errand = { name: '', revision: -1, due: [], learnt: 0 };

const evolve = (state: Errand, { stream, revision, type, data }: RecordedEvent): Errand => {
  if (revision <= state.revision) return state;
  const name = stream.slice('errand-'.length);
  // Safe cast: this test writes it.
  const { due = [] } = data as { due?: readonly Due[] };
  return { ...state, name, revision, due: type === 'Asked' ? due : [] };
};

const errands = (run: BoundStep<Errand>['run']): Workflow<Errand> => ({
  name: 'test',
  categories: ['errand'],
  subjectOf: ({ stream, type }) => (type === 'Asked' || type === 'Done' ? stream.slice('errand-'.length) : undefined),
  subjectOfStream: (stream) => stream.slice('errand-'.length),
  isFirst: ({ type }) => type === 'Asked',
  initial: NONE,
  evolve,
  load: async (store, name) => {
    const events = await store.readStream(`errand-${name}`);
    const strange = events.find(({ type }) => type !== 'Asked' && type !== 'Done');
    if (strange !== undefined) throw new NotUnderstood(strange);
    return events.reduce(evolve, NONE);
  },
  isFinished: () => true,
  steps: [{ kind: 'run', due: ({ due, learnt }) => (learnt > 0 ? [] : due), run }],
});

const NOW: readonly Due[] = [{ key: '' }];

/** Every event in a batch of its own. */
class OneByOne extends MemoryEventStore {
  override subscribe(options: SubscribeOptions): AsyncIterable<EventBatch> {
    return super.subscribe({ ...options, batchSize: 1 });
  }
}

const world = (run: BoundStep<Errand>['run'], options: Partial<RunnerOptions<Errand>> = {}) => {
  const store = new OneByOne();
  const clock = new ManualClock();
  const checkpoints = new MemoryCheckpoints();
  const lines: string[] = [];
  const note = (_: object, message: string) => lines.push(message);
  const logger = { debug: note, info: note, warn: note, error: note };
  const start = async () => {
    const runner = new WorkflowRunner(
      errands(run),
      { store, checkpoints, clock, logger },
      { checkpointEveryMs: 1_000, ...options },
    );
    await runner.start();
    running.push(runner);
    return runner;
  };
  const write = (name: string, type: string, data: object = {}) =>
    store.append([{ stream: `errand-${name}`, expected: 'any', events: [newEvent(data, type)] }]);
  const ask = (name: string, due: readonly Due[] = NOW) => write(name, 'Asked', { due });
  return { store, clock, checkpoints, lines, start, ask, write, done: (name: string) => write(name, 'Done') };
};

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const runner of running.splice(0)) await runner.stop();
});

test('a step is run until its event arrives, with pauses that grow to half a minute', async () => {
  const atMs: number[] = [];
  const { clock, start, ask, done } = world(async () => {
    atMs.push(clock.now());
    return undefined;
  });
  const runner = await start();
  await ask('a');
  await waitUntil('the first run', () => atMs.length === 1);
  await clock.advance(100_000);
  expect(atMs.map((ms) => ms - (atMs[0] ?? 0)).slice(0, 8)).toEqual([
    0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000,
  ]);
  await done('a');
  await waitUntil('the end', () => runner.unfinished === 0);
  const runs = atMs.length;
  await clock.advance(100_000);
  expect(atMs).toHaveLength(runs);
});

test('a step that throws is run again, and the log says why', async () => {
  let runs = 0;
  const { clock, start, ask, lines } = world(async () => {
    runs += 1;
    if (runs === 1) throw new Error('the store is slow');
    return { learnt: 1 };
  });
  const runner = await start();
  await ask('a');
  await waitUntil('the first run', () => runs === 1);
  await clock.advance(1_000);
  await waitUntil('the end', () => runner.unfinished === 0);
  expect([runs, lines]).toEqual([2, ['the test: a step failed; it will be run again']]);
});

test('what a step returns becomes part of the state, and ends the step', async () => {
  const states: (number | undefined)[] = [];
  const { start, ask } = world(async () => ({ learnt: 1 }), { onState: (_, state) => states.push(state?.learnt) });
  const runner = await start();
  await ask('a');
  await waitUntil('the end', () => states.includes(undefined));
  expect([states, runner.unfinished]).toEqual([[0, 1, undefined], 0]);
});

test('a step is not run before its time, nor late if the clock was wrong when the wait began', async () => {
  const atMs: number[] = [];
  const { clock, start, ask } = world(async () => {
    atMs.push(clock.now());
    return { learnt: 1 };
  });
  await start();
  const dueMs = clock.now() + 3 * 86_400_000;
  await ask('a', [{ key: '', notBeforeMs: dueMs }]);
  await clock.advance(dueMs - clock.now() - 1);
  expect(atMs).toEqual([]);
  await clock.advance(1);
  expect(atMs).toEqual([dueMs]);
});

test('a step that is no longer due loses its timer', async () => {
  let runs = 0;
  const { clock, start, ask, done } = world(async () => {
    runs += 1;
    return undefined;
  });
  const runner = await start();
  await ask('a', [{ key: '', notBeforeMs: clock.now() + 5_000 }]);
  await waitUntil('it to be heard of', () => runner.unfinished === 1);
  await done('a');
  await waitUntil('it to be forgotten', () => runner.unfinished === 0);
  await clock.advance(60_000);
  expect(runs).toBe(0);
});

describe('steps', () => {
  const both: readonly Due[] = [{ key: '1' }, { key: '2' }];

  test('of one subject are run side by side, each under its key', async () => {
    const begun: string[] = [];
    const { start, ask } = world(async ({ key }) => {
      begun.push(key);
      await waitUntil('the other', () => begun.length === 2);
      return { learnt: 1 };
    });
    const runner = await start();
    await ask('a', both);
    await waitUntil('the end', () => begun.length === 2 && runner.unfinished === 0);
    expect(begun.sort()).toEqual(['1', '2']);
  });

  test('in turn run one after another, and not if they are no longer due', async () => {
    const gates: (() => void)[] = [];
    const begun: string[] = [];
    const { start, ask, done } = world(
      async ({ current }) => {
        begun.push(current().name);
        await new Promise<void>((open) => gates.push(open));
        return { learnt: 1 };
      },
      { inTurn: true },
    );
    const runner = await start();
    for (const name of ['a', 'b', 'c']) await ask(name);
    await waitUntil('all to be heard of', () => runner.unfinished === 3 && gates.length === 1);
    await done('b');
    await waitUntil('one to be done meanwhile', () => runner.unfinished === 2);
    gates[0]?.();
    await waitUntil('the last', () => gates.length === 2);
    gates[1]?.();
    await waitUntil('the end', () => runner.unfinished === 0);
    expect(begun).toEqual(['a', 'c']);
  });

  test('at work are limited: the log is read on only when some are done', async () => {
    const gates: (() => void)[] = [];
    const { store, start, ask } = world(
      async () => {
        await new Promise<void>((open) => gates.push(open));
        return { learnt: 1 };
      },
      { maxAtWork: 2 },
    );
    const runner = await start();
    for (let n = 1; n <= 6; n += 1) {
      await ask(`e${n}`);
      await waitUntil('it to be read, or to wait', () => gates.length === Math.min(n, 3));
    }
    expect(await store.lastPosition()).toBe(6);
    for (const open of gates.splice(0)) open();
    await waitUntil('the rest', () => gates.length === 3);
    for (const open of gates.splice(0)) open();
    await waitUntil('the end', () => runner.unfinished === 0 && runner.position === 6);
  });
});

describe('an event of an unknown version', () => {
  test('sets its stream aside and no other, and is named', async () => {
    const run: string[] = [];
    const { start, ask, write, lines } = world(async ({ current }) => {
      run.push(current().name);
      return { learnt: 1 };
    });
    const runner = await start();
    await write('strange', 'Upgraded');
    await write('strange', 'Asked', { due: NOW });
    await ask('plain');
    await waitUntil('the end of the log', () => runner.position === 3 && runner.unfinished === 0);
    expect(run).toEqual(['plain']);
    expect([...runner.setAside]).toEqual([['errand-strange', 'Upgraded version 1 at position 1']]);
    expect(lines).toEqual(['the test does not understand an event; its stream is set aside']);
  });
});

describe('a subject that was set aside', () => {
  /** One that is asked for, and one that is finished, are overtaken by an event of a newer version. */
  const setAside = async () => {
    const begun: string[] = [];
    const made = world(async ({ current }) => {
      begun.push(current().name);
      return undefined;
    });
    const { start, ask, write, done } = made;
    const first = await start();
    await ask('open');
    await ask('over');
    await done('over');
    for (const name of ['open', 'over']) await write(name, 'Upgraded');
    await waitUntil('the end of the log', () => first.position === 5);
    return { ...made, first, begun };
  };

  test('has no step run any more, and counts for nothing that is unfinished', async () => {
    const { first, begun, clock } = await setAside();
    const before = begun.length;
    await clock.advance(120_000);
    expect([begun.length, first.unfinished, first.setAside.size]).toEqual([before, 0, 2]);
  });

  test('is set aside after a restart too, stays in the checkpoint, and lets all others go on', async () => {
    const { first, begun, start, ask, done, checkpoints } = await setAside();
    await first.stop();
    expect([...checkpoints.current.unfinished].sort()).toEqual(['open', 'over']);
    begun.length = 0;
    const second = await start();
    // Also where it is met again by an event that is understood.
    await done('over');
    await ask('plain');
    await waitUntil('the end of the log', () => second.position === 7);
    expect([begun, second.unfinished]).toEqual([['plain'], 1]);
    expect([...second.setAside].sort()).toEqual([
      ['errand-open', 'Upgraded version 1 at position 4'],
      ['errand-over', 'Upgraded version 1 at position 5'],
    ]);
    await second.stop();
    expect([...checkpoints.current.unfinished].sort()).toEqual(['open', 'over', 'plain']);
  });

  test('is found in the log where the process begins without a checkpoint', async () => {
    const { first, start, checkpoints } = await setAside();
    await first.stop();
    checkpoints.current = NOTHING_READ;
    const second = await start();
    await waitUntil('the end of the log', () => second.position === 5);
    expect([second.unfinished, second.setAside.size]).toEqual([0, 2]);
  });
});

describe('a restart', () => {
  test('goes on with the unfinished subjects of the checkpoint and with later events', async () => {
    const begun: string[] = [];
    const { checkpoints, clock, start, ask, done } = world(async ({ current }) => {
      begun.push(current().name);
      return undefined;
    });
    const first = await start();
    for (const name of ['a', 'b']) await ask(name);
    await waitUntil('both to be begun', () => begun.length === 2);
    await clock.advance(1_000);
    expect(checkpoints.current).toMatchObject({ position: 2, unfinished: ['a', 'b'] });
    await first.stop();
    await done('a');
    await ask('c');
    begun.length = 0;
    const second = await start();
    await waitUntil('the log to be read', () => second.position === 4);
    expect(begun.sort()).toEqual(['b', 'c']);
    expect(second.unfinished).toBe(2);
  });

  test('begins nothing before the past has been read', async () => {
    const begun: string[] = [];
    const { start, ask, done } = world(async ({ current }) => {
      begun.push(current().name);
      return { learnt: 1 };
    });
    await ask('a');
    await ask('b');
    await done('a');
    const runner = await start();
    await waitUntil('the past', () => runner.isCaughtUp && runner.unfinished === 0);
    expect(begun).toEqual(['b']);
  });
});

describe('a restart with more unfinished subjects than can be at work', () => {
  const MANY = 1_200;
  const names = Array.from({ length: MANY }, (_, n) => `old${n}`);

  /** All are overdue, and every step waits for `finish`. */
  const overdue = async () => {
    let atWork = 0;
    let most = 0;
    const begun = new Set<string>();
    const waiting: (() => void)[] = [];
    let isFree = false;
    const made = world(async ({ current }) => {
      const { name, due } = current();
      begun.add(name);
      if (due[0]?.notBeforeMs !== undefined) {
        atWork += 1;
        most = Math.max(most, atWork);
        if (!isFree) await new Promise<void>((resolve) => waiting.push(resolve));
        atWork -= 1;
      }
      return { learnt: 1 };
    });
    for (const name of names) await made.ask(name, [{ key: '', notBeforeMs: made.clock.now() - 1 }]);
    made.checkpoints.current = await checkpointIn(made.store, MANY, ...names);
    const finish = (): void => {
      isFree = true;
      for (const free of waiting.splice(0)) free();
    };
    return { ...made, begun, finish, most: () => most };
  };

  test('does what is due a few at a time, and what is asked now at once', async () => {
    const { start, ask, clock, begun, finish, most } = await overdue();
    const runner = await start();
    await clock.advance(1_000);
    expect([runner.isCaughtUp, runner.unfinished, begun.size]).toEqual([true, MANY, 500]);
    await ask('new');
    await waitUntil('what is asked now', () => begun.has('new'));
    expect(runner.unread).toBeGreaterThan(0);
    finish();
    await clock.advance(1_000);
    await waitUntil('everything', () => runner.unfinished === 0);
    expect([begun.size, most(), runner.unread]).toEqual([MANY + 1, 500, 0]);
  });

  test('keeps in the checkpoint those that it has not come to', async () => {
    const { start, ask, clock, checkpoints, finish } = await overdue();
    const first = await start();
    await clock.advance(1_000);
    await ask('new', [{ key: '', notBeforeMs: clock.now() + 60_000 }]);
    await waitUntil('the new one', () => first.unfinished === MANY + 1);
    await first.stop();
    finish();
    expect(checkpoints.current.unfinished).toHaveLength(MANY + 1);
    const second = await start();
    await clock.advance(1_000);
    await waitUntil('the old ones', () => second.unfinished === 1);
  });

  test('takes an event of one that it has not read yet', async () => {
    const { start, done, clock, begun, finish } = await overdue();
    const runner = await start();
    await clock.advance(1_000);
    const unread = names.filter((name) => !begun.has(name)).at(-1) ?? '';
    await done(unread);
    await waitUntil('its end', () => runner.unfinished === MANY - 1);
    finish();
    await clock.advance(1_000);
    await waitUntil('everything', () => runner.unfinished === 0);
    expect(begun.has(unread)).toBe(false);
  });

  test('waits while the log cannot be read', async () => {
    const { start, clock, store, lines, begun, finish } = await overdue();
    const { readStream } = store;
    store.readStream = () => Promise.reject(new Error('the store is away'));
    const runner = await start();
    await clock.advance(1_000);
    expect([runner.unread, begun.size, lines.length > 0]).toEqual([MANY, 0, true]);
    expect(new Set(lines)).toEqual(new Set(['the test could not read what is unfinished; it tries again']));
    store.readStream = readStream.bind(store);
    finish();
    await clock.advance(60_000);
    await waitUntil('everything', () => runner.unfinished === 0);
    expect(begun.size).toBe(MANY);
  });
});
