import { expect, test } from '@jest/globals';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { recordedLog } from '@railhead/tests/support/recorded-log.ts';
import { eventsOfHistory } from '@railhead/tests/support/stored-histories.ts';
import fc from 'fast-check';
import { ordersInLog } from './past-user.ts';

const events = eventsOfHistory('020-limits-reached');
const requested = events.flatMap((event) =>
  orderCategory.owns(event) && event.type === 'OrderRequested'
    ? [{ orderNo: event.data.orderNo, userId: event.data.request.userId, position: event.position }]
    : [],
);
const orders = ordersInLog(recordedLog(events));

test('pages of any size have every order of a user up to a position once, newest first', async () => {
  const user = fc.constantFrom(...requested.map(({ userId }) => userId));
  await fc.assert(
    fc.asyncProperty(user, fc.nat(events.length), fc.integer({ min: 1, max: 9 }), async (userId, upTo, limit) => {
      const found: string[] = [];
      for (let before: number | undefined; ; ) {
        const page = await orders.newest(userId, upTo, { before, limit });
        expect(page.orderNos.length).toBeLessThanOrEqual(limit);
        found.push(...page.orderNos);
        if (page.next === undefined) break;
        before = page.next;
      }
      const own = requested.filter((order) => order.userId === userId && order.position <= upTo);
      expect(found).toEqual(own.map(({ orderNo }) => orderNo).reverse());
    }),
    { numRuns: 200 },
  );
});

test('the first order of a user, and none of nobody', async () => {
  for (const { userId } of requested) {
    const first = requested.find((order) => order.userId === userId);
    expect(await orders.first(userId)).toBe(first?.orderNo);
  }
  expect(await orders.first('nobody')).toBeUndefined();
});
