// Operators and travellers on one class at once, with a failing store. Withdrawn seats are not sold, sold seats are not
// withdrawn, coaches are added meanwhile, and a closed book sells nothing more.
import { describe, expect, test } from '@jest/globals';
import { ClassAllocator } from '@railhead/commands/allocation/class-allocator.ts';
import { ClassStreams } from '@railhead/commands/allocation/class-streams.ts';
import type { LockOutcome, Operation } from '@railhead/commands/allocation/operation.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import { freeCount } from '@railhead/domain/allocation/bitmap.ts';
import { counted, type Selling, seated } from '@railhead/domain/allocation/choose-legs.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import {
  assignedTwice,
  brokenLock,
  type ClassStock,
  contradictionOf,
  untouchedStock,
} from '@railhead/domain/class-stock/class-stock.ts';
import { occupies } from '@railhead/domain/seat-lock/fold.ts';
import { seatsOnSegment } from '@railhead/domain/seat-lock/plan.ts';
import { type Composition, seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { MemorySnapshots } from '@railhead/infra/snapshots/memory-snapshots.ts';
import fc from 'fast-check';
import { testMeta } from '../support/events.ts';
import { type Fault, FaultyStore } from '../support/faulty-store.ts';
import { realClock } from '../support/fixed-clock.ts';
import { seededRandom } from '../support/seeded-random.ts';

const SEGMENTS = 4;
const key = { train: 'G1', date: '2026-12-01', seatClass: 'second' } as const;
const coach = (number: string) =>
  ({ coach: number, seatClass: 'second', layout: { kind: 'rows', rows: 1, letters: 'ABC' } }) as const;
const short: Composition = [coach('01')];
const long: Composition = [coach('01'), coach('02')];
const few = seatsOfClass(short, 'second');
const all = seatsOfClass(long, 'second');

const clock = {
  ...realClock,
  after: (delayMs: number, task: () => void) => realClock.after(Math.min(delayMs, 1), task),
};

/** Two owners of one class. They share what the run's log would say: whether the second coach is there. */
const ownersOf = (store: EventStore, selling: Selling, seed: number, snapshots: MemorySnapshots) => {
  let added = false;
  const owner = (name: string): ClassAllocator =>
    new ClassAllocator(
      {
        store,
        clock,
        random: seededRandom(seed),
        owner: name,
        batchLimit: 1 + (Math.abs(seed) % 3),
        snapshots,
        snapshotEvery: 0,
        onSnapshotFailed: () => {
          // The store failed on purpose; a snapshot is a shortcut.
        },
        onSaleStopped: (_, detail) => {
          throw new Error(detail);
        },
      },
      key,
      { seats: few, segments: SEGMENTS, chooseAt: () => selling, seatsNow: async () => (added ? all : few) },
    );
  const both = [owner('one'), owner('two')] as const;
  return {
    both,
    // Only the first owner learns of it at once; the other finds out when it reads the new seats.
    addCoach: (): void => {
      added = true;
      both[0].extend(all);
    },
  };
};

const stockOf = async (store: EventStore): Promise<ClassStock> => {
  const stock = untouchedStock(all, SEGMENTS);
  await new ClassStreams(store, 'test', key, SEGMENTS).readAll(stock);
  return stock;
};

const insist = async (allocator: ClassAllocator, operation: Operation): Promise<LockOutcome> => {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    try {
      const outcome = await allocator.submit(operation);
      if (outcome.ok || outcome.refusal.code !== 'CONTENDED') return outcome;
    } catch {
      // Injected; the outcome is unknown, so the same operation is sent again.
    }
  }
  throw new Error(`no answer for ${operation.kind} ${operation.orderNo}`);
};

const journey = { from: fc.nat(SEGMENTS - 1), length: fc.integer({ min: 1, max: SEGMENTS }) };
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('hold' as const), ...journey, release: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('withdraw' as const),
      ...journey,
      seats: fc.uniqueArray(fc.nat(all.length - 1), { minLength: 1, maxLength: 3 }),
      back: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('addCoach' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const) }) },
);
const faults = fc.array(fc.constantFrom<Fault>('none', 'none', 'none', 'none', 'before', 'lost', 'after', 'partial'), {
  maxLength: 40,
});

describe.each([
  ['all streams at once, by seat', true, { counted: false, choose: seated(bestFit) }],
  ['one stream at a time, by seat', false, { counted: false, choose: seated(bestFit) }],
  ['all streams at once, by count', true, { counted: true, choose: counted() }],
  ['one stream at a time, by count', false, { counted: true, choose: counted() }],
] as const)('%s', (_, atomicStreams, selling) => {
  test('operators and travellers at once, two owners, faults at every append', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 2, maxLength: 12 }),
        faults,
        fc.integer(),
        async (acts, plan, seed) => {
          const inner = new MemoryEventStore({ atomicStreams });
          const random = seededRandom(seed);
          const snapshots = new MemorySnapshots();
          const left = [...plan];
          const between = async (): Promise<void> => {
            for (let turns = random.below(4); turns > 0; turns -= 1) await Promise.resolve();
          };
          const { both, addCoach } = ownersOf(
            new FaultyStore(inner, () => left.shift() ?? 'none', between),
            selling,
            seed,
            snapshots,
          );
          const holding = new Set<string>();
          const ended = new Set<string>();
          await Promise.all(
            acts.map(async (act, index) => {
              const owner = both[index % 2 === 0 ? 0 : 1];
              if (act.kind === 'addCoach') return addCoach();
              const meta = testMeta(`${act.kind}${index}`);
              if (act.kind === 'close') {
                const closed = await insist(owner, { kind: 'close', orderNo: '', reason: 'SEATS_ASSIGNED', meta });
                expect(closed.ok).toBe(true);
                return;
              }
              const orderNo = `${act.kind === 'hold' ? 'o' : 'w'}${index}`;
              const where = { orderNo, from: act.from, to: Math.min(SEGMENTS, act.from + act.length), meta };
              const outcome =
                act.kind === 'hold'
                  ? await insist(owner, { kind: 'hold', ...where, wants: [undefined] })
                  : await insist(owner, { kind: 'withdraw', ...where, seats: act.seats, reason: 'broken' });
              if (!outcome.ok) return;
              holding.add(orderNo);
              if (!(act.kind === 'hold' ? act.release : act.back)) return;
              const over = { orderNo, meta: testMeta(`${orderNo}-over`) };
              const last = both[index % 2 === 0 ? 1 : 0];
              expect((await insist(last, { kind: act.kind === 'hold' ? 'release' : 'return', ...over })).ok).toBe(true);
              holding.delete(orderNo);
              ended.add(orderNo);
            }),
          );
          // A later owner ends what the two left unfinished; if the sale is over, it finishes the assignment too.
          const { both: late, addCoach: hear } = ownersOf(inner, selling, seed + 1, snapshots);
          hear();
          await late[0].submit({ kind: 'confirm', orderNo: 'nobody', meta: testMeta('nobody') });
          const before = await stockOf(inner);
          if (before.book.closed !== undefined)
            await late[0].submit({ kind: 'close', orderNo: '', reason: 'SEATS_ASSIGNED', meta: testMeta('late') });
          const stock = await stockOf(inner);
          expect(contradictionOf(stock)).toBeUndefined();
          expect(brokenLock(stock)).toBeUndefined();
          expect(assignedTwice(stock)).toBeUndefined();
          const taken = Array.from({ length: SEGMENTS }, () => new Set<number>());
          const owners = new Set<string>();
          for (const lock of stock.book.locks.values()) {
            if (!occupies(lock) || lock.plan === undefined) continue;
            owners.add(lock.plan.orderNo);
            if (stock.book.closed !== undefined && selling.counted) expect(lock.assigned).toBeDefined();
            for (const [segment, seats] of taken.entries())
              for (const seat of seatsOnSegment(lock.plan, segment)) {
                expect(seats.has(seat)).toBe(false);
                seats.add(seat);
              }
          }
          expect(owners).toEqual(holding);
          for (const [segment, seats] of taken.entries())
            expect(freeCount(stock.occupancy, segment, segment + 1)).toBe(all.length - seats.size);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
