import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type EventBatch, EventStoreError } from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { ManualClock, realClock } from '@railhead/tests/support/fixed-clock.ts';
import { A_HANG_MS, waitUntil } from '@railhead/tests/support/wait-until.ts';
import { ReplayPace } from './generations/replay-pace.ts';
import type { Projection } from './projection.ts';
import { ProjectionRunner } from './projection-runner.ts';
import type { RunnerOfGeneration } from './runner-options.ts';

/** A model that remembers its events, and its position as a database would. It refuses a batch on request. */
class NumbersModel implements Projection {
  readonly name: string;
  readonly categories = ['numbers'];
  readonly setAside = new Map<string, string>();
  readonly taken: unknown[] = [];
  position = 0;
  attempts = 0;
  refuses: (number: unknown) => boolean = () => false;

  constructor(name = 'numbers') {
    this.name = name;
  }

  async load(): Promise<number> {
    return this.position;
  }

  async drop(): Promise<void> {
    this.taken.length = 0;
    this.position = 0;
  }

  async apply({ events, position }: EventBatch): Promise<void> {
    this.attempts += 1;
    // Safe cast: `add` writes them.
    const numbers = events.map(({ data }) => (data as { readonly n: number }).n);
    if (numbers.some(this.refuses)) throw new Error('poisoned');
    this.taken.push(...numbers);
    this.position = position;
  }
}

let store = new MemoryEventStore();
let logged: string[] = [];
/** The log line for the first of several refused batches. */
const REFUSED = 'warn: the read model numbers could not take events of the log';
const AGAIN = 'warn: the read model numbers goes on with the log';
let runners: ProjectionRunner[] = [];
const logger: Logger = {
  debug: () => {},
  info: () => {},
  warn: (_, message) => logged.push(`warn: ${message}`),
  error: (_, message) => logged.push(`error: ${message}`),
};

beforeEach(() => {
  store = new MemoryEventStore();
  [logged, runners] = [[], []];
});
afterEach(async () => {
  await Promise.all(runners.map((runner) => runner.stop()));
});

const add = async (from: number, count: number, stream = 'numbers-1'): Promise<number> => {
  const events = Array.from({ length: count }, (_, index) => newEvent({ n: from + index }));
  await store.append([{ stream, expected: 'any', events }]);
  return store.lastPosition();
};
const started = (model: Projection): ProjectionRunner => {
  const runner = new ProjectionRunner(store, model, logger, realClock);
  runners.push(runner);
  runner.start();
  return runner;
};
/** The time at which the events of these tests were written. */
const EVENTS_AT_MS = Date.parse(newEvent().meta.at);
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

describe('a read model', () => {
  test('catches up with the log, page by page, then goes on with new events', async () => {
    const model = new NumbersModel();
    await add(0, 4_500);
    const runner = started(model);
    expect(runner.state).toBe('catchingUp');
    await runner.caughtUp;
    expect(runner.state).toBe('live');
    expect(model.taken).toEqual(upTo(4_500));
    expect(model.attempts).toBe(3);
    expect(await runner.gate.waitFor(await add(4_500, 3), A_HANG_MS)).toBe(true);
    expect(model.taken).toEqual(upTo(4_503));
  });

  test('of an empty log is live at once', async () => {
    const runner = started(new NumbersModel());
    await runner.caughtUp;
    expect([runner.state, runner.gate.position, await runner.lag()]).toEqual(['live', 0, 0]);
  });

  test('with a pace takes a single batch at once, and collects batches in quick succession', async () => {
    const clock = new ManualClock();
    const model = Object.assign(new NumbersModel(), { pace: { leastMs: 20, mostMs: 100 } });
    const runner = new ProjectionRunner(store, model, logger, clock);
    runner.start();
    await clock.advance(0);
    const addOne = async (n: number): Promise<void> => {
      await add(n, 1);
      await clock.advance(0);
    };
    for (let n = 0; n < 40; n += 1) {
      await clock.advance(100);
      await addOne(n);
    }
    expect([model.attempts, model.taken.length]).toEqual([40, 40]);
    await clock.advance(1_000);
    for (let n = 40; n < 100; n += 1) await addOne(n);
    expect(model.taken.length).toBeLessThan(100);
    const before = model.attempts;
    await clock.advance(99);
    expect(model.attempts).toBe(before);
    await clock.advance(1);
    expect([model.attempts - before, model.taken]).toEqual([1, upTo(100)]);
    // Who waits for a position does not wait for the others.
    await add(100, 1);
    await clock.advance(50);
    const reached = runner.gate.waitFor(await store.lastPosition(), 1_000);
    await clock.advance(0);
    expect(model.taken).toEqual(upTo(101));
    expect(await reached).toBe(true);
    await add(101, 1);
    const soon = runner.gate.waitFor(await store.lastPosition(), 1_000);
    await clock.advance(19);
    expect(model.taken).toEqual(upTo(101));
    await clock.advance(1);
    expect(model.taken).toEqual(upTo(102));
    expect(await soon).toBe(true);
    // A load that lasts is one, however long the pauses become.
    const lasting = model.attempts;
    for (let n = 102; n < 502; n += 1) {
      await addOne(n);
      await clock.advance(10);
    }
    expect(model.attempts - lasting).toBeLessThanOrEqual(4_000 / 100 + 1);
    const stopped = runner.stop();
    await clock.advance(100);
    await stopped;
  });

  test('takes its own categories and skips the others', async () => {
    const model = new NumbersModel();
    const runner = started(model);
    await add(0, 2);
    await add(100, 2, 'letters-1');
    expect(await runner.gate.waitFor(await add(2, 1), A_HANG_MS)).toBe(true);
    expect(model.taken).toEqual([0, 1, 2]);
    expect(await runner.gate.waitFor(await add(100, 2, 'letters-1'), A_HANG_MS)).toBe(true);
    expect(await runner.lag()).toBe(0);
  });

  test('continues at its position after a restart, and takes nothing twice', async () => {
    const model = new NumbersModel();
    await add(0, 10);
    const before = started(model);
    await before.caughtUp;
    await before.stop();
    expect(before.state).toBe('stopped');
    await add(10, 5);
    expect(await before.lag()).toBe(5);
    const after = started(model);
    await after.caughtUp;
    expect(model.taken).toEqual(upTo(15));
    expect(await after.lag()).toBe(0);
  });

  test('tells by how many events it is behind', async () => {
    const model = new NumbersModel();
    const runner = new ProjectionRunner(store, model, logger, realClock);
    expect(await runner.lag()).toBe(0);
    await add(0, 7);
    expect(await runner.lag()).toBe(7);
    runners.push(runner);
    runner.start();
    await runner.caughtUp;
    expect(await runner.lag()).toBe(0);
  });

  test('gives the age of the newest event that it has taken, while it is behind', async () => {
    const model = new NumbersModel();
    const clock = new ManualClock(EVENTS_AT_MS);
    const newest = () => new ProjectionRunner(store, model, logger, clock);
    let runner = newest();
    expect(await runner.lagSeconds()).toBe(0);
    await add(0, 2);
    await clock.advance(7_500);
    // It has taken nothing yet, so this is the age of the first event that it lacks.
    expect(await runner.lagSeconds()).toBe(7.5);
    runner.start();
    await runner.caughtUp;
    await clock.advance(1_000);
    expect(await runner.gate.waitFor(await add(100, 1, 'letters-1'), A_HANG_MS)).toBe(true);
    expect(await runner.lagSeconds()).toBe(0);
    await runner.stop();
    const [event] = [newEvent({ n: 2 })];
    const at = new Date(EVENTS_AT_MS + 8_000).toISOString();
    await store.append([{ stream: 'numbers-1', expected: 'any', events: [{ ...event, meta: { ...event.meta, at } }] }]);
    await clock.advance(500);
    expect(await runner.lagSeconds()).toBe(9);
    // After a restart it only knows what it lacks.
    runner = newest();
    runner.gate.reach(3);
    expect(await runner.lagSeconds()).toBe(1);
    // The events come from a process whose clock is ahead.
    const early = new ProjectionRunner(store, model, logger, new ManualClock(EVENTS_AT_MS - 1_000));
    expect(await early.lagSeconds()).toBe(0);
  });

  test('stops while it waits for events', async () => {
    const model = new NumbersModel();
    const runner = started(model);
    await runner.caughtUp;
    await runner.stop();
    await add(0, 1);
    expect([model.taken, runner.state]).toEqual([[], 'stopped']);
  });
});

describe('a batch that fails', () => {
  test('is taken again as a whole', async () => {
    const model = new NumbersModel();
    model.refuses = () => model.attempts === 1;
    const runner = started(model);
    await add(0, 3);
    expect(await runner.gate.waitFor(3, A_HANG_MS)).toBe(true);
    expect(model.taken).toEqual([0, 1, 2]);
    await waitUntil('the line that says so', () => logged.length === 2);
    expect(logged).toEqual([REFUSED, AGAIN]);
  });
});

describe('an event that is refused every time', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('stops its model, and no other', async () => {
    const [poisoned, healthy] = [new NumbersModel('poisoned'), new NumbersModel('healthy')];
    poisoned.refuses = (number) => number === 3;
    const [failing, other] = [started(poisoned), started(healthy)];
    await Promise.all([failing.caughtUp, other.caughtUp]);
    for (const number of upTo(3)) {
      await add(number, 1);
      await jest.advanceTimersByTimeAsync(1);
    }
    await add(3, 1);
    await jest.advanceTimersByTimeAsync(120_000);
    expect([failing.state, other.state]).toEqual(['failed', 'live']);
    expect(logged).toEqual([
      'warn: the read model poisoned could not take events of the log',
      'error: a read model has stopped',
    ]);
    const { attempts } = poisoned;
    // Three good batches, and nine attempts for the bad one.
    expect(attempts).toBe(3 + 1 + 8);
    await add(4, 1);
    await jest.advanceTimersByTimeAsync(120_000);
    expect(poisoned.attempts).toBe(attempts);
    expect(poisoned.taken).toEqual([0, 1, 2]);
    expect(healthy.taken).toEqual(upTo(5));
    expect([await failing.lag(), await other.lag()]).toEqual([2, 0]);
    await failing.stop();
    expect(failing.state).toBe('failed');
  });

  test('stops it only after failures in a row: a success resets the count', async () => {
    const model = new NumbersModel();
    const runner = started(model);
    for (const number of upTo(12)) {
      const { attempts } = model;
      model.refuses = () => model.attempts === attempts + 1;
      await add(number, 1);
      await jest.advanceTimersByTimeAsync(60_000);
    }
    expect(runner.state).toBe('live');
    expect(model.taken).toEqual(upTo(12));
  });

  test('is different from a log that is out of reach for an hour', async () => {
    const model = new NumbersModel();
    const runner = started(model);
    await add(0, 1);
    await jest.advanceTimersByTimeAsync(1);
    const reach = jest.spyOn(store, 'readAll').mockRejectedValue(new Error('out of reach'));
    await add(1, 1);
    await jest.advanceTimersByTimeAsync(3_600_000);
    expect(runner.state).toBe('catchingUp');
    reach.mockRestore();
    await jest.advanceTimersByTimeAsync(60_000);
    expect([runner.state, model.taken]).toEqual(['live', [0, 1]]);
  });

  test.each([
    ['that the store is away', new EventStoreError('STORE_UNAVAILABLE', 'away')],
    ['that the store has no room', new EventStoreError('STORE_FULL', 'full')],
    ['of a kind that the model knows to pass', Object.assign(new Error('full'), { passes: true })],
  ])('is not a failure %s, however long it lasts', async (_, failure) => {
    const model = Object.assign(new NumbersModel(), {
      isPassing: (error: unknown) => error instanceof Error && 'passes' in error,
    });
    const { apply } = model;
    const runner = started(model);
    await add(0, 1);
    await jest.advanceTimersByTimeAsync(1);
    let tries = 0;
    model.apply = async () => {
      tries += 1;
      throw failure;
    };
    await add(1, 1);
    await jest.advanceTimersByTimeAsync(3_600_000);
    expect([runner.state, runner.failure, tries > 100]).toEqual(['catchingUp', failure.message, true]);
    model.apply = apply;
    await jest.advanceTimersByTimeAsync(60_000);
    expect([runner.state, runner.failure, model.taken]).toEqual(['live', undefined, [0, 1]]);
  });

  test.each([
    new EventStoreError('STORE_CORRUPT', 'damaged'),
    new EventStoreError('EVENT_NOT_UNDERSTOOD', 'strange'),
    new Error('unknown'),
  ])('is a failure of the event itself: %s', async (failure) => {
    const model = Object.assign(new NumbersModel(), { isPassing: () => false });
    model.apply = async () => {
      throw failure;
    };
    await add(0, 1);
    const runner = started(model);
    await jest.advanceTimersByTimeAsync(120_000);
    expect([runner.state, runner.failure]).toEqual(['failed', failure.message]);
  });

  test('rejects the promise of the model to catch up', async () => {
    const model = new NumbersModel();
    model.refuses = () => true;
    await add(0, 1);
    const waited = expect(started(model).caughtUp).rejects.toThrow('poisoned');
    await jest.advanceTimersByTimeAsync(120_000);
    await waited;
  });
});

describe('a model that gives way', () => {
  const giving = (): NumbersModel & { readonly givesWay: true } =>
    Object.assign(new NumbersModel(), { givesWay: true as const });
  const begun = async (model: Projection, isBusy: () => boolean, generation?: RunnerOfGeneration) => {
    const clock = new ManualClock();
    const ofGeneration = generation === undefined ? {} : { generation };
    const runner = new ProjectionRunner(store, model, logger, clock, { isBusy, ...ofGeneration });
    runners.push(runner);
    runner.start();
    await clock.advance(1);
    return { clock, runner };
  };

  test('takes nothing during a rush, and everything after it', async () => {
    let isRush = true;
    const model = giving();
    const { clock } = await begun(model, () => isRush);
    await add(0, 3);
    await clock.advance(5_000);
    expect(model.taken).toEqual([]);
    isRush = false;
    await clock.advance(200);
    await waitUntil('the events', () => model.taken.length === 3);
  });

  test('takes what is there after a minute of rush', async () => {
    const model = giving();
    const { clock } = await begun(model, () => true);
    await add(0, 3);
    await clock.advance(59_000);
    expect(model.taken).toEqual([]);
    await clock.advance(2_000);
    await waitUntil('the events', () => model.taken.length === 3);
  });

  test('takes what somebody waits for', async () => {
    const model = giving();
    const { clock, runner } = await begun(model, () => true);
    const position = await add(0, 3);
    await clock.advance(500);
    const waiting = runner.gate.waitFor(position, 10_000);
    await clock.advance(500);
    expect(await waiting).toBe(true);
  });

  test('takes everything while it is to be read in place of another one', async () => {
    const [model, pace] = [giving(), new ReplayPace(new ManualClock())];
    let isNext = false;
    const generation = { name: () => 'numbers', isRead: () => false, isNext: () => isNext, pace };
    const { clock } = await begun(model, () => true, generation);
    await add(0, 3);
    await clock.advance(5_000);
    expect(model.taken).toEqual([]);
    isNext = true;
    await clock.advance(200);
    await waitUntil('the events', () => model.taken.length === 3);
  });

  test('takes everything up to where it is compared', async () => {
    const clockOfPace = new ManualClock();
    const [model, pace] = [giving(), new ReplayPace(clockOfPace)];
    const { clock } = await begun(model, () => true, { name: () => 'numbers', isRead: () => false, pace });
    const position = await add(0, 3);
    await clock.advance(5_000);
    expect(model.taken).toEqual([]);
    pace.holdAt(position);
    await clock.advance(200);
    await waitUntil('the events', () => model.taken.length === 3);
  });

  test('ends during a rush', async () => {
    const model = giving();
    const { clock, runner } = await begun(model, () => true);
    await add(0, 3);
    await clock.advance(500);
    const stopped = runner.stop();
    await clock.advance(500);
    await stopped;
    expect(runner.state).toBe('stopped');
  });

  test('is the only one that does', async () => {
    const model = new NumbersModel();
    await begun(model, () => true);
    await add(0, 3);
    await waitUntil('the events', () => model.taken.length === 3);
  });
});
