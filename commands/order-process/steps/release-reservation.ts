// Tickets that nobody may travel with any more count no more for their buyer and their travellers. An order that had seats
// and ended unpaid is counted for its buyer.
import { voidItems } from '../../limits/ticket-stands.ts';
import type { TrackedOrder } from '../../orders/tracked-order.ts';
import type { OrderStep } from '../order-step.ts';

const KIND = 'releaseReservation';

const toRelease = ({ order, released }: TrackedOrder): readonly number[] =>
  voidItems(order).filter((itemNo) => !released.includes(itemNo));

export const releaseReservation: OrderStep = {
  kind: KIND,
  due: (tracked) => (toRelease(tracked).length > 0 ? [{ key: '' }] : []),
  run: async ({ deps: { reservations }, current }) => {
    const { order } = current();
    const itemNos = toRelease(current());
    await reservations.countEnd(order);
    await reservations.release(order, itemNos);
    return { released: [...current().released, ...itemNos] };
  },
};
