// A change of composition is all or nothing, whatever the store does and however often the operator repeats it. After a
// refusal nothing is withdrawn that was not before; after an acceptance the coaches are exactly the wanted ones.
import { expect, test } from '@jest/globals';
import { AllocatorPool } from '@railhead/commands/allocation/allocator-pool.ts';
import { bestFitOnly } from '@railhead/commands/allocation/selling-rules.ts';
import { changeComposition } from '@railhead/commands/inventory/change-composition.ts';
import { withdrawalsOf } from '@railhead/commands/inventory/lock-books.ts';
import type { InventoryDeps } from '@railhead/commands/inventory/operator.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import { type Coach, type Composition, seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { MemorySnapshots } from '@railhead/infra/snapshots/memory-snapshots.ts';
import fc from 'fast-check';
import { newEvent, testMeta } from '../support/events.ts';
import { type Fault, FaultyStore } from '../support/faulty-store.ts';
import { realClock } from '../support/fixed-clock.ts';
import { openedRun, stopsOf } from '../support/opened-run.ts';
import { seededRandom } from '../support/seeded-random.ts';

const NUMBERS = ['01', '02', '03', '04', '05'];
const KNOWN = 3;
const DATE = '2026-12-01';
const coach = (number: string): Coach => ({
  coach: number,
  seatClass: Number(number) % 2 === 0 ? 'first' : 'second',
  layout: { kind: 'rows', rows: 1, letters: 'A' },
});

/** The day before the train leaves; pauses only let others run. */
const clock = {
  zone: realClock.zone,
  now: () => Date.parse('2026-11-30T12:00:00+08:00'),
  after: (delayMs: number, task: () => void) => realClock.after(Math.min(delayMs, 1), task),
};

let owners = 0;
/** A process that has just started. */
const processOn = (store: EventStore, seed: number): InventoryDeps => {
  owners += 1;
  const runs = new RunDirectory(store);
  const deps = {
    store,
    rules: bestFitOnly,
    clock,
    random: seededRandom(seed),
    owner: `owner-${owners}`,
    onSaleStopped: (_: unknown, detail: string) => {
      throw new Error(detail);
    },
    snapshots: new MemorySnapshots(),
    snapshotEvery: 1_000,
    onSnapshotFailed: () => {
      // The store failed on purpose; a snapshot is a shortcut.
    },
  };
  return { store, pool: new AllocatorPool(deps, runs), runs, clock };
};

/** Coaches with a seat on sale. */
const onSale = async ({ store, runs }: InventoryDeps): Promise<readonly string[]> => {
  const run = await runs.findNow('G1', DATE);
  if (run === undefined) throw new Error('the run was opened');
  const out = (await withdrawalsOf(store, run)).flatMap(({ seatClass, legs }) =>
    legs.flatMap(({ seats }) => seats.map((seat) => seatsOfClass(run.composition, seatClass)[seat]?.coach)),
  );
  return run.composition.map((one) => one.coach).filter((number) => !out.includes(number));
};

const subset = fc.uniqueArray(fc.constantFrom(...NUMBERS), { minLength: 0 });
const faults = fc.array(fc.constantFrom<Fault>('none', 'none', 'none', 'before', 'lost', 'after', 'partial'), {
  maxLength: 12,
});

test.each([true, false])('all of it or nothing (all streams at once: %s)', async (atomicStreams) => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.nat({ max: 2 }),
      fc.array(fc.tuple(subset, faults), { minLength: 1, maxLength: 3 }),
      async (seed, sold, changes) => {
        const log = new MemoryEventStore({ atomicStreams });
        const composition: Composition = NUMBERS.slice(0, KNOWN).map(coach);
        const tariff = { ...openedRun().tariff, ratesMilliFenPerKm: { first: 1, second: 1 } };
        const run = openedRun({ date: DATE, stops: stopsOf('A', 'B'), composition, tariff });
        const opened = newEvent(run, 'TrainRunOpened');
        await log.append([
          { stream: runCategory.stream({ train: 'G1', date: DATE }), expected: 'noStream', events: [opened] },
        ]);
        // Travellers sit in some of the coaches: none, the second, or the second and the first.
        const { pool } = processOn(log, seed);
        for (const seatClass of (['first', 'second'] as const).slice(0, sold))
          await pool.submit(
            { train: 'G1', date: DATE, seatClass },
            { kind: 'hold', orderNo: `O${seatClass}`, from: 0, to: 1, wants: [undefined], meta: testMeta(seatClass) },
          );
        for (const [index, [wanted, planned]] of changes.entries()) {
          const before = await onSale(processOn(log, seed));
          const left = [...planned];
          const store = new FaultyStore(log, () => left.shift() ?? 'none');
          const who = { train: 'G1', date: DATE, operator: 'op', correlationId: 'c', idempotencyKey: `k${index}` };
          const asked = { ...who, coaches: wanted.map(coach), reason: 'another set' };
          // What an operator does when nobody answers: asks again, perhaps another process.
          const answer = await insist(() => changeComposition(processOn(store, seed), asked));
          const after = await onSale(processOn(log, seed));
          expect([answer.ok, [...after].sort()]).toEqual([answer.ok, [...(answer.ok ? wanted : before)].sort()]);
        }
      },
    ),
    { numRuns: 150 },
  );
});

const insist = async <Value>(work: () => Promise<Value>): Promise<Value> => {
  for (let attempt = 0; attempt < 50; attempt += 1)
    try {
      return await work();
    } catch {
      // Injected; what was done is unknown.
    }
  throw new Error('no answer');
};

test('a coach that comes while another change is made is not left in the train by it: that change is refused', async () => {
  const log = new MemoryEventStore({ atomicStreams: true });
  const tariff = { ...openedRun().tariff, ratesMilliFenPerKm: { first: 1, second: 1 } };
  const stream = runCategory.stream({ train: 'G1', date: DATE });
  const run = openedRun({ date: DATE, stops: stopsOf('A', 'B'), composition: [coach('01'), coach('02')], tariff });
  await log.append([{ stream, expected: 'noStream', events: [newEvent(run, 'TrainRunOpened')] }]);
  let isAdded = false;
  // Coach 04 comes after the seats of 02 were taken out of sale, and before the composition is changed.
  const append = log.append.bind(log);
  log.append = async (appends, options) => {
    const isChange = appends.some(({ events }) => events.some(({ type }) => type === 'CompositionChanged'));
    if (isChange && !isAdded) {
      isAdded = true;
      await append([{ stream, expected: 'any', events: [newEvent({ coaches: [coach('04')] }, 'CoachesAdded')] }]);
    }
    return append(appends, options);
  };
  const who = { train: 'G1', date: DATE, operator: 'op', correlationId: 'c', idempotencyKey: 'k' };
  const asked = { ...who, coaches: [coach('01')], reason: 'another set' };
  const first = await changeComposition(processOn(log, 1), asked);
  expect(first).toMatchObject({ ok: false, refusal: { code: 'CONTENDED' } });
  expect(await onSale(processOn(log, 1))).toEqual(['01', '02', '04']);
  expect((await log.readStream(stream)).map(({ type }) => type)).toEqual(['TrainRunOpened', 'CoachesAdded']);
  // Asked again, it knows of the coach.
  expect((await changeComposition(processOn(log, 1), { ...asked, idempotencyKey: 'again' })).ok).toBe(true);
  expect(await onSale(processOn(log, 1))).toEqual(['01']);
});
