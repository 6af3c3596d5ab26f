// Every command about an order, in every state that an order can be in: what is done, or the code of the refusal.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { changeTable } from '@railhead/domain/change/fees.ts';
import type { Result } from '@railhead/domain/kernel/decision.ts';
import type { CloseReason, OrderEvent } from '@railhead/domain/order/events.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { REFUND_TABLE } from '@railhead/domain/refund/fees.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { openedRun, stopsOf } from '@railhead/tests/support/opened-run.ts';
import { closed, writeOrder } from '@railhead/tests/support/order-life.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import { reservations } from '@railhead/tests/support/reservations.ts';
import { createPayment } from '../payments/create-payment.ts';
import type { PaymentGateway } from '../ports/payment-gateway.ts';
import { RunDirectory } from '../runs/run-directory.ts';
import { checkIn } from '../tickets/check-in.ts';
import { cancelOrder } from './cancel-order.ts';
import { changeTickets } from './change-tickets.ts';
import { quoteTickets, refundTickets } from './refund-tickets.ts';
import { UnpaidSeats } from './unpaid-seats.ts';

const ORDER = 'N1';
const BEFORE_DEPARTURE_MS = 72 * 3_600_000;
const DEPARTS_MS = Date.parse('2026-12-01T00:00:00+08:00');
const PAY_BEFORE = '2026-12-01T00:00:00+08:00';

const event = <Type extends OrderEvent['type']>(
  type: Type,
  data: Extract<OrderEvent, { readonly type: Type }>['data'],
): OrderEvent => ({ type, version: 1, data }) as OrderEvent; // safe cast: the data is of that type
const items = [{ itemNo: 1, coach: '01', seat: '01A', fareFen: 10_000 }];
const queued = [
  event('OrderRequested', { orderNo: ORDER, requestHash: 'h', request: { ...oneSeat, faresFen: [10_000] } }),
];
const held = [
  ...queued,
  event('OrderSeatsHeld', { lockId: 'L', items, amountFen: 10_000, currency: 'CNY', payBefore: PAY_BEFORE }),
];
const paid = [...held, event('OrderPaid', { paymentNo: 'N1P1', amountFen: 10_000 })];
const started = [...paid, event('OrderTicketingStarted', {})];
const failed = [...started, event('OrderTicketingFailed', { reason: 'r' })];
const ticketed = [...started, event('OrderTicketed', { tickets: [{ itemNo: 1, ticketNo: 'N1T1' }] })];
const asked: Extract<OrderEvent, { readonly type: 'OrderChangeRequested' }>['data'] = {
  changeNo: 'N1C1',
  newOrderNo: 'N2',
  requestHash: 'h',
  request: {
    ...oneSeat,
    faresFen: [10_000],
    change: {
      changeNo: 'N1C1',
      orderNo: ORDER,
      paymentNo: 'N1P1',
      carriedFen: 10_000,
      payFen: 0,
      feeFen: 0,
      changedLate: false,
    },
  },
  items: [{ itemNo: 1, fareFen: 10_000, newFareFen: 10_000, feeFen: 0, rule: 'r' }],
  feeFen: 0,
  refundFen: 0,
  table: 't',
  isOtherDestination: false,
  quotedAt: PAY_BEFORE,
};
const changing = [...ticketed, event('OrderChangeRequested', asked)];
/** So often a change was asked for, and nothing came of it. */
const inVain = (times: number): readonly OrderEvent[] => [
  ...ticketed,
  ...Array.from({ length: times }, (_, index): readonly OrderEvent[] => {
    const changeNo = `N1C${index + 1}`;
    return [event('OrderChangeRequested', { ...asked, changeNo }), event('OrderChangeDropped', { changeNo })];
  }).flat(),
];
const changed = [...changing, event('OrderChanged', { changeNo: 'N1C1' })];
const dropped = [...changing, event('OrderChangeDropped', { changeNo: 'N1C1' })];
const used = [...ticketed, event('OrderTicketUsed', { itemNo: 1 })];
const givenBack = [
  ...ticketed,
  event('OrderRefundRequested', {
    refundNo: 'N1R1',
    items: [{ itemNo: 1, fareFen: 10_000, feeFen: 0, refundFen: 10_000, rule: 'r' }],
    feeFen: 0,
    refundFen: 10_000,
    currency: 'CNY',
    table: 't',
    quotedAt: PAY_BEFORE,
  }),
];
const end = (life: readonly OrderEvent[], reason: CloseReason): readonly OrderEvent[] => [...life, closed(reason)];

const OK = 'done';
const [STATE, BACK, CHANGE] = ['ORDER_STATE', 'NOT_REFUNDABLE', 'NOT_CHANGEABLE'];
const [VOID, UNKNOWN, ABSENT] = ['TICKET_VOID', 'TICKET_UNKNOWN', 'ORDER_NOT_FOUND'];
type Row = readonly [
  state: string,
  life: readonly OrderEvent[],
  cancel: string,
  pay: string,
  refund: string,
  change: string,
  checkIn: string,
];
const MATRIX: readonly Row[] = [
  ['is not there', [], ABSENT, ABSENT, ABSENT, ABSENT, UNKNOWN],
  ['waits for its seats', queued, OK, STATE, BACK, CHANGE, UNKNOWN],
  ['waits for its payment', held, OK, OK, BACK, CHANGE, UNKNOWN],
  ['is paid', paid, STATE, STATE, BACK, CHANGE, UNKNOWN],
  ['gets its tickets', started, STATE, STATE, BACK, CHANGE, UNKNOWN],
  ['gets no tickets', failed, STATE, STATE, BACK, CHANGE, UNKNOWN],
  ['has its tickets', ticketed, STATE, STATE, OK, OK, OK],
  ['is being changed', changing, STATE, STATE, BACK, CHANGE, VOID],
  ['was not changed after all', dropped, STATE, STATE, OK, OK, OK],
  ['was not changed for the 19th time', inVain(19), STATE, STATE, OK, OK, OK],
  ['was not changed for the 20th time', inVain(20), STATE, STATE, OK, 'TOO_MANY_CHANGES', OK],
  ['is changed', changed, STATE, STATE, BACK, CHANGE, VOID],
  ['is used', used, STATE, STATE, BACK, CHANGE, OK],
  ['is given back', givenBack, STATE, STATE, BACK, CHANGE, VOID],
  ['was sold out', end(queued, 'SOLD_OUT'), STATE, STATE, BACK, CHANGE, UNKNOWN],
  ['was too late for the sale', end(queued, 'SALE_CLOSED'), STATE, STATE, BACK, CHANGE, UNKNOWN],
  ['was stopped', end(queued, 'SALE_STOPPED'), STATE, STATE, BACK, CHANGE, UNKNOWN],
  ['had its people at a limit', end(queued, 'LIMIT_TRAIN'), STATE, STATE, BACK, CHANGE, UNKNOWN],
  ['was cancelled', end(held, 'CANCELLED'), OK, STATE, BACK, CHANGE, UNKNOWN],
  ['has expired', end(held, 'EXPIRED'), STATE, STATE, BACK, CHANGE, UNKNOWN],
  ['got no tickets', end(failed, 'TICKETING_FAILED'), STATE, STATE, BACK, CHANGE, UNKNOWN],
  ['lost its train', end(ticketed, 'RUN_CANCELLED'), STATE, STATE, BACK, CHANGE, VOID],
  ['has its money back', end(givenBack, 'REFUNDED'), STATE, STATE, BACK, CHANGE, VOID],
];

let store: MemoryEventStore;
const clock = new ManualClock(DEPARTS_MS - BEFORE_DEPARTURE_MS);
const gateway = { createPayment: async () => ({ payUrl: 'u' }) } as unknown as PaymentGateway; // nothing else is asked

beforeEach(async () => {
  store = new MemoryEventStore();
  const stops = stopsOf('A', 'B');
  const data = openedRun({ stops, tariff: { ...openedRun().tariff, ratesMilliFenPerKm: { second: 100_000 } } });
  const run = { ...newEvent(data, 'TrainRunOpened'), version: 2 };
  await store.append([{ stream: runCategory.stream(data), expected: 'noStream', events: [run] }]);
});

const COMMANDS = ['cancel', 'pay', 'refund', 'change', 'checkIn'] as const;
const run = async (command: (typeof COMMANDS)[number], userId: string): Promise<Result<unknown, string>> => {
  const runs = new RunDirectory(store);
  const asked = { orderNo: ORDER, userId, correlationId: 'c', idempotencyKey: 'k' };
  const deps = { store, clock, runs, reservations: reservations({ store, clock }) };
  switch (command) {
    case 'cancel':
      return cancelOrder(deps, asked);
    case 'pay':
      return createPayment({ ...deps, gateway }, { ...asked, channel: 'sandbox' });
    case 'refund':
      return refundTickets({ ...deps, table: REFUND_TABLE }, asked);
    case 'change': {
      const selling = {
        saleWindow: { days: 15 },
        numbering: { secret: 'a-secret-of-this-test' },
        queueLimit: 10,
        queueDepth: () => 0,
        unpaid: { counted: new UnpaidSeats(), limitOf: () => Number.POSITIVE_INFINITY },
        changes: changeTable(REFUND_TABLE),
      };
      const wanted = { train: 'G1', date: '2026-12-01', from: 'A', to: 'B', seatClass: 'second' } as const;
      return changeTickets({ ...deps, ...selling }, { ...asked, ...wanted });
    }
    case 'checkIn':
      return checkIn(
        { ...deps, checkInMinutes: 30 * 1_440 },
        { ticketNo: 'N1T1', operator: 'olga', correlationId: 'c' },
      );
  }
};
const answerOf = (result: Result<unknown, string>): string => (result.ok ? OK : result.refusal.code);
const orderEvents = async (): Promise<number> => (await store.readStream(orderCategory.stream(ORDER))).length;

describe.each(MATRIX)('an order that %s', (_, life, ...expected) => {
  beforeEach(async () => {
    if (life.length > 0) await writeOrder(store, ORDER, life);
  });

  test.each(COMMANDS.map((command, index) => [command, expected[index]] as const))('%s: %s', async (command, code) => {
    expect(answerOf(await run(command, 'u'))).toBe(code);
    // A refusal leaves nothing behind.
    if (code !== OK) expect(await orderEvents()).toBe(life.length);
  });

  test.each(['cancel', 'pay', 'refund', 'change'] as const)('a stranger cannot %s', async (command) => {
    expect(answerOf(await run(command, 'eve'))).toBe('ORDER_NOT_FOUND');
    expect(await orderEvents()).toBe(life.length);
  });

  test('a quote is refused as its refund is', async () => {
    const deps = { store, clock, runs: new RunDirectory(store), table: REFUND_TABLE };
    expect(answerOf(await quoteTickets(deps, { orderNo: ORDER, userId: 'u' }))).toBe(expected[2]);
  });
});
