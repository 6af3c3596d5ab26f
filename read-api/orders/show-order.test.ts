import { expect, test } from '@jest/globals';
import { newOrderView, type OrderView } from '@railhead/commands/orders/order-view.ts';
import { PositionGate } from '@railhead/projections/engine/position-gate.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import type { ActionDeps } from './order-actions.ts';
import type { OrderReads } from './own-order.ts';
import { showOrderRoute } from './show-order.ts';

const clock = new ManualClock();
const orderNo = '001TPH62S42SFYHPZN';

/** The log is at position 5; the test moves the model. */
const asking = (owner: string) => {
  const gate = new PositionGate(clock);
  const rows = new Map<string, OrderView>();
  const queries = { byNumber: async (no: string) => rows.get(no) };
  const models = { orders: { ofOrder: () => ({ queries, gate }) } };
  // Safe cast: the route uses nothing else.
  const runs = { find: async () => undefined };
  const reads = { models, store: { lastPosition: async () => 5 }, clock, runs } as unknown as OrderReads & ActionDeps;
  const show = showOrderRoute(reads);
  const input = {
    params: { orderNo },
    caller: { userId: owner, role: 'user' },
    request: { headers: {} },
  };
  return {
    gate,
    appear: () => rows.set(orderNo, newOrderView(orderNo, oneSeat, '2026-11-21T08:00:00+08:00')),
    ask: () => show.handle(input as never),
  };
};

test('a new order is waited for, even if the client sends no position', async () => {
  const { gate, appear, ask } = asking(oneSeat.userId);
  const asked = ask();
  await clock.advance(10);
  appear();
  gate.reach(5);
  expect(await asked).toMatchObject({ status: 200, body: { orderNo } });
});

test('an order that the log does not have is not found, without a wait', async () => {
  const { gate, ask } = asking(oneSeat.userId);
  gate.reach(5);
  await expect(ask()).rejects.toMatchObject({ code: 'ORDER_NOT_FOUND' });
});

test.each([
  ['one that is not there', false],
  ['another one’s', true],
])('%s is waited for while the model is behind, for a second at most, and never shown', async (_, isThere) => {
  const { appear, ask } = asking('somebody else');
  if (isThere) appear();
  let answered = '';
  const asked = ask().catch(({ code, message }) => {
    answered = `${code} ${message}`;
  });
  await clock.advance(999);
  expect(answered).toBe('');
  await clock.advance(1);
  await asked;
  expect(answered).toBe(`ORDER_NOT_FOUND no order ${orderNo}`);
});
