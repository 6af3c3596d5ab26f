import { describe, expect, test } from '@jest/globals';
import { seated } from '@railhead/domain/allocation/choose-legs.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import { type Composition, seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { MemorySnapshots } from '@railhead/infra/snapshots/memory-snapshots.ts';
import { testMeta } from '@railhead/tests/support/events.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { seededRandom } from '@railhead/tests/support/seeded-random.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import type { EventStore } from '../ports/event-store.ts';
import { ClassAllocator } from './class-allocator.ts';
import { parseSnapshot } from './class-snapshot.ts';
import { ClassStreams } from './class-streams.ts';
import type { Operation } from './operation.ts';

const key = { train: 'G1', date: '2026-12-01', seatClass: 'second' } as const;
const coaches: Composition = [{ coach: '01', seatClass: 'second', layout: { kind: 'rows', rows: 20, letters: 'ABC' } }];
const seats = seatsOfClass(coaches, 'second');
const SEGMENTS = 3;
const book = new ClassStreams(new MemoryEventStore(), '', key, SEGMENTS).bookName;

const openOn = (store: EventStore, snapshots: MemorySnapshots, owner: string): ClassAllocator =>
  new ClassAllocator(
    {
      store,
      clock: realClock,
      random: seededRandom(1),
      owner,
      utcOffsetMinutes: 480,
      onSaleStopped: (_, detail) => {
        throw new Error(detail);
      },
      snapshots,
      snapshotEvery: 50,
      onSnapshotFailed: (_, error) => {
        throw error;
      },
    },
    key,
    {
      seats,
      segments: SEGMENTS,
      chooseAt: () => ({ counted: false, choose: seated(bestFit) }),
      seatsNow: async () => seats,
    },
  );

const hold = (orderNo: string): Operation => ({
  kind: 'hold',
  orderNo,
  from: 0,
  to: SEGMENTS,
  wants: [undefined],
  meta: testMeta(orderNo),
});

/** Counts the events that are read. */
const counting = (inner: EventStore) => {
  let events = 0;
  const store = new Proxy(inner, {
    get: (target, name) => {
      if (name !== 'readStream') return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
      return async (...args: Parameters<EventStore['readStream']>) => {
        const found = await target.readStream(...args);
        events += found.length;
        return found;
      };
    },
  });
  return { store, read: () => events };
};

/** Forty orders, four events each, and a snapshot of them. */
const soldOn = async (store: EventStore, snapshots: MemorySnapshots): Promise<void> => {
  const allocator = openOn(store, snapshots, 'first');
  for (let n = 0; n < 40; n += 1) expect((await allocator.submit(hold(`o${n}`))).ok).toBe(true);
  await waitUntil('the snapshot', async () => (await snapshots.load(book)) !== undefined);
};

describe('a class that is opened again', () => {
  test('goes on from its snapshot and reads only what came after', async () => {
    const inner = new MemoryEventStore();
    const snapshots = new MemorySnapshots();
    await soldOn(inner, snapshots);
    const { store, read } = counting(inner);
    const again = openOn(store, snapshots, 'second');
    // The same order: the same seats, known from the snapshot.
    expect((await again.submit(hold('o0'))).ok).toBe(true);
    expect(read()).toBeLessThan(70);
    const rest = await Promise.all(Array.from({ length: 30 }, (_, n) => again.submit(hold(`p${n}`))));
    expect(rest.filter((outcome) => outcome.ok)).toHaveLength(seats.length - 40);
    const { store: bare, read: readAll } = counting(inner);
    await openOn(bare, new MemorySnapshots(), 'third').submit(hold('o0'));
    expect(readAll()).toBeGreaterThan(200);
  });

  test('does not trust a snapshot of another log', async () => {
    const snapshots = new MemorySnapshots();
    await soldOn(new MemoryEventStore(), snapshots);
    const other = new MemoryEventStore();
    const elsewhere = openOn(other, new MemorySnapshots(), 'elsewhere');
    await elsewhere.submit(hold('x'));
    const opened = openOn(other, snapshots, 'second');
    const outcomes = await Promise.all(seats.map((_, n) => opened.submit(hold(`q${n}`))));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(seats.length - 1);
  });

  test.each([
    ['of another version', '{"version":0}'],
    ['that is no JSON', 'cut o'],
    ['of a run with fewer stops', '{"version":1,"held":[],"ended":[],"segments":[]}'],
  ])('does without a snapshot %s', async (_, text) => {
    const snapshots = new MemorySnapshots();
    await snapshots.save(book, text);
    expect((await openOn(new MemoryEventStore(), snapshots, 'first').submit(hold('a'))).ok).toBe(true);
  });

  test('names no snapshot where there is none', () => {
    expect(parseSnapshot(undefined)).toBeUndefined();
  });
});
