import { describe, expect, test } from '@jest/globals';
import type { Recorded } from '@railhead/domain/kernel/event.ts';
import type { CloseReason, OrderEvent } from '@railhead/domain/order/events.ts';
import type { PaymentEvent } from '@railhead/domain/payment/events.ts';
import { recorded } from '@railhead/tests/support/events.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import fc from 'fast-check';
import { type TrackedOrder, untracked, withOrderEvent, withPaymentEvent } from '../orders/tracked-order.ts';
import { stepsOf } from './order-steps.ts';
import { leftClasses } from './steps/release-seats.ts';
import { refundReason } from './steps/request-refund.ts';

const payBefore = '2026-11-21T08:15:00.000+08:00';
const requested: OrderEvent = {
  type: 'OrderRequested',
  version: 1,
  data: {
    orderNo: 'N1',
    requestHash: 'hash',
    request: { ...oneSeat, faresFen: [500] },
  },
};
const held: OrderEvent = {
  type: 'OrderSeatsHeld',
  version: 1,
  data: {
    lockId: 'N1.1.1',
    items: [{ itemNo: 1, coach: '05', seat: '01A', fareFen: 500 }],
    amountFen: 500,
    currency: 'CNY',
    payBefore,
  },
};
const paid: OrderEvent = { type: 'OrderPaid', version: 1, data: { paymentNo: 'N1P1', amountFen: 500 } };
const ticketing: OrderEvent = { type: 'OrderTicketingStarted', version: 1, data: {} };
const ticketed: OrderEvent = {
  type: 'OrderTicketed',
  version: 1,
  data: { tickets: [{ itemNo: 1, ticketNo: 'N1T1' }] },
};
const failed: OrderEvent = { type: 'OrderTicketingFailed', version: 1, data: { reason: 'no' } };
const closed = (reason: CloseReason): OrderEvent => ({
  type: 'OrderClosed',
  version: 1,
  data: { reason, detail: '' },
});

type PaymentLife = 'created' | 'declined' | 'closed' | 'succeeded' | 'refunding' | 'refunded';

const paymentEvents = (paymentNo: string, life: PaymentLife): readonly PaymentEvent[] => {
  const of = { paymentNo, orderNo: 'N1' };
  const data = { ...of, channel: 'sandbox', amountFen: 500, currency: 'CNY' } as const;
  const created: PaymentEvent = { type: 'PaymentCreated', version: 1, data };
  if (life === 'created') return [created];
  if (life === 'declined') return [created, { type: 'PaymentDeclined', version: 1, data: { ...of, version: 1 } }];
  if (life === 'closed') return [created, { type: 'PaymentClosed', version: 1, data: of }];
  const money = { ...of, amountFen: 500 };
  const refund = { ...money, refundNo: `${paymentNo}R1` };
  const after: readonly PaymentEvent[] = [
    { type: 'PaymentSucceeded', version: 1, data: { ...money, version: 1, gatewayRef: 'ref' } },
    { type: 'PaymentRefundRequested', version: 2, data: { ...refund, reason: 'late' } },
    { type: 'PaymentRefunded', version: 2, data: { ...refund, gatewayRef: 'refund' } },
  ];
  return [created, ...after.slice(0, ['succeeded', 'refunding', 'refunded'].indexOf(life) + 1)];
};

// Names the union of recorded events explicitly for the compiler.
const asRecorded = (event: PaymentEvent): Recorded<PaymentEvent> => recorded(event);

const orderOf = (events: readonly OrderEvent[], payments: Readonly<Record<string, PaymentLife>> = {}): TrackedOrder => {
  let tracked = untracked;
  for (const [revision, event] of events.entries()) {
    // Names the union of recorded events explicitly for the compiler.
    const seen: Recorded<OrderEvent> = recorded(event, `c${revision}`);
    tracked = withOrderEvent(tracked, seen, revision);
  }
  for (const [paymentNo, life] of Object.entries(payments))
    for (const [revision, event] of paymentEvents(paymentNo, life).entries())
      tracked = withPaymentEvent(tracked, asRecorded(event), revision);
  return tracked;
};

const waiting = [requested, held];
const histories = {
  PAID: [...waiting, paid],
  TICKETING: [...waiting, paid, ticketing],
  SUCCESS: [...waiting, paid, ticketing, ticketed],
  FAIL: [...waiting, paid, ticketing, failed],
};

const release = { kind: 'releaseSeats', key: '' };
const releaseReservation = { kind: 'releaseReservation', key: '' };

describe('steps of an order', () => {
  test('nothing is due for an order that was never requested, or one that is ticketed', () => {
    expect(stepsOf(untracked)).toEqual([]);
    expect(stepsOf(orderOf(histories.SUCCESS, { N1P1: 'succeeded' }))).toEqual([]);
  });

  test('QUEUED: seats are assigned', () => {
    expect(stepsOf(orderOf([requested]))).toEqual([{ kind: 'holdSeats', key: 'second' }]);
  });

  test('WAIT_PAY: expires when its time is over, unless a payment succeeded', () => {
    const expire = { kind: 'expire', key: '', notBeforeMs: Date.parse(payBefore) };
    expect(stepsOf(orderOf(waiting))).toEqual([expire]);
    for (const life of ['created', 'declined'] as const)
      expect(stepsOf(orderOf(waiting, { N1P1: life }))).toContainEqual(expire);
    expect(stepsOf(orderOf(waiting, { N1P1: 'closed' }))).toEqual([expire]);
    expect(stepsOf(orderOf(waiting, { N1P1: 'declined', N1P2: 'succeeded' }))).toEqual([
      { kind: 'acceptPayment', key: 'N1P2' },
    ]);
  });

  test('WAIT_PAY: of two payments that succeeded, one is accepted and none is refunded yet', () => {
    expect(stepsOf(orderOf(waiting, { N1P1: 'succeeded', N1P2: 'succeeded' }))).toEqual([
      { kind: 'acceptPayment', key: 'N1P1' },
    ]);
  });

  test('PAID and TICKETING: tickets are issued', () => {
    for (const events of [histories.PAID, histories.TICKETING])
      expect(stepsOf(orderOf(events, { N1P1: 'succeeded' }))).toEqual([{ kind: 'issueTickets', key: '' }]);
  });

  test('FAIL: the refund is requested before the order is closed', () => {
    const steps = (life: PaymentLife) => stepsOf(orderOf(histories.FAIL, { N1P1: life }));
    expect(steps('succeeded')).toEqual([{ kind: 'requestRefund', key: 'N1P1R1' }]);
    expect(steps('refunding')).toEqual([
      { kind: 'closeFailed', key: '' },
      { kind: 'refund', key: 'N1P1R1' },
    ]);
    expect(steps('refunded')).toEqual([{ kind: 'closeFailed', key: '' }]);
  });

  test.each<{ reason: CloseReason; before: readonly OrderEvent[]; releases: boolean }>([
    { reason: 'SOLD_OUT', before: [requested], releases: true },
    { reason: 'SALE_STOPPED', before: [requested], releases: false },
    { reason: 'CANCELLED', before: [requested], releases: true },
    { reason: 'CANCELLED', before: waiting, releases: true },
    { reason: 'EXPIRED', before: waiting, releases: true },
    { reason: 'TICKETING_FAILED', before: histories.FAIL, releases: true },
  ])('CLOSED as $reason: seats are released: $releases', ({ reason, before, releases }) => {
    const tracked = orderOf([...before, closed(reason)]);
    expect(stepsOf(tracked)).toEqual(releases ? [release, releaseReservation] : [releaseReservation]);
    expect(leftClasses(tracked.order)).toEqual(releases ? ['second'] : []);
    expect(stepsOf({ ...tracked, seatsReleased: true })).toEqual([releaseReservation]);
    expect(stepsOf({ ...tracked, seatsReleased: true, released: [1] })).toEqual([]);
  });

  test('a ticket that was given back counts no more, and the others do', () => {
    const back = (itemNo: number): OrderEvent => ({
      type: 'OrderRefundRequested',
      version: 1,
      data: {
        refundNo: `N1R${itemNo}`,
        items: [{ itemNo, fareFen: 100, feeFen: 0, refundFen: 100, rule: 'ANY' }],
        feeFen: 0,
        refundFen: 100,
        currency: 'CNY',
        table: 'T1',
        quotedAt: payBefore,
      },
    });
    const isDue = (tracked: ReturnType<typeof orderOf>): boolean =>
      stepsOf(tracked).some(({ kind }) => kind === 'releaseReservation');
    const sold = orderOf(histories.SUCCESS, { N1P1: 'succeeded' });
    expect(isDue(sold)).toBe(false);
    const first = orderOf([...histories.SUCCESS, back(1)], { N1P1: 'succeeded' });
    expect(isDue(first)).toBe(true);
    expect(isDue({ ...first, released: [1] })).toBe(false);
  });
});

describe('an order that waited for a seat and then for a place to stand', () => {
  const offered: OrderEvent = {
    type: 'OrderOfferedStanding',
    version: 1,
    data: { soldOut: 'second', faresFen: [300] },
  };

  test('releases seats in both classes when it is closed', () => {
    const tracked = orderOf([requested, offered, closed('SOLD_OUT')]);
    expect(stepsOf(tracked)).toEqual([release, releaseReservation]);
    expect(leftClasses(tracked.order)).toEqual(['second', 'standing']);
  });

  test('releases seats in the first class when it is ticketed in the other', () => {
    const tracked = orderOf([requested, offered, held, paid, ticketing, ticketed], { N1P1: 'succeeded' });
    expect(stepsOf(tracked)).toEqual([release]);
    expect(leftClasses(tracked.order)).toEqual(['second']);
    expect(stepsOf({ ...tracked, seatsReleased: true })).toEqual([]);
  });
});

describe('a payment of which no notice came', () => {
  const createdMs = Date.parse('2026-11-21T08:00:00.000+08:00');

  test('is asked for while its order waits: after 30 seconds, and then with growing pauses up to half an hour', () => {
    const tracked = orderOf(waiting, { N1P1: 'created' });
    const askedAt = (times: number) => {
      const asked = { 'askPayment/N1P1': { times, atMs: createdMs } };
      const due = stepsOf(times === 0 ? tracked : { ...tracked, asked }).find(({ kind }) => kind === 'askPayment');
      return ((due?.notBeforeMs ?? 0) - createdMs) / 1000;
    };
    expect([0, 1, 2, 3, 6, 7, 100].map(askedAt)).toEqual([30, 60, 120, 240, 1_800, 1_800, 1_800]);
  });

  test('is closed once its order has ended, however it ended', () => {
    const closing = { kind: 'endPayment', key: 'N1P1', notBeforeMs: createdMs };
    for (const reason of ['EXPIRED', 'CANCELLED', 'RUN_CANCELLED'] as const)
      for (const life of ['created', 'declined'] as const)
        expect(stepsOf(orderOf([...waiting, closed(reason)], { N1P1: life }))).toContainEqual(closing);
    expect(stepsOf(orderOf(histories.SUCCESS, { N1P1: 'declined', N1P2: 'succeeded' }))).toContainEqual(closing);
    for (const life of ['closed', 'succeeded', 'refunding', 'refunded'] as const)
      expect(stepsOf(orderOf([...waiting, closed('EXPIRED')], { N1P1: life }))).not.toContainEqual(
        expect.objectContaining({ kind: 'endPayment' }),
      );
  });
});

describe('money that bought no ticket is refunded', () => {
  test('a payment of a closed order', () => {
    const expired = orderOf([...waiting, closed('EXPIRED')], { N1P1: 'succeeded' });
    expect(stepsOf({ ...expired, seatsReleased: true, released: [1] })).toEqual([
      { kind: 'requestRefund', key: 'N1P1R1' },
    ]);
  });

  test.each(['PAID', 'TICKETING', 'SUCCESS'] as const)('a second payment of an order that is %s', (status) => {
    const steps = stepsOf(orderOf(histories[status], { N1P1: 'succeeded', N1P2: 'succeeded' }));
    expect(steps.filter(({ kind }) => kind === 'requestRefund')).toEqual([{ kind: 'requestRefund', key: 'N1P2R1' }]);
  });

  test('every requested refund is carried out, whatever happens to the order', () => {
    for (const events of [waiting, histories.SUCCESS, [...waiting, closed('CANCELLED')]])
      expect(stepsOf(orderOf(events, { N1P1: 'succeeded', N1P2: 'refunding' }))).toContainEqual({
        kind: 'refund',
        key: 'N1P2R1',
      });
  });

  test('a payment that succeeded either buys the ticket or is refunded', () => {
    const ends = [
      histories.PAID,
      histories.TICKETING,
      histories.SUCCESS,
      histories.FAIL,
      [requested, closed('SOLD_OUT')],
      [...waiting, closed('CANCELLED')],
      [...waiting, closed('EXPIRED')],
      [...histories.FAIL, closed('TICKETING_FAILED')],
    ];
    const life = fc.constantFrom<PaymentLife>('created', 'declined', 'closed', 'succeeded', 'refunding', 'refunded');
    fc.assert(
      fc.property(fc.constantFrom(...ends), fc.array(life, { maxLength: 4 }), (events, lives) => {
        const payments = Object.fromEntries(lives.map((one, index) => [`N1P${index + 1}`, one]));
        const tracked = orderOf(events, payments);
        const askedBack = stepsOf(tracked).flatMap((step) => (step.kind === 'requestRefund' ? [step.key] : []));
        const useful = ['PAID', 'TICKETING', 'SUCCESS'].includes(tracked.order.status) ? 'N1P1' : '';
        const due = Object.keys(payments).filter((no) => payments[no] === 'succeeded' && no !== useful);
        expect(askedBack).toEqual(due.map((no) => `${no}R1`));
      }),
    );
  });
});

test('every refund has a reason', () => {
  const orders = [
    [orderOf([...waiting, closed('EXPIRED')]), 'order closed: EXPIRED'],
    [orderOf(histories.FAIL), 'tickets could not be issued'],
    [orderOf(histories.SUCCESS), 'order was paid already'],
    [orderOf(waiting), undefined],
  ] as const;
  for (const [{ order }, reason] of orders) expect(refundReason(order, 'N1P2')).toBe(reason);
  expect(refundReason(orderOf(histories.SUCCESS).order, 'N1P1')).toBeUndefined();
});

describe('a tracked order', () => {
  test('takes each event once, so the log may be read again from an earlier position', () => {
    const once = orderOf(histories.PAID, { N1P1: 'succeeded' });
    let twice = once;
    for (const [revision, event] of histories.PAID.entries()) twice = withOrderEvent(twice, recorded(event), revision);
    for (const [revision, event] of paymentEvents('N1P1', 'succeeded').entries())
      twice = withPaymentEvent(twice, asRecorded(event), revision);
    expect(twice).toEqual(once);
    expect(once).toMatchObject({ revision: 2, payments: { N1P1: { revision: 1 } } });
  });
});
