import { describe, expect, test } from '@jest/globals';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { openedRun, stopsOf } from '@railhead/tests/support/opened-run.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import { reservations } from '@railhead/tests/support/reservations.ts';
import { timestampOf } from '../ports/clock.ts';
import type { StreamAppend } from '../ports/event-store.ts';
import { RunDirectory } from '../runs/run-directory.ts';
import { orderNoOf, plainOrderNoOf } from './order-number.ts';
import { type PlaceOrder, type PlaceOrderDeps, placeOrder } from './place-order.ts';
import { UnpaidSeats } from './unpaid-seats.ts';

const DAY_MS = 86_400_000;
const SECRET = 'a-secret-of-the-tests';
const at = (local: string): number => Date.parse(`${local}+08:00`);

const tariff = { ...openedRun().tariff, ratesMilliFenPerKm: { second: 46_000 } };

/** G1 from A by B to C on these dates, a minute between stops, leaving at midnight unless told otherwise. */
const selling = async (dates: readonly string[], startMs: number, more: Partial<PlaceOrderDeps> = {}) => {
  const store = new MemoryEventStore();
  for (const date of dates) {
    const data = openedRun({ date, tariff, stops: stopsOf('A', 'B', 'C') });
    await store.append([
      {
        stream: runCategory.stream({ train: 'G1', date }),
        expected: 'noStream',
        events: [newEvent(data, 'TrainRunOpened')],
      },
    ]);
  }
  const clock = new ManualClock(startMs);
  const deps: PlaceOrderDeps = {
    store,
    runs: new RunDirectory(store),
    clock,
    saleWindow: { days: 15 },
    numbering: { secret: SECRET },
    idempotencyDays: 7,
    queueLimit: 10,
    queueDepth: () => 0,
    reservations: reservations({ store, clock }),
    unpaid: { counted: new UnpaidSeats(), limitOf: () => Number.POSITIVE_INFINITY },
    ...more,
  };
  const asked = (date: string): PlaceOrder => ({
    userId: 'u',
    idempotencyKey: 'k',
    correlationId: 'c',
    train: 'G1',
    date,
    from: 'A',
    to: 'C',
    seatClass: 'second',
    passengers: [{ name: 'n', idType: 'passport', idNo: 'E1234', kind: 'adult' }],
    acceptStanding: false,
    acceptSeatChange: false,
  });
  const order = (date: string, change: Partial<PlaceOrder> = {}) => placeOrder(deps, { ...asked(date), ...change });
  return { store, clock, order, deps, asked };
};

type Placing = Awaited<ReturnType<typeof placeOrder>>;
const codeOf = (placing: Placing): string => (placing.ok ? 'placed' : placing.refusal.code);
const numberOf = (placing: Placing): string => (placing.ok ? placing.value.orderNo : placing.refusal.code);

describe('an idempotency key', () => {
  test('names its order for seven days to the millisecond, and then another one, round after round', async () => {
    const { clock, order, store } = await selling(['2026-12-05', '2026-12-20'], at('2026-11-25T12:00:00'));
    const first = await order('2026-12-05');
    await clock.advance(7 * DAY_MS);
    expect(await order('2026-12-05')).toEqual({
      ok: true,
      value: { orderNo: numberOf(first), position: 0, repeated: true },
    });
    expect(codeOf(await order('2026-12-05', { acceptStanding: true }))).toBe('IDEMPOTENCY_KEY_REUSED');
    await clock.advance(1);
    const second = await order('2026-12-05', { acceptStanding: true });
    expect([codeOf(second), numberOf(second)]).not.toEqual(['placed', numberOf(first)]);
    expect(second).toMatchObject({ ok: true, value: { repeated: false, position: await store.lastPosition() } });
    expect(await order('2026-12-05', { acceptStanding: true })).toMatchObject({
      ok: true,
      value: { orderNo: numberOf(second), repeated: true },
    });
    await clock.advance(7 * DAY_MS + 1);
    const third = await order('2026-12-20');
    expect(new Set([first, second, third].map(numberOf)).size).toBe(3);
    expect(await order('2026-12-20')).toMatchObject({ value: { orderNo: numberOf(third), repeated: true } });
  });

  test('answers its own request as before, even when the request could not be placed any more', async () => {
    let depth = 0;
    const { clock, order } = await selling(['2026-11-26'], at('2026-11-25T12:00:00'), { queueDepth: () => depth });
    const first = await order('2026-11-26');
    depth = 10;
    expect(await order('2026-11-26')).toMatchObject({ value: { orderNo: numberOf(first), repeated: true } });
    await clock.advance(2 * DAY_MS);
    expect(await order('2026-11-26')).toMatchObject({ value: { orderNo: numberOf(first), repeated: true } });
    expect(codeOf(await order('2026-11-26', { from: 'B' }))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(codeOf(await order('2026-11-26', { passengers: [] }))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(codeOf(await order('2026-11-26', { idempotencyKey: 'other' }))).toBe('SALE_CLOSED');
    expect(codeOf(await order('2026-11-25', { idempotencyKey: 'other' }))).toBe('DATE_OUTSIDE_SALE');
  });

  test('can be used a thousand times, and no more', async () => {
    const { clock, order, store } = await selling(['2026-12-05'], at('2026-11-25T12:00:00'));
    const old = newEvent({ orderNo: '', requestHash: 'h', request: oneSeat }, 'OrderRequested');
    const meta = { ...old.meta, at: timestampOf(clock, clock.now() - 7 * DAY_MS - 1) };
    const use = (round: number): StreamAppend => ({
      stream: orderCategory.stream(orderNoOf(SECRET, 'u', 'k', round)),
      expected: 'noStream',
      events: [{ ...old, meta }],
    });
    await store.append(Array.from({ length: 999 }, (_, round) => use(round)));
    const last = await order('2026-12-05');
    expect([codeOf(last), numberOf(last)]).toEqual(['placed', orderNoOf(SECRET, 'u', 'k', 999)]);
    await clock.advance(7 * DAY_MS + 1);
    expect(codeOf(await order('2026-12-05'))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(await store.lastPosition()).toBe(1_001);
  });

  test('used by two requests at once makes one order, and the other request is told', async () => {
    const { order, store } = await selling(['2026-11-30'], at('2026-11-25T12:00:00'));
    const before = await store.lastPosition();
    const same = await Promise.all([order('2026-11-30'), order('2026-11-30'), order('2026-11-30')]);
    expect(new Set(same.map(numberOf)).size).toBe(1);
    expect(same.map((placing) => placing.ok && placing.value.repeated).sort()).toEqual([false, true, true]);
    const keys = { idempotencyKey: 'two' };
    const two = await Promise.all([order('2026-11-30', keys), order('2026-11-30', { ...keys, from: 'B' })]);
    expect(two.map(codeOf).sort()).toEqual(['IDEMPOTENCY_KEY_REUSED', 'placed']);
    expect(await store.lastPosition()).toBe(before + 2);
  });
});

describe('an order from before order numbers were keyed', () => {
  /** As an earlier version left it: the order stands under its plain number. */
  const upgraded = async (keyedSince: string | undefined) => {
    const startMs = at('2026-11-25T12:00:00');
    const railway = await selling(['2026-11-30', '2026-12-08'], startMs, {
      numbering: { secret: SECRET, ...(keyedSince === undefined ? {} : { keyedSinceMs: at(keyedSince) }) },
    });
    const { order, store, clock } = railway;
    const keyed = numberOf(await order('2026-11-30'));
    const plain = plainOrderNoOf('u', 'k', 0);
    const [requested] = await store.readStream(orderCategory.stream(keyed));
    if (requested === undefined) throw new Error('nothing was placed');
    const data = { ...Object(requested.data), orderNo: plain };
    const old = new MemoryEventStore();
    for (const event of (await store.readAll({ after: 0, limit: 100 })).events)
      if (event.stream !== requested.stream)
        await old.append([{ stream: event.stream, expected: 'any', events: [event] }]);
    const events = [{ ...requested, data }];
    await old.append([{ stream: orderCategory.stream(plain), expected: 'noStream', events }]);
    const deps = { ...railway.deps, store: old, runs: new RunDirectory(old) };
    return {
      plain,
      keyed,
      clock,
      order: (change: Partial<PlaceOrder> = {}) => placeOrder(deps, { ...railway.asked('2026-11-30'), ...change }),
    };
  };

  test('is found by its key for as long as the key lives, and refuses another request', async () => {
    const { plain, keyed, order, clock } = await upgraded('2026-11-25T12:00:00');
    for (const passMs of [0, 7 * DAY_MS]) {
      await clock.advance(passMs);
      expect(await order()).toEqual({ ok: true, value: { orderNo: plain, position: 0, repeated: true } });
      expect(codeOf(await order({ from: 'B' }))).toBe('IDEMPOTENCY_KEY_REUSED');
    }
    await clock.advance(1);
    const other = await order({ date: '2026-12-08' });
    expect(other).toMatchObject({ ok: true, value: { orderNo: keyed, repeated: false } });
    expect(numberOf(await order({ date: '2026-12-08', idempotencyKey: 'new' }))).toBe(orderNoOf(SECRET, 'u', 'new', 0));
  });

  test('is not looked for where none was placed', async () => {
    const { keyed, order } = await upgraded(undefined);
    expect(await order()).toMatchObject({ ok: true, value: { orderNo: keyed, repeated: false } });
  });
});

describe('the sale', () => {
  test.each([1, 2, 15, 60])('is open for the runs of %d days and no later ones, until they have left', async (days) => {
    // Across the end of a month and of a year.
    const startMs = at('2026-12-20T10:00:00');
    const dateOf = (day: number): string =>
      new Date(Date.parse('2026-12-20') + day * DAY_MS).toISOString().slice(0, 10);
    const dates = Array.from({ length: days + 3 }, (_, index) => dateOf(index - 1));
    const { order } = await selling(dates, startMs, { saleWindow: { days } });
    const answers: string[] = [];
    for (const date of dates) answers.push(codeOf(await order(date, { idempotencyKey: date })));
    expect(answers).toEqual([
      // Yesterday's train, and today's, have left at midnight.
      'SALE_CLOSED',
      'SALE_CLOSED',
      ...Array.from({ length: days - 1 }, () => 'placed'),
      'DATE_OUTSIDE_SALE',
      'DATE_OUTSIDE_SALE',
    ]);
  });

  test('moves on at midnight in the railway’s zone', async () => {
    const { clock, order } = await selling(['2026-12-15'], at('2026-11-30T23:59:59.999'));
    expect(codeOf(await order('2026-12-15'))).toBe('DATE_OUTSIDE_SALE');
    await clock.advance(1);
    expect(codeOf(await order('2026-12-15'))).toBe('placed');
  });

  test('ends at each stop when the train leaves it, to the millisecond', async () => {
    // The train leaves A at midnight and B a minute later.
    const { clock, order } = await selling(['2026-12-01'], at('2026-11-30T23:59:59.999'));
    const from = (stop: string, key: string) => order('2026-12-01', { from: stop, idempotencyKey: key });
    expect(codeOf(await from('A', '1'))).toBe('placed');
    await clock.advance(1);
    expect([codeOf(await from('A', '2')), codeOf(await from('B', '3'))]).toEqual(['SALE_CLOSED', 'placed']);
    await clock.advance(59_999);
    expect(codeOf(await from('B', '4'))).toBe('placed');
    await clock.advance(1);
    expect(codeOf(await from('B', '5'))).toBe('SALE_CLOSED');
  });

  test.each([
    [9, 'placed'],
    [10, 'QUEUE_FULL'],
    [11, 'QUEUE_FULL'],
  ])('with %d requests in a queue of ten answers %s', async (depth, code) => {
    const asked: unknown[] = [];
    const queueDepth = (run: { readonly train: string; readonly date: string }): number => {
      asked.push([run.train, run.date]);
      return depth;
    };
    const { order, store } = await selling(['2026-12-01'], at('2026-11-25T12:00:00'), { queueDepth });
    const before = await store.lastPosition();
    expect(codeOf(await order('2026-12-01'))).toBe(code);
    expect(asked).toEqual([['G1', '2026-12-01']]);
    expect(await store.lastPosition()).toBe(code === 'placed' ? before + 1 : before);
  });
});
