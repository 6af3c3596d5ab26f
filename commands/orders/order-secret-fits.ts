// Is this the secret that numbered the orders of this log? With another one, a request that is sent again would be a
// second order.
import { orderCategory } from '@railhead/domain/order/stream.ts';
import type { EventStore } from '../ports/event-store.ts';
import { isNumberOf, isOrderNo, type OrderNumbering } from './order-number.ts';

/** A number tells the secret by ten bits, so one order alone would fit a wrong secret once in a thousand times. */
const ORDERS_ASKED = 20;
const PAGE = 500;

/**
 * False if most of the first orders requested since `sinceMs` have numbers that this numbering does not give. True for a
 * log without such orders. Reads up to the first orders, which come after the timetable.
 */
export const orderSecretFits = async (
  store: Pick<EventStore, 'readAll'>,
  numbering: OrderNumbering,
  sinceMs: number,
): Promise<boolean> => {
  let [asked, fitting]: [number, number] = [0, 0];
  for (let after = 0; asked < ORDERS_ASKED; ) {
    const page = await store.readAll({ after, limit: PAGE, categories: [orderCategory.name] });
    for (const event of page.events) {
      if (asked >= ORDERS_ASKED || !orderCategory.owns(event) || event.type !== 'OrderRequested') continue;
      const atMs = Date.parse(event.meta.at);
      if (!isOrderNo(orderCategory.idOf(event.stream)) || !(atMs >= sinceMs)) continue;
      asked += 1;
      if (isNumberOf(numbering, orderCategory.idOf(event.stream), event.data.request.userId, atMs)) fitting += 1;
    }
    after = page.position;
    if (page.caughtUp) break;
  }
  return fitting * 2 >= asked;
};
