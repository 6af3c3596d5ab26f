// The stock on display against a recount of the lock book, after all that an allocator can be asked to do.
import { expect, test } from '@jest/globals';
import { ClassAllocator } from '@railhead/commands/allocation/class-allocator.ts';
import type { Operation } from '@railhead/commands/allocation/operation.ts';
import { load } from '@railhead/commands/streams/load.ts';
import { counted, seated } from '@railhead/domain/allocation/choose-legs.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import { occupies, type SeatLock } from '@railhead/domain/seat-lock/fold.ts';
import { stillTravelling } from '@railhead/domain/seat-lock/plan.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import fc from 'fast-check';
import { type AvailabilityPlace, beginning, type FedModel } from '../support/availability-place.ts';
import { newEvent, testMeta } from '../support/events.ts';
import { realClock } from '../support/fixed-clock.ts';
import { openedRun, stopsOf } from '../support/opened-run.ts';
import { countOf as shownOf } from '../support/read-side.ts';
import { seededRandom } from '../support/seeded-random.ts';

const SEGMENTS = 3;
const [FEW, MORE] = [4, 6];
const run = { train: 'G1', date: '2026-12-01' };
const seatsOf = (count: number) =>
  seatsOfClass([{ coach: '01', seatClass: 'second', layout: { kind: 'numbers', seats: count } }], 'second');

const journey = fc
  .tuple(fc.nat(SEGMENTS - 1), fc.integer({ min: 1, max: SEGMENTS }))
  .map(([from, length]) => ({ from, to: Math.min(SEGMENTS, from + length) }));
const number = fc.integer({ min: 1, max: 4 });
/** `N` orders hold, and are confirmed, released or left to expire; `W` are withdrawals, which come back. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('hold' as const), number, journey, size: fc.integer({ min: 1, max: 2 }) }),
  fc.record({ kind: fc.constant('withdraw' as const), number, journey, seat: fc.nat(FEW - 1) }),
  fc.record({ kind: fc.constantFrom('confirm' as const, 'release' as const, 'expire' as const), number }),
  fc.record({ kind: fc.constant('return' as const), number }),
  fc.record({ kind: fc.constant('giveBack' as const), number, traveller: fc.nat(1) }),
  fc.record({ kind: fc.constant('extend' as const) }),
  fc.record({ kind: fc.constant('close' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

const operationOf = (one: Exclude<Step, { kind: 'extend' | 'close' }>, index: number): Operation => {
  const meta = testMeta(`step-${index}`);
  const { kind } = one;
  if (kind === 'hold')
    return {
      kind,
      orderNo: `N${one.number}`,
      ...one.journey,
      wants: new Array<undefined>(one.size).fill(undefined),
      meta,
    };
  if (kind === 'withdraw')
    return { kind, orderNo: `W${one.number}`, ...one.journey, seats: [one.seat], reason: 'test', meta };
  if (kind === 'giveBack')
    return { kind, orderNo: `N${one.number}`, travellers: [one.traveller], reason: 'test', meta };
  return { kind, orderNo: `${kind === 'return' ? 'W' : 'N'}${one.number}`, meta };
};

/** A model that has taken the whole log, and was stopped or died on the way. */
const fedThroughLives = async (
  place: AvailabilityPlace,
  store: MemoryEventStore,
  perBatch: number,
  ends: readonly { readonly at: number; readonly isOrderly: boolean }[],
): Promise<FedModel> => {
  const log = {
    fingerprintAt: (position: number) => store.fingerprintAt(position),
    lastPosition: () => store.lastPosition(),
  };
  let model = await beginning(place, log);
  let position = await model.load();
  for (let batches = 0; ; batches += 1) {
    const { events, caughtUp } = await store.readAll({ after: position, limit: perBatch });
    if (events.length > 0) await model.apply({ events, position: events.at(-1)?.position ?? position, caughtUp });
    position = events.at(-1)?.position ?? position;
    const end = ends.find(({ at }) => at === batches);
    if (end !== undefined) {
      if (end.isOrderly) await model.close();
      await model.end();
      model = await beginning(place, log);
      position = await model.load();
    } else if (caughtUp) return model;
  }
};

export const availabilityOperationsContract = (
  name: string,
  newPlace: () => Promise<AvailabilityPlace>,
  runs = 150,
): void =>
  test.each(['by seat', 'by count'])(
    `${name}: is what the book says of each journey of a class that is sold %s`,
    async (how) => {
      const byCount = how === 'by count';
      const key = { ...run, seatClass: 'second' } as const;
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 14 }),
          fc.integer({ min: 1, max: 6 }),
          fc.array(fc.record({ at: fc.nat(12), isOrderly: fc.boolean() }), { maxLength: 4 }),
          async (steps, perBatch, ends) => {
            const store = new MemoryEventStore();
            const late = byCount ? { lateAssignment: ['second' as const] } : {};
            const opened = openedRun({ ...run, stops: stopsOf('A', 'B', 'C', 'D'), ...late });
            const event = { ...newEvent(opened, 'TrainRunOpened'), version: 2 };
            await store.append([{ stream: runCategory.stream(run), expected: 'noStream', events: [event] }]);
            let size = FEW;
            let closed = false;
            const allocator = new ClassAllocator(
              {
                store,
                clock: realClock,
                random: seededRandom(1),
                owner: 'one',
                onSaleStopped: (_, detail) => {
                  throw new Error(detail);
                },
              },
              key,
              {
                seats: seatsOf(FEW),
                segments: SEGMENTS,
                chooseAt: () => ({ counted: byCount, choose: byCount ? counted() : seated(bestFit) }),
                seatsNow: async () => seatsOf(size),
              },
            );
            for (const [index, one] of steps.entries())
              if (one.kind === 'extend') {
                size = MORE;
                allocator.extend(seatsOf(MORE));
              } else if (one.kind === 'close') {
                const meta = testMeta(`step-${index}`);
                closed ||= (await allocator.submit({ kind: 'close', orderNo: 'close', reason: 'RUN_CANCELLED', meta }))
                  .ok;
              } else await allocator.submit(operationOf(one, index));

            const place = await newPlace();
            const model = await fedThroughLives(place, store, perBatch, ends);

            const { state: book } = await load(store, lockBookCategory, key);
            const locks = [...book.locks.values()].filter(occupies);
            /** Seats that such locks have on a segment. */
            const seatsOn = (segment: number, which: (lock: SeatLock) => boolean): readonly number[] =>
              locks
                .filter(which)
                .flatMap(({ plan, gone = [] }) => (plan === undefined ? [] : stillTravelling(plan, gone).legs))
                .flatMap(({ from, to, seats }) => (from <= segment && segment < to ? seats : []));
            for (let from = 0; from < SEGMENTS; from += 1)
              for (let to = from + 1; to <= SEGMENTS; to += 1) {
                const segments = Array.from({ length: to - from }, (_, at) => from + at);
                /** By seat, a seat that is taken on one segment is taken; by count, the worst segment counts. */
                const countOf = (which: (lock: SeatLock) => boolean): number => {
                  const each = segments.map((segment) => seatsOn(segment, which));
                  return byCount ? Math.max(...each.map(({ length }) => length)) : new Set(each.flat()).size;
                };
                const total = size - countOf(({ status }) => status === 'withdrawn');
                const free = size - countOf(() => true);
                const sold = Math.min(
                  total - free,
                  countOf(({ status }) => status === 'confirmed'),
                );
                expect([from, to, await shownOf(model.queries, key, size, from, to)]).toEqual([
                  from,
                  to,
                  { total, available: closed ? 0 : free, held: total - free - sold, sold },
                ]);
              }
            await model.end();
            await place.close();
          },
        ),
        { numRuns: runs },
      );
    },
  );
