// Finds the orders of a user by the orders model, which has their numbers together. What they were is read in the log.
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type { OrdersOfUser } from '@railhead/projections/past/past-user.ts';
import { askModelAt, type OrdersReads } from '../read-models.ts';

const PAGE = 100;

export const ordersOfUser = (orders: OrdersReads): OrdersOfUser => {
  const page = (userId: string, upTo: Position | undefined, asked: { cursor?: number | undefined; limit: number }) =>
    askModelAt(upTo, orders.ofUser(userId), (queries) => queries.byUser(userId, asked));
  return {
    newest: async (userId, upTo, { before = Number.MAX_SAFE_INTEGER, limit }) => {
      const found = await page(userId, upTo, { cursor: Math.min(before, upTo + 1), limit });
      return { orderNos: found.orders.map(({ orderNo }) => orderNo), next: found.nextCursor };
    },
    first: async (userId) => {
      for (let cursor: number | undefined; ; ) {
        const { orders: found, nextCursor } = await page(userId, undefined, { cursor, limit: PAGE });
        if (nextCursor === undefined) return found.at(-1)?.orderNo;
        cursor = nextCursor;
      }
    },
  };
};
