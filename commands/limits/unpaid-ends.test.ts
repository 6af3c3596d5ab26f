// Orders that ended unpaid end the day of their buyer, on stores of both kinds.
import { describe, expect, test } from '@jest/globals';
import {
  closed,
  codeOf,
  type LimitedSale,
  limitedSale,
  numberOf,
  type SoldRun,
  seatsHeld,
  settle,
  sold,
} from '@railhead/tests/support/limited-sale.ts';
import { cancelOrder } from '../orders/cancel-order.ts';

const MINUTE_MS = 60_000;
const G1: SoldRun = { train: 'G1', date: '2026-12-01', minutes: [600, 660, 720] };

describe.each([
  ['at once', true],
  ['in turn', false],
])('orders that ended unpaid, where streams are written %s', (_, atomicStreams) => {
  const end = async (sale: LimitedSale, reason: 'CANCELLED' | 'EXPIRED' | 'SOLD_OUT', hadSeats = true) => {
    const orderNo = numberOf(await sale.order());
    if (hadSeats) await sale.write(orderNo, seatsHeld());
    if (reason === 'CANCELLED') {
      const { reservations, store, clock } = sale;
      await cancelOrder({ store, clock, reservations }, { orderNo, userId: 'u', correlationId: 'c' });
      return;
    }
    await sale.write(orderNo, closed(reason));
    await settle(sale, orderNo);
  };

  test('end the day of their buyer with the third, and with midnight it is over', async () => {
    const sale = await limitedSale([G1], { atomicStreams });
    for (const reason of ['CANCELLED', 'EXPIRED', 'CANCELLED'] as const) await end(sale, reason);
    for (let n = 0; n < 2; n += 1)
      expect(await sale.order()).toMatchObject({
        refusal: {
          code: 'CANCELLED_TOO_OFTEN',
          extra: { from: '2026-11-26T00:00:00.000+08:00', orders: 3, limit: 3 },
        },
      });
    expect(codeOf(await sale.order({ userId: 'v', documents: ['E2'] }))).toBe('placed');
    await sale.clock.advance(12 * 60 * MINUTE_MS - 1);
    expect(codeOf(await sale.order())).toBe('CANCELLED_TOO_OFTEN');
    await sale.clock.advance(1);
    expect(codeOf(await sale.order())).toBe('placed');
  });

  test('count once, however often they are counted, and only if they had seats', async () => {
    const sale = await limitedSale([G1], { atomicStreams });
    for (let n = 0; n < 4; n += 1) await end(sale, 'CANCELLED', false);
    const queued = numberOf(await sale.order());
    await sale.write(queued, closed('CANCELLED'));
    await settle(sale, queued);
    expect(await sale.events('buyer')).not.toContainEqual(expect.objectContaining({ type: 'UnpaidOrderEnded' }));
    for (let n = 0; n < 4; n += 1) await end(sale, 'SOLD_OUT', false);
    await end(sale, 'EXPIRED');
    const orderNo = numberOf(await sale.order());
    await sale.write(orderNo, seatsHeld(), closed('EXPIRED'));
    for (let n = 0; n < 4; n += 1) await settle(sale, orderNo);
    expect(codeOf(await sale.order())).toBe('placed');
  });

  test('count on the day on which they end', async () => {
    const sale = await limitedSale([G1], { atomicStreams });
    await end(sale, 'CANCELLED');
    await end(sale, 'CANCELLED');
    await sale.clock.advance(12 * 60 * MINUTE_MS);
    await end(sale, 'CANCELLED');
    await end(sale, 'CANCELLED');
    expect(codeOf(await sale.order())).toBe('placed');
  });

  test('keep nobody from changing tickets', async () => {
    const sale = await limitedSale([G1, { ...G1, train: 'G2' }], { atomicStreams });
    const old = numberOf(await sale.order({ documents: ['E9'] }));
    await sale.write(old, ...sold());
    for (let n = 0; n < 3; n += 1) await end(sale, 'CANCELLED');
    const changed = { documents: ['E9'], train: 'G2' };
    expect(codeOf(await sale.order(changed))).toBe('CANCELLED_TOO_OFTEN');
    expect(codeOf(await sale.order({ ...changed, replaces: { orderNo: old, itemNos: [1] } }))).toBe('placed');
  });

  test('keep nobody from hearing of an order that was placed before', async () => {
    const sale = await limitedSale([G1], { atomicStreams });
    const first = await sale.order({ idempotencyKey: 'first', documents: ['E9'] });
    for (let n = 0; n < 3; n += 1) await end(sale, 'CANCELLED');
    expect(await sale.order({ idempotencyKey: 'first', documents: ['E9'] })).toMatchObject({
      value: { orderNo: numberOf(first), repeated: true },
    });
  });
});
