// The seat protocol under conflict, crash and repeat, on both commit paths: no seat twice, every lock whole, nothing
// left behind, and nobody refused while seats were free.

import { describe, expect, test } from '@jest/globals';
import { ClassAllocator } from '@railhead/commands/allocation/class-allocator.ts';
import { ClassStreams } from '@railhead/commands/allocation/class-streams.ts';
import type { LockOutcome, Operation } from '@railhead/commands/allocation/operation.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import type { Snapshots } from '@railhead/commands/ports/snapshots.ts';
import { isFree } from '@railhead/domain/allocation/bitmap.ts';
import { seated } from '@railhead/domain/allocation/choose-legs.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import {
  brokenLock,
  type ClassStock,
  contradictionOf,
  untouchedStock,
} from '@railhead/domain/class-stock/class-stock.ts';
import { occupies } from '@railhead/domain/seat-lock/fold.ts';
import { stillTravelling } from '@railhead/domain/seat-lock/plan.ts';
import { type Composition, seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { MemorySnapshots } from '@railhead/infra/snapshots/memory-snapshots.ts';
import fc from 'fast-check';
import { newEvent, testMeta } from '../support/events.ts';
import { type Fault, FaultyStore } from '../support/faulty-store.ts';
import { realClock } from '../support/fixed-clock.ts';
import { held } from '../support/seat-events.ts';
import { seededRandom } from '../support/seeded-random.ts';

const SEGMENTS = 4;
const coaches: Composition = [{ coach: '01', seatClass: 'second', layout: { kind: 'rows', rows: 2, letters: 'ABC' } }];
const seats = seatsOfClass(coaches, 'second');
const key = { train: 'G1', date: '2026-12-01', seatClass: 'second' } as const;

const bySeat = { counted: false, choose: seated(bestFit) };

let owners = 0;
type Settings = {
  readonly seed: number;
  readonly batchLimit: number;
  readonly snapshots: Snapshots;
  readonly soleWriter: boolean;
};

/**
 * Takes snapshots all the time, so that every opening continues from one. Small batches follow each other closely,
 * large ones hold everything, so both ways of committing occur.
 */
const allocatorOn = (
  store: EventStore,
  {
    seed = 1,
    batchLimit = 1 + (Math.abs(seed) % 3),
    snapshots = new MemorySnapshots(),
    soleWriter = false,
  }: Partial<Settings> = {},
): ClassAllocator => {
  owners += 1;
  // Pauses are short: they only let the other owner run.
  const clock = {
    ...realClock,
    after: (delayMs: number, task: () => void) => realClock.after(Math.min(delayMs, 1), task),
  };
  return new ClassAllocator(
    {
      store,
      clock,
      random: seededRandom(seed),
      owner: `owner-${owners}`,
      batchLimit,
      snapshots,
      snapshotEvery: 0,
      soleWriter,
      onSnapshotFailed: () => {
        // The store failed on purpose; a snapshot is a shortcut.
      },
      onSaleStopped: (_, detail) => {
        throw new Error(detail);
      },
    },
    key,
    { seats, segments: SEGMENTS, chooseAt: () => bySeat, seatsNow: async () => seats },
  );
};

/** The stock by the log alone: folded anew from the first event, without an allocator's memory or snapshot. */
const stockOf = async (store: EventStore): Promise<ClassStock> => {
  const stock = untouchedStock(seats, SEGMENTS);
  await new ClassStreams(store, 'test', key, SEGMENTS).readAll(stock);
  return stock;
};

/** Every other order accepts a seat change, so that locks of one and of two legs meet. */
const hold = (orderNo: string, from: number, to: number, party = 1): Operation => ({
  kind: 'hold',
  orderNo,
  from,
  to,
  wants: Array.from({ length: party }, () => undefined),
  acceptSeatChange: Number(orderNo.slice(1)) % 2 === 0,
  meta: testMeta(orderNo),
});

/** Repeats an operation whose answer was lost, as clients do. */
const insist = async (allocator: () => ClassAllocator, operation: Operation): Promise<LockOutcome> => {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    try {
      const outcome = await allocator().submit(operation);
      if (outcome.ok || outcome.refusal.code !== 'CONTENDED') return outcome;
    } catch {
      // Injected; the outcome is unknown, so the same operation is sent again.
    }
  }
  throw new Error(`no answer for ${operation.orderNo}`);
};

const assertExact = (stock: ClassStock, outcomes: ReadonlyMap<string, LockOutcome>): void => {
  expect(contradictionOf(stock)).toBeUndefined();
  expect(brokenLock(stock)).toBeUndefined();
  const perSeat = new Map<string, string>();
  for (const [lockId, lock] of stock.book.locks) {
    if (!occupies(lock) || lock.plan === undefined) continue;
    for (const leg of stillTravelling(lock.plan, lock.gone ?? []).legs)
      for (let seq = leg.from; seq < leg.to; seq += 1)
        for (const seat of leg.seats) {
          expect(perSeat.get(`${seq}/${seat}`)).toBeUndefined();
          perSeat.set(`${seq}/${seat}`, lockId);
        }
  }
  for (let seq = 0; seq < SEGMENTS; seq += 1)
    for (let seat = 0; seat < seats.length; seat += 1)
      expect(isFree(stock.occupancy, seq, seq + 1, seat)).toBe(!perSeat.has(`${seq}/${seat}`));
  const holders = [...stock.book.locks.values()].filter(occupies).map((lock) => lock.plan?.orderNo);
  expect(new Set(holders).size).toBe(holders.length);
  for (const [orderNo, outcome] of outcomes) expect(holders.includes(orderNo)).toBe(outcome.ok);
};

const ENDED: LockOutcome = { ok: false, refusal: { code: 'LOCK_ENDED', detail: '' } };

const request = fc.record({
  from: fc.integer({ min: 0, max: SEGMENTS - 1 }),
  length: fc.integer({ min: 1, max: SEGMENTS }),
  party: fc.integer({ min: 1, max: 3 }),
  release: fc.boolean(),
  repeat: fc.boolean(),
  /** Travellers who give their seats back, one request after another. */
  back: fc.array(fc.nat(2), { maxLength: 3 }),
});

/** The lock is confirmed, then its travellers give back what they have. False: nobody is left. */
const giveBack = async (
  allocator: () => ClassAllocator,
  orderNo: string,
  party: number,
  back: readonly number[],
): Promise<boolean> => {
  if (back.length === 0) return true;
  expect((await insist(allocator, { kind: 'confirm', orderNo, meta: testMeta(`${orderNo}-c`) })).ok).toBe(true);
  for (const [index, traveller] of back.entries()) {
    const meta = testMeta(`${orderNo}-back-${index}`);
    const operation: Operation = { kind: 'giveBack', orderNo, travellers: [traveller], reason: 'REFUNDED', meta };
    const outcome = await insist(allocator, operation);
    // Only of a lock that has ended nothing can be given back.
    expect(outcome.ok || outcome.refusal.code === 'LOCK_NOT_HELD').toBe(true);
  }
  return new Set(back.filter((traveller) => traveller < party)).size < party;
};

/** Mostly no fault; now and then one of any kind. */
const faults = fc.array(fc.constantFrom<Fault>('none', 'none', 'none', 'none', 'before', 'lost', 'after', 'partial'), {
  maxLength: 40,
});

test('a late hold of a dead owner is ended when it is noticed', async () => {
  const store = new MemoryEventStore({ atomicStreams: false });
  await allocatorOn(store).submit(hold('o1', 0, 1));
  const heir = allocatorOn(store);
  await heir.submit(hold('o2', 0, 1));
  const late = { ...newEvent(), ...held('o9.1.1', [5]) };
  await store.append([{ stream: 'segmentInventory-G1_2026-12-01_0_second', expected: 'any', events: [late] }]);
  expect((await heir.submit(hold('o3', 0, 1))).ok).toBe(true);
  const stock = await stockOf(store);
  expect(brokenLock(stock)).toBeUndefined();
  expect(isFree(stock.occupancy, 0, 1, 5)).toBe(true);
});

describe.each([
  ['all streams at once', true],
  ['one stream at a time', false],
])('%s', (_, atomicStreams) => {
  test('one owner, faults at every append', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 1, maxLength: 14 }),
        faults,
        fc.nat(3),
        async (requests, plan, batches) => {
          const inner = new MemoryEventStore({ atomicStreams });
          const left = [...plan];
          const store = new FaultyStore(inner, () => left.shift() ?? 'none');
          const allocator = allocatorOn(store, { batchLimit: batches === 0 ? 1_000 : batches, soleWriter: true });
          const outcomes = new Map<string, LockOutcome>();
          await Promise.all(
            requests.map(async ({ from, length, party, release, repeat, back }, index) => {
              const orderNo = `o${index}`;
              const asked = hold(orderNo, from, Math.min(SEGMENTS, from + length), party);
              const first = await insist(() => allocator, asked);
              // Repeated: an order with a lock gets the same seats; a refused one may get seats now.
              const outcome = repeat ? await insist(() => allocator, asked) : first;
              if (first.ok) expect(outcome).toEqual(first);
              if (outcome.ok && release) {
                const operation: Operation = { kind: 'release', orderNo, meta: testMeta(`${orderNo}-r`) };
                expect((await insist(() => allocator, operation)).ok).toBe(true);
                outcomes.set(orderNo, ENDED);
              } else if (outcome.ok && !(await giveBack(() => allocator, orderNo, party, back)))
                outcomes.set(orderNo, ENDED);
              else outcomes.set(orderNo, outcome);
            }),
          );
          assertExact(await stockOf(inner), outcomes);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('two owners at once, with faults', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 2, maxLength: 10 }),
        faults,
        fc.integer(),
        async (requests, plan, seed) => {
          const inner = new MemoryEventStore({ atomicStreams });
          const random = seededRandom(seed);
          const left = [...plan];
          const between = async (): Promise<void> => {
            for (let turns = random.below(4); turns > 0; turns -= 1) await Promise.resolve();
          };
          const store = new FaultyStore(inner, () => left.shift() ?? 'none', between);
          const snapshots = new MemorySnapshots();
          const both = [allocatorOn(store, { seed, snapshots }), allocatorOn(store, { seed: seed + 1, snapshots })];
          const outcomes = new Map<string, LockOutcome>();
          await Promise.all(
            requests.map(async ({ from, length, party, repeat, back }, index) => {
              const orderNo = `o${index}`;
              const asked = hold(orderNo, from, Math.min(SEGMENTS, from + length), party);
              const owner = (): ClassAllocator => both[index % 2] ?? allocatorOn(store, { snapshots });
              const other = (): ClassAllocator => both[(index + 1) % 2] ?? allocatorOn(store, { snapshots });
              // The same order may reach both owners, at once.
              const answers = await Promise.all(
                repeat ? [insist(owner, asked), insist(other, asked)] : [insist(owner, asked)],
              );
              const held = answers.find((answer) => answer.ok);
              if (held?.ok === true)
                for (const answer of answers) if (answer.ok) expect(answer.value.plan).toEqual(held.value.plan);
              const [first] = answers;
              if (held?.ok === true && !(await giveBack(other, orderNo, party, back))) outcomes.set(orderNo, ENDED);
              else if (first !== undefined) outcomes.set(orderNo, held ?? first);
            }),
          );
          // A later owner ends what the two left unfinished.
          const last = allocatorOn(inner, { snapshots });
          await last.submit({ kind: 'confirm', orderNo: 'nobody', meta: testMeta('nobody') });
          assertExact(await stockOf(inner), outcomes);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('an owner that dies at any append leaves only whole locks to the next', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 1, maxLength: 8 }),
        fc.nat(30),
        fc.constantFrom<Fault>('lost', 'after', 'partial'),
        async (requests, survived, last) => {
          const inner = new MemoryEventStore({ atomicStreams });
          let appends = 0;
          const dying = new FaultyStore(inner, () => {
            appends += 1;
            if (appends === survived + 1) return last;
            return appends > survived ? 'before' : 'none';
          });
          const snapshots = new MemorySnapshots();
          const first = allocatorOn(dying, { snapshots });
          const asked = requests.map(({ from, length, party }, index) =>
            hold(`o${index}`, from, Math.min(SEGMENTS, from + length), party),
          );
          await Promise.allSettled(
            asked.map(async (operation, index) => {
              await first.submit(operation);
              const { orderNo, meta } = operation;
              const travellers = requests[index]?.back ?? [];
              if (travellers.length === 0) return;
              await first.submit({ kind: 'confirm', orderNo, meta: testMeta(`${orderNo}-c`) });
              await first.submit({ kind: 'giveBack', orderNo, travellers, reason: 'REFUNDED', meta });
            }),
          );
          const second = allocatorOn(inner, { snapshots });
          const outcomes = new Map<string, LockOutcome>();
          for (const [index, operation] of asked.entries()) {
            const { party = 1, back = [] } = requests[index] ?? {};
            const { orderNo } = operation;
            const outcome = await second.submit(operation);
            const isLeft = !outcome.ok || (await giveBack(() => second, orderNo, party, back));
            outcomes.set(orderNo, isLeft ? outcome : ENDED);
          }
          assertExact(await stockOf(inner), outcomes);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('an owner that finds another in the book never decides under its epoch', async () => {
    const store = new MemoryEventStore({ atomicStreams });
    const [first, second] = [allocatorOn(store), allocatorOn(store)];
    expect((await first.submit(hold('o1', 0, 1))).ok).toBe(true);
    expect((await second.submit(hold('o2', 0, 1))).ok).toBe(true);
    // Nothing to write, so only the question whether the book has moved finds the other owner.
    await first.submit({ kind: 'confirm', orderNo: 'nobody', meta: testMeta('nobody') });
    const answers = await Promise.all([first.submit(hold('o3', 0, 4)), second.submit(hold('o3', 0, 4))]);
    const outcomes = new Map(answers.map((answer) => ['o3', answer]));
    assertExact(await stockOf(store), outcomes.set('o1', answers[0]).set('o2', answers[0]));
  });

  test('a lock that another owner acquired is released on all its segments', async () => {
    const store = new MemoryEventStore({ atomicStreams });
    const [first, second] = [allocatorOn(store), allocatorOn(store)];
    await first.submit(hold('o1', 3, 4));
    await second.submit(hold('o2', 0, 1));
    // Finds the other owner in the book, and nowhere else.
    await first.submit(hold('o3', 3, 4));
    expect((await first.submit({ kind: 'release', orderNo: 'o2', meta: testMeta('o2-r') })).ok).toBe(true);
    const stock = await stockOf(store);
    expect(brokenLock(stock)).toBeUndefined();
    expect(seats.filter((_, seat) => isFree(stock.occupancy, 0, 1, seat))).toHaveLength(seats.length);
  });

  test('a lock acquired and released in one batch is acquired first and then released in the book', async () => {
    const store = new MemoryEventStore({ atomicStreams });
    const allocator = allocatorOn(store, { batchLimit: 1_000 });
    const answers = await Promise.all([
      allocator.submit(hold('o1', 0, 4)),
      allocator.submit({ kind: 'release', orderNo: 'o1', meta: testMeta('o1-r') }),
    ]);
    expect(answers.map(({ ok }) => ok)).toEqual([true, true]);
    const stock = await stockOf(store);
    expect(brokenLock(stock)).toBeUndefined();
    expect([...stock.book.locks.values()].map(({ status }) => status)).toEqual(['released']);
  });

  test('coaches that are added while a class is being opened are sold', async () => {
    const allocator = allocatorOn(new MemoryEventStore({ atomicStreams }));
    const opening = allocator.submit({ kind: 'confirm', orderNo: 'nobody', meta: testMeta('nobody') });
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    const [first] = coaches;
    if (first === undefined) throw new Error('a train has a coach');
    allocator.extend(seatsOfClass([first, { ...first, coach: '02' }], 'second'));
    await opening;
    for (const orderNo of ['o1', 'o3']) expect((await allocator.submit(hold(orderNo, 0, 1, 5))).ok).toBe(true);
  });

  test('nobody is refused while their seats are free', async () => {
    const store = new MemoryEventStore({ atomicStreams });
    const allocator = allocatorOn(store);
    const asked = Array.from({ length: 30 }, (_, n) => hold(`o${n}`, n % SEGMENTS, (n % SEGMENTS) + 1));
    const outcomes = await Promise.all(asked.map((operation) => allocator.submit(operation)));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(SEGMENTS * seats.length);
  });

  test('where no seat is free all the way, a traveller who accepts a change gets seats; one who does not is refused', async () => {
    const store = new MemoryEventStore({ atomicStreams });
    const allocator = allocatorOn(store);
    const places = seats.map((_, n) => n);
    for (const n of places) expect((await allocator.submit(hold(`o${n}1`, 0, 2))).ok).toBe(true);
    for (const n of places) expect((await allocator.submit(hold(`o${n}3`, 2, 4))).ok).toBe(true);
    // One seat comes free on the first half of the way, another one on the second.
    for (const orderNo of ['o01', `o${seats.length - 1}3`])
      await allocator.submit({ kind: 'release', orderNo, meta: testMeta(`${orderNo}-r`) });
    const before = await stockOf(store);
    const free = (from: number, to: number): number =>
      seats.filter((_, seat) => isFree(before.occupancy, from, to, seat)).length;
    expect([free(0, 4), free(0, 2), free(2, 4)]).toEqual([0, 1, 1]);
    const refused = await allocator.submit(hold('o101', 0, 4));
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'SOLD_OUT' } });
    const accepted = await allocator.submit(hold('o100', 0, 4));
    expect(accepted.ok && accepted.value.plan.legs.map(({ from, to }) => [from, to])).toEqual([
      [0, 2],
      [2, 4],
    ]);
    const after = await stockOf(store);
    expect(brokenLock(after)).toBeUndefined();
    expect(contradictionOf(after)).toBeUndefined();
  });
});
