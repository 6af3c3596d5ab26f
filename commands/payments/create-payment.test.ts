import { beforeEach, describe, expect, test } from '@jest/globals';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { livesOf, PAY_BEFORE, statusAfter, writeOrder } from '@railhead/tests/support/order-life.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import {
  GatewayError,
  type GatewayPayment,
  type PaymentAtGateway,
  type PaymentGateway,
} from '../ports/payment-gateway.ts';
import { createPayment } from './create-payment.ts';
import { receiveNotice } from './receive-notice.ts';

const orderNo = 'N1';
const payBeforeMs = Date.parse(PAY_BEFORE);
const lives = livesOf(orderNo);
const waiting = lives.find((events) => statusAfter(events) === 'WAIT_PAY') ?? [];

let store: MemoryEventStore;
let asked: GatewayPayment[];
let away: boolean;
beforeEach(() => {
  store = new MemoryEventStore();
  asked = [];
  away = false;
});

const gateway: PaymentGateway = {
  createPayment: async (payment) => {
    if (away) throw new GatewayError('GATEWAY_UNAVAILABLE', 'injected');
    asked.push(payment);
    return { payUrl: `pay/${payment.paymentNo}` };
  },
  query: async () => ({ status: 'open' }),
  close: async () => ({ status: 'closed' }),
  refund: async () => {
    throw new Error('nobody asked for it');
  },
};

const away503 = new GatewayError('GATEWAY_UNAVAILABLE', 'injected');
const create = (atMs = payBeforeMs - 1, userId = oneSeat.userId) =>
  createPayment(
    { store, gateway, clock: new ManualClock(atMs) },
    { orderNo, userId, channel: 'sandbox', correlationId: 'asked' },
  );
const notice = (attempt: number, outcome: 'paid' | 'declined', version = 1) =>
  receiveNotice(
    { store, clock: new ManualClock(payBeforeMs) },
    { paymentNo: `${orderNo}P${attempt}`, outcome, version, amountFen: 100, gatewayRef: `ref${attempt}` },
  );
const paymentStream = (attempt: number): string => paymentCategory.stream(`${orderNo}P${attempt}`);

describe('a payment', () => {
  const refusing = (said: PaymentAtGateway, isTaken = true): PaymentGateway => ({
    ...gateway,
    createPayment: async (payment: GatewayPayment) => {
      if (payment.paymentNo === 'N1P1') throw new GatewayError('GATEWAY_REFUSED', 'injected', { isTaken });
      return gateway.createPayment(payment);
    },
    query: async () => said,
  });
  const by = (payments: PaymentGateway) =>
    createPayment(
      { store, gateway: payments, clock: new ManualClock(payBeforeMs - 1) },
      { orderNo, userId: oneSeat.userId, channel: 'sandbox', correlationId: 'asked' },
    );
  const typesOf = async (attempt: number) => (await store.readStream(paymentStream(attempt))).map(({ type }) => type);
  const act = { version: 1, gatewayRef: 'ref' };

  test.each<[string, PaymentAtGateway, string]>([
    ['is closed', { status: 'closed' }, 'PaymentClosed'],
    ['is open for another amount, and is closed then', { status: 'open' }, 'PaymentClosed'],
    ['was paid with another amount', { status: 'paid', amountFen: 99, ...act }, 'PaymentNoticeRefused'],
    ['was declined for another amount', { status: 'declined', amountFen: 99, ...act }, 'PaymentNoticeRefused'],
    ['was declined', { status: 'declined', amountFen: 100, ...act }, 'PaymentDeclined'],
  ])(
    'whose number %s at the gateway is followed by another one, however often it is asked for',
    async (_, said, type) => {
      await writeOrder(store, orderNo, waiting);
      for (const _again of [1, 2])
        expect(await by(refusing(said))).toMatchObject({ ok: true, value: { paymentNo: 'N1P2' } });
      expect([await typesOf(1), await typesOf(2)]).toEqual([['PaymentCreated', type], ['PaymentCreated']]);
    },
  );

  test('whose number was paid meanwhile is followed by none', async () => {
    await writeOrder(store, orderNo, waiting);
    const said = { status: 'paid', amountFen: 100, ...act } as const;
    expect(await by(refusing(said))).toMatchObject({ ok: false, refusal: { code: 'ORDER_STATE' } });
    expect(await typesOf(1)).toEqual(['PaymentCreated', 'PaymentSucceeded']);
  });

  test('that the gateway refuses for another reason, or has not heard of, begins again when it is asked for again', async () => {
    await writeOrder(store, orderNo, waiting);
    const silent = { ...refusing({ status: 'closed' }), query: async () => Promise.reject(away503) };
    for (const payments of [refusing({ status: 'closed' }, false), refusing({ status: 'unknown' }), silent])
      await expect(by(payments)).rejects.toMatchObject({ code: 'GATEWAY_REFUSED' });
    expect(await typesOf(1)).toEqual(['PaymentCreated']);
    expect(await create()).toMatchObject({ ok: true, value: { paymentNo: 'N1P1' } });
  });

  test('by two channels at the same moment is two payments, and one of them is closed', async () => {
    await writeOrder(store, orderNo, waiting);
    const closed: string[] = [];
    const both = {
      ...gateway,
      close: async ({ paymentNo }: { readonly paymentNo: string }) => {
        closed.push(paymentNo);
        return { status: 'closed' } as const;
      },
    };
    const by = (channel: string) =>
      createPayment(
        { store, gateway: both, clock: new ManualClock(payBeforeMs - 1) },
        { orderNo, userId: oneSeat.userId, channel, correlationId: 'asked' },
      );
    const answers = await Promise.all(['sandbox', 'form', 'sandbox', 'form'].map(by));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    const channels = new Map<string, Set<string>>();
    for (const { paymentNo, channel } of asked)
      channels.set(paymentNo, (channels.get(paymentNo) ?? new Set()).add(channel));
    for (const [paymentNo, of] of channels) expect([paymentNo, of.size]).toEqual([paymentNo, 1]);
    const numbers = [...channels.keys()].sort();
    expect(new Set([...closed, numbers.at(-1)])).toEqual(new Set(numbers));
  });

  test('is created for a waiting order, and given again while it is open', async () => {
    await writeOrder(store, orderNo, waiting);
    const position = waiting.length + 1;
    const payment = { paymentNo: 'N1P1', orderNo, channel: 'sandbox', amountFen: 100, currency: 'CNY' };
    const created = { paymentNo: 'N1P1', amountFen: 100, payUrl: 'pay/N1P1' };
    expect(await create()).toEqual({ ok: true, value: { ...created, position } });
    expect(await create()).toEqual({ ok: true, value: { ...created, position: 0 } });
    expect(asked).toEqual([payment, payment]);
    expect(await store.readStream(paymentStream(1))).toMatchObject([
      {
        type: 'PaymentCreated',
        data: { ...payment, channel: 'sandbox' },
        meta: { commandId: 'N1P1/create/sandbox/100', actor: oneSeat.userId, correlationId: 'asked' },
      },
    ]);
    expect(await store.lastPosition()).toBe(position);
  });

  test.each(lives.map((events) => [statusAfter(events), events] as const).filter(([status]) => status !== 'WAIT_PAY'))(
    'is not created for an order that is %s',
    async (status, events) => {
      await writeOrder(store, orderNo, events);
      expect(await create()).toMatchObject({
        ok: false,
        refusal: { code: 'ORDER_STATE', extra: { orderStatus: status } },
      });
      expect([asked, await store.lastPosition()]).toEqual([[], events.length]);
    },
  );

  test('is created for nobody else, and for no order that is not there', async () => {
    expect(await create()).toMatchObject({ ok: false, refusal: { code: 'ORDER_NOT_FOUND' } });
    await writeOrder(store, orderNo, waiting);
    expect(await create(payBeforeMs - 1, 'somebody')).toMatchObject({
      ok: false,
      refusal: { code: 'ORDER_NOT_FOUND' },
    });
    expect(asked).toEqual([]);
  });

  test.each([payBeforeMs, payBeforeMs + 1])('is not created when the time to pay is over (%d)', async (atMs) => {
    await writeOrder(store, orderNo, waiting);
    expect(await create(atMs)).toMatchObject({
      ok: false,
      refusal: { code: 'ORDER_STATE', extra: { orderStatus: 'WAIT_PAY' } },
    });
    expect([asked, await store.lastPosition()]).toEqual([[], waiting.length]);
  });

  test('is another one after each that was declined, ten in all', async () => {
    await writeOrder(store, orderNo, waiting);
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      expect(await create()).toMatchObject({ ok: true, value: { paymentNo: `N1P${attempt}` } });
      expect(await notice(attempt, 'declined')).toMatchObject({ ok: true });
    }
    expect(await create()).toMatchObject({ ok: false, refusal: { code: 'TOO_MANY_PAYMENTS' } });
    expect(asked).toHaveLength(10);
  });

  test('is none where one has succeeded that the order has not heard of', async () => {
    await writeOrder(store, orderNo, waiting);
    await create();
    await notice(1, 'declined');
    await create();
    await notice(2, 'paid');
    expect(await create()).toMatchObject({
      ok: false,
      refusal: { code: 'ORDER_STATE', extra: { orderStatus: 'PAID' } },
    });
    expect(asked).toHaveLength(2);
  });

  test.each([1, 2])('is another one where the money of the first is on its way back or gone (%d)', async (steps) => {
    await writeOrder(store, orderNo, waiting);
    await create();
    await notice(1, 'paid');
    const back = { paymentNo: 'N1P1', orderNo, amountFen: 100 };
    const events = [
      newEvent({ ...back, reason: 'r' }, 'PaymentRefundRequested'),
      newEvent({ ...back, gatewayRef: 'r' }, 'PaymentRefunded'),
    ];
    await store.append([{ stream: paymentStream(1), expected: 1, events: events.slice(0, steps) }]);
    expect(await create()).toMatchObject({ ok: true, value: { paymentNo: 'N1P2' } });
  });

  test('that the gateway did not hear of is the same one when it is asked for again', async () => {
    await writeOrder(store, orderNo, waiting);
    away = true;
    await expect(create()).rejects.toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    away = false;
    expect(await create()).toMatchObject({ ok: true, value: { paymentNo: 'N1P1', payUrl: 'pay/N1P1' } });
  });
});

describe('a notice', () => {
  test('is written once for each version, as the gateway’s, for the order', async () => {
    await writeOrder(store, orderNo, waiting);
    await create();
    for (const version of [1, 1, 2, 1]) expect(await notice(1, 'declined', version)).toMatchObject({ ok: true });
    expect(await notice(1, 'paid', 3)).toMatchObject({ ok: true, value: { changed: true } });
    const meta = (version: number, said: string) => ({
      commandId: `N1P1/notice/${version}/${said}`,
      actor: 'gateway',
      correlationId: orderNo,
      causationId: `N1P1/notice/${version}/${said}`,
    });
    const heard = { paymentNo: 'N1P1', orderNo };
    expect((await store.readStream(paymentStream(1))).slice(1)).toMatchObject([
      { type: 'PaymentDeclined', data: { ...heard, version: 1 }, meta: meta(1, 'declined/100') },
      { type: 'PaymentDeclined', data: { ...heard, version: 2 }, meta: meta(2, 'declined/100') },
      {
        type: 'PaymentSucceeded',
        data: { ...heard, version: 3, amountFen: 100, gatewayRef: 'ref1' },
        meta: meta(3, 'paid/100'),
      },
    ]);
  });

  test('of a payment that is not there is refused', async () => {
    expect(await notice(1, 'paid')).toMatchObject({ ok: false, refusal: { code: 'PAYMENT_UNKNOWN' } });
    expect(await store.lastPosition()).toBe(0);
  });

  test('of another amount is refused', async () => {
    await writeOrder(store, orderNo, waiting);
    await create();
    const deps = { store, clock: new ManualClock(payBeforeMs) };
    const other = { paymentNo: 'N1P1', outcome: 'paid', version: 1, amountFen: 99, gatewayRef: 'r' } as const;
    expect(await receiveNotice(deps, other)).toMatchObject({ ok: false, refusal: { code: 'AMOUNT_MISMATCH' } });
  });
});
