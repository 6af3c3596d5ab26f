// Decides an order's life, which only moves forward: QUEUED, WAIT_PAY, PAID, TICKETING, SUCCESS or FAIL, REFUND, CLOSED.
import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import type { Fen } from '../kernel/money.ts';
import type { RefundedItem } from '../refund/fees.ts';
import type { CloseReason, OrderChangeRequested, OrderEvent, OrderItem, OrderRequest } from './events.ts';
import { dueFen, freeItems, mayChangeAgain, type Order, type OrderStatus } from './fold.ts';
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
  | Command<'RequestChange', OrderChangeRequested['data']>
  | Command<'CompleteChange', { readonly changeNo: string }>
  | Command<'DropChange', { readonly changeNo: string }>
  | Command<'SettleChange', { readonly changeNo: string }>
  /** RFC 3339: `at` is now; a ticket is checked in from `opens` on, and before `closes`. */
  | Command<
      'UseTicket',
      { readonly itemNo: number; readonly at: string; readonly opens: string; readonly closes: string }
    >
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
  | 'NOT_REFUNDABLE'
  | 'NOT_CHANGEABLE'
  | 'TOO_MANY_CHANGES'
  | 'TICKET_VOID'
  | 'CHECK_IN_CLOSED';

/** The states in which an order may be closed for each reason. */
const CLOSES_FROM: Readonly<Record<CloseReason, readonly OrderStatus[]>> = {
  SOLD_OUT: ['QUEUED'],
  SALE_STOPPED: ['QUEUED'],
  SALE_CLOSED: ['QUEUED'],
  RUN_CANCELLED: ['QUEUED', 'WAIT_PAY', 'PAID', 'TICKETING', 'SUCCESS', 'FAIL'],
  REFUNDED: ['REFUND', 'CHANGE'],
  CHANGED: ['REFUND', 'CHANGE'],
  CANCELLED: ['QUEUED', 'WAIT_PAY'],
  TICKETS_VOID: ['QUEUED', 'WAIT_PAY'],
  EXPIRED: ['WAIT_PAY'],
  TICKETING_FAILED: ['FAIL'],
  LIMIT_TRAIN: ['QUEUED'],
  LIMIT_DOCUMENT: ['QUEUED'],
  JOURNEY_OVERLAPS: ['QUEUED'],
};

const ASSIGNED_IN: readonly OrderStatus[] = ['WAIT_PAY', 'PAID', 'TICKETING', 'SUCCESS'];

const wrongState = (order: Order, wanted: string) =>
  refuse('ORDER_STATE', `order ${order.orderNo} is ${order.status}, not ${wanted}`, { status: order.status });

/** The first of these that is no ticket which may be given back or changed; 0 where none is named. */
const boundItem = (order: Order, items: readonly { readonly itemNo: number }[]): number | undefined => {
  const free = new Set(freeItems(order).map(({ itemNo }) => itemNo));
  return items.length === 0 ? 0 : items.find(({ itemNo }) => !free.has(itemNo))?.itemNo;
};

/** The end of an order without tickets whose last refund or change is done now. */
const closingAfter = (order: Order, reason: 'REFUNDED' | 'CHANGED'): readonly OrderEvent[] => {
  const refunds = order.refunds.filter(({ isDone }) => !isDone).length;
  const changes = order.changes.filter(({ status }) => status === 'CHANGED').length;
  const isLast = refunds + changes === 1 && (order.status === 'REFUND' || order.status === 'CHANGE');
  const detail = reason === 'REFUNDED' ? 'all tickets were given back' : 'all tickets were changed or given back';
  return isLast ? [{ type: 'OrderClosed', version: 1, data: { reason, detail } }] : [];
};

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
      const { currency } = order.request;
      const amountFen = dueFen(
        order.request,
        items.map((item) => item.fareFen),
      );
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
      const bound = boundItem(order, data.items);
      if (bound !== undefined)
        return refuse('NOT_REFUNDABLE', `order ${order.orderNo} has no ticket ${bound} to give back`);
      return emit({ type: 'OrderRefundRequested', version: 1, data: { ...data, currency: order.request.currency } });
    }
    case 'CompleteRefund': {
      const { refundNo } = command;
      const refund = order.refunds.find((known) => known.refundNo === refundNo);
      if (refund === undefined) return refuse('NOT_REFUNDABLE', `order ${order.orderNo} has no refund ${refundNo}`);
      if (refund.isDone) return unchanged;
      const refunded: OrderEvent = { type: 'OrderRefunded', version: 1, data: { refundNo } };
      return emit<OrderEvent>(refunded, ...closingAfter(order, 'REFUNDED'));
    }
    case 'RequestChange': {
      const { id: _, type: __, ...data } = command;
      if (order.changes.some(({ changeNo }) => changeNo === data.changeNo)) return unchanged;
      if (order.status !== 'SUCCESS' || order.request === undefined)
        return refuse('NOT_CHANGEABLE', `order ${order.orderNo} is ${order.status}`, { orderStatus: order.status });
      if (order.request.change !== undefined)
        return refuse('NOT_CHANGEABLE', `the tickets of order ${order.orderNo} were changed before, and that is once`);
      const bound = boundItem(order, data.items);
      if (bound !== undefined)
        return refuse('NOT_CHANGEABLE', `order ${order.orderNo} has no ticket ${bound} to change`);
      if (!mayChangeAgain(order))
        return refuse('TOO_MANY_CHANGES', `too many changes of order ${order.orderNo} have come to nothing`);
      return emit({ type: 'OrderChangeRequested', version: 1, data });
    }
    case 'CompleteChange': {
      const { changeNo } = command;
      const change = order.changes.find((known) => known.changeNo === changeNo);
      if (change?.status === 'CHANGED' || change?.status === 'SETTLED') return unchanged;
      if (order.status !== 'SUCCESS' || change?.status !== 'PENDING')
        return refuse('NOT_CHANGEABLE', `${changeNo} is ${change?.status}, order ${order.orderNo} is ${order.status}`);
      return emit({ type: 'OrderChanged', version: 1, data: { changeNo } });
    }
    case 'DropChange': {
      const { changeNo } = command;
      const change = order.changes.find((known) => known.changeNo === changeNo);
      if (change?.status === 'DROPPED') return unchanged;
      if (change?.status !== 'PENDING') return refuse('NOT_CHANGEABLE', `${changeNo} is ${change?.status}`);
      return emit({ type: 'OrderChangeDropped', version: 1, data: { changeNo } });
    }
    case 'SettleChange': {
      const { changeNo } = command;
      const change = order.changes.find((known) => known.changeNo === changeNo);
      if (change?.status === 'SETTLED') return unchanged;
      if (change?.status !== 'CHANGED') return refuse('NOT_CHANGEABLE', `${changeNo} is ${change?.status}`);
      const settled: OrderEvent = { type: 'OrderChangeSettled', version: 1, data: { changeNo } };
      return emit<OrderEvent>(settled, ...closingAfter(order, 'CHANGED'));
    }
    case 'UseTicket': {
      const { itemNo, at, opens, closes } = command;
      if (order.used.includes(itemNo)) return unchanged;
      const ticketNo = ticketNoOf(order.orderNo, itemNo);
      if (order.status !== 'SUCCESS' || boundItem(order, [{ itemNo }]) !== undefined)
        return refuse('TICKET_VOID', `${ticketNo} is no valid ticket, or is being changed`);
      const [atMs, opensMs, closesMs] = [Date.parse(at), Date.parse(opens), Date.parse(closes)];
      if (!(atMs >= opensMs && atMs < closesMs))
        return refuse('CHECK_IN_CLOSED', `${ticketNo} is checked in from ${opens} until ${closes}`, {
          from: opens,
          until: closes,
        });
      return emit({ type: 'OrderTicketUsed', version: 1, data: { itemNo } });
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
