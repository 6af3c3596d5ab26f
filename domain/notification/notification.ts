// What travellers must hear of an order, as facts. Nobody is addressed here: delivery looks up who wants to hear what, and how.
import { type Fen, sumFen } from '../kernel/money.ts';
import type { CloseReason, OrderClosed, OrderEvent } from '../order/events.ts';
import { keptItems, type Order } from '../order/fold.ts';

/** Orders that end for these have told of their last refund or change already. */
type ToldBefore = 'REFUNDED' | 'CHANGED';

export type NotificationKind =
  | 'HELD'
  | 'PAID'
  | 'TICKETED'
  | 'SEATS_ASSIGNED'
  | 'REFUND_REQUESTED'
  | 'REFUNDED'
  | 'CHANGE_REQUESTED'
  | 'CHANGED'
  | 'CHANGE_FAILED'
  | 'WAITLIST_WAITING'
  | 'WAITLIST_SERVED'
  | 'WAITLIST_FAILED'
  | 'PREPAYMENT_REST_BACK'
  | Exclude<CloseReason, ToldBefore>;

/** One item: its seat, if it has one, and its ticket. */
export type NotifiedItem = {
  readonly itemNo: number;
  readonly coach?: string;
  readonly seat?: string;
  readonly ticketNo?: string;
};

/** `userId`: the buyer. Names and documents are not in it. */
export type NotificationRequested = {
  readonly kind: NotificationKind;
  readonly orderNo: string;
  readonly userId: string;
  readonly train: string;
  readonly date: string;
  readonly from: { readonly code: string; readonly name: string };
  readonly to: { readonly code: string; readonly name: string };
  readonly seatClass: string;
  readonly items: readonly NotifiedItem[];
  readonly currency: string;
  /** What the order costs, or what comes back. */
  readonly amountFen?: Fen;
  readonly feeFen?: Fen;
  readonly payBefore?: string;
  /** The order of the new tickets. */
  readonly newOrderNo?: string;
  readonly detail?: string;
};

type Told = Pick<NotificationRequested, 'kind'> &
  Partial<NotificationRequested> & { readonly itemNos?: readonly number[] };

/** `order` is as it is after the event. Undefined: nobody has to hear of it. */
export const notificationOf = (order: Order, event: OrderEvent): NotificationRequested | undefined => {
  const { request, orderNo } = order;
  const told = toldOf(order, event);
  if (request === undefined || told === undefined) return undefined;
  const { itemNos, ...facts } = told;
  const { userId, train, date, fromStation: from, toStation: to, currency } = request;
  const seatClass = order.seatClass ?? request.seatClass;
  const journey = { orderNo, userId, train, date, from, to, seatClass, currency };
  return { ...journey, items: itemsOf(order, itemNos), ...facts };
};

const toldOf = (order: Order, event: OrderEvent): Told | undefined => {
  switch (event.type) {
    case 'OrderSeatsHeld': {
      // Who waited has paid already.
      if (order.request?.waitlist !== undefined) return undefined;
      const { amountFen, payBefore } = event.data;
      return { kind: 'HELD', amountFen, payBefore };
    }
    case 'OrderPaid':
      return { kind: 'PAID', amountFen: event.data.amountFen };
    case 'OrderTicketed':
      return { kind: 'TICKETED' };
    case 'OrderSeatsAssigned':
      return { kind: 'SEATS_ASSIGNED' };
    case 'OrderRefundRequested': {
      const { items, feeFen, refundFen: amountFen } = event.data;
      return { kind: 'REFUND_REQUESTED', amountFen, feeFen, itemNos: items.map(({ itemNo }) => itemNo) };
    }
    case 'OrderRefunded': {
      const refund = order.refunds.find(({ refundNo }) => refundNo === event.data.refundNo);
      if (refund === undefined) return undefined;
      const { items, feeFen, refundFen: amountFen } = refund;
      return { kind: 'REFUNDED', amountFen, feeFen, itemNos: items.map(({ itemNo }) => itemNo) };
    }
    case 'OrderChangeRequested':
      return changeTold(order, event.data.changeNo, 'CHANGE_REQUESTED');
    case 'OrderChanged':
      return changeTold(order, event.data.changeNo, 'CHANGED');
    case 'OrderChangeDropped':
      return changeTold(order, event.data.changeNo, 'CHANGE_FAILED');
    case 'OrderClosed':
      return closingTold(order, event.data);
    // Steps on the way, of which what follows tells more.
    case 'OrderRequested':
    case 'OrderOfferedStanding':
    case 'OrderTicketingStarted':
    case 'OrderTicketingFailed':
    case 'OrderChangeSettled':
    case 'OrderTicketUsed':
      return undefined;
  }
};

const changeTold = (order: Order, changeNo: string, kind: NotificationKind): Told | undefined => {
  const change = order.changes.find((known) => known.changeNo === changeNo);
  if (change === undefined) return undefined;
  const { newOrderNo, feeFen, refundFen: amountFen, items } = change;
  return { kind, newOrderNo, amountFen, feeFen, itemNos: items.map(({ itemNo }) => itemNo) };
};

/** Whatever ends an order that has tickets: of those that were neither given back nor changed, all of the fare comes back. */
const closingTold = (order: Order, { reason, detail }: OrderClosed['data']): Told | undefined => {
  if (reason === 'REFUNDED' || reason === 'CHANGED') return undefined;
  const told = { kind: reason, detail };
  return order.tickets.length === 0
    ? told
    : { ...told, amountFen: sumFen(keptItems(order).map(({ fareFen }) => fareFen)) };
};

/** Those named, or all whose tickets were neither given back nor changed. */
const itemsOf = (order: Order, itemNos: readonly number[] | undefined): readonly NotifiedItem[] => {
  const ticketOf = new Map(order.tickets.map(({ itemNo, ticketNo }) => [itemNo, ticketNo]));
  const meant = itemNos === undefined ? keptItems(order) : order.items.filter(({ itemNo }) => itemNos.includes(itemNo));
  return meant.map(({ itemNo, coach, seat }) => {
    const ticketNo = ticketOf.get(itemNo);
    return {
      itemNo,
      ...(coach === undefined ? {} : { coach }),
      ...(seat === undefined ? {} : { seat }),
      ...(ticketNo === undefined ? {} : { ticketNo }),
    };
  });
};
