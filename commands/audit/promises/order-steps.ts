// An order only goes forward, and each event agrees with the earlier ones: passengers, fares, amounts, tickets.
import { changeSums } from '@railhead/domain/change/fees.ts';
import { type Currency, sumFen } from '@railhead/domain/kernel/money.ts';
import type { CloseReason, OrderChangeRequested, OrderEvent, OrderItem } from '@railhead/domain/order/events.ts';
import {
  absentOrder,
  dueFen,
  freeItems,
  keptItems,
  type Order,
  type OrderStatus,
} from '@railhead/domain/order/fold.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { observing, type PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

export const orderSteps: PromiseOf = (ledger) => {
  const violations = new Violations();
  return {
    ...observing(orderCategory, (event, orderNo) => {
      const order = ledger.orders.get(orderNo) ?? absentOrder;
      if (event.type === 'OrderRequested' && event.data.orderNo !== orderNo)
        violations.add('STREAM_MISNAMED', `${event.stream} requests the order ${event.data.orderNo}`);
      if (!cameFrom(event).includes(order.status))
        violations.add('ORDER_BACKWARDS', `${event.type} of order ${orderNo}, which is ${order.status}`);
      else {
        const wrong = differenceOf(orderNo, order, event);
        if (wrong !== undefined) violations.add('ORDER_DIFFERS', `${event.type} of order ${orderNo}: ${wrong}`);
      }
    }),
    findings: () => violations.list,
  };
};

const FOLLOWS: Readonly<Record<Exclude<OrderEvent['type'], 'OrderClosed'>, readonly OrderStatus[]>> = {
  OrderRequested: ['ABSENT'],
  OrderOfferedStanding: ['QUEUED'],
  OrderSeatsHeld: ['QUEUED'],
  OrderSeatsAssigned: ['WAIT_PAY', 'PAID', 'TICKETING', 'SUCCESS'],
  OrderPaid: ['WAIT_PAY'],
  OrderTicketingStarted: ['PAID'],
  OrderTicketed: ['TICKETING'],
  OrderTicketingFailed: ['TICKETING'],
  OrderRefundRequested: ['SUCCESS'],
  OrderRefunded: ['SUCCESS', 'REFUND', 'CHANGE', 'CLOSED'],
  OrderChangeRequested: ['SUCCESS'],
  OrderChanged: ['SUCCESS'],
  OrderChangeDropped: ['SUCCESS', 'CLOSED'],
  OrderChangeSettled: ['SUCCESS', 'REFUND', 'CHANGE', 'CLOSED'],
  OrderTicketUsed: ['SUCCESS'],
};

const CLOSED_FROM: Readonly<Record<CloseReason, readonly OrderStatus[]>> = {
  SOLD_OUT: ['QUEUED'],
  SALE_STOPPED: ['QUEUED'],
  SALE_CLOSED: ['QUEUED'],
  CANCELLED: ['QUEUED', 'WAIT_PAY'],
  EXPIRED: ['WAIT_PAY'],
  TICKETING_FAILED: ['FAIL'],
  RUN_CANCELLED: ['QUEUED', 'WAIT_PAY', 'PAID', 'TICKETING', 'SUCCESS', 'FAIL'],
  REFUNDED: ['REFUND', 'CHANGE'],
  CHANGED: ['REFUND', 'CHANGE'],
  LIMIT_TRAIN: ['QUEUED'],
  LIMIT_DOCUMENT: ['QUEUED'],
  JOURNEY_OVERLAPS: ['QUEUED'],
  TICKETS_VOID: ['QUEUED', 'WAIT_PAY'],
};

/** Whoever buys tickets is refused before there is an order, unless they waited for them. */
const LIMITS: readonly CloseReason[] = ['LIMIT_TRAIN', 'LIMIT_DOCUMENT', 'JOURNEY_OVERLAPS'];

const CURRENCIES: readonly Currency[] = ['CNY'];

const cameFrom = (event: OrderEvent): readonly OrderStatus[] =>
  (event.type === 'OrderClosed' ? CLOSED_FROM[event.data.reason] : FOLLOWS[event.type]) ?? [];

const differenceOf = (orderNo: string, order: Order, event: OrderEvent): string | undefined => {
  switch (event.type) {
    case 'OrderRequested': {
      const { passengers, faresFen, currency } = event.data.request;
      if (!CURRENCIES.includes(currency)) return `nothing is sold in ${currency}`;
      if (passengers.length === 0) return 'nobody travels';
      return faresFen.length === passengers.length ? undefined : 'there is not one fare for each passenger';
    }
    case 'OrderOfferedStanding': {
      if (order.request?.acceptStanding !== true) return 'the buyer does not accept to stand';
      if (order.seatClass === 'standing') return 'it waits for places to stand already';
      if (event.data.soldOut !== order.seatClass) return `it asked for ${order.seatClass}, not ${event.data.soldOut}`;
      return event.data.faresFen.length === order.faresFen.length ? undefined : 'there are more fares or fewer';
    }
    case 'OrderSeatsHeld': {
      const { items, amountFen, currency, lockId } = event.data;
      if (!lockId.startsWith(`${orderNo}.`)) return `${lockId} is the lock of another order`;
      if (currency !== order.request?.currency) return `it was priced in ${order.request?.currency}`;
      const wantedFen = dueFen(order.request, order.faresFen);
      if (amountFen !== wantedFen) return `the amount is ${amountFen}, due are ${wantedFen} fen`;
      return itemsDefect(items, order.faresFen);
    }
    case 'OrderSeatsAssigned':
      if (order.items.some(({ seat }) => seat !== undefined)) return 'it has seats by name already';
      if (event.data.items.some(({ itemNo, seat }) => seat === undefined && keptNos(order).has(itemNo)))
        return 'an item has no seat';
      return itemsDefect(event.data.items, order.faresFen);
    case 'OrderPaid': {
      const { amountFen, paymentNo } = event.data;
      if (!paymentNo.startsWith(`${orderNo}P`)) return `${paymentNo} is the payment of another order`;
      return amountFen === order.amountFen ? undefined : `${amountFen} fen paid, ${order.amountFen} fen due`;
    }
    case 'OrderRefundRequested': {
      const { items, feeFen, refundFen, currency } = event.data;
      if (currency !== order.request?.currency) return `it was priced in ${order.request?.currency}`;
      if (items.length === 0 || new Set(items.map(({ itemNo }) => itemNo)).size < items.length)
        return 'it gives back no ticket, or one twice';
      for (const item of items) {
        const ticket = freeItems(order).find(({ itemNo }) => itemNo === item.itemNo);
        if (ticket === undefined) return `ticket ${item.itemNo} is not there to be given back`;
        if (ticket.fareFen !== item.fareFen) return `ticket ${item.itemNo} cost ${ticket.fareFen} fen`;
        if (item.feeFen < 0 || item.feeFen + item.refundFen !== item.fareFen || item.refundFen < 0)
          return `fee and refund of ticket ${item.itemNo} are not its fare`;
      }
      const isSum =
        sumFen(items.map((item) => item.feeFen)) === feeFen &&
        sumFen(items.map((item) => item.refundFen)) === refundFen;
      return isSum ? undefined : 'fee or refund is not the sum of those of its tickets';
    }
    case 'OrderRefunded': {
      const refund = order.refunds.find(({ refundNo }) => refundNo === event.data.refundNo);
      return refund === undefined || refund.isDone ? `${event.data.refundNo} was not asked for, or is done` : undefined;
    }
    case 'OrderChangeRequested':
      return changeDefect(orderNo, order, event.data);
    case 'OrderChanged':
    case 'OrderChangeDropped':
      return statusOf(order, event.data.changeNo) === 'PENDING' ? undefined : `${event.data.changeNo} is not pending`;
    case 'OrderChangeSettled':
      return statusOf(order, event.data.changeNo) === 'CHANGED' ? undefined : `${event.data.changeNo} is not done`;
    case 'OrderTicketUsed':
      return freeItems(order).some(({ itemNo }) => itemNo === event.data.itemNo)
        ? undefined
        : `ticket ${event.data.itemNo} is not there to be used`;
    case 'OrderClosed': {
      const { change, waitlist } = order.request ?? {};
      if (event.data.reason === 'TICKETS_VOID' && change === undefined) return 'it was not placed for a change';
      if (LIMITS.includes(event.data.reason) && change === undefined && waitlist === undefined)
        return 'it was placed neither for a change nor for somebody who waited';
      if (event.data.reason !== 'REFUNDED' && event.data.reason !== 'CHANGED') return undefined;
      if (order.changes.some(({ status }) => status === 'CHANGED')) return 'a change of it is not settled';
      return order.refunds.some(({ isDone }) => !isDone) ? 'a refund of it is not done' : undefined;
    }
    case 'OrderTicketed': {
      const numbers = event.data.tickets.map(({ itemNo, ticketNo }) => `${itemNo} ${ticketNo}`);
      const wanted = order.items.map(({ itemNo }) => `${itemNo} ${orderNo}T${itemNo}`);
      return numbers.join() === wanted.join() ? undefined : `the tickets are ${numbers.join(', ')}`;
    }
    default:
      return undefined;
  }
};

const statusOf = ({ changes }: Order, changeNo: string) =>
  changes.find((change) => change.changeNo === changeNo)?.status;

const changeDefect = (
  orderNo: string,
  order: Order,
  { items, feeFen, refundFen, request, changeNo }: OrderChangeRequested['data'],
): string | undefined => {
  if (order.request?.change !== undefined) return 'its tickets were changed before';
  const { change, passengers, faresFen, userId, currency } = request;
  if (userId !== order.request?.userId || currency !== order.request.currency) return 'it is of somebody else';
  if (items.length !== passengers.length || new Set(items.map(({ itemNo }) => itemNo)).size < items.length)
    return 'there is not one passenger for each ticket';
  for (const [index, item] of items.entries()) {
    const ticket = freeItems(order).find(({ itemNo }) => itemNo === item.itemNo);
    if (ticket === undefined) return `ticket ${item.itemNo} is not there to be changed`;
    if (ticket.fareFen !== item.fareFen) return `ticket ${item.itemNo} cost ${ticket.fareFen} fen`;
    if (item.newFareFen !== faresFen[index]) return `ticket ${item.itemNo} will cost ${faresFen[index]} fen`;
    const { idType, idNo } = order.request.passengers[item.itemNo - 1] ?? {};
    if (idType !== passengers[index]?.idType || idNo !== passengers[index]?.idNo)
      return `ticket ${item.itemNo} goes to another traveller`;
  }
  const sums = changeSums(items);
  const isSum =
    sums.feeFen === feeFen &&
    sums.feeFen === change.feeFen &&
    sums.refundFen === refundFen &&
    sums.payFen === change.payFen &&
    sums.carriedFen === change.carriedFen;
  if (!isSum) return 'fee, refund or what is due is not the sum of those of its tickets';
  const isOwn =
    change.orderNo === orderNo && change.changeNo === changeNo && change.paymentNo === (order.paymentNo ?? '');
  return isOwn ? undefined : `it names the tickets of ${change.orderNo}`;
};

const keptNos = (order: Order): ReadonlySet<number> => new Set(keptItems(order).map(({ itemNo }) => itemNo));

const itemsDefect = (items: readonly OrderItem[], faresFen: readonly number[]): string | undefined => {
  if (items.length !== faresFen.length) return `${items.length} items for ${faresFen.length} passengers`;
  const wrong = items.find(({ itemNo, fareFen }, index) => itemNo !== index + 1 || fareFen !== faresFen[index]);
  return wrong === undefined ? undefined : `item ${wrong.itemNo} is not of its passenger, or of another fare`;
};
