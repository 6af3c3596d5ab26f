import { beforeEach, describe, expect, test } from '@jest/globals';
import { emit, refuse, unchanged } from '@railhead/domain/kernel/decision.ts';
import { decide } from '@railhead/domain/payment/decide.ts';
import type { PaymentEvent } from '@railhead/domain/payment/events.ts';
import type { Payment } from '@railhead/domain/payment/fold.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { type Fault, FaultyStore } from '@railhead/tests/support/faulty-store.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { appendOf, metaOf, ownOrigin } from './append.ts';
import { load } from './load.ts';
import { transact } from './transact.ts';

const stream = paymentCategory.stream('N1P1');
const clock = new ManualClock(Date.parse('2026-11-25T12:00:00+08:00'));
const origin = { commandId: 'c', actor: 'a', correlationId: 'asked' };
const create = {
  type: 'Create',
  paymentNo: 'N1P1',
  orderNo: 'N1',
  channel: 'x',
  amountFen: 5,
  currency: 'CNY',
} as const;
const declined = (version: number): PaymentEvent => ({
  type: 'PaymentDeclined',
  version: 1,
  data: { paymentNo: 'N1P1', orderNo: 'N1', version },
});

let store: MemoryEventStore;
let fault: Fault;
beforeEach(() => {
  store = new MemoryEventStore();
  fault = 'none';
});
const faulty = () => new FaultyStore(store, () => fault);
const creating = (commandId = 'c') =>
  transact({ store: faulty(), clock }, paymentCategory, 'N1P1', { ...origin, commandId }, (payment) =>
    decide(payment, create),
  );

describe('a command on one aggregate', () => {
  test('is decided on what its stream holds, and written behind it with who asked and when', async () => {
    expect(await creating()).toEqual({
      ok: true,
      value: { position: 1, changed: true, before: expect.objectContaining({ status: 'ABSENT' }) },
    });
    const statuses: string[] = [];
    const result = await transact({ store, clock }, paymentCategory, 'N1P1', origin, (payment) => {
      statuses.push(payment.status);
      return emit(declined(1), declined(2));
    });
    expect([result, statuses]).toMatchObject([{ value: { position: 3, changed: true } }, ['CREATED']]);
    const [, ...written] = await store.readStream(stream);
    const meta = { ...origin, causationId: 'asked', at: '2026-11-25T12:00:00.000+08:00' };
    expect(written.map((event) => [event.revision, event.meta])).toEqual([
      [1, meta],
      [2, meta],
    ]);
  });

  test('that changes nothing, or is refused, writes nothing', async () => {
    await creating();
    expect(await creating('other')).toMatchObject({
      ok: true,
      value: { position: 0, changed: false, before: { status: 'CREATED' } },
    });
    const refused = await transact({ store, clock }, paymentCategory, 'N1P1', origin, () => refuse('NO', 'no'));
    expect(refused).toEqual({ ok: false, refusal: { code: 'NO', detail: 'no' } });
    const nothing = await transact({ store, clock }, paymentCategory, 'N1P1', origin, () => unchanged);
    expect(nothing).toMatchObject({ ok: true, value: { changed: false } });
    expect(await store.lastPosition()).toBe(1);
  });

  test('whose answer was lost is found to be written when it is asked again', async () => {
    fault = 'after';
    await expect(creating()).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    fault = 'none';
    // Decided on what was there before, as by a process that has not read its own write.
    const stale = { readStream: async () => [], append: store.append.bind(store) };
    const again = await transact(
      { store: Object.assign(Object.create(store), stale), clock },
      paymentCategory,
      'N1P1',
      origin,
      (payment) => decide(payment, create),
    );
    expect(again).toMatchObject({ ok: true, value: { position: 1, changed: false } });
    expect(await store.lastPosition()).toBe(1);
  });

  test('fails as its store does, and is not tried again', async () => {
    let tries = 0;
    const failing = new FaultyStore(store, () => {
      tries += 1;
      return 'before';
    });
    const asked = transact({ store: failing, clock }, paymentCategory, 'N1P1', origin, (payment) =>
      decide(payment, create),
    );
    await expect(asked).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(tries).toBe(1);
  });

  test('is not decided on a stream that holds what this version does not understand', async () => {
    await store.append([{ stream, expected: 'noStream', events: [newEvent({}, 'PaymentInvented')] }]);
    await expect(creating()).rejects.toMatchObject({
      code: 'EVENT_NOT_UNDERSTOOD',
      message: expect.stringContaining(`PaymentInvented version 1 at position 1 of ${stream}`),
    });
    expect(await store.lastPosition()).toBe(1);
  });
});

describe('the events of a command', () => {
  const idsOf = (commandId: string, ...events: readonly PaymentEvent[]): readonly string[] =>
    appendOf(stream, -1, events, metaOf(clock, ownOrigin(commandId))).events.map(({ id }) => id);

  test('have ids that follow from the command and from what was decided', () => {
    expect(idsOf('c', declined(1))).toEqual(idsOf('c', declined(2)));
    const refunded: PaymentEvent = {
      type: 'PaymentRefunded',
      version: 2,
      data: { paymentNo: 'N1P1', orderNo: 'N1', refundNo: 'N1P1R1', amountFen: 1, gatewayRef: 'r' },
    };
    const all = [
      idsOf('c', declined(1)),
      idsOf('d', declined(1)),
      idsOf('c', refunded),
      idsOf('c', declined(1), refunded),
      idsOf('c', refunded, declined(1)),
    ].flat();
    expect(new Set(all).size).toBe(all.length);
  });

  test('of Railhead itself are caused by what it works on, or by themselves', () => {
    const own = { actor: 'railhead', commandId: 'c', at: '2026-11-25T12:00:00.000+08:00' };
    expect(metaOf(clock, ownOrigin('c', 'N1'))).toEqual({ ...own, correlationId: 'N1', causationId: 'N1' });
    expect(metaOf(clock, ownOrigin('c'))).toEqual({ ...own, correlationId: 'c', causationId: 'c' });
    expect(metaOf(clock, { ...ownOrigin('c', 'N1'), causationId: 'x' })).toMatchObject({ causationId: 'x' });
  });

  test('stand behind the revision they were decided on', () => {
    const expectedAt = (revision: number) => appendOf(stream, revision, [declined(1)], metaOf(clock, origin)).expected;
    expect([-1, 0, 7].map(expectedAt)).toEqual(['noStream', 0, 7]);
  });

  test('are folded with the revision of the last of them', async () => {
    expect(await load(store, paymentCategory, 'N1P1')).toMatchObject({ revision: -1, state: { status: 'ABSENT' } });
    await creating();
    const loaded: { readonly state: Payment; readonly revision: number } = await load(store, paymentCategory, 'N1P1');
    expect(loaded).toMatchObject({ revision: 0, state: { status: 'CREATED' } });
  });
});
