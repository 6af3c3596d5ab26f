// Which replica answers a request, and when the primary has to.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { pause } from '@railhead/commands/ports/clock.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvents } from '@railhead/tests/support/events.ts';
import { FakeReplica, type ReplicaFault, type StoredPlace } from '@railhead/tests/support/fake-replica.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { silentLogger } from '@railhead/tests/support/read-side.ts';
import fc from 'fast-check';
import type { ReadModel } from '../read-model.ts';
import type { ModelReplicas } from './model-replicas.ts';
import { Replicas } from './replicas.ts';

const VERSION = 3;
const MAX_LAG_MS = 5_000;

type Rows = { readonly rows: () => Promise<StoredPlace | undefined> };

class World {
  readonly clock = new ManualClock();
  readonly log = new MemoryEventStore();
  readonly fakes: readonly FakeReplica[];
  readonly primary = { name: 'shown', gate: { position: 0 }, isReady: true };
  readonly replicas: Replicas;
  readonly model: ModelReplicas<Rows>;

  constructor(count: number) {
    this.fakes = Array.from({ length: count }, (_, index) => new FakeReplica(`replica${index + 1}`));
    const databases = this.fakes.map(({ database }) => database);
    const ports = { clock: this.clock, logger: silentLogger };
    this.replicas = new Replicas({ databases, maxLagMs: MAX_LAG_MS }, this.log, ports);
    const queriesOn: NonNullable<ReadModel<Rows>['queriesOn']> = ({ db }) => {
      const fake = this.fakes.find(({ database }) => database.db === db);
      return { rows: async () => fake?.rows() };
    };
    const open = (): never => {
      throw new Error('it is fed elsewhere');
    };
    const schema = { version: VERSION, tables: {} };
    const model = this.replicas.ofModel<Rows>({ name: 'shown', schema, isLocal: false, open, queriesOn }, this.primary);
    if (model === undefined) throw new Error('the model is on replicas');
    this.model = model;
    this.replicas.start();
  }

  /** The primary takes so many events more. */
  async write(count: number): Promise<number> {
    await this.log.append([{ stream: 'numbers-1', expected: 'any', events: newEvents(count) }]);
    this.primary.gate.position = await this.log.lastPosition();
    return this.primary.gate.position;
  }

  async place(position = this.primary.gate.position, more: Partial<StoredPlace> = {}): Promise<StoredPlace> {
    const fingerprint = (await this.log.fingerprintAt(position)) ?? '';
    return { version: VERSION, position, fingerprint, owner: 'one', epoch: 1, ...more };
  }

  async follow(position?: number, ...fakes: readonly FakeReplica[]): Promise<void> {
    for (const fake of fakes.length > 0 ? fakes : this.fakes) fake.place = await this.place(position);
  }

  /** Where the answer is from, `primary` for elsewhere; and how long it took. */
  async read(position?: number): Promise<{ readonly from: string; readonly ms: number; readonly seen?: StoredPlace }> {
    const began = this.clock.now();
    const before = new Map(this.model.reads);
    let given: { readonly answer: StoredPlace | undefined } | 'primary' | undefined;
    void this.model
      .answer(position, ({ rows }) => rows())
      .then((answered) => {
        given = answered ?? 'primary';
      });
    await this.clock.advance(0);
    while (given === undefined) await this.clock.advance(10);
    const from = [...this.model.reads].find(([name, count]) => count !== (before.get(name) ?? 0))?.[0] ?? 'nowhere';
    const seen = given === 'primary' ? undefined : given.answer;
    return { from, ms: this.clock.now() - began, ...(seen === undefined ? {} : { seen }) };
  }

  async readFrom(position?: number): Promise<string> {
    return (await this.read(position)).from;
  }

  async says(): Promise<readonly string[]> {
    let states: readonly string[] | undefined;
    void this.replicas.states().then((all) => {
      states = all.map(({ says }) => says);
    });
    while (states === undefined) await this.clock.advance(10);
    return states;
  }
}

describe('one replica', () => {
  let world: World;
  let fake: FakeReplica;
  beforeEach(async () => {
    world = new World(1);
    const [first] = world.fakes;
    if (first === undefined) throw new Error('there is one');
    fake = first;
    await world.write(10);
    await world.follow();
    await world.clock.advance(500);
  });

  test('answers what names no position, or one that it has reached; the primary answers the others', async () => {
    expect(await world.readFrom()).toBe('replica1');
    expect(await world.readFrom(10)).toBe('replica1');
    const end = await world.write(5);
    expect(await world.readFrom(end)).toBe('primary');
    expect(await world.readFrom(10)).toBe('replica1');
    // It is looked at anew for a position that it had not when it was last looked at.
    await world.follow();
    expect(await world.readFrom(end)).toBe('replica1');
    expect(world.replicas.reads()).toEqual([
      { model: 'shown', from: 'replica1', value: 4 },
      { model: 'shown', from: 'primary', value: 1 },
    ]);
  });

  test('that is behind for longer than the bound answers only for a position that it has', async () => {
    await world.write(1);
    await world.clock.advance(MAX_LAG_MS - 1_000);
    expect([await world.readFrom(), await world.says()]).toEqual(['replica1', ['used']]);
    await world.clock.advance(2_000);
    expect([await world.readFrom(), await world.says()]).toEqual(['primary', ['behind']]);
    expect(await world.readFrom(10)).toBe('replica1');
    await world.follow();
    await world.clock.advance(250);
    await world.readFrom();
    expect([await world.readFrom(), await world.says()]).toEqual(['replica1', ['used']]);
  });

  test('is compared with the log while it is not known how far the primary is', async () => {
    world.primary.isReady = false;
    await world.clock.advance(60_000);
    expect(await world.readFrom()).toBe('replica1');
    await world.log.append([{ stream: 'numbers-1', expected: 'any', events: newEvents(1) }]);
    await world.clock.advance(MAX_LAG_MS - 1_000);
    expect(await world.readFrom()).toBe('replica1');
    await world.clock.advance(2_000);
    expect(await world.readFrom()).toBe('primary');
  });

  const WRONG: Readonly<
    Record<string, readonly [says: string, wrong: (place: StoredPlace) => StoredPlace | undefined]>
  > = {
    'without the tables': ['has no tables of it', () => undefined],
    'of another version': ['has tables of another version', (place) => ({ ...place, version: VERSION + 1 })],
    'whose tables are being made': ['has tables of another version', (place) => ({ ...place, version: 0 })],
    'of another log': [
      'is not known to be of this log',
      (place) => ({ ...place, owner: 'stranger', fingerprint: 'another' }),
    ],
    'of another log that nobody feeds': [
      'is not known to be of this log',
      (place) => ({ ...place, owner: '', fingerprint: 'another' }),
    ],
    'that is ahead of this log': ['is not known to be of this log', (place) => ({ ...place, owner: '', position: 99 })],
    'in the middle of a rebuild': [
      'is built again',
      (place) => ({ ...place, position: 0, fingerprint: '', epoch: place.epoch + 1 }),
    ],
    'that fell back in its epoch': ['is built again', (place) => ({ ...place, position: 0, fingerprint: '' })],
  };

  test.each(Object.entries(WRONG))('%s is left out until it is right again', async (_, [says, wrong]) => {
    expect(await world.readFrom(3)).toBe('replica1');
    fake.place = wrong(await world.place());
    // Also if it became so after it was last looked at.
    expect([await world.readFrom(3), await world.readFrom()]).toEqual(['primary', 'primary']);
    expect(await world.says()).toEqual([says]);
    const looks = fake.looks;
    for (let n = 0; n < 100; n += 1) expect(await world.readFrom(3)).toBe('primary');
    expect(fake.looks).toBe(looks);
    await world.follow();
    await world.clock.advance(10_000);
    await world.readFrom();
    expect([await world.readFrom(3), await world.readFrom(), await world.says()]).toEqual([
      'replica1',
      'replica1',
      ['used'],
    ]);
  });

  test.each(Object.entries(WRONG))('%s when it is asked gives no answer that counts', async (_, [, wrong]) => {
    expect(await world.readFrom(3)).toBe('replica1');
    const wrongPlace = wrong(await world.place());
    fake.around = {
      before: () => {
        fake.place = wrongPlace;
      },
    };
    expect(await world.readFrom(3)).toBe('primary');
  });

  test.each<readonly [string, Partial<StoredPlace>]>([
    ['was built again from beginning to end', { epoch: 2 }],
    ['was taken over', { owner: 'other' }],
  ])('that %s while it was asked gives no answer that counts', async (_, change) => {
    expect(await world.readFrom(3)).toBe('replica1');
    const exchanged = await world.place(10, change);
    fake.around = {
      before: () => {
        fake.place = exchanged;
      },
    };
    expect([await world.readFrom(3), await world.readFrom(3)]).toEqual(['primary', 'replica1']);
  });

  test('whose log was put back while it was asked gives no answer that counts', async () => {
    expect(await world.readFrom(3)).toBe('replica1');
    const before = await world.place(8);
    fake.around = {
      before: () => {
        fake.place = before;
        world.log.lastPosition = async () => 8;
      },
    };
    expect([await world.readFrom(3), await world.readFrom(3)]).toEqual(['primary', 'replica1']);
  });

  test('that nobody feeds is proved again each time', async () => {
    fake.place = await world.place(10, { owner: '' });
    expect(await world.readFrom(3)).toBe('replica1');
    fake.place = { ...fake.place, fingerprint: 'another' };
    expect([await world.readFrom(3), await world.says()]).toEqual(['primary', ['is not known to be of this log']]);
  });

  test('a log that was put back is shorter than what was met before, and is shown all the same', async () => {
    expect(await world.readFrom()).toBe('replica1');
    const backup = new World(1);
    await backup.write(4);
    // The same process goes on with the log as it was.
    world.log.fingerprintAt = (position) => backup.log.fingerprintAt(position);
    world.log.lastPosition = () => backup.log.lastPosition();
    world.primary.gate.position = 4;
    fake.place = await backup.place(4, { epoch: 2 });
    await world.clock.advance(1_000);
    await world.readFrom();
    await world.clock.advance(1_000);
    await world.readFrom();
    expect([await world.readFrom(4), await world.says()]).toEqual(['replica1', ['used']]);
  });

  describe.each(['hangs', 'away', 'broken'] as const)('that %s', (fault: ReplicaFault) => {
    test('costs whoever meets it a moment at most, and nobody afterwards', async () => {
      expect(await world.readFrom()).toBe('replica1');
      fake.fault = fault;
      const met = await world.read(3);
      expect(met.from).toBe('primary');
      expect(met.ms).toBeLessThanOrEqual(310);
      for (let n = 0; n < 50; n += 1) expect(await world.read(3)).toEqual({ from: 'primary', ms: 0 });
      // While it is tried again, nobody waits for it.
      const looks = fake.looks;
      for (let n = 0; n < 240; n += 1) {
        await world.clock.advance(250);
        expect(await world.read(3)).toEqual({ from: 'primary', ms: 0 });
      }
      expect(fake.looks - looks).toBeGreaterThan(4);
      expect(fake.looks - looks).toBeLessThan(15);
      expect(await world.says()).not.toEqual(['used']);
      fake.fault = undefined;
      await world.clock.advance(10_000);
      await world.readFrom();
      expect([await world.readFrom(3), await world.says()]).toEqual(['replica1', ['used']]);
    });

    test('from the beginning costs only who comes first', async () => {
      const late = new World(1);
      const [dead] = late.fakes;
      if (dead !== undefined) dead.fault = fault;
      await late.write(3);
      await late.clock.advance(500);
      expect((await late.read(3)).from).toBe('primary');
      expect(await late.read(3)).toEqual({ from: 'primary', ms: 0 });
    });
  });

  test('that takes longer than anybody waits costs one request for each of its growing pauses', async () => {
    expect(await world.readFrom(3)).toBe('replica1');
    let asked = 0;
    const began = world.clock.now();
    while (world.clock.now() - began < 60_000) {
      let isOver = false;
      void world.model
        .answer(3, async ({ rows }) => {
          asked += 1;
          await pause(world.clock, 400);
          return rows();
        })
        .then((answered) => {
          expect(answered).toBeUndefined();
          isOver = true;
        });
      await world.clock.advance(20);
      // Looks are answered at once, and do not make up for it.
      if (!isOver) await world.clock.advance(500);
    }
    expect(asked).toBeGreaterThan(4);
    expect(asked).toBeLessThan(15);
  });

  test('whose look comes back after others have waited in vain is left out until the pause is over', async () => {
    expect(await world.readFrom(3)).toBe('replica1');
    const late = world.model.answer(3, () => new Promise(() => {}));
    await world.clock.advance(290);
    fake.look = () => pause(world.clock, 50);
    void world.replicas.states();
    await world.clock.advance(60);
    expect(await late).toBeUndefined();
    expect([await world.read(3), await world.says()]).toEqual([{ from: 'primary', ms: 0 }, ['does not answer']]);
  });

  test('that is slow with the news does not keep waiting who names a position that it had not', async () => {
    expect(await world.readFrom(3)).toBe('replica1');
    const end = await world.write(1);
    fake.fault = 'hangs';
    const { from, ms } = await world.read(end);
    expect(from).toBe('primary');
    expect(ms).toBeLessThanOrEqual(30);
  });

  test('whose tables cannot be asked, although its place is right, is asked less and less often', async () => {
    expect(await world.readFrom()).toBe('replica1');
    fake.around = {
      before: () => {
        throw new Error('injected: no such column');
      },
    };
    let failed = 0;
    for (let n = 0; n < 400; n += 1) {
      const before = fake.looks;
      expect(await world.readFrom(3)).toBe('primary');
      if (fake.looks > before) failed += 1;
      await world.clock.advance(100);
    }
    expect(failed).toBeLessThan(25);
  });

  test('that does not answer is not asked by more than it has room for', async () => {
    expect(await world.readFrom()).toBe('replica1');
    fake.fault = 'hangs';
    let asked = 0;
    const answers = Array.from({ length: 500 }, () =>
      world.model.answer(3, () => {
        asked += 1;
        return fake.rows();
      }),
    );
    let ended = 0;
    for (const answer of answers)
      void answer.then(() => {
        ended += 1;
      });
    await world.clock.advance(0);
    // Those for whom it has no room are with the primary already.
    expect([asked, ended]).toEqual([100, 400]);
    await world.clock.advance(301);
    expect(ended).toBe(500);
  });
});

test('several replicas take turns, and one that is away is passed over', async () => {
  const world = new World(3);
  await world.write(3);
  await world.follow();
  await world.clock.advance(500);
  const turns = async (count: number): Promise<readonly string[]> => {
    const from: string[] = [];
    for (let n = 0; n < count; n += 1) from.push(await world.readFrom());
    return from.sort();
  };
  expect(await turns(6)).toEqual(['replica1', 'replica1', 'replica2', 'replica2', 'replica3', 'replica3']);
  const [first, second, third] = world.fakes;
  if (first === undefined || second === undefined || third === undefined) throw new Error('there are three');
  first.fault = 'away';
  await turns(3);
  expect(new Set(await turns(6))).toEqual(new Set(['replica2', 'replica3']));
  // A position that only one of them has.
  const end = await world.write(1);
  third.place = await world.place();
  await world.clock.advance(300);
  await turns(3);
  expect(await world.readFrom(end)).toBe('replica3');
  expect(await world.readFrom(end)).toBe('replica3');
});

test('without replicas nothing is asked and nothing is counted', async () => {
  const clock = new ManualClock();
  const replicas = new Replicas(undefined, new MemoryEventStore(), { clock, logger: silentLogger });
  replicas.start();
  expect([replicas.areThere, await replicas.states(), replicas.reads()]).toEqual([false, [], []]);
  replicas.stop();
});

// What may happen between two reads, and while a question is on its way.
type Change =
  | { readonly kind: 'write'; readonly count: number }
  | { readonly kind: 'follow'; readonly replica: number; readonly behind: number }
  | { readonly kind: 'rebuild' | 'takeOver' | 'free' | 'exchange' | 'version'; readonly replica: number }
  | { readonly kind: 'fault'; readonly replica: number; readonly fault: ReplicaFault | undefined }
  | { readonly kind: 'pass'; readonly ms: number };
type Step =
  | Change
  | { readonly kind: 'read'; readonly back: number | undefined; readonly meanwhile: Change | undefined };

const replica = fc.nat(1);
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), count: fc.integer({ min: 1, max: 9 }) }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('follow' as const), replica, behind: fc.nat(12) }) },
  fc.record({ kind: fc.constantFrom('rebuild', 'takeOver', 'free', 'exchange', 'version'), replica }),
  fc.record({
    kind: fc.constant('fault' as const),
    replica,
    fault: fc.constantFrom(undefined, undefined, 'hangs' as const, 'away' as const, 'broken' as const),
  }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(4_000) }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(change, {
  weight: 2,
  arbitrary: fc.record({
    kind: fc.constant('read' as const),
    back: fc.option(fc.nat(15), { nil: undefined }),
    meanwhile: fc.option(change, { nil: undefined }),
  }),
});

test('an answer is never from below the named position, nor of another log, nor older than the bound', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const world = new World(2);
      const written: { readonly at: number; readonly position: number }[] = [];
      /** For each replica what a rebuild or an exchange has made of it; its next ownership has another number. */
      const epochs = [1, 1];
      const apply = async (what: Change): Promise<void> => {
        if (what.kind === 'pass') return world.clock.advance(what.ms);
        if (what.kind === 'write') {
          written.push({ at: world.clock.now(), position: await world.write(what.count) });
          return;
        }
        (await prepared(what))();
      };
      /** So that it can happen within one turn, while a question is on its way. */
      const prepared = async (what: Change): Promise<() => void> => {
        if (what.kind === 'pass' || what.kind === 'write') return () => {};
        const fake = world.fakes[what.replica];
        if (fake === undefined) throw new Error('there are two');
        if (what.kind === 'fault')
          return () => {
            fake.fault = what.fault;
          };
        const epoch = epochs[what.replica] ?? 1;
        const now = fake.place ?? (await world.place(0));
        const next = await (async (): Promise<StoredPlace> => {
          switch (what.kind) {
            case 'follow':
              return world.place(Math.max(0, world.primary.gate.position - what.behind), { epoch });
            case 'rebuild':
              return world.place(0, { epoch: epoch + 1 });
            case 'takeOver':
              return { ...now, owner: 'other', epoch: epoch + 1 };
            case 'free':
              return { ...now, owner: '' };
            case 'exchange':
              return { ...now, owner: 'stranger', fingerprint: 'another', position: now.position + 5 };
            case 'version':
              return { ...now, version: now.version === VERSION ? VERSION + 1 : VERSION };
          }
        })();
        return () => {
          if (what.kind === 'rebuild' || what.kind === 'takeOver') epochs[what.replica] = epoch + 1;
          fake.place = next;
        };
      };
      for (const next of steps) {
        if (next.kind !== 'read') {
          await apply(next);
          continue;
        }
        const named = next.back === undefined ? undefined : Math.max(0, world.primary.gate.position - next.back);
        const meanwhile = next.meanwhile === undefined ? undefined : await prepared(next.meanwhile);
        for (const fake of world.fakes) fake.around = meanwhile === undefined ? {} : { before: meanwhile };
        const { from, ms, seen } = await world.read(named);
        for (const fake of world.fakes) fake.around = {};
        expect(ms).toBeLessThanOrEqual(310);
        if (from === 'primary') continue;
        answered += 1;
        expect(seen).toMatchObject({ version: VERSION });
        expect(seen?.owner).not.toBe('stranger');
        const position = seen?.position ?? -1;
        if (named !== undefined) expect(position).toBeGreaterThanOrEqual(named);
        else {
          const since = world.clock.now() - MAX_LAG_MS;
          const owed = written.findLast(({ at }) => at < since)?.position ?? 0;
          expect(position).toBeGreaterThanOrEqual(owed);
        }
      }
      world.replicas.stop();
    }),
    { numRuns: 300 },
  );
  expect(answered).toBeGreaterThan(200);
});
