import type { Recorded } from '../kernel/event.ts';
import type { BuyerEvent, TicketsReserved } from './events.ts';

/** `since`: when they were reserved last, RFC 3339. */
export type ReservedTickets = TicketsReserved['data'] & { readonly since: string };

/**
 * Of one user and one day: the tickets reserved for trains of that run date, and the orders that ended unpaid on that
 * day.
 */
export type Buyer = { readonly reserved: readonly ReservedTickets[]; readonly endedUnpaid: readonly string[] };

export const newBuyer: Buyer = { reserved: [], endedUnpaid: [] };

export const evolve = (buyer: Buyer, event: Recorded<BuyerEvent>): Buyer => {
  const { orderNo } = event.data;
  switch (event.type) {
    case 'TicketsReserved': {
      const others = buyer.reserved.filter((one) => one.orderNo !== orderNo);
      return { ...buyer, reserved: [...others, { ...event.data, since: event.meta.at }] };
    }
    case 'TicketsReleased': {
      const gone = event.data.itemNos;
      const reserved = buyer.reserved.flatMap((one) => {
        if (one.orderNo !== orderNo) return [one];
        const itemNos = one.itemNos.filter((itemNo) => !gone.includes(itemNo));
        return itemNos.length === 0 ? [] : [{ ...one, itemNos }];
      });
      return { ...buyer, reserved };
    }
    case 'UnpaidOrderEnded':
      return buyer.endedUnpaid.includes(orderNo) ? buyer : { ...buyer, endedUnpaid: [...buyer.endedUnpaid, orderNo] };
  }
};
