import type { ChangedItem } from '../change/fees.ts';
import type { Recorded } from '../kernel/event.ts';
import { type Fen, sumFen } from '../kernel/money.ts';
import type { SeatClass } from '../kernel/seat-class.ts';
import type { RefundedItem } from '../refund/fees.ts';
import type { CloseReason, OrderChangeRequested, OrderEvent, OrderItem, OrderRequest, Ticket } from './events.ts';

/**
 * The states an order moves through, forward only. `REFUND`: no ticket is left, the last one was given back, and its money
 * is on its way. `CHANGE`: the last one was changed, and its seat is not free yet.
 */
export type OrderStatus =
  | 'ABSENT'
  | 'QUEUED'
  | 'WAIT_PAY'
  | 'PAID'
  | 'TICKETING'
  | 'SUCCESS'
  | 'FAIL'
  | 'REFUND'
  | 'CHANGE'
  | 'CLOSED';

/** Tickets that were given back, by one request. `isDone`: seats and money are back. */
export type OrderRefund = {
  readonly refundNo: string;
  /** The command that asked for it; a repeat finds its refund by it. */
  readonly commandId: string;
  readonly items: readonly RefundedItem[];
  readonly feeFen: Fen;
  readonly refundFen: Fen;
  readonly isDone: boolean;
};

/**
 * Tickets that are changed to those of another order, by one request. `PENDING`: they are valid, and nothing else may
 * happen to them. `CHANGED`: void. `SETTLED`: their seats are free, and what was due is back. `DROPPED`: nothing came of it.
 */
export type OrderChange = {
  readonly changeNo: string;
  /** The command that asked for it; a repeat finds its change by it. */
  readonly commandId: string;
  readonly newOrderNo: string;
  readonly requestHash: string;
  readonly request: OrderChangeRequested['data']['request'];
  readonly items: readonly ChangedItem[];
  readonly feeFen: Fen;
  readonly payFen: Fen;
  readonly refundFen: Fen;
  readonly status: 'PENDING' | 'CHANGED' | 'SETTLED' | 'DROPPED';
};

export type Order = {
  readonly status: OrderStatus;
  readonly orderNo: string;
  readonly requestHash: string;
  readonly requestedAt: string;
  readonly request?: OrderRequest;
  /** The class being bought: the one asked for, or `standing` after it was sold out and standing was offered. */
  readonly seatClass?: SeatClass;
  readonly faresFen: readonly Fen[];
  readonly lockId?: string;
  readonly items: readonly OrderItem[];
  readonly amountFen: Fen;
  readonly payBefore?: string;
  readonly paymentNo?: string;
  readonly tickets: readonly Ticket[];
  readonly refunds: readonly OrderRefund[];
  readonly changes: readonly OrderChange[];
  /** Items whose travellers have boarded. */
  readonly used: readonly number[];
  readonly closeReason?: CloseReason;
  readonly closeDetail?: string;
  /** RFC 3339 in the railway's zone. */
  readonly closedAt?: string;
  readonly handled: readonly string[];
};

export const absentOrder: Order = {
  status: 'ABSENT',
  orderNo: '',
  requestHash: '',
  requestedAt: '',
  faresFen: [],
  items: [],
  amountFen: 0,
  tickets: [],
  refunds: [],
  changes: [],
  used: [],
  handled: [],
};

/** Are the tickets before a change void, and those after it valid? */
export const isVoidBy = ({ status }: Pick<OrderChange, 'status'>): boolean =>
  status === 'CHANGED' || status === 'SETTLED';

/**
 * So many changes of one order may come to nothing. Each has an order of its own, and may have kept seats from others for
 * the time to pay.
 */
export const MAX_DROPPED_CHANGES = 20;

/** May a change be asked for once more? */
export const mayChangeAgain = ({ changes }: Pick<Order, 'changes'>): boolean =>
  changes.filter(({ status }) => status === 'DROPPED').length < MAX_DROPPED_CHANGES;

/** The items whose tickets were neither given back nor changed. */
export const keptItems = ({
  items,
  refunds,
  changes,
}: Pick<Order, 'items' | 'refunds' | 'changes'>): readonly OrderItem[] => {
  if (refunds.length === 0 && changes.length === 0) return items;
  const gone = new Set(
    [...refunds, ...changes.filter(isVoidBy)].flatMap((one) => one.items.map(({ itemNo }) => itemNo)),
  );
  return items.filter(({ itemNo }) => !gone.has(itemNo));
};

/** The items whose tickets may be given back or changed now. */
export const freeItems = (order: Pick<Order, 'items' | 'refunds' | 'changes' | 'used'>): readonly OrderItem[] => {
  const pending = order.changes.filter(({ status }) => status === 'PENDING');
  const bound = new Set([...order.used, ...pending.flatMap(({ items }) => items.map(({ itemNo }) => itemNo))]);
  return keptItems(order).filter(({ itemNo }) => !bound.has(itemNo));
};

/** What is to be paid for an order with these fares. */
export const dueFen = ({ change }: Pick<OrderRequest, 'change'>, faresFen: readonly Fen[]): Fen =>
  change?.payFen ?? sumFen(faresFen);

/** An order without a valid ticket goes on to what remains to be done for it. */
const withoutTickets = (order: Order, status: 'REFUND' | 'CHANGE'): Order =>
  order.status === 'SUCCESS' && keptItems(order).length === 0 ? { ...order, status } : order;

const withChange = (order: Order, changeNo: string, status: OrderChange['status']): Order => ({
  ...order,
  changes: order.changes.map((change) => (change.changeNo === changeNo ? { ...change, status } : change)),
});

/** A change as it begins. */
export const changeAsked = (
  { changeNo, newOrderNo, requestHash, request, items, feeFen, refundFen }: OrderChangeRequested['data'],
  commandId: string,
): OrderChange => {
  const { payFen } = request.change;
  return { changeNo, newOrderNo, requestHash, request, items, feeFen, payFen, refundFen, commandId, status: 'PENDING' };
};

const apply = (order: Order, event: Recorded<OrderEvent>): Order => {
  switch (event.type) {
    case 'OrderRequested': {
      const { seatClass, faresFen } = event.data.request;
      return { ...order, status: 'QUEUED', ...event.data, seatClass, faresFen, requestedAt: event.meta.at };
    }
    case 'OrderOfferedStanding':
      return { ...order, seatClass: 'standing', faresFen: event.data.faresFen };
    case 'OrderSeatsAssigned':
      return { ...order, items: event.data.items };
    case 'OrderSeatsHeld': {
      const { lockId, items, amountFen, payBefore } = event.data;
      // Of a change there may be nothing to pay.
      return { ...order, status: amountFen === 0 ? 'PAID' : 'WAIT_PAY', lockId, items, amountFen, payBefore };
    }
    case 'OrderPaid':
      return { ...order, status: 'PAID', paymentNo: event.data.paymentNo };
    case 'OrderTicketingStarted':
      return { ...order, status: 'TICKETING' };
    case 'OrderTicketed':
      return { ...order, status: 'SUCCESS', tickets: event.data.tickets };
    case 'OrderTicketingFailed':
      return { ...order, status: 'FAIL' };
    case 'OrderRefundRequested': {
      const { refundNo, items, feeFen, refundFen } = event.data;
      const { commandId } = event.meta;
      const refunds = [...order.refunds, { refundNo, commandId, items, feeFen, refundFen, isDone: false }];
      return withoutTickets({ ...order, refunds }, 'REFUND');
    }
    case 'OrderRefunded': {
      const { refundNo } = event.data;
      const refunds = order.refunds.map((refund) =>
        refund.refundNo === refundNo ? { ...refund, isDone: true } : refund,
      );
      return { ...order, refunds };
    }
    case 'OrderChangeRequested': {
      const change = changeAsked(event.data, event.meta.commandId);
      return { ...order, changes: [...order.changes, change] };
    }
    case 'OrderChanged':
      return withoutTickets(withChange(order, event.data.changeNo, 'CHANGED'), 'CHANGE');
    case 'OrderChangeDropped':
      return withChange(order, event.data.changeNo, 'DROPPED');
    case 'OrderChangeSettled':
      return withChange(order, event.data.changeNo, 'SETTLED');
    case 'OrderTicketUsed':
      return { ...order, used: [...order.used, event.data.itemNo] };
    case 'OrderClosed':
      return {
        ...order,
        status: 'CLOSED',
        closeReason: event.data.reason,
        closeDetail: event.data.detail,
        closedAt: event.meta.at,
      };
  }
};

export const evolve = (order: Order, event: Recorded<OrderEvent>): Order => {
  const next = apply(order, event);
  const { commandId } = event.meta;
  return order.handled.includes(commandId) ? next : { ...next, handled: [...order.handled, commandId] };
};
