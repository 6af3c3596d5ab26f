// What is reserved of limits must follow from what was reserved before, and must be what orders are for: each way in which
// it can differ is named by itself.
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { type Log, renumbered, withAgain, withField, without } from '@railhead/tests/support/broken-log.ts';
import { audited } from '@railhead/tests/support/clean-logs.ts';
import {
  type LimitedSale,
  limitedSale,
  numberOf,
  type SoldRun,
  seatsHeld,
} from '@railhead/tests/support/limited-sale.ts';
import { voidItems } from '../limits/ticket-stands.ts';
import { loadOrder } from '../orders/load-order.ts';
import type { RecordedEvent } from '../ports/event-store.ts';

const DATE = '2026-12-01';
const RUNS: readonly SoldRun[] = [
  { train: 'G1', date: DATE, minutes: [600, 660, 720] },
  { train: 'G2', date: DATE, minutes: [690, 760, 820] },
  { train: 'Z1', date: DATE, minutes: [1_380, 1_410, 1_470] },
];
const closed = (reason: 'CANCELLED' | 'SOLD_OUT'): OrderEvent => ({
  type: 'OrderClosed',
  version: 1,
  data: { reason, detail: '' },
});

let sale: LimitedSale;
let log: Log;
/** `pair`: two travellers, who wait. `night`: one, until after midnight. `ended`: had seats, and was cancelled. */
const orders: Record<'pair' | 'night' | 'ended' | 'other', string> = { pair: '', night: '', ended: '', other: '' };

beforeAll(async () => {
  sale = await limitedSale(RUNS);
  orders.pair = numberOf(await sale.order({ documents: ['E1', 'E2'] }));
  orders.night = numberOf(await sale.order({ train: 'Z1', documents: ['E1'] }));
  orders.other = numberOf(await sale.order({ userId: 'v', train: 'Z1', documents: ['E3'] }));
  orders.ended = numberOf(await sale.order({ documents: ['E4'] }));
  await sale.write(orders.ended, seatsHeld(), closed('CANCELLED'));
  const { order } = await loadOrder(sale.store, orders.ended);
  await sale.reservations.countEnd(order);
  await sale.reservations.release(order, voidItems(order));
  log = await sale.events();
});

const of = (name: keyof typeof orders, type: string, nth = 0): RecordedEvent => {
  const found = log.filter((event) => event.type === type && orderOf(event) === orders[name])[nth];
  if (found === undefined) throw new Error(`no ${type} of ${name}`);
  return found;
};
const orderOf = ({ data }: RecordedEvent): unknown => (data as { readonly orderNo?: string }).orderNo; // of these events
const keyOf = ({ stream }: RecordedEvent): string => stream.slice(-16);
/** Written last, like another event of its stream. */
const withLast = (like: RecordedEvent, type: string, data: unknown): Log => withAgain(log, { ...like, type, data });
const reservationOf = (broken: Log): readonly string[] =>
  audited(broken)
    .violations.filter(({ code }) => code.startsWith('RESERVATION') || code === 'LIMIT_EXCEEDED')
    .map(({ code, detail }) => `${code} ${detail}`);
const named = (broken: Log): string => reservationOf(broken).join('\n');

test('nothing is named of what is as it should be, and nothing is pending', () => {
  expect(reservationOf(log)).toEqual([]);
  expect(audited(log).pending).toMatchObject({ reservations: 0, unclaimed: 0 });
});

describe('is named', () => {
  const cases: readonly (readonly [what: string, broken: () => Log, text: string])[] = [
    [
      'a journey at the time of another',
      () => withField(log, of('night', 'JourneyReserved'), ['from'], `${DATE}T11:00:00.000+08:00`),
      'LIMIT_EXCEEDED JourneyReserved',
    ],
    [
      'more tickets of a document than its limit',
      () => withField(log, of('night', 'JourneyReserved'), ['limit'], 1),
      'LIMIT_EXCEEDED JourneyReserved',
    ],
    [
      'more tickets of a user than their limit',
      () => withField(log, of('pair', 'TicketsReserved'), ['limit'], 1),
      'LIMIT_EXCEEDED TicketsReserved',
    ],
    ['a release of nothing', () => withAgain(log, of('ended', 'JourneyReleased')), 'RESERVATION_BACKWARDS'],
    ['an end that is counted twice', () => withAgain(log, of('ended', 'UnpaidOrderEnded')), 'RESERVATION_BACKWARDS'],
    [
      'a journey that is not released with its order',
      () => without(log, (event) => event === of('ended', 'JourneyReserved')),
      'RESERVATION_BACKWARDS JourneyReleased',
    ],
    [
      'a journey to another time',
      () => withField(log, of('pair', 'JourneyReserved'), ['to'], `${DATE}T12:01:00.000+08:00`),
      'that it is not for',
    ],
    [
      'tickets for another train',
      () => withField(log, of('pair', 'TicketsReserved'), ['train'], 'G2'),
      'RESERVATION_DIFFERS order',
    ],
    [
      'fewer tickets than the order has',
      () => withField(log, of('pair', 'TicketsReserved'), ['itemNos', '1'], 3),
      'RESERVATION_DIFFERS order',
    ],
    [
      'two documents for one ticket',
      () => withField(log, of('pair', 'JourneyReserved', 1), ['itemNo'], 1),
      'has two documents reserved for ticket 1',
    ],
    [
      'an exchange that nobody asked for',
      () => withField(log, of('night', 'JourneyReserved'), ['replaces'], orders.pair),
      'is not for the change of a ticket',
    ],
    [
      'the key of somebody else',
      () => {
        const [one, other] = [keyOf(of('night', 'JourneyReserved')), keyOf(of('other', 'JourneyReserved'))];
        return renumbered(
          log.map((event) =>
            orderOf(event) === orders.night ? { ...event, stream: event.stream.replace(one, other) } : event,
          ),
        );
      },
      'the key of somebody else',
    ],
    [
      'an order that was not counted as it ended',
      () => withField(log, of('ended', 'UnpaidOrderEnded'), ['reason'], 'EXPIRED'),
      'did not end unpaid',
    ],
    [
      'a ticket that is reserved on one of its days only',
      () => without(log, (event) => event === of('night', 'JourneyReserved', 1)),
      'RESERVATION_BROKEN',
    ],
    [
      'a ticket that is not counted for its buyer',
      () => withLast(of('pair', 'TicketsReserved'), 'TicketsReleased', { orderNo: orders.pair, itemNos: [2] }),
      'ticket 2 is not counted for its buyer',
    ],
  ];
  test.each(cases)('%s', (_, broken, text) => {
    expect(named(broken())).toContain(text);
  });
});

describe('is pending', () => {
  test('what an ended order has reserved, ticket by ticket and day by day', () => {
    const end = withLast(of('night', 'OrderRequested'), 'OrderClosed', closed('SOLD_OUT').data);
    expect(audited(end).pending).toMatchObject({ reservations: 3, unclaimed: 0 });
    expect(reservationOf(end)).toEqual([]);
  });

  test('what is reserved for an order that never came', () => {
    const alone = without(log, ({ stream }) => stream === `order-${orders.pair}`);
    expect(audited(alone).pending).toMatchObject({ reservations: 0, unclaimed: 4 });
    expect(reservationOf(alone)).toEqual([]);
  });
});
