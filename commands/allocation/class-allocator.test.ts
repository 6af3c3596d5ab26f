import { expect, test } from '@jest/globals';
import { counted, seated } from '@railhead/domain/allocation/choose-legs.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { testMeta } from '@railhead/tests/support/events.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { lockPartsOf } from '@railhead/tests/support/seat-events.ts';
import { seededRandom } from '@railhead/tests/support/seeded-random.ts';
import { seats } from '@railhead/tests/support/selling-class.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import type { EventStore } from '../ports/event-store.ts';
import { ClassAllocator } from './class-allocator.ts';
import type { Operation } from './operation.ts';

const hold = (orderNo: string, assignedLater = false): Operation => ({
  kind: 'hold',
  orderNo,
  from: 0,
  to: 1,
  wants: [undefined],
  assignedLater,
  meta: testMeta(orderNo),
});

const others = {
  clock: realClock,
  random: seededRandom(1),
  owner: 'one',
  onSaleStopped: (_key: unknown, detail: string): void => {
    throw new Error(detail);
  },
};
const key = { train: 'G1', date: '2026-12-01', seatClass: 'second' } as const;
const forSale = {
  seats,
  segments: 3,
  chooseAt: () => ({ counted: false, choose: seated(bestFit) }),
  seatsNow: async () => seats,
};

test('a hold beyond the limit of waiting operations is refused at once, and all that wait are answered', async () => {
  const allocator = new ClassAllocator({ store: new MemoryEventStore(), ...others }, key, forSale);
  const waiting = Array.from({ length: 100_000 }, (_, n) => allocator.submit(hold(`o${n}`)));
  expect(await allocator.submit(hold('late'))).toMatchObject({ ok: false, refusal: { code: 'QUEUE_FULL' } });
  expect((await Promise.all(waiting)).filter((answer) => answer.ok)).toHaveLength(seats.length);
});

/** With another writer, a refused first batch may still leave exactly the revisions that the second one expects. */
test.each([
  ['may be another writer', false, 1],
  ['is none', true, 2],
] as const)('where there %s, so many batches are on their way at once', async (_, soleWriter, most) => {
  const inner = new MemoryEventStore();
  const held: (() => void)[] = [];
  let holding = false;
  const store = new Proxy<EventStore>(inner, {
    get: (target, name) => {
      if (name !== 'append') return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
      return async (...args: Parameters<EventStore['append']>) => {
        if (holding) await new Promise<void>((go) => held.push(go));
        return target.append(...args);
      };
    },
  });
  const allocator = new ClassAllocator({ store, soleWriter, batchLimit: 1, ...others }, key, forSale);
  expect((await allocator.submit(hold('o0'))).ok).toBe(true);
  holding = true;
  const answers = ['o1', 'o2', 'o3'].map((orderNo) => allocator.submit(hold(orderNo)));
  await waitUntil('the batches', () => held.length === most);
  for (let turns = 0; turns < 100; turns += 1) await Promise.resolve();
  expect(held).toHaveLength(most);
  holding = false;
  for (const go of held) go();
  expect((await Promise.all(answers)).every((answer) => answer.ok)).toBe(true);
});

test.each([true, false])(
  'a lock that ends right after seats were given out ends after that in the book, too (all streams at once: %s)',
  async (atomicStreams) => {
    const store = new MemoryEventStore({ atomicStreams });
    const counting = { ...forSale, chooseAt: () => ({ counted: true, choose: counted([]) }) };
    const allocator = new ClassAllocator({ store, ...others }, key, counting);
    expect(await allocator.submit(hold('o1', true))).toMatchObject({ ok: true });
    const closing = { kind: 'close', orderNo: '', reason: 'SEATS_ASSIGNED', meta: testMeta('close') } as const;
    const ending = { kind: 'expire', orderNo: 'o1', meta: testMeta('expire') } as const;
    await Promise.all([allocator.submit(closing), allocator.submit(ending)]);
    const types = (await store.readStream(lockBookCategory.stream(key))).map(({ type }) => type);
    expect(types).toEqual(['BookOpened', 'SeatLocksAcquired', 'BookClosed', 'SeatsAssigned', 'SeatLocksExpired']);
  },
);

const stored = (store: EventStore) => async (stream: string) =>
  (await store.readStream(stream)).filter(({ type }) => type !== 'BookOpened' && type !== 'SegmentOpened');

test.each([true, false])(
  'a batch is one event a stream, of the railway; one operation is an event of its own (all streams at once: %s)',
  async (atomicStreams) => {
    const store = new MemoryEventStore({ atomicStreams });
    const read = stored(store);
    const allocator = new ClassAllocator({ store, ...others }, key, forSale);
    await allocator.submit(hold('o0'));
    await Promise.all(['o1', 'o2', 'o3'].map((orderNo) => allocator.submit(hold(orderNo))));
    const ending = (kind: 'confirm' | 'release' | 'expire', orderNo: string): Operation => ({
      kind,
      orderNo,
      meta: testMeta(`${kind}-${orderNo}`),
    });
    await Promise.all([ending('confirm', 'o0'), ending('confirm', 'o1')].map((one) => allocator.submit(one)));
    await Promise.all(
      [ending('release', 'o0'), ending('expire', 'o2'), ending('release', 'o1'), ending('expire', 'o3')].map((one) =>
        allocator.submit(one),
      ),
    );
    const told = async (stream: string) =>
      (await read(stream)).map((event) => [event.type, lockPartsOf(event).map(({ lockId }) => lockId.slice(0, 2))]);
    expect(await told(lockBookCategory.stream(key))).toEqual([
      ['SeatLocksAcquired', ['o0']],
      ['SeatLocksAcquired', ['o1', 'o2', 'o3']],
      ['SeatLocksConfirmed', ['o0', 'o1']],
      ['SeatLocksReleased', ['o0', 'o1']],
      ['SeatLocksExpired', ['o2', 'o3']],
    ]);
    const segment = segmentCategory.stream({ ...key, seq: 0 });
    expect(await told(segment)).toEqual([
      ['SeatsHeld', ['o0']],
      ['SeatsHeld', ['o1', 'o2', 'o3']],
      ['SeatsReleased', ['o0', 'o2', 'o1', 'o3']],
    ]);
    const metas = [...(await read(segment)), ...(await read(lockBookCategory.stream(key)))].map(({ meta }) => meta);
    expect(metas.map(({ actor, at }) => [actor, at])).toEqual(
      ['test', 'railhead', 'railhead', 'test', ...Array(4).fill('railhead')].map((actor) => [actor, testMeta().at]),
    );
    expect(metas[0]).toEqual(testMeta('o0'));
    const ids = (await store.readAll({ after: 0, limit: 100 })).events.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  },
);

test('no batch has two operations of an order, so that what a lock takes and gives back are events after each other', async () => {
  const store = new MemoryEventStore({ atomicStreams: false });
  const allocator = new ClassAllocator({ store, ...others }, key, forSale);
  const release: Operation = { kind: 'release', orderNo: 'o1', meta: testMeta('release') };
  const asked = [hold('o1'), hold('o2'), release, hold('o3')].map((one) => allocator.submit(one));
  expect((await Promise.all(asked)).map(({ ok }) => ok)).toEqual([true, true, true, true]);
  const events = await stored(store)(lockBookCategory.stream(key));
  expect(events.map((event) => [event.type, lockPartsOf(event).map(({ lockId }) => lockId)])).toEqual([
    ['SeatLocksAcquired', ['o1.1.1', 'o2.1.1']],
    ['SeatLocksReleased', ['o1.1.1']],
    ['SeatLocksAcquired', ['o3.1.1']],
  ]);
});
