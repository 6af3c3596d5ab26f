import { category } from '../kernel/category.ts';
import type { OrderEvent } from './events.ts';
import { absentOrder, evolve, type Order } from './fold.ts';

/** One stream for each order, named by its number. */
export const orderCategory = category<string, Order, OrderEvent>({
  name: 'order',
  nameOf: (orderNo) => orderNo,
  parse: (name) => name,
  initial: () => absentOrder,
  evolve,
  versions: {
    OrderRequested: 1,
    OrderOfferedStanding: 1,
    OrderSeatsHeld: 1,
    OrderSeatsAssigned: 1,
    OrderPaid: 1,
    OrderTicketingStarted: 1,
    OrderTicketed: 1,
    OrderTicketingFailed: 1,
    OrderRefundRequested: 1,
    OrderRefunded: 1,
    OrderChangeRequested: 1,
    OrderChanged: 1,
    OrderChangeDropped: 1,
    OrderChangeSettled: 1,
    OrderTicketUsed: 1,
    OrderClosed: 1,
  },
});
