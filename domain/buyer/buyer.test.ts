import { describe, expect, test } from '@jest/globals';
import { recorded } from '@railhead/tests/support/events.ts';
import { given } from '@railhead/tests/support/given.ts';
import fc from 'fast-check';
import { type BuyerCommand, decide } from './decide.ts';
import type { BuyerEvent } from './events.ts';
import { type Buyer, evolve, newBuyer } from './fold.ts';
import { buyerCategory } from './stream.ts';

const buyer = given<Buyer, BuyerEvent>(evolve, () => newBuyer);
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

type Reserve = Extract<BuyerCommand, { type: 'Reserve' }>;
const asking = (orderNo: string, tickets: number, more: Partial<Reserve> = {}): Reserve => ({
  type: 'Reserve',
  orderNo,
  requestMark: 'm',
  train: 'G1',
  itemNos: upTo(tickets),
  limit: 5,
  ...more,
});
const reserved = (orderNo: string, tickets: number, more: object = {}): BuyerEvent => ({
  type: 'TicketsReserved',
  version: 1,
  data: { orderNo, requestMark: 'm', train: 'G1', itemNos: upTo(tickets), limit: 5, ...more },
});
const released = (orderNo: string, ...itemNos: readonly number[]): BuyerEvent => ({
  type: 'TicketsReleased',
  version: 1,
  data: { orderNo, itemNos },
});

describe('a user', () => {
  test('has so many tickets for a train and date, in one order or in several', () => {
    for (const tickets of [4, 5, 6]) {
      const asked = buyer([]).when(decide, asking('A', tickets));
      if (tickets <= 5) asked.emits(reserved('A', tickets));
      else asked.refuses('LIMIT_TRAIN');
    }
    for (const tickets of [1, 2, 3]) {
      const asked = buyer([reserved('A', 2), reserved('B', 1)]).when(decide, asking('C', tickets));
      if (tickets <= 2) asked.emits(reserved('C', tickets));
      else asked.refuses('LIMIT_TRAIN');
    }
    const other = { train: 'G2' };
    buyer([reserved('A', 5)])
      .when(decide, asking('B', 5, other))
      .emits(reserved('B', 5, other));
  });

  test('may have more again once tickets are released, each of them once', () => {
    const two = buyer([reserved('A', 5), released('A', 2, 4)]);
    two.when(decide, asking('B', 2)).emits(reserved('B', 2));
    two.when(decide, asking('B', 3)).refuses('LIMIT_TRAIN');
    two.when(decide, { type: 'Release', orderNo: 'A', itemNos: upTo(5) }).emits(released('A', 1, 3, 5));
    two.when(decide, { type: 'Release', orderNo: 'A', itemNos: [2, 4] }).changesNothing();
    buyer([reserved('A', 5)])
      .when(decide, { type: 'Release', orderNo: 'B', itemNos: [1] })
      .changesNothing();
    expect(buyer([reserved('A', 2), released('A', 1, 2)]).state.reserved).toEqual([]);
  });

  test('asks twice for one order and has its tickets once', () => {
    buyer([reserved('A', 5)])
      .when(decide, asking('A', 5))
      .emits(reserved('A', 5));
    expect(buyer([reserved('A', 5), reserved('A', 5)]).state.reserved).toHaveLength(1);
    for (const other of [asking('A', 4), asking('A', 5, { train: 'G2' }), asking('A', 5, { requestMark: 'n' })])
      buyer([reserved('A', 5)])
        .when(decide, other)
        .refuses('ORDER_DIFFERS');
  });

  test('has unpaid orders counted, each once and beside the tickets', () => {
    const ended = (orderNo: string, reason: 'CANCELLED' | 'EXPIRED'): BuyerEvent => ({
      type: 'UnpaidOrderEnded',
      version: 1,
      data: { orderNo, reason },
    });
    for (const reason of ['CANCELLED', 'EXPIRED'] as const) {
      buyer([]).when(decide, { type: 'EndUnpaid', orderNo: 'A', reason }).emits(ended('A', reason));
      buyer([ended('A', 'CANCELLED')])
        .when(decide, { type: 'EndUnpaid', orderNo: 'A', reason })
        .changesNothing();
    }
    const { state } = buyer([reserved('A', 1), ended('A', 'CANCELLED'), ended('B', 'EXPIRED'), ended('B', 'EXPIRED')]);
    expect(state).toMatchObject({ endedUnpaid: ['A', 'B'], reserved: [{ orderNo: 'A' }] });
  });
});

describe('tickets that are exchanged for others', () => {
  const replaces = { orderNo: 'A', itemNos: [1, 2] };
  const exchanged = reserved('B', 2, { replaces });

  test('count once while both are reserved', () => {
    buyer([reserved('A', 5)])
      .when(decide, asking('B', 2, { replaces }))
      .emits(exchanged);
    buyer([reserved('A', 5)])
      .when(decide, asking('B', 3, { replaces }))
      .refuses('LIMIT_TRAIN');
    buyer([reserved('A', 5), exchanged])
      .when(decide, asking('C', 1))
      .refuses('LIMIT_TRAIN');
    buyer([reserved('A', 4), exchanged])
      .when(decide, asking('C', 1))
      .emits(reserved('C', 1));
    buyer([reserved('A', 4), exchanged])
      .when(decide, asking('C', 2))
      .refuses('LIMIT_TRAIN');
  });

  test('count again as they were when the exchange comes to nothing, and no more when it is done', () => {
    const both = [reserved('A', 4), exchanged];
    for (const end of [released('B', 1, 2), released('A', 1, 2)]) {
      buyer([...both, end])
        .when(decide, asking('C', 1))
        .emits(reserved('C', 1));
      buyer([...both, end])
        .when(decide, asking('C', 2))
        .refuses('LIMIT_TRAIN');
    }
  });

  test('are those that are reserved here: for this train, of that order, not given back', () => {
    const away = asking('B', 2, { replaces: { orderNo: 'X', itemNos: [1, 2] } });
    buyer([reserved('A', 3)])
      .when(decide, away)
      .emits(reserved('B', 2));
    buyer([reserved('A', 4)])
      .when(decide, away)
      .refuses('LIMIT_TRAIN');
    buyer([reserved('A', 5, { train: 'G2' })])
      .when(decide, asking('B', 2, { replaces }))
      .emits(reserved('B', 2));
    buyer([reserved('A', 5), released('A', 2)])
      .when(decide, asking('B', 2, { replaces }))
      .emits(reserved('B', 2, { replaces: { orderNo: 'A', itemNos: [1] } }));
  });
});

test('the day of a user is a stream like that of a document', () => {
  const id = { key: 'abc', date: '2026-12-01' };
  expect(buyerCategory.stream(id)).toBe('buyer-2026-12-01_abc');
  expect(buyerCategory.idOf('buyer-2026-12-01_abc')).toEqual(id);
});

test('whatever is asked for in whatever order, no train has more tickets than the limit', () => {
  const one = fc.record({
    orderNo: fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F'),
    tickets: fc.integer({ min: 1, max: 5 }),
    train: fc.constantFrom('G1', 'G2'),
    gives: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 5 })), { nil: undefined }),
  });
  let most = 0;
  fc.assert(
    fc.property(fc.array(one, { maxLength: 30 }), fc.integer({ min: 1, max: 6 }), (list, limit) => {
      let state = newBuyer;
      for (const { orderNo, tickets, train, gives } of list) {
        const command: BuyerCommand =
          gives === undefined
            ? asking(orderNo, tickets, { train, limit })
            : { type: 'Release', orderNo, itemNos: gives };
        const decision = decide(state, command);
        if (decision.ok) for (const event of decision.value) state = evolve(state, recorded(event));
        for (const number of ['G1', 'G2']) {
          const count = state.reserved.filter((r) => r.train === number).reduce((sum, r) => sum + r.itemNos.length, 0);
          expect(count).toBeLessThanOrEqual(limit);
          most = Math.max(most, count);
        }
      }
    }),
    { numRuns: 500 },
  );
  // Otherwise nothing was tried.
  expect(most).toBeGreaterThan(3);
});
