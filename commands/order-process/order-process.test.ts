import { expect, test } from '@jest/globals';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { ManualClock, realClock } from '@railhead/tests/support/fixed-clock.ts';
import { checkpointIn, MemoryCheckpoints } from '@railhead/tests/support/memory-checkpoints.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { loadOrder } from '../orders/load-order.ts';
import { type TrackedOrder, untracked } from '../orders/tracked-order.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { ProcessCheckpoints } from '../ports/process-checkpoints.ts';
import { appendOf } from '../streams/append.ts';
import type { BoundStep } from '../workflow/step.ts';
import { OrderProcess } from './order-process.ts';
import { ORDER_STEPS } from './order-steps.ts';
import { orderAppend } from './order-writer.ts';

const request = oneSeat;

const meta = (commandId: string) => ({
  commandId,
  correlationId: 'c',
  causationId: 'c',
  actor: 'a',
  at: '2026-11-21T00:00:00Z',
});

const ask = (store: EventStore, orderNo: string): Promise<unknown> => {
  const data = { orderNo, requestHash: 'h', request };
  return store.append([
    appendOf(orderCategory.stream(orderNo), -1, [{ type: 'OrderRequested', version: 1, data }], meta(`${orderNo}/r`)),
  ]);
};

/** A step that gives every order the same seat and a minute to pay. */
const seating = (store: EventStore): readonly BoundStep<TrackedOrder>[] =>
  ORDER_STEPS.map(({ kind, due }) => ({
    kind,
    due,
    run: async ({ current }) => {
      if (kind === 'releaseSeats') return { seatsReleased: true };
      if (kind === 'releaseReservation') return { released: [1] };
      const { orderNo } = current().order;
      if (kind !== 'holdSeats') return undefined;
      const items = [{ itemNo: 1, coach: '01', seat: '01A', fareFen: 100 }];
      const payBefore = new Date(Date.now() + 60_000).toISOString();
      const held = orderAppend(
        current(),
        [{ type: 'HoldSeats', lockId: 'l', items, payBefore, saleEnds: payBefore }],
        meta(`${orderNo}/h`),
      );
      if (held !== undefined) await store.append([held]);
      return undefined;
    },
  }));

test('goes on deciding while many more orders than it works on at once wait for their payment', async () => {
  const store = new MemoryEventStore();
  const process = new OrderProcess({
    store,
    checkpoints: new MemoryCheckpoints(),
    steps: seating(store),
    clock: realClock,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    checkpointEveryMs: 60_000,
    maxAtWork: 3,
  });
  await process.start();
  for (let n = 0; n < 40; n += 1) await ask(store, `O${n}`);
  await waitUntil('all orders to be seated', async () => (await store.lastPosition()) === 80);
  expect(process.unfinished).toBe(40);
  await process.stop();
});

/** A store whose subscription delivers everything, then the first event again, and then breaks. */
const goingBack = (store: EventStore): EventStore =>
  new Proxy(store, {
    get: (target, name) => {
      if (name !== 'subscribe') return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
      return async function* () {
        yield await target.readAll({ after: 0, limit: 100 });
        yield await target.readAll({ after: 0, limit: 1 });
        throw new Error('the connection broke');
      };
    },
  });

test('a request that is delivered again long after its order has ended leaves nothing to do', async () => {
  const store = new MemoryEventStore();
  await ask(store, 'O1');
  const { order } = await loadOrder(store, 'O1');
  const closing = { type: 'Close', reason: 'SOLD_OUT', detail: 'no seats' } as const;
  const closed = orderAppend({ ...untracked, order, revision: 0 }, [closing], meta('O1/close'));
  await store.append(closed === undefined ? [] : [closed]);
  const clock = new ManualClock();
  const process = new OrderProcess({
    store: goingBack(store),
    checkpoints: new MemoryCheckpoints(),
    steps: seating(store),
    clock,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    checkpointEveryMs: 60_000,
  });
  await process.start();
  await clock.advance(500);
  expect([process.position, process.unfinished]).toEqual([2, 0]);
});

test('an order delivered again from before the checkpoint, with a break, is finished without a new event', async () => {
  const store = new MemoryEventStore();
  const closed = { type: 'OrderClosed', version: 1, data: { reason: 'CANCELLED', detail: '' } } as const;
  for (const orderNo of ['O1', 'O2']) {
    await ask(store, orderNo);
    await store.append([appendOf(orderCategory.stream(orderNo), 0, [closed], meta(`${orderNo}/c`))]);
  }
  let reads = 0;
  const breaking = new Proxy<EventStore>(store, {
    get: (target, name) => {
      if (name === 'readStream')
        return async (stream: string) => {
          reads += 1;
          // The second order of the batch: reading it fails.
          if (stream === orderCategory.stream('O2') && reads < 5) throw new Error('the connection broke');
          return target.readStream(stream);
        };
      if (name !== 'subscribe') return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
      return async function* (options: Parameters<EventStore['subscribe']>[0]) {
        if (reads === 0) yield await target.readAll({ after: 0, limit: 100 });
        yield* target.subscribe(options);
      };
    },
  });
  const clock = new ManualClock();
  const process = new OrderProcess({
    store: breaking,
    checkpoints: new MemoryCheckpoints(await checkpointIn(store, 4)),
    steps: seating(store),
    clock,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    checkpointEveryMs: 60_000,
  });
  await process.start();
  await clock.advance(60_000);
  expect([reads > 0, process.position, process.unfinished]).toEqual([true, 4, 0]);
});

test('a checkpoint that was saved but seemed to fail loses no order', async () => {
  const store = new MemoryEventStore();
  const clock = new ManualClock();
  const disk = new MemoryCheckpoints();
  let fails = false;
  const unsure: ProcessCheckpoints = {
    load: () => disk.load(),
    save: async (change) => {
      const isSaved = await disk.save(change);
      if (fails) throw new Error('no answer');
      return isSaved;
    },
    replace: (checkpoint) => disk.replace(checkpoint),
  };
  const process = new OrderProcess({
    store,
    checkpoints: unsure,
    steps: seating(store),
    clock,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    checkpointEveryMs: 1_000,
  });
  await process.start();
  await ask(store, 'O1');
  await clock.advance(1_500);
  expect(disk.current.unfinished).toEqual(['O1']);
  const closing = { type: 'Close', reason: 'CANCELLED', detail: '' } as const;
  const closed = orderAppend(await loadOrder(store, 'O1'), [closing], meta('O1/close'));
  await store.append(closed === undefined ? [] : [closed]);
  fails = true;
  await clock.advance(1_000);
  expect(disk.current.unfinished).toEqual([]);
  fails = false;
  // A late payment succeeds, so there is something to do again.
  const payment = { paymentNo: 'O1P1', orderNo: 'O1', amountFen: 100 };
  const paid = [
    { type: 'PaymentCreated', version: 1, data: { ...payment, channel: 'c', currency: 'CNY' } },
    { type: 'PaymentSucceeded', version: 1, data: { ...payment, version: 1, gatewayRef: 'r' } },
  ] as const;
  await store.append([appendOf('payment-O1P1', -1, paid, meta('O1P1/paid'))]);
  await clock.advance(2_000);
  expect([process.unfinished, disk.current.unfinished]).toEqual([1, ['O1']]);
});

test('a late write of a dead process to a restored backup loses no order', async () => {
  const store = new MemoryEventStore();
  const clock = new ManualClock();
  const deps = {
    store,
    steps: seating(store),
    clock,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    checkpointEveryMs: 1_000,
  };
  const disk = new MemoryCheckpoints();
  const late: (() => Promise<unknown>)[] = [];
  let isSlow = false;
  const slow: ProcessCheckpoints = {
    load: () => disk.load(),
    save: (change) => (isSlow ? new Promise(() => late.push(() => disk.save(change))) : disk.save(change)),
    replace: (checkpoint) => disk.replace(checkpoint),
  };
  const dead = new OrderProcess({ ...deps, checkpoints: slow });
  await dead.start();
  const backup = disk.current;
  await ask(store, 'O1');
  await clock.advance(1_500);
  expect(disk.current.unfinished).toEqual(['O1']);
  isSlow = true;
  await ask(store, 'O2');
  await clock.advance(1_000);
  // The process dies here. A backup is restored, and only then its last write arrives.
  disk.current = backup;
  for (const write of late) await write();
  const next = new OrderProcess({ ...deps, checkpoints: disk });
  await next.start();
  await clock.advance(500);
  expect([late.length, next.unfinished]).toEqual([1, 2]);
});

test('begins no step of an order before it has read the later events of it', async () => {
  const store = new MemoryEventStore();
  await ask(store, 'O1');
  const closed = { type: 'OrderClosed', version: 1, data: { reason: 'CANCELLED', detail: '' } } as const;
  await store.append([appendOf(orderCategory.stream('O1'), 0, [closed], meta('O1/c'))]);
  const begun: string[] = [];
  const steps = ORDER_STEPS.map(({ kind, due }) => ({
    kind,
    due,
    run: async () => {
      begun.push(kind);
      return kind === 'releaseSeats' ? { seatsReleased: true } : { released: [1] };
    },
  }));
  // One event in each batch: the request is read before the end of its order.
  const oneByOne = new Proxy(store, {
    get: (target, name) =>
      name === 'subscribe'
        ? (options: Parameters<EventStore['subscribe']>[0]) => target.subscribe({ ...options, batchSize: 1 })
        : Reflect.get(target, name).bind(target),
  });
  const process = new OrderProcess({
    store: oneByOne,
    checkpoints: new MemoryCheckpoints(),
    steps,
    clock: realClock,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    checkpointEveryMs: 60_000,
  });
  await process.start();
  await waitUntil('the order to be finished', () => process.unfinished === 0 && begun.length > 0);
  expect(begun).toEqual(['releaseSeats', 'releaseReservation']);
  await process.stop();
});
