// Several processes on one store of states: who feeds a model, what the others show, and what they refuse to show.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { MemoryStates, StatesDisk, type StatesFault } from '@railhead/tests/support/memory-states.ts';
import { anyLog, silentLogger } from '@railhead/tests/support/read-side.ts';
import fc from 'fast-check';
import { ProjectionRunner } from './projection-runner.ts';
import { SharedStates, type StateHandler } from './shared-states.ts';

const MODEL = 'counted';
/** Events of version 2 are strange to version 1 of the model. */
const categoryOf = (version: number) => ({
  name: 'numbers',
  strangeness: (event: { readonly version: number }) =>
    event.version > version ? ('NEWER_VERSION' as const) : undefined,
});

/** Counts how often each event was taken: more than once shows in the states. */
const counting = (): StateHandler => {
  const known = new Map<string, number>();
  const changed = new Set<string>();
  const nameOf = ({ position }: { readonly position: number }): string => String(position);
  const set = (name: string, times: number): void => {
    known.set(name, times);
    changed.add(name);
  };
  return {
    namesOf: (events) => new Set(events.flatMap((event) => [nameOf(event), event.stream])),
    isRemembered: (name) => known.has(name),
    remember: (name, value) => known.set(name, value?.[0] ?? 0),
    apply: (event) => set(nameOf(event), (known.get(nameOf(event)) ?? 0) + 1),
    end: (stream) => set(stream, 99),
    changes: () => {
      const changes = new Map([...changed].map((name) => [name, Uint8Array.of(known.get(name) ?? 0)]));
      changed.clear();
      return changes;
    },
    forget: (all) => {
      if (all) for (const forgotten of [known, changed]) forgotten.clear();
    },
  };
};

/** A process: it has a clock of its own, which stands while the process does. */
type Worker = {
  readonly clock: ManualClock;
  readonly runner: ProjectionRunner;
  readonly states: SharedStates;
  readonly store: MemoryStates;
};

let disk: StatesDisk;
let log: MemoryEventStore;
let workers: Worker[];
beforeEach(() => {
  disk = new StatesDisk();
  log = new MemoryEventStore();
  workers = [];
});

const settle = async (turns = 200): Promise<void> => {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
/** Time goes by for these, and stands still for all others. */
const pass = async (ms: number, ...running: readonly Worker[]): Promise<void> => {
  for (let left = ms; left > 0; left -= 50) {
    await Promise.all(running.map(({ clock }) => clock.advance(Math.min(50, left))));
    await settle(20);
  }
};
const stopAll = async (): Promise<void> => {
  for (const { runner, clock, store } of workers.splice(0)) {
    store.fault = () => undefined;
    const stopped = runner.stop();
    await clock.advance(1_000);
    await stopped;
  }
};
afterEach(stopAll);

const started = async (owner: string, { version = 1, of = log } = {}): Promise<Worker> => {
  const clock = new ManualClock();
  const store = new MemoryStates(disk, { owner, clock });
  const states = new SharedStates(store, of, { name: MODEL, version, categories: [categoryOf(version)] }, counting());
  const runner = new ProjectionRunner(of, states, silentLogger, clock);
  runner.start();
  const worker = { clock, runner, states, store };
  workers.push(worker);
  await settle();
  return worker;
};

const add = async (count: number, of = log, stream = 'numbers-1', version = 1): Promise<number> => {
  const events = Array.from({ length: count }, (_, n) => newEvent({ n }, 'Tested', version));
  await of.append([{ stream, expected: 'any', events }]);
  await settle();
  return of.lastPosition();
};
/** How often each event was taken, as this process shows it; or why it does not. */
const shown = async ({ states }: Worker, end: number): Promise<readonly number[] | string> => {
  try {
    const values = await states.read(Array.from({ length: end }, (_, index) => String(index + 1)));
    return values.map((value) => value?.[0] ?? 0);
  } catch (error) {
    return error instanceof Error ? error.message.replace(/.*: /, '') : String(error);
  }
};
const once = (end: number): readonly number[] => new Array<number>(end).fill(1);

test('one process feeds the model, and all show it', async () => {
  const [one, other] = [await started('one'), await started('other')];
  const end = await add(5);
  await pass(1_000, one, other);
  expect([one.runner.state, other.runner.state]).toEqual(['live', 'standby']);
  expect([one.runner.isReady, other.runner.isReady]).toEqual([true, true]);
  expect([one.runner.gate.position, other.runner.gate.position]).toEqual([end, end]);
  expect([await shown(one, end), await shown(other, end)]).toEqual([once(end), once(end)]);
});

test('the position of an owner that has nothing to write is known to the others', async () => {
  const [one, other] = [await started('one'), await started('other')];
  await add(2, log, 'others-1');
  await pass(1_000, one, other);
  expect(other.runner.gate.position).toBe(2);
});

test('within two seconds another takes over from one that is silent, which then takes nothing twice', async () => {
  const [one, other] = [await started('one'), await started('other')];
  await add(5);
  await pass(600, one, other);
  await pass(2_000, other);
  expect(other.runner.state).toBe('live');
  const end = await add(5);
  // The first one had these events as well, and could not write them.
  await pass(3_000, one, other);
  expect([one.runner.state, other.runner.state]).toEqual(['standby', 'live']);
  expect(await shown(one, end)).toEqual(once(end));
});

test('one that stops in order is followed at the next look', async () => {
  const [one, other] = [await started('one'), await started('other')];
  const end = await add(3);
  await one.runner.stop();
  await pass(300, other);
  expect(other.runner.state).toBe('live');
  expect(await shown(other, end)).toEqual(once(end));
});

test('a batch whose answer was lost is not taken twice, and its owner goes on at once', async () => {
  const one = await started('one');
  await add(2);
  let faults: (StatesFault | undefined)[] = [undefined, 'answerLost'];
  one.store.fault = () => faults.shift();
  const end = await add(3);
  await pass(1_000, one);
  expect(faults).toEqual([]);
  expect([one.runner.state, await shown(one, end)]).toEqual(['live', once(end)]);
  faults = ['away'];
  const last = await add(2);
  await pass(1_000, one);
  expect([one.runner.state, await shown(one, last)]).toEqual(['live', once(last)]);
});

describe('a store that is away', () => {
  test('refuses reads and shows in the readiness of all, however idle they are, and is waited for', async () => {
    const [one, other] = [await started('one'), await started('other')];
    await add(2);
    await pass(1_000, one, other);
    for (const { store } of [one, other]) store.fault = () => 'away';
    await pass(1_000, one, other);
    for (const worker of [one, other]) {
      expect([worker.runner.isReady, worker.runner.failure]).toEqual([
        false,
        expect.stringContaining('injected: away'),
      ]);
      await expect(worker.states.read(['1'])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    }
    const end = await add(4);
    await pass(120_000, one, other);
    expect([one.runner.state, other.runner.state]).not.toContain('failed');
    for (const { store } of [one, other]) store.fault = () => undefined;
    await pass(15_000, one, other);
    expect([one.runner.isReady, other.runner.isReady]).toEqual([true, true]);
    expect([await shown(one, end), await shown(other, end)]).toEqual([once(end), once(end)]);
  });

  test('does not keep anybody from stopping', async () => {
    const one = await started('one');
    one.store.fault = () => 'away';
    await one.runner.stop();
    expect(one.runner.state).toBe('stopped');
  });
});

describe('a store that was emptied', () => {
  test('is filled again although no events come, and nobody shows what is not whole', async () => {
    const [one, other] = [await started('one'), await started('other')];
    const end = await add(5);
    await pass(1_000, one, other);
    disk.empty();
    expect(await shown(other, end)).toBe('nothing is there yet');
    await pass(2_000, one, other);
    expect([await shown(one, end), await shown(other, end)]).toEqual([once(end), once(end)]);
    expect([one.runner.isReady, other.runner.isReady]).toEqual([true, true]);
  });

  test('has one follower afterwards, also if its process was held and started meanwhile', async () => {
    let followers = 0;
    const subscribe = log.subscribe.bind(log);
    log.subscribe = (options) => {
      followers += 1;
      return subscribe(options);
    };
    const one = await started('one');
    const free = one.store.free.bind(one.store);
    const released = Promise.withResolvers<void>();
    one.store.free = async (...asked) => {
      await released.promise;
      return free(...asked);
    };
    disk.empty();
    await pass(600, one);
    await one.runner.hold();
    one.runner.start();
    await pass(600, one);
    expect(followers).toBe(2);
    released.resolve();
    await pass(600, one);
    const end = await add(3);
    expect([followers, one.runner.state, await shown(one, end)]).toEqual([2, 'live', once(end)]);
  });

  test('and is behind what was shown before is not shown, and keeps a standby from being ready', async () => {
    const [one, other] = [await started('one'), await started('other')];
    const end = await add(5);
    await pass(1_000, one, other);
    disk.empty();
    // A third process begins to fill it.
    const third = new MemoryStates(disk, { owner: 'third', clock: new ManualClock() });
    await third.prepare(MODEL, 1);
    const { place } = await third.read(MODEL, []);
    if (place === undefined) throw new Error('it was prepared');
    await third.take(MODEL, place);
    await pass(300, other);
    expect(await shown(other, end)).toBe('they are built again');
    expect([other.runner.isReady, other.runner.failure]).toEqual([false, 'it is built again']);
    await pass(3_000, one, other);
    expect([other.runner.isReady, await shown(other, end)]).toEqual([true, once(end)]);
  });
});

test('a store that was put back to what it had before is not shown until it has all again', async () => {
  const one = await started('one');
  await add(2);
  await pass(600, one);
  const stored = disk.models.get(MODEL);
  if (stored === undefined) throw new Error('it was fed');
  const before = { ...stored, states: new Map(stored.states), strangers: new Map(stored.strangers) };
  const end = await add(3);
  await pass(600, one);
  disk.models.set(MODEL, before);
  expect(await shown(one, end)).toBe('they are built again');
  await pass(3_000, one);
  expect(await shown(one, end)).toEqual(once(end));
});

test('what a process has shown once it never shows without, also between its looks at the place', async () => {
  const [one, other] = [await started('one'), await started('other')];
  await add(2);
  await pass(600, one, other);
  const stored = disk.models.get(MODEL);
  if (stored === undefined) throw new Error('it was fed');
  const before = { ...stored, states: new Map(stored.states), strangers: new Map(stored.strangers) };
  const end = await add(3);
  expect(await shown(other, end)).toEqual(once(end));
  disk.models.set(MODEL, before);
  expect(await shown(other, end)).toBe('they are built again');
});

describe('fed by hand', () => {
  const fed = async () => {
    const clock = new ManualClock();
    const store = new MemoryStates(disk, { owner: 'one', clock });
    const proofs: number[] = [];
    const own = {
      fingerprintAt: (position: number) => {
        proofs.push(position);
        return log.fingerprintAt(position);
      },
    };
    const read: string[] = [];
    const handler = counting();
    const states = new SharedStates(
      store,
      own,
      { name: MODEL, version: 1, categories: [categoryOf(1)] },
      {
        ...handler,
        remember: (name, value) => {
          read.push(name);
          handler.remember(name, value);
        },
      },
    );
    const load = async (): Promise<number> => {
      await states.lease.acquire(
        new AbortController().signal,
        async () => false,
        () => {},
      );
      return states.load({ ...anyLog, ...own });
    };
    await load();
    return { store, clock, states, read, proofs, load, batch: await log.readAll({ after: 0, limit: 10 }) };
  };

  test('a batch that failed is taken once when it comes again at once', async () => {
    await add(2);
    const { store, states, batch } = await fed();
    let calls = 0;
    store.fault = () => {
      calls += 1;
      return calls === 2 ? 'away' : undefined;
    };
    await expect(states.apply(batch)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await states.apply(batch);
    expect((await states.read(['1', '2'])).map((value) => value?.[0])).toEqual([1, 1]);
  });

  test('a batch whose place another has moved uses nothing of what is there', async () => {
    await add(2);
    const { states, read, batch } = await fed();
    disk.empty();
    await expect(states.apply(batch)).rejects.toThrow('another has moved the place of read model counted');
    expect(read).toEqual([]);
  });

  test('a log that is exchanged has the states dropped, and they are shown from its beginning', async () => {
    await add(2);
    const { states, load, batch } = await fed();
    await states.apply(batch);
    expect(await states.read(['1'])).toEqual([Uint8Array.of(1)]);
    log = new MemoryEventStore();
    await add(3);
    expect([await load(), await states.read(['1'])]).toEqual([0, [undefined]]);
  });

  test('an ownership is proved once, however often its states are read', async () => {
    await add(2);
    const { states, proofs, batch } = await fed();
    await states.apply(batch);
    proofs.length = 0;
    for (let times = 0; times < 3; times += 1) await states.read(['1']);
    expect(proofs).toEqual([2]);
  });

  test('while a batch is written there is no beat beside it', async () => {
    await add(2);
    const { store, clock, states, batch } = await fed();
    const move = store.move.bind(store);
    const written = Promise.withResolvers<void>();
    let moves = 0;
    store.move = async (...asked) => {
      moves += 1;
      await written.promise;
      return move(...asked);
    };
    const applied = states.apply(batch);
    await settle();
    await clock.advance(600);
    written.resolve();
    await applied;
    expect(moves).toBe(1);
    await clock.advance(600);
    expect(moves).toBe(2);
  });
});

describe('states of another log', () => {
  test('are shown to nobody, and go when their owner is gone', async () => {
    const one = await started('one');
    await add(5);
    const another = new MemoryEventStore();
    await add(9, another);
    const stranger = await started('stranger', { of: another });
    await pass(1_000, one, stranger);
    expect(stranger.runner).toMatchObject({ state: 'standby', isReady: false, failure: 'its rows are of another log' });
    expect(await shown(stranger, 9)).toBe('they are not known to be of this log');
    await one.runner.stop();
    await pass(1_000, stranger);
    expect([stranger.runner.state, await shown(stranger, 9)]).toEqual(['live', once(9)]);
  });

  test('are not shown by whoever cannot see so far, while their owner lives', async () => {
    await started('one');
    await add(5);
    const shorter = new MemoryEventStore();
    await add(2, shorter);
    const stranger = await started('stranger', { of: shorter });
    await pass(300, stranger);
    expect(await shown(stranger, 2)).toBe('they are not known to be of this log');
  });

  test('do not count as read by whoever drops them', async () => {
    const one = await started('one');
    await add(9);
    await one.runner.stop();
    const shorter = new MemoryEventStore();
    await add(2, shorter);
    const stranger = await started('stranger', { of: shorter });
    expect([stranger.runner.state, stranger.runner.gate.position, await shown(stranger, 2)]).toEqual([
      'live',
      2,
      once(2),
    ]);
  });

  test('are not shown by whoever has shown its own before', async () => {
    const one = await started('one');
    const end = await add(2);
    await pass(600, one);
    expect(await shown(one, end)).toEqual(once(end));
    const another = new MemoryEventStore();
    await add(2, another);
    disk.empty();
    const stranger = await started('stranger', { of: another });
    expect(await shown(stranger, 2)).toEqual(once(2));
    expect(await shown(one, end)).toBe('they are not known to be of this log');
  });
});

describe('another version', () => {
  test('that is newer is left alone and not shown', async () => {
    const newer = await started('newer', { version: 2 });
    const end = await add(3);
    const older = await started('older');
    await pass(1_000, newer, older);
    expect([older.runner.isReady, older.runner.failure]).toEqual([
      false,
      'the shared read models cannot be used at the moment: a newer program has made them',
    ]);
    expect(await shown(older, end)).toBe('the tables of read model counted are not of version 1');
    expect(await shown(newer, end)).toEqual(once(end));
  });

  test('that is older is replaced, and its process shows nothing any more', async () => {
    const older = await started('older');
    const end = await add(3);
    const newer = await started('newer', { version: 2 });
    await pass(3_000, older, newer);
    expect([newer.runner.state, await shown(newer, end)]).toEqual(['live', once(end)]);
    expect([older.runner.isReady, await shown(older, end)]).toEqual([
      false,
      'the tables of read model counted are not of version 1',
    ]);
  });
});

describe('a stream with an event that is not understood', () => {
  const asideOf = async ({ states }: Worker) => [
    [...states.setAside.keys()],
    (await states.read(['numbers-2']))[0]?.[0],
  ];

  test('is set aside from there on, also by whoever takes over', async () => {
    const [one, other] = [await started('one'), await started('other')];
    await add(1, log, 'numbers-2');
    await add(1, log, 'numbers-2', 2);
    await add(1, log, 'numbers-2');
    const end = await add(1);
    await pass(1_000, one, other);
    expect(await asideOf(one)).toEqual([['numbers-2'], 99]);
    await one.runner.stop();
    await pass(1_000, other);
    await add(1, log, 'numbers-2');
    await pass(600, other);
    expect(await asideOf(other)).toEqual([['numbers-2'], 99]);
    expect(await shown(other, end + 1)).toEqual([1, 0, 0, 1, 0]);
  });

  test('is set aside from there on within one batch', async () => {
    const versions = [1, 2, 1];
    const events = versions.map((version) => newEvent({}, 'Tested', version));
    await log.append([{ stream: 'numbers-2', expected: 'any', events }]);
    const one = await started('one');
    expect(await asideOf(one)).toEqual([['numbers-2'], 99]);
    expect(await shown(one, 3)).toEqual([1, 0, 0]);
  });

  test('is taken by a version that understands it, from its beginning', async () => {
    const strangers = [{ stream: 'numbers-2', type: 'Tested', version: 1, position: 1 }];
    const end = await add(2, log, 'numbers-2');
    const one = await started('one');
    await one.runner.stop();
    const stored = disk.models.get(MODEL);
    for (const stranger of strangers) stored?.strangers.set(stranger.stream, stranger);
    const again = await started('again');
    await pass(600, again);
    expect([[...again.states.setAside.keys()], await shown(again, end)]).toEqual([[], once(end)]);
  });
});

test('whatever happens, each event is taken once', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), count: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(50, 600, 2_000), who: fc.nat(2) }),
    fc.record({
      kind: fc.constant('fail' as const),
      who: fc.nat(1),
      how: fc.constantFrom<StatesFault>('away', 'answerLost'),
    }),
    fc.record({ kind: fc.constant('empty' as const) }),
    fc.record({ kind: fc.constant('stop' as const), who: fc.nat(1) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      disk = new StatesDisk();
      log = new MemoryEventStore();
      const pair = [await started('one'), await started('other')];
      for (const one of steps) {
        if (one.kind === 'add') await add(one.count);
        else if (one.kind === 'empty') disk.empty();
        else if (one.kind === 'pass') await pass(one.ms, ...pair.filter((_, index) => index !== one.who));
        else if (one.kind === 'fail') {
          let left = 2;
          const store = pair[one.who]?.store;
          if (store !== undefined)
            store.fault = () => {
              left -= 1;
              return left === 0 ? one.how : undefined;
            };
        } else {
          const { runner, clock } = pair[one.who] ?? {};
          const stopped = runner?.stop();
          await clock?.advance(1_000);
          await stopped;
          pair[one.who] = await started(`again-${one.who}-${workers.length}`);
        }
        for (const worker of pair) {
          const end = await log.lastPosition();
          const values = await shown(worker, end);
          // Never twice; and all up to somewhere.
          if (typeof values !== 'string') expect(values.join('')).toMatch(/^1*0*$/);
        }
      }
      const end = await add(1);
      await pass(25_000, ...pair);
      expect(await Promise.all(pair.map((worker) => shown(worker, end)))).toEqual([once(end), once(end)]);
      await stopAll();
    }),
    { numRuns: 25 },
  );
});
