// Whatever stands in the log of an order, its history tells nobody's name or document.
import { expect, test } from '@jest/globals';
import { maskIdNo, maskName } from '@railhead/commands/orders/masking.ts';
import { newOrderView } from '@railhead/commands/orders/order-view.ts';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { Passenger } from '@railhead/domain/order/events.ts';
import { storedHistories } from '@railhead/tests/support/clean-logs.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import type { OrderReads } from '../orders/own-order.ts';
import { showOrderHistoryRoute } from './show-order-history.ts';

const { userId } = oneSeat;
const ADA: Passenger = { name: 'Ada Lovelace', idType: 'passport', idNo: 'E1234567890', kind: 'adult' };

/** What the history of an order whose stream is `log` answers. */
const historyOf = async (log: readonly RecordedEvent[]): Promise<readonly { readonly data: unknown }[]> => {
  const view = newOrderView('N1', oneSeat, '2026-11-21T08:00:00+08:00');
  const models = { orders: { ofOrder: () => ({ queries: { byNumber: async () => view } }) } };
  // Safe casts: the route uses nothing else, and answers so.
  const reads = { models, store: { readStream: async () => log } } as unknown as OrderReads;
  const input = { params: { orderNo: 'N1' }, caller: { userId, role: 'user' }, request: { headers: {} } };
  const answer = (await showOrderHistoryRoute(reads).handle(input as never)) as {
    readonly body: { readonly events: readonly { readonly data: unknown }[] };
  };
  return answer.body.events;
};

/** The event with Ada in the place of every passenger: the people of stored histories have names of three letters. */
const withAda = (event: RecordedEvent): RecordedEvent =>
  // Written as it was read, but for the passengers.
  JSON.parse(JSON.stringify(event), (_, value) =>
    typeof value === 'object' && value !== null && 'idNo' in value ? { ...value, ...ADA } : value,
  ) as RecordedEvent;

test('no event of any stored history tells a name or a document, and all else of it is told', async () => {
  const types = new Set<string>();
  for (const log of storedHistories()) {
    const events = log.map(withAda);
    const told = await historyOf(events);
    expect(told).toHaveLength(events.length);
    for (const [index, { type, data }] of events.entries()) {
      const text = JSON.stringify(told[index]);
      expect([type, text.includes(ADA.name), text.includes(ADA.idNo)]).toEqual([type, false, false]);
      if (JSON.stringify(data).includes(ADA.idNo)) types.add(type);
      const masked = JSON.stringify(data)
        .replaceAll(ADA.idNo, maskIdNo(ADA.idNo))
        .replaceAll(ADA.name, maskName(ADA.name));
      expect(told[index]?.data).toEqual(JSON.parse(masked));
    }
  }
  expect([...types].sort()).toEqual(['OrderChangeRequested', 'OrderRequested', 'WaitlistSubmitted']);
});
