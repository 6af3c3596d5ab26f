// Those who come while an append is in flight are written together.
import { expect, test } from '@jest/globals';
import { queuedSale } from '@railhead/tests/support/queued-sale.ts';

test('joins are collected: those of one moment are one event, in the order of arrival', async () => {
  const sale = await queuedSale();
  await sale.decide({ type: 'SetMode', id: 'c', mode: 'PAUSED' });
  const line = await sale.line();
  const users = Array.from({ length: 30 }, (_, n) => `u${n}`);
  const joined = await Promise.all(users.map((user) => line.join({ user }, undefined)));
  expect(joined.map((one) => (one.ok ? one.value.place : one.refusal.code))).toEqual(users.map((_, n) => n + 1));
  const events = (await sale.events('runQueue')).filter(({ type }) => type === 'QueueJoined');
  expect(events.map(({ data }) => data)).toEqual([{ joins: users }]);
});
