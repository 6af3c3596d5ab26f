// One class with sixty seats on three segments, sold by an allocator that takes snapshots, for tests of what it reads.
import { ClassAllocator } from '@railhead/commands/allocation/class-allocator.ts';
import { ClassStreams } from '@railhead/commands/allocation/class-streams.ts';
import type { Operation } from '@railhead/commands/allocation/operation.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import { seated } from '@railhead/domain/allocation/choose-legs.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import { type Composition, seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import type { MemorySnapshots } from '@railhead/infra/snapshots/memory-snapshots.ts';
import { testMeta } from './events.ts';
import { realClock } from './fixed-clock.ts';
import { seededRandom } from './seeded-random.ts';

const key = { train: 'G1', date: '2026-12-01', seatClass: 'second' } as const;
const coaches: Composition = [{ coach: '01', seatClass: 'second', layout: { kind: 'rows', rows: 20, letters: 'ABC' } }];
export const seats = seatsOfClass(coaches, 'second');
const SEGMENTS = 3;
export const book = new ClassStreams(new MemoryEventStore(), '', key, SEGMENTS).bookName;

export const openOn = (store: EventStore, snapshots: MemorySnapshots, owner: string): ClassAllocator =>
  new ClassAllocator(
    {
      store,
      clock: realClock,
      random: seededRandom(1),
      owner,
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

export const hold = (orderNo: string): Operation => ({
  kind: 'hold',
  orderNo,
  from: 0,
  to: SEGMENTS,
  wants: [undefined],
  meta: testMeta(orderNo),
});

/** Counts the events that are read. */
export const counting = (inner: EventStore) => {
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
