import type { Recorded } from '../kernel/event.ts';
import type { Fen } from '../kernel/money.ts';
import type { SeatClass } from '../kernel/seat-class.ts';
import type { RefundedItem } from '../refund/fees.ts';
import type { CloseReason, OrderEvent, OrderItem, OrderRequest, Ticket } from './events.ts';

/** The states an order moves through, forward only. `REFUND`: all tickets are given back, their money is on its way. */
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
  handled: [],
};

/** The items whose tickets were not given back. */
export const keptItems = ({ items, refunds }: Pick<Order, 'items' | 'refunds'>): readonly OrderItem[] => {
  const gone = new Set(refunds.flatMap((refund) => refund.items.map(({ itemNo }) => itemNo)));
  return items.filter(({ itemNo }) => !gone.has(itemNo));
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
      return { ...order, status: 'WAIT_PAY', lockId, items, amountFen, payBefore };
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
      const next = { ...order, refunds };
      return keptItems(next).length === 0 ? { ...next, status: 'REFUND' } : next;
    }
    case 'OrderRefunded': {
      const { refundNo } = event.data;
      const refunds = order.refunds.map((refund) =>
        refund.refundNo === refundNo ? { ...refund, isDone: true } : refund,
      );
      return { ...order, refunds };
    }
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
