import { keptItems, type Order } from '@railhead/domain/order/fold.ts';

/** May somebody travel with this ticket of the order, or will they, if it is paid? */
export const ticketStands = (order: Order, itemNo: number): boolean => {
  if (order.status === 'ABSENT' || order.status === 'CLOSED') return false;
  return order.items.length === 0 || keptItems(order).some((item) => item.itemNo === itemNo);
};

/** The tickets of an order that nobody may travel with any more. */
export const voidItems = (order: Order): readonly number[] => {
  // Asked after every event of every order, and true of most.
  if (order.status !== 'CLOSED' && order.refunds.length + order.changes.length === 0) return [];
  return (order.request?.passengers ?? [])
    .map((_, index) => index + 1)
    .filter((itemNo) => !ticketStands(order, itemNo));
};
