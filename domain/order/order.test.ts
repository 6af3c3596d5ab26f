import { describe, expect, test } from '@jest/globals';
import { recorded } from '@railhead/tests/support/events.ts';
import { given } from '@railhead/tests/support/given.ts';
import fc from 'fast-check';
import { decide, type OrderCommand } from './decide.ts';
import type { CloseReason, OrderEvent, OrderItem, OrderRequest, Passenger } from './events.ts';
import { absentOrder, evolve, type OrderStatus } from './fold.ts';
import { MAX_PASSENGERS } from './request.ts';

const passenger = (idNo: string): Passenger => ({ name: '张三', idType: 'idCard', idNo, kind: 'adult' });

const request: OrderRequest = {
  userId: 'user-1',
  train: 'G1',
  date: '2026-12-01',
  from: 0,
  to: 2,
  fromStation: { code: 'VNP', name: '北京南' },
  toStation: { code: 'NKH', name: '南京南' },
  seatClass: 'second',
  passengers: [passenger('110101199001011234'), passenger('110101199203045678')],
  faresFen: [47_050, 23_550],
  currency: 'CNY',
  acceptStanding: false,
  acceptSeatChange: false,
};
const items: readonly OrderItem[] = [
  { itemNo: 1, coach: '05', seat: '01A', fareFen: 47_050 },
  { itemNo: 2, coach: '05', seat: '01B', fareFen: 23_550 },
];
const AMOUNT_FEN = 70_600;
const lockId = 'N1.1.1';
const payBefore = '2026-11-21T08:15:00.000+08:00';
const saleEnds = '2026-12-01T09:00:00+08:00';

const requested: OrderEvent = {
  type: 'OrderRequested',
  version: 1,
  data: { orderNo: 'N1', requestHash: 'hash', request },
};
const held: OrderEvent = {
  type: 'OrderSeatsHeld',
  version: 1,
  data: { lockId, items, amountFen: AMOUNT_FEN, currency: 'CNY', payBefore },
};
const paid: OrderEvent = { type: 'OrderPaid', version: 1, data: { paymentNo: 'N1P1', amountFen: AMOUNT_FEN } };
const ticketing: OrderEvent = { type: 'OrderTicketingStarted', version: 1, data: {} };
const ticketed: OrderEvent = {
  type: 'OrderTicketed',
  version: 1,
  data: {
    tickets: [
      { itemNo: 1, ticketNo: 'N1T1' },
      { itemNo: 2, ticketNo: 'N1T2' },
    ],
  },
};
const failed: OrderEvent = { type: 'OrderTicketingFailed', version: 1, data: { reason: 'printer on fire' } };
const closed = (reason: CloseReason): OrderEvent => ({
  type: 'OrderClosed',
  version: 1,
  data: { reason, detail: 'as it is' },
});

/** For each state the events that lead to it. */
const histories = {
  ABSENT: [],
  QUEUED: [requested],
  WAIT_PAY: [requested, held],
  PAID: [requested, held, paid],
  TICKETING: [requested, held, paid, ticketing],
  SUCCESS: [requested, held, paid, ticketing, ticketed],
  FAIL: [requested, held, paid, ticketing, failed],
  CLOSED: [requested, held, closed('EXPIRED')],
} satisfies Partial<Record<OrderStatus, readonly OrderEvent[]>>;
type Reached = keyof typeof histories;

const order = given(evolve, () => absentOrder);
const id = 'fresh';
const asked = { id, type: 'Request', orderNo: 'N1', requestHash: 'hash', request } as const;
const asksFor = (change: Partial<OrderRequest>): OrderCommand => ({ ...asked, request: { ...request, ...change } });
const close = (reason: CloseReason): OrderCommand => ({ id, type: 'Close', reason, detail: 'as it is' });

/** Every transition. In a state that is not named, the command is refused. */
const transitions: readonly [OrderCommand, OrderEvent, readonly Reached[]][] = [
  [asked, requested, ['ABSENT']],
  [{ id, type: 'HoldSeats', lockId, items, payBefore, saleEnds }, held, ['QUEUED']],
  [{ id, type: 'Pay', paymentNo: 'N1P1', amountFen: AMOUNT_FEN }, paid, ['WAIT_PAY']],
  [{ id, type: 'StartTicketing' }, ticketing, ['PAID']],
  [{ id, type: 'IssueTickets' }, ticketed, ['TICKETING']],
  [{ id, type: 'FailTicketing', reason: 'printer on fire' }, failed, ['TICKETING']],
  [close('SOLD_OUT'), closed('SOLD_OUT'), ['QUEUED']],
  [close('SALE_STOPPED'), closed('SALE_STOPPED'), ['QUEUED']],
  [close('SALE_CLOSED'), closed('SALE_CLOSED'), ['QUEUED']],
  [close('RUN_CANCELLED'), closed('RUN_CANCELLED'), ['QUEUED', 'WAIT_PAY', 'PAID', 'TICKETING', 'SUCCESS', 'FAIL']],
  [close('CANCELLED'), closed('CANCELLED'), ['QUEUED', 'WAIT_PAY']],
  [close('EXPIRED'), closed('EXPIRED'), ['WAIT_PAY']],
  [close('TICKETING_FAILED'), closed('TICKETING_FAILED'), ['FAIL']],
];
const statuses = Object.keys(histories) as Reached[]; // safe cast: an object literal has exactly these keys

describe('order', () => {
  test.each(statuses)('its events lead to %s', (status) => {
    expect(order(histories[status]).state.status).toBe(status);
  });

  test.each(
    transitions.map(([command, event, from]) => ({
      name: command.type === 'Close' ? `Close ${command.reason}` : command.type,
      command,
      event,
      from,
    })),
  )('$name works from $from and from nowhere else', ({ command, event, from }) => {
    for (const status of statuses) {
      const decided = order(histories[status]).when(decide, command);
      if (from.includes(status)) decided.emits(event);
      // Closing again for the same reason changes nothing.
      else if (status === 'CLOSED' && command.type === 'Close' && command.reason === 'EXPIRED')
        decided.changesNothing();
      else decided.refuses(command.type === 'Request' ? 'ORDER_EXISTS' : 'ORDER_STATE');
    }
  });

  test('keeps what it was asked, what it got and why it ended', () => {
    expect(order(histories.SUCCESS).state).toMatchObject({
      orderNo: 'N1',
      requestHash: 'hash',
      requestedAt: '2026-11-21T08:00:00.000+08:00',
      request,
      lockId,
      items,
      amountFen: AMOUNT_FEN,
      payBefore,
      paymentNo: 'N1P1',
      tickets: [
        { itemNo: 1, ticketNo: 'N1T1' },
        { itemNo: 2, ticketNo: 'N1T2' },
      ],
    });
    expect(order(histories.CLOSED).state).toMatchObject({ closeReason: 'EXPIRED', closeDetail: 'as it is' });
  });

  test('a refusal names the status of the order', () => {
    const decision = decide(order(histories.PAID).state, close('CANCELLED'));
    expect(decision).toMatchObject({ ok: false, refusal: { extra: { status: 'PAID' } } });
  });

  test('has one to five different passengers', () => {
    const crowd = (size: number) => ({
      passengers: Array.from({ length: size }, (_, index) => passenger(`ID-${index}`)),
      faresFen: new Array<number>(size).fill(100),
    });
    order([])
      .when(decide, asksFor(crowd(0)))
      .refuses('PASSENGER_COUNT');
    order([])
      .when(decide, asksFor(crowd(MAX_PASSENGERS + 1)))
      .refuses('PASSENGER_COUNT');
    expect(decide(absentOrder, asksFor(crowd(MAX_PASSENGERS)))).toMatchObject({ ok: true });
    order([])
      .when(decide, asksFor({ passengers: [passenger('11010119900101123x'), passenger('11010119900101123X')] }))
      .refuses('PASSENGER_TWICE');
    order([])
      .when(decide, asksFor({ passengers: [passenger('E-12-34'), passenger('E1-234')] }))
      .refuses('PASSENGER_TWICE');
    const papers = [passenger('E1234567'), { ...passenger('E1234567'), idType: 'passport' as const }];
    expect(decide(absentOrder, asksFor({ passengers: papers }))).toMatchObject({ ok: true });
    expect(decide(absentOrder, asksFor(crowd(1)))).toMatchObject({ ok: true });
  });

  test.each<Partial<OrderRequest>>([
    { faresFen: [47_050] },
    { faresFen: [47_050, -1] },
    { faresFen: [47_050, 0.5] },
    { faresFen: [47_050, Number.NaN] },
    { from: 2, to: 2 },
    { from: 2, to: 1 },
    { from: -1 },
  ])('is not taken with %j', (defect) => {
    order([]).when(decide, asksFor(defect)).refuses('REQUEST_DEFECTIVE');
  });

  test('may cost nothing', () => {
    expect(decide(absentOrder, asksFor({ faresFen: [0, 0] }))).toMatchObject({ ok: true });
  });

  test('seats must be as many as passengers, money as much as was asked for', () => {
    order(histories.QUEUED)
      .when(decide, { id, type: 'HoldSeats', lockId, items: items.slice(1), payBefore, saleEnds })
      .refuses('PASSENGER_COUNT');
    for (const amountFen of [AMOUNT_FEN - 1, AMOUNT_FEN + 1, 0])
      order(histories.WAIT_PAY)
        .when(decide, { id, type: 'Pay', paymentNo: 'N1P1', amountFen })
        .refuses('AMOUNT_MISMATCH');
  });

  test('seats are held no longer than the sale lasts', () => {
    const hold = (ends: string): OrderCommand => ({ id, type: 'HoldSeats', lockId, items, payBefore, saleEnds: ends });
    order(histories.QUEUED).when(decide, hold(payBefore)).emits(held);
    order(histories.QUEUED).when(decide, hold('2026-11-21T08:14:59.999+08:00')).refuses('HOLD_TOO_LONG');
  });

  test('standing is offered once, while the order waits, and only to buyers who accept it', () => {
    const faresFen = request.faresFen.map(() => 100);
    const offer: OrderCommand = { id, type: 'OfferStanding', faresFen };
    const willing: OrderEvent = {
      ...requested,
      data: { ...requested.data, request: { ...request, acceptStanding: true } },
    };
    const offered: OrderEvent = {
      type: 'OrderOfferedStanding',
      version: 1,
      data: { soldOut: request.seatClass, faresFen },
    };
    order([willing]).when(decide, offer).emits(offered);
    expect(order([willing]).state).toMatchObject({ seatClass: request.seatClass, faresFen: request.faresFen });
    expect(order([willing, offered]).state).toMatchObject({ status: 'QUEUED', seatClass: 'standing', faresFen });
    order([willing, offered]).when(decide, offer).refuses('STANDING_NOT_ACCEPTED');
    order([requested]).when(decide, offer).refuses('STANDING_NOT_ACCEPTED');
    order([]).when(decide, offer).refuses('ORDER_STATE');
    order([willing, held]).when(decide, offer).refuses('ORDER_STATE');
  });

  test('seats are assigned to an order sold by count once, in every state in which it has seats', () => {
    const places = items.map(({ itemNo, fareFen }) => ({ itemNo, fareFen }));
    const counted: OrderEvent = { ...held, data: { ...held.data, items: places } };
    const assign: OrderCommand = { id, type: 'AssignSeats', items };
    const assigned: OrderEvent = { type: 'OrderSeatsAssigned', version: 1, data: { items } };
    for (const history of [
      [requested, counted],
      [requested, counted, paid],
      [requested, counted, paid, ticketing],
      [requested, counted, paid, ticketing, ticketed],
    ]) {
      order(history).when(decide, assign).emits(assigned);
      expect(order([...history, assigned]).state).toMatchObject({ status: order(history).state.status, items });
      order([...history, assigned])
        .when(decide, assign)
        .changesNothing();
    }
    const half: OrderEvent = { ...held, data: { ...held.data, items: [...items.slice(0, 1), ...places.slice(1)] } };
    order([requested, half]).when(decide, assign).emits(assigned);
    order([requested, counted])
      .when(decide, { ...assign, items: items.slice(1) })
      .refuses('PASSENGER_COUNT');
    for (const status of ['ABSENT', 'QUEUED', 'FAIL', 'CLOSED'] as const)
      order(histories[status]).when(decide, assign).refuses('ORDER_STATE');
  });

  test('a command id works once, whatever the command', () => {
    const history = [recorded(requested, 'first'), recorded(held, 'second')];
    expect(order(history).state.handled).toEqual(['first', 'second']);
    order(history)
      .when(decide, { ...asked, id: 'first' })
      .changesNothing();
    order(history)
      .when(decide, { ...close('CANCELLED'), id: 'second' })
      .changesNothing();
    order(history)
      .when(decide, { ...close('CANCELLED'), id: 'third' })
      .emits(closed('CANCELLED'));
  });

  test('two events of one command leave one command id', () => {
    expect(order([recorded(requested, 'one'), recorded(held, 'one')]).state.handled).toEqual(['one']);
  });
});

/** The commands that move an order on from each state: to its tickets, or to their failure. */
const onward: Partial<Record<OrderStatus, readonly OrderCommand[]>> = {};
for (const [command, , from] of transitions)
  if (command.type !== 'Close') for (const status of from) onward[status] = [...(onward[status] ?? []), command];
const anyCommand: fc.Arbitrary<OrderCommand> = fc.oneof(
  fc.constantFrom(...transitions.map(([command]) => command)),
  fc
    .constantFrom(items, items.slice(1), items.toReversed())
    .map((list): OrderCommand => ({ id, type: 'HoldSeats', lockId, items: list, payBefore, saleEnds })),
  fc
    .tuple(fc.constantFrom(AMOUNT_FEN, 1), fc.constantFrom('N1P1', 'N1P2'))
    .map(([amountFen, paymentNo]): OrderCommand => ({ id, type: 'Pay', paymentNo, amountFen })),
);
/** Random commands, mostly one that moves the order on, some with an id that was used before. */
const steps = fc.record({
  commandId: fc.nat(60).map((number) => `c${number}`),
  command: fc.option(anyCommand, { freq: 2 }),
  way: fc.nat(20),
});

const RANK: Readonly<Record<Reached, number>> = {
  ABSENT: 0,
  QUEUED: 1,
  WAIT_PAY: 2,
  PAID: 3,
  TICKETING: 4,
  SUCCESS: 6,
  FAIL: 5,
  CLOSED: 7,
};
const rankOf = (status: OrderStatus): number => (status === 'REFUND' || status === 'CHANGE' ? -1 : RANK[status]);

describe('tickets that are given back', () => {
  const back = (...itemNos: readonly number[]) =>
    items
      .filter(({ itemNo }) => itemNos.includes(itemNo))
      .map(({ itemNo, fareFen }) => ({ itemNo, fareFen, feeFen: 50, refundFen: fareFen - 50, rule: 'ANY' }));
  const refundOf = (refundNo: string, ...itemNos: readonly number[]) => {
    const given = back(...itemNos);
    const feeFen = 50 * given.length;
    const refundFen = given.reduce((sum, one) => sum + one.refundFen, 0);
    return { refundNo, items: given, feeFen, refundFen, table: 'T1', quotedAt: payBefore };
  };
  const ask = (id: string, refundNo: string, ...itemNos: readonly number[]): OrderCommand => ({
    id,
    type: 'RequestRefund',
    ...refundOf(refundNo, ...itemNos),
  });
  const asked = (refundNo: string, ...itemNos: readonly number[]): OrderEvent => ({
    type: 'OrderRefundRequested',
    version: 1,
    data: { ...refundOf(refundNo, ...itemNos), currency: 'CNY' },
  });
  const done = (refundNo: string): OrderEvent => ({ type: 'OrderRefunded', version: 1, data: { refundNo } });
  const complete = (refundNo: string): OrderCommand => ({ id: `done-${refundNo}`, type: 'CompleteRefund', refundNo });
  const sold = [requested, held, paid, ticketing, ticketed];
  const closed: OrderEvent = {
    type: 'OrderClosed',
    version: 1,
    data: { reason: 'REFUNDED', detail: 'all tickets were given back' },
  };

  test('are void at once, one by one or all together', () => {
    order(sold)
      .when(decide, ask('a', 'R1', 1))
      .emits(asked('R1', 1));
    order(sold)
      .when(decide, ask('a', 'R1', 1, 2))
      .emits(asked('R1', 1, 2));
    expect(order([...sold, asked('R1', 1)]).state.status).toBe('SUCCESS');
    expect(order([...sold, asked('R1', 1), asked('R2', 2)]).state.status).toBe('REFUND');
    expect(order([...sold, asked('R1', 1, 2)]).state.status).toBe('REFUND');
  });

  test('go back once, and only if they are there', () => {
    order([...sold, asked('R1', 1)])
      .when(decide, ask('b', 'R1', 1))
      .changesNothing();
    for (const itemNos of [[1], [1, 2], [3], []])
      order([...sold, asked('R1', 1)])
        .when(decide, ask('b', 'R2', ...itemNos))
        .refuses('NOT_REFUNDABLE');
    order([...sold, asked('R1', 1)])
      .when(decide, ask('b', 'R2', 2))
      .emits(asked('R2', 2));
    for (const history of [[], [requested], [requested, held], [requested, held, paid], [...sold, asked('R1', 1, 2)]])
      order(history)
        .when(decide, ask('b', 'R9', 1))
        .refuses('NOT_REFUNDABLE');
  });

  test('end the order with the last of them, when everything is back', () => {
    const both = [...sold, asked('R1', 1), asked('R2', 2)];
    order([...sold, asked('R1', 1)])
      .when(decide, complete('R1'))
      .emits(done('R1'));
    order(both).when(decide, complete('R2')).emits(done('R2'));
    order([...both, done('R2')])
      .when(decide, complete('R1'))
      .emits(done('R1'), closed);
    order([...both, done('R2')])
      .when(decide, complete('R2'))
      .changesNothing();
    order(sold).when(decide, complete('R1')).refuses('NOT_REFUNDABLE');
    expect(order([...both, done('R2'), done('R1'), closed]).state).toMatchObject({
      status: 'CLOSED',
      closeReason: 'REFUNDED',
      refunds: [
        { refundNo: 'R1', isDone: true },
        { refundNo: 'R2', isDone: true },
      ],
    });
  });

  test('may be on their way back when the train is cancelled', () => {
    const cancelled: OrderEvent = { type: 'OrderClosed', version: 1, data: { reason: 'RUN_CANCELLED', detail: 'd' } };
    order([...sold, asked('R1', 1), cancelled])
      .when(decide, complete('R1'))
      .emits(done('R1'));
  });
});

describe('any commands in any order', () => {
  test('never move an order back, never throw, and never sell what was not paid', () => {
    const ends = new Set<OrderStatus>();
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 40 }), (list) => {
        let now = absentOrder;
        const log: OrderEvent[] = [];
        const done = new Set<string>();
        for (const { commandId, command: other, way } of list) {
          const ways = onward[now.status] ?? [asked];
          const command = { ...(other ?? ways[way % ways.length] ?? asked), id: commandId };
          const decision = decide(now, command);
          if (done.has(command.id)) expect(decision).toEqual({ ok: true, value: [] });
          if (!decision.ok) continue;
          for (const event of decision.value) {
            const next = evolve(now, recorded(event, command.id));
            expect(rankOf(next.status)).toBeGreaterThan(rankOf(now.status));
            now = next;
            log.push(event);
            done.add(command.id);
          }
        }
        ends.add(now.status);
        const money = log.flatMap((event) => (event.type === 'OrderPaid' ? [event.data.amountFen] : []));
        const sold = ['PAID', 'TICKETING', 'SUCCESS', 'FAIL'].includes(now.status);
        if (sold) expect(money).toEqual([now.items.reduce((sum, { fareFen }) => sum + fareFen, 0)]);
        // The tickets of a cancelled run stay on record; the order says that it is closed.
        if (now.status !== 'SUCCESS') {
          if (now.closeReason !== 'RUN_CANCELLED') expect(now.tickets).toEqual([]);
        } else {
          expect(now.tickets.map(({ itemNo }) => itemNo)).toEqual(now.items.map(({ itemNo }) => itemNo));
          expect(new Set(now.tickets.map(({ ticketNo }) => ticketNo)).size).toBe(request.passengers.length);
        }
      }),
      { numRuns: 1000 },
    );
    expect([...ends]).toEqual(expect.arrayContaining(['SUCCESS', 'FAIL', 'CLOSED']));
  });
});
