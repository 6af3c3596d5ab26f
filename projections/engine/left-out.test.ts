// Events that a model refuses: it stops, or sets their stream aside; people skip them, or have them tried again.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { EventBatch } from '@railhead/commands/ports/event-store.ts';
import { type ReadBy, retryEvent, setStreamAside, skipEvent } from '@railhead/commands/read-models/left-out.ts';
import { MOST_SET_ASIDE } from '@railhead/domain/read-model/decide.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { silentLogger } from '@railhead/tests/support/read-side.ts';
import fc from 'fast-check';
import type { Projection } from './projection.ts';
import { ProjectionRunner } from './projection-runner.ts';

/** A model that remembers its events by stream, as rows that outlast a runner. It refuses what it is told to. */
class LettersModel implements Projection {
  readonly name: string = 'letters';
  readonly categories = ['letters'];
  readonly setAside = new Map<string, string>();
  readonly refused = new Set<string>();
  rows: string[] = [];
  position = 0;
  drops = 0;

  async load(): Promise<number> {
    return this.position;
  }

  async drop(): Promise<void> {
    this.drops += 1;
    [this.rows, this.position] = [[], 0];
  }

  async apply({ events, position }: EventBatch): Promise<void> {
    if (position <= this.position) return;
    // Safe cast: `add` writes them.
    const letters = events
      .filter((event) => event.position > this.position)
      .map((event) => (event.data as { readonly letter: string }).letter);
    const refused = letters.find((letter) => this.refused.has(letter));
    if (refused !== undefined) throw new Error(`no ${refused}`);
    this.rows.push(...letters);
    this.position = position;
  }
}

let store: MemoryEventStore;
let runners: ProjectionRunner[];
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  store = new MemoryEventStore();
  runners = [];
});
afterEach(async () => {
  const stopping = Promise.all(runners.map((runner) => runner.stop()));
  await jest.advanceTimersByTimeAsync(20_000);
  await stopping;
  jest.useRealTimers();
});

const clock = { ...realClock, now: () => Date.now() };
/** A letter in the stream of its own alphabet: small or capital. */
const add = async (...letters: readonly string[]): Promise<void> => {
  for (const letter of letters) {
    const stream = `letters-${letter === letter.toUpperCase() ? 'capital' : 'small'}`;
    await store.append([{ stream, expected: 'any', events: [newEvent({ letter })] }]);
  }
};
const started = (model: Projection, setsAside = false): ProjectionRunner => {
  const runner = new ProjectionRunner(store, model, silentLogger, clock, { setsAside });
  runners.push(runner);
  runner.start();
  return runner;
};
const passMinutes = (minutes: number): Promise<void> => jest.advanceTimersByTimeAsync(minutes * 60_000);
const readBy: ReadBy = (model) => (model === 'letters' ? (category) => category === 'letters' : undefined);
let requests = 0;
const asked = (position: number, model = 'letters') => {
  requests += 1;
  return { model, position, operator: 'olga', idempotencyKey: `key-${requests}`, correlationId: 'request' };
};
const skip = (position: number, model?: string) =>
  skipEvent({ store, clock, readBy }, { ...asked(position, model), reason: 'it is nonsense' });
const retry = (position: number, model?: string) => retryEvent({ store, clock, readBy }, asked(position, model));

describe('a model that stops at an event', () => {
  const stopped = async () => {
    const model = new LettersModel();
    model.refused.add('c');
    await add('a', 'B', 'c', 'D', 'e');
    const runner = started(model);
    await passMinutes(5);
    expect([runner.state, model.rows]).toEqual(['failed', ['a', 'B']]);
    expect(runner.refused).toEqual({ position: 3, stream: 'letters-small', eventType: 'Tested', why: 'no c' });
    return { model, runner };
  };

  test('names it, with everything before it taken', async () => {
    await stopped();
  });

  test('does not stop where each event is refused a few times, and taken then', async () => {
    const model = new LettersModel();
    const times = new Map<number, number>();
    const { apply } = model;
    model.apply = async (batch) => {
      const next = batch.events.find(({ position }) => position > model.position);
      const before = next === undefined ? 3 : (times.get(next.position) ?? 0);
      if (next !== undefined) times.set(next.position, before + 1);
      if (before < 3) throw new Error('not yet');
      await apply.call(model, batch);
    };
    await add('a', 'B', 'c', 'D', 'e');
    const runner = started(model);
    await passMinutes(5);
    expect([runner.state, model.rows]).toEqual(['live', ['a', 'B', 'c', 'D', 'e']]);
  });

  test('goes on without it when somebody skips it', async () => {
    const { model, runner } = await stopped();
    expect((await skip(3)).ok).toBe(true);
    await passMinutes(1);
    expect([runner.state, model.rows, model.drops]).toEqual(['live', ['a', 'B', 'D', 'e'], 0]);
    expect(runner.refused).toBeUndefined();
    expect([...runner.leftOut.skipped.values()]).toMatchObject([{ position: 3, reason: 'it is nonsense', by: 'olga' }]);
  });

  test('tries it again when somebody says so', async () => {
    const { model, runner } = await stopped();
    model.refused.clear();
    expect((await retry(3)).ok).toBe(true);
    await passMinutes(1);
    expect([runner.state, model.rows, model.drops]).toEqual(['live', ['a', 'B', 'c', 'D', 'e'], 0]);
  });

  test('stops again at the same event, and at the next one', async () => {
    const { model, runner } = await stopped();
    await retry(3);
    await passMinutes(5);
    expect([runner.state, runner.refused?.position]).toEqual(['failed', 3]);
    model.refused.add('e');
    await skip(3);
    await passMinutes(5);
    expect([runner.state, runner.refused?.position]).toEqual(['failed', 5]);
    await skip(5);
    await passMinutes(5);
    expect([runner.state, model.rows]).toEqual(['live', ['a', 'B', 'D']]);
  });
});

describe('a model that sets streams aside', () => {
  test('takes everything but the rest of that stream, and says which', async () => {
    const model = new LettersModel();
    model.refused.add('c');
    await add('a', 'B', 'c', 'D', 'e');
    const runner = started(model, true);
    await passMinutes(5);
    await add('f', 'G');
    await passMinutes(1);
    expect([runner.state, model.rows]).toEqual(['live', ['a', 'B', 'D', 'G']]);
    expect([...runner.setAside]).toEqual([['letters-small', 'Tested at position 3 was refused: no c']]);
    // Also after a restart, of this process or another, and without a new decision.
    const again = new LettersModel();
    again.refused.add('c');
    const other = started(again, true);
    await passMinutes(1);
    expect([other.state, again.rows, other.leftOut]).toEqual(['live', ['a', 'B', 'D', 'G'], runner.leftOut]);
  });

  test('takes the rest of the stream when the event is skipped, and all of it when it is tried again', async () => {
    const model = new LettersModel();
    model.refused.add('c');
    await add('a', 'B', 'c', 'D', 'e');
    const runner = started(model, true);
    await passMinutes(5);
    await skip(3);
    await passMinutes(1);
    expect([runner.state, model.rows, runner.setAside.size]).toEqual(['live', ['a', 'B', 'D', 'e'], 0]);
    await add('f');
    await passMinutes(1);
    model.refused.clear();
    await retry(3);
    await passMinutes(1);
    expect([model.rows, model.drops]).toEqual([['a', 'B', 'c', 'D', 'e', 'f'], 2]);
  });

  test('does so only after as many attempts as it makes before it stops elsewhere', async () => {
    const model = new LettersModel();
    model.refused.add('c');
    await add('a', 'c');
    const runner = started(model, true);
    await passMinutes(0.05);
    model.refused.clear();
    await passMinutes(5);
    expect([model.rows, runner.setAside.size]).toEqual([['a', 'c'], 0]);
  });

  test('does not begin a third time where the log was lost while it was built again', async () => {
    const model = Object.assign(new LettersModel(), { isPassing: (error: unknown) => error instanceof RangeError });
    await add('a', 'B', 'c', 'D', 'e');
    const runner = started(model, true);
    await passMinutes(1);
    const { apply } = model;
    // Half of it is there when the model cannot go on for a while.
    model.apply = async (batch) => {
      if (model.position < 2)
        await apply.call(model, {
          ...batch,
          events: batch.events.filter(({ position }) => position <= 2),
          position: 2,
        });
      throw new RangeError('away');
    };
    await skip(1);
    await passMinutes(5);
    model.apply = apply;
    await passMinutes(1);
    expect([runner.state, model.rows, model.drops]).toEqual(['live', ['B', 'c', 'D', 'e'], 1]);
  });

  test('stops where it refuses more streams than a few', async () => {
    const model = new LettersModel();
    const event = async (n: number) => {
      const stream = `letters-${n}`;
      await store.append([{ stream, expected: 'any', events: [newEvent({ letter: 'x' })] }]);
      const [last] = (await store.readAll({ after: (await store.lastPosition()) - 1, limit: 1 })).events;
      if (last === undefined) throw new Error('it was written');
      return last;
    };
    for (let n = 0; n < MOST_SET_ASIDE; n += 1)
      await setStreamAside({ store, clock }, { model: 'letters', event: await event(n), why: 'wrong', round: n });
    model.refused.add('y');
    await add('y');
    const runner = started(model, true);
    await passMinutes(5);
    expect([runner.state, runner.setAside.size, runner.refused?.why]).toEqual(['failed', MOST_SET_ASIDE, 'no y']);
  });
});

test('what is decided is refused for a model, or an event, that there is not', async () => {
  await add('a');
  await store.append([{ stream: 'numbers-1', expected: 'any', events: [newEvent()] }]);
  const code = async (deciding: ReturnType<typeof skip>): Promise<string> => {
    const done = await deciding;
    return done.ok ? 'ok' : done.refusal.code;
  };
  expect(await code(skip(1, 'numbers'))).toBe('READ_MODEL_UNKNOWN');
  expect(await code(retry(1, '../letters'))).toBe('READ_MODEL_UNKNOWN');
  for (const position of [0, -1, 2, 3, 99]) {
    expect(await code(skip(position))).toBe('EVENT_UNKNOWN');
    expect(await code(retry(position))).toBe('EVENT_UNKNOWN');
  }
  expect(await store.lastPosition()).toBe(2);
  const first = await skip(1);
  expect(first).toMatchObject({ ok: true, value: { position: 1, stream: 'letters-small', decidedAt: 3 } });
  expect(await skip(1)).toMatchObject({ ok: true, value: { decidedAt: 0 } });
});

test('rows are those of the log and its decisions, whenever these come and however often the model begins again', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), letter: fc.constantFrom('a', 'b', 'A', 'B') }),
    fc.record({ kind: fc.constantFrom('skip' as const, 'retry' as const), position: fc.integer({ min: 1, max: 8 }) }),
    fc.record({ kind: fc.constant('restart' as const) }),
    fc.record({ kind: fc.constant('heal' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 16 }), fc.boolean(), async (steps, setsAside) => {
      store = new MemoryEventStore();
      const model = new LettersModel();
      model.refused.add('b');
      let runner = started(model, setsAside);
      for (const one of steps) {
        if (one.kind === 'add') await add(one.letter);
        else if (one.kind === 'skip') await skip(one.position);
        else if (one.kind === 'retry') await retry(one.position);
        else if (one.kind === 'heal') model.refused.clear();
        else {
          const stopping = runner.stop();
          await passMinutes(0.1);
          await stopping;
          runner = started(model, setsAside);
        }
        await passMinutes(0.02);
      }
      await passMinutes(5);
      const events = (await store.readAll({ after: 0, limit: 1_000 })).events.filter(({ stream }) =>
        stream.startsWith('letters-'),
      );
      const { setAside, skipped } = runner.leftOut;
      const wanted = events.filter(({ stream, position }) => {
        const from = setAside.get(stream)?.position ?? Number.POSITIVE_INFINITY;
        return !skipped.has(position) && position < from;
      });
      const end = runner.refused?.position ?? Number.POSITIVE_INFINITY;
      // Safe cast: `add` has written them.
      const letters = wanted
        .filter(({ position }) => position < end)
        .map(({ data }) => (data as { readonly letter: string }).letter);
      expect([runner.state, model.rows]).toEqual([runner.refused === undefined ? 'live' : 'failed', letters]);
      if (setsAside) expect(runner.state).toBe('live');
      const stopping = runner.stop();
      await passMinutes(0.1);
      await stopping;
    }),
    { numRuns: 60 },
  );
});
