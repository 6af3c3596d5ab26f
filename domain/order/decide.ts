// Decides an order's life, which only moves forward: QUEUED, WAIT_PAY, PAID, TICKETING, SUCCESS or FAIL, REFUND, CLOSED.
import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import { type Fen, sumFen } from '../kernel/money.ts';
import type { RefundedItem } from '../refund/fees.ts';
import type { CloseReason, OrderEvent, OrderItem, OrderRequest } from './events.ts';
import { keptItems, type Order, type OrderStatus } from './fold.ts';
import { requestDefect } from './request.ts';
import { ticketNoOf } from './ticket.ts';

type Command<Type extends string, Fields = unknown> = { readonly id: string; readonly type: Type } & Fields;

export type OrderCommand =
  | Command<'Request', { readonly orderNo: string; readonly requestHash: string; readonly request: OrderRequest }>
  /** `saleEnds` (RFC 3339): when the train leaves the stop where the travellers board. No hold may last longer. */
  | Command<
      'HoldSeats',
      {
        readonly lockId: string;
        readonly items: readonly OrderItem[];
        readonly payBefore: string;
        readonly saleEnds: string;
      }
    >
  | Command<'OfferStanding', { readonly faresFen: readonly Fen[] }>
  | Command<'AssignSeats', { readonly items: readonly OrderItem[] }>
  | Command<'Pay', { readonly paymentNo: string; readonly amountFen: Fen }>
  | Command<'StartTicketing'>
  | Command<'IssueTickets'>
  | Command<'FailTicketing', { readonly reason: string }>
  | Command<
      'RequestRefund',
      {
        readonly refundNo: string;
        readonly items: readonly RefundedItem[];
        readonly feeFen: Fen;
        readonly refundFen: Fen;
        readonly table: string;
        readonly quotedAt: string;
      }
    >
  | Command<'CompleteRefund', { readonly refundNo: string }>
  | Command<'Close', { readonly reason: CloseReason; readonly detail: string }>;

export type OrderRefusal =
  | 'ORDER_EXISTS'
  | 'ORDER_STATE'
  | 'AMOUNT_MISMATCH'
  | 'PASSENGER_COUNT'
  | 'STANDING_NOT_ACCEPTED'
  | 'HOLD_TOO_LONG'
  | 'PASSENGER_TWICE'
  | 'REQUEST_DEFECTIVE'
  | 'NOT_REFUNDABLE';

/** The states in which an order may be closed for each reason. */
const CLOSES_FROM: Readonly<Record<CloseReason, readonly OrderStatus[]>> = {
  SOLD_OUT: ['QUEUED'],
  SALE_STOPPED: ['QUEUED'],
  SALE_CLOSED: ['QUEUED'],
  RUN_CANCELLED: ['QUEUED', 'WAIT_PAY', 'PAID', 'TICKETING', 'SUCCESS', 'FAIL'],
  REFUNDED: ['REFUND'],
  CANCELLED: ['QUEUED', 'WAIT_PAY'],
  EXPIRED: ['WAIT_PAY'],
  TICKETING_FAILED: ['FAIL'],
};

const ASSIGNED_IN: readonly OrderStatus[] = ['WAIT_PAY', 'PAID', 'TICKETING', 'SUCCESS'];

const wrongState = (order: Order, wanted: string) =>
  refuse('ORDER_STATE', `order ${order.orderNo} is ${order.status}, not ${wanted}`, { status: order.status });

export const decide = (order: Order, command: OrderCommand): Decision<OrderEvent, OrderRefusal> => {
  if (order.handled.includes(command.id)) return unchanged;
  switch (command.type) {
    case 'Request': {
      const { orderNo, requestHash, request } = command;
      if (order.status !== 'ABSENT') return refuse('ORDER_EXISTS', `order ${orderNo} exists`);
      const defect = requestDefect(request);
      if (defect !== undefined) return { ok: false, refusal: defect };
      return emit({ type: 'OrderRequested', version: 1, data: { orderNo, requestHash, request } });
    }
    case 'HoldSeats': {
      if (order.status !== 'QUEUED' || order.request === undefined) return wrongState(order, 'QUEUED');
      const { lockId, items, payBefore, saleEnds } = command;
      if (Date.parse(payBefore) > Date.parse(saleEnds))
        return refuse('HOLD_TOO_LONG', `a hold until ${payBefore} outlives the sale, which ends ${saleEnds}`);
      if (items.length !== order.request.passengers.length)
        return refuse('PASSENGER_COUNT', `${items.length} seats for ${order.request.passengers.length} passengers`);
      const amountFen = sumFen(items.map((item) => item.fareFen));
      const { currency } = order.request;
      return emit({ type: 'OrderSeatsHeld', version: 1, data: { lockId, items, amountFen, currency, payBefore } });
    }
    case 'OfferStanding': {
      if (order.status !== 'QUEUED' || order.request === undefined || order.seatClass === undefined)
        return wrongState(order, 'QUEUED');
      if (!order.request.acceptStanding || order.seatClass === 'standing')
        return refuse('STANDING_NOT_ACCEPTED', 'the buyer does not accept to stand, or was offered it already');
      const { faresFen } = command;
      return emit({ type: 'OrderOfferedStanding', version: 1, data: { soldOut: order.seatClass, faresFen } });
    }
    case 'AssignSeats':
      // Late assignment may come while the order goes from its payment to its tickets, so several states allow it.
      if (!ASSIGNED_IN.includes(order.status)) return wrongState(order, ASSIGNED_IN.join(' or '));
      if (command.items.length !== order.items.length)
        return refuse('PASSENGER_COUNT', `${command.items.length} seats for ${order.items.length} items`);
      if (order.items.every(({ seat }) => seat !== undefined)) return unchanged;
      return emit({ type: 'OrderSeatsAssigned', version: 1, data: { items: command.items } });
    case 'Pay': {
      if (order.status !== 'WAIT_PAY') return wrongState(order, 'WAIT_PAY');
      const { paymentNo, amountFen } = command;
      if (amountFen !== order.amountFen)
        return refuse('AMOUNT_MISMATCH', `${amountFen} fen paid, ${order.amountFen} fen due`);
      return emit({ type: 'OrderPaid', version: 1, data: { paymentNo, amountFen } });
    }
    case 'StartTicketing':
      if (order.status !== 'PAID') return wrongState(order, 'PAID');
      return emit({ type: 'OrderTicketingStarted', version: 1, data: {} });
    case 'IssueTickets': {
      if (order.status !== 'TICKETING') return wrongState(order, 'TICKETING');
      const tickets = order.items.map(({ itemNo }) => ({ itemNo, ticketNo: ticketNoOf(order.orderNo, itemNo) }));
      return emit({ type: 'OrderTicketed', version: 1, data: { tickets } });
    }
    case 'FailTicketing':
      if (order.status !== 'TICKETING') return wrongState(order, 'TICKETING');
      return emit({ type: 'OrderTicketingFailed', version: 1, data: { reason: command.reason } });
    case 'RequestRefund': {
      const { id: _, type: __, ...data } = command;
      if (order.refunds.some(({ refundNo }) => refundNo === data.refundNo)) return unchanged;
      if (order.status !== 'SUCCESS' || order.request === undefined)
        return refuse('NOT_REFUNDABLE', `order ${order.orderNo} is ${order.status}`, { orderStatus: order.status });
      const kept = new Set(keptItems(order).map(({ itemNo }) => itemNo));
      const gone = data.items.find(({ itemNo }) => !kept.has(itemNo));
      if (gone !== undefined || data.items.length === 0)
        return refuse('NOT_REFUNDABLE', `order ${order.orderNo} has no ticket ${gone?.itemNo ?? ''} to give back`);
      return emit({ type: 'OrderRefundRequested', version: 1, data: { ...data, currency: order.request.currency } });
    }
    case 'CompleteRefund': {
      const { refundNo } = command;
      const refund = order.refunds.find((known) => known.refundNo === refundNo);
      if (refund === undefined) return refuse('NOT_REFUNDABLE', `order ${order.orderNo} has no refund ${refundNo}`);
      if (refund.isDone) return unchanged;
      const refunded: OrderEvent = { type: 'OrderRefunded', version: 1, data: { refundNo } };
      const others = order.refunds.filter((known) => known !== refund);
      if (order.status !== 'REFUND' || !others.every(({ isDone }) => isDone)) return emit(refunded);
      const data = { reason: 'REFUNDED', detail: 'all tickets were given back' } as const;
      return emit<OrderEvent>(refunded, { type: 'OrderClosed', version: 1, data });
    }
    case 'Close': {
      const { reason, detail } = command;
      if (order.status === 'CLOSED' && order.closeReason === reason) return unchanged;
      const from = CLOSES_FROM[reason];
      if (!from.includes(order.status)) return wrongState(order, from.join(' or '));
      return emit({ type: 'OrderClosed', version: 1, data: { reason, detail } });
    }
  }
};
