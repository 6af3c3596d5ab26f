// What becomes of the tickets of one order: given back, changed, used, in whatever order it is asked for.
import { describe, expect, test } from '@jest/globals';
import { recorded } from '@railhead/tests/support/events.ts';
import { given } from '@railhead/tests/support/given.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import fc from 'fast-check';
import { decide, type OrderCommand } from './decide.ts';
import type { OrderEvent } from './events.ts';
import { absentOrder, evolve, freeItems, keptItems, type Order } from './fold.ts';

const TICKETS = 3;
const FARE = 10_000;
const itemNos = Array.from({ length: TICKETS }, (_, index) => index + 1);
const items = itemNos.map((itemNo) => ({ itemNo, coach: '01', seat: `0${itemNo}A`, fareFen: FARE }));
const [passenger] = oneSeat.passengers;
const request = {
  ...oneSeat,
  passengers: itemNos.map((itemNo) => ({
    ...passenger,
    name: 'n',
    idType: 'passport' as const,
    idNo: `E${itemNo}`,
    kind: 'adult' as const,
  })),
  faresFen: itemNos.map(() => FARE),
};
const at = '2026-12-01T00:00:00+08:00';
const sold: readonly OrderEvent[] = [
  { type: 'OrderRequested', version: 1, data: { orderNo: 'N1', requestHash: 'h', request } },
  {
    type: 'OrderSeatsHeld',
    version: 1,
    data: { lockId: 'L', items, amountFen: TICKETS * FARE, currency: 'CNY', payBefore: at },
  },
  { type: 'OrderPaid', version: 1, data: { paymentNo: 'N1P1', amountFen: TICKETS * FARE } },
  { type: 'OrderTicketingStarted', version: 1, data: {} },
  {
    type: 'OrderTicketed',
    version: 1,
    data: { tickets: itemNos.map((itemNo) => ({ itemNo, ticketNo: `N1T${itemNo}` })) },
  },
];
const order = given(evolve, () => absentOrder);

let commands = 0;
const id = (): string => {
  commands += 1;
  return `command-${commands}`;
};
const refund = (of: readonly number[]): OrderCommand => ({
  id: id(),
  type: 'RequestRefund',
  refundNo: `N1R${of[0]}`,
  items: of.map((itemNo) => ({ itemNo, fareFen: FARE, feeFen: 0, refundFen: FARE, rule: 'r' })),
  feeFen: 0,
  refundFen: of.length * FARE,
  table: 't',
  quotedAt: at,
});
const OPENS = '2026-12-01T09:00:00+08:00';
const CLOSES = '2026-12-01T12:00:00+08:00';
const use = (itemNo: number, now = OPENS): OrderCommand => ({
  id: id(),
  type: 'UseTicket',
  itemNo,
  at: now,
  opens: OPENS,
  closes: CLOSES,
});
const change = (of: readonly number[], changeNo: string): OrderCommand => ({
  id: id(),
  type: 'RequestChange',
  changeNo,
  newOrderNo: `new-${changeNo}`,
  requestHash: 'h',
  request: {
    ...request,
    change: { changeNo, orderNo: 'N1', paymentNo: 'N1P1', payFen: 0, feeFen: 0, carriedFen: FARE, changedLate: false },
  },
  items: of.map((itemNo) => ({ itemNo, fareFen: FARE, newFareFen: FARE, feeFen: 0, rule: 'r' })),
  feeFen: 0,
  refundFen: 0,
  isOtherDestination: false,
  table: 't',
  quotedAt: at,
});
const of = (state: Order, command: OrderCommand): readonly OrderEvent[] => {
  const decided = decide(state, command);
  return decided.ok ? decided.value : [];
};
const after = (...given: readonly OrderCommand[]): Order =>
  given.reduce(
    (state, command) => of(state, command).reduce((now, event) => evolve(now, recorded(event)), state),
    sold.reduce((state, event) => evolve(state, recorded(event)), absentOrder),
  );

describe('an order of three tickets', () => {
  test('is closed with the last one that was given back or changed, when the last of that is done', () => {
    const [gone, moved] = [refund([1, 2]), change([3], 'N1C3')];
    const done = (type: 'CompleteRefund', refundNo: string): OrderCommand => ({ id: id(), type, refundNo });
    const step = (type: 'CompleteChange' | 'SettleChange', changeNo: string): OrderCommand => ({
      id: id(),
      type,
      changeNo,
    });
    expect(after(gone).status).toBe('SUCCESS');
    expect(after(gone, moved).status).toBe('SUCCESS');
    expect(after(gone, moved, step('CompleteChange', 'N1C3')).status).toBe('CHANGE');
    const almost = [gone, moved, step('CompleteChange', 'N1C3'), done('CompleteRefund', 'N1R1')];
    expect(after(...almost).status).toBe('CHANGE');
    expect(after(...almost, step('SettleChange', 'N1C3'))).toMatchObject({ status: 'CLOSED', closeReason: 'CHANGED' });
    const otherwise = [gone, moved, step('CompleteChange', 'N1C3'), step('SettleChange', 'N1C3')];
    expect(after(...otherwise).status).toBe('CHANGE');
    expect(after(...otherwise, done('CompleteRefund', 'N1R1'))).toMatchObject({
      status: 'CLOSED',
      closeReason: 'REFUNDED',
    });
  });

  test('has a ticket back where its change was dropped, and it may be changed again', () => {
    const dropped = after(change([1], 'N1C1'), { id: id(), type: 'DropChange', changeNo: 'N1C1' });
    expect(freeItems(dropped).map(({ itemNo }) => itemNo)).toEqual(itemNos);
    expect(of(dropped, change([1], 'N1C1a')).map(({ type }) => type)).toEqual(['OrderChangeRequested']);
  });

  test('that came by a change is changed no more, but may be given back', () => {
    const before = {
      changeNo: 'C',
      orderNo: 'N0',
      paymentNo: 'P',
      payFen: 0,
      feeFen: 0,
      carriedFen: FARE,
      changedLate: false,
    };
    const [first, ...rest] = sold;
    const changed = { ...first, data: { orderNo: 'N1', requestHash: 'h', request: { ...request, change: before } } };
    const came = order([changed as OrderEvent, ...rest]); // the first event, with another request
    came.when(decide, change([1], 'N1C1')).refuses('NOT_CHANGEABLE');
    expect(of(came.state, refund([1])).map(({ type }) => type)).toEqual(['OrderRefundRequested']);
  });
});

test('twenty changes of an order may come to nothing, and no more; one that was made is none of them', () => {
  const apply = (state: Order, command: OrderCommand): Order =>
    of(state, command).reduce((now, event) => evolve(now, recorded(event)), state);
  let state = apply(apply(after(), change([3], 'N1C0')), { id: id(), type: 'CompleteChange', changeNo: 'N1C0' });
  for (let times = 1; times <= 20; times += 1) {
    expect(decide(state, change([1], `N1C${times}`)).ok).toBe(true);
    state = apply(apply(state, change([1], `N1C${times}`)), { id: id(), type: 'DropChange', changeNo: `N1C${times}` });
  }
  expect(decide(state, change([1], 'N1C21'))).toMatchObject({ refusal: { code: 'TOO_MANY_CHANGES' } });
  expect(decide(state, change([2], 'N1C21'))).toMatchObject({ refusal: { code: 'TOO_MANY_CHANGES' } });
  // What is there already stays.
  expect(decide(state, change([1], 'N1C20'))).toEqual({ ok: true, value: [] });
  expect(decide(state, refund([1])).ok).toBe(true);
});

test('a ticket is used while check-in is open: not before, and not from the arrival on', () => {
  const came = order(sold);
  for (const now of ['2026-12-01T01:00:00Z', '2026-12-01T11:59:59.999+08:00'])
    came.when(decide, use(1, now)).emits({ type: 'OrderTicketUsed', version: 1, data: { itemNo: 1 } });
  for (const now of ['2026-12-01T08:59:59.999+08:00', CLOSES, '2026-12-02T10:00:00+08:00'])
    came.when(decide, use(1, now)).refuses('CHECK_IN_CLOSED');
  expect(decide(came.state, use(1, CLOSES))).toMatchObject({ refusal: { extra: { from: OPENS, until: CLOSES } } });
  // What is so stays so, and what is void is void, whatever the time.
  const boarded = of(came.state, use(1)).reduce((now, event) => evolve(now, recorded(event)), came.state);
  expect(decide(boarded, use(1, CLOSES))).toEqual({ ok: true, value: [] });
  const back = of(came.state, refund([1])).reduce((now, event) => evolve(now, recorded(event)), came.state);
  expect(decide(back, use(1, CLOSES))).toMatchObject({ refusal: { code: 'TICKET_VOID' } });
});

test('whatever is asked for, no ticket goes twice, none is used and given away, and nothing is closed too early', () => {
  const some = fc.subarray(itemNos, { minLength: 1 });
  const no = fc.nat(4);
  const asked = fc.oneof(
    some.map((list) => refund(list)),
    fc.tuple(some, no).map(([list, n]) => change(list, `N1C${n}`)),
    no.map((n): OrderCommand => ({ id: id(), type: 'CompleteRefund', refundNo: `N1R${n}` })),
    no.map((n): OrderCommand => ({ id: id(), type: 'CompleteChange', changeNo: `N1C${n}` })),
    no.map((n): OrderCommand => ({ id: id(), type: 'DropChange', changeNo: `N1C${n}` })),
    no.map((n): OrderCommand => ({ id: id(), type: 'SettleChange', changeNo: `N1C${n}` })),
    fc.constantFrom(...itemNos).map((itemNo) => use(itemNo)),
  );
  const ends = new Set<string>();
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 25 }), (list) => {
      let state = after();
      for (const command of list) {
        state = of(state, command).reduce((now, event) => evolve(now, recorded(event)), state);
        const given = state.refunds.flatMap((one) => one.items.map(({ itemNo }) => itemNo));
        const changed = state.changes
          .filter(({ status }) => status !== 'DROPPED')
          .flatMap((one) => one.items.map(({ itemNo }) => itemNo));
        const gone = [...given, ...changed, ...state.used];
        expect(new Set(gone).size).toBe(gone.length);
        const kept = keptItems(state).length;
        if (kept > 0) expect(state.status).toBe('SUCCESS');
        const isDone =
          state.refunds.every((one) => one.isDone) && state.changes.every((one) => one.status !== 'CHANGED');
        expect(state.status === 'CLOSED').toBe(kept === 0 && isDone);
        ends.add(state.status);
      }
    }),
    { numRuns: 1_000 },
  );
  expect([...ends].sort()).toEqual(['CHANGE', 'CLOSED', 'REFUND', 'SUCCESS']);
});
