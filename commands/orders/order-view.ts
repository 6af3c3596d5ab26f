// An order as its owner sees it: order and payments in one record, with personal data masked.
import { sumFen } from '@railhead/domain/kernel/money.ts';
import type {
  CloseReason,
  OrderEvent,
  OrderItem,
  OrderRequest,
  Passenger,
  PrepaidBefore,
  SeatChangeAt,
} from '@railhead/domain/order/events.ts';
import { dueFen, type OrderStatus } from '@railhead/domain/order/fold.ts';
import type { PaymentEvent } from '@railhead/domain/payment/events.ts';
import { maskPassenger } from './masking.ts';

export type OrderItemView = {
  readonly itemNo: number;
  readonly passenger: Passenger;
  readonly seatClass: string;
  readonly fareFen: number;
  readonly coach?: string;
  readonly seat?: string;
  readonly changes?: readonly SeatChangeAt[];
  readonly ticketNo?: string;
  readonly ticketStatus: TicketStatus;
};

/** `NONE`: no ticket yet. `REFUNDED`: given back, or void with its train. */
export type TicketStatus = 'NONE' | 'ISSUED' | 'REFUNDED' | 'CHANGED' | 'USED';

/** `orderNo`: of the new tickets. Sums are of all its items together. */
export type ChangeView = {
  readonly changeNo: string;
  readonly orderNo: string;
  readonly items: readonly number[];
  readonly feeFen: number;
  /** The new fares less the old ones. */
  readonly differenceFen: number;
  readonly payFen: number;
  readonly refundFen: number;
  readonly status: ChangeViewStatus;
};

/** `WAIT_PAY`: until the new order has its seats and what is due. `FAIL`: nothing came of it, and the tickets stay. */
export type ChangeViewStatus = 'WAIT_PAY' | 'SUCCESS' | 'FAIL';

export type RefundView = {
  readonly refundNo: string;
  readonly items: readonly number[];
  readonly feeFen: number;
  readonly refundFen: number;
  readonly status: 'REQUESTED' | 'DONE';
};

export type PaymentView = {
  readonly paymentNo: string;
  readonly channel: string;
  readonly amountFen: number;
  /** Asked back so far, and back so far. */
  readonly askedBackFen: number;
  readonly refundedFen: number;
  readonly status: 'CREATED' | 'SUCCEEDED' | 'DECLINED' | 'CLOSED' | 'REFUNDING' | 'REFUNDED';
};

export type OrderView = {
  readonly orderNo: string;
  readonly userId: string;
  readonly status: OrderStatus;
  readonly train: string;
  readonly date: string;
  readonly from: { readonly code: string; readonly name: string };
  readonly to: { readonly code: string; readonly name: string };
  readonly seatClass: string;
  readonly requestedAt: string;
  readonly amountFen: number;
  readonly currency: string;
  readonly items: readonly OrderItemView[];
  readonly payments: readonly PaymentView[];
  readonly refunds: readonly RefundView[];
  readonly changes: readonly ChangeView[];
  /** The order whose tickets these take the place of. */
  readonly originalOrderNo?: string;
  /** What the change itself cost. */
  readonly changeFeeFen?: number;
  /** The tickets came by a change that was late, see the table of refunds. */
  readonly changedLate?: true;
  /** The tickets came by a change after the departure, and are not given back. */
  readonly changedAfterDeparture?: true;
  readonly payBefore?: string;
  readonly closeReason?: CloseReason;
  readonly closeDetail?: string;
};

export const newOrderView = (orderNo: string, request: OrderRequest, requestedAt: string): OrderView => ({
  orderNo,
  userId: request.userId,
  status: 'QUEUED',
  train: request.train,
  date: request.date,
  from: request.fromStation,
  to: request.toStation,
  seatClass: request.seatClass,
  requestedAt,
  amountFen: dueFen(request, request.faresFen),
  currency: request.currency,
  items: request.passengers.map((passenger, index) => ({
    itemNo: index + 1,
    passenger: maskPassenger(passenger),
    seatClass: request.seatClass,
    fareFen: request.faresFen[index] ?? 0,
    ticketStatus: 'NONE',
  })),
  payments: request.waitlist === undefined ? [] : [prepaymentView(request.waitlist)],
  refunds: [],
  changes: [],
  ...(request.change === undefined
    ? {}
    : { originalOrderNo: request.change.orderNo, changeFeeFen: request.change.feeFen }),
  ...(request.change?.changedLate === true ? { changedLate: true } : {}),
  ...(request.change?.changedAfterDeparture === true ? { changedAfterDeparture: true } : {}),
});

/** It succeeded before the order was there. */
const prepaymentView = ({ paymentNo, channel, prepaidFen }: PrepaidBefore): PaymentView => ({
  ...{ paymentNo, channel, amountFen: prepaidFen, askedBackFen: 0, refundedFen: 0, status: 'SUCCEEDED' },
});

export const viewAfterOrderEvent = (view: OrderView, event: OrderEvent): OrderView => {
  switch (event.type) {
    case 'OrderRequested':
      return view;
    case 'OrderSeatsHeld': {
      const { items, amountFen, payBefore } = event.data;
      const status = amountFen === 0 ? 'PAID' : 'WAIT_PAY';
      return { ...view, status, amountFen, payBefore, items: seatedItems(view.items, items) };
    }
    case 'OrderOfferedStanding': {
      const { faresFen } = event.data;
      const items = view.items.map((item, index) => ({
        ...item,
        seatClass: 'standing',
        fareFen: faresFen[index] ?? item.fareFen,
      }));
      return { ...view, items, amountFen: sumFen(faresFen) };
    }
    case 'OrderSeatsAssigned':
      return { ...view, items: seatedItems(view.items, event.data.items) };
    case 'OrderPaid':
      return { ...view, status: 'PAID' };
    case 'OrderTicketingStarted':
      return { ...view, status: 'TICKETING' };
    case 'OrderTicketed': {
      const ticketOf = new Map(event.data.tickets.map(({ itemNo, ticketNo }) => [itemNo, ticketNo]));
      const items = view.items.map((item) => ({
        ...item,
        ticketNo: ticketOf.get(item.itemNo) ?? '',
        ticketStatus: 'ISSUED' as const,
      }));
      return { ...view, status: 'SUCCESS', items };
    }
    case 'OrderTicketingFailed':
      return { ...view, status: 'FAIL' };
    case 'OrderRefundRequested': {
      const { refundNo, feeFen, refundFen } = event.data;
      const itemNos = event.data.items.map(({ itemNo }) => itemNo);
      const refund: RefundView = { refundNo, items: itemNos, feeFen, refundFen, status: 'REQUESTED' };
      const items = voided(view.items, 'REFUNDED', ({ itemNo }) => itemNos.includes(itemNo));
      return { ...withoutTickets({ ...view, items }, 'REFUND'), refunds: [...view.refunds, refund] };
    }
    case 'OrderRefunded': {
      const { refundNo } = event.data;
      const refunds = view.refunds.map((refund) =>
        refund.refundNo === refundNo ? { ...refund, status: 'DONE' as const } : refund,
      );
      return { ...view, refunds };
    }
    case 'OrderChangeRequested': {
      const { changeNo, newOrderNo, feeFen, refundFen } = event.data;
      const { payFen } = event.data.request.change;
      const items = event.data.items.map(({ itemNo }) => itemNo);
      const differenceFen = sumFen(event.data.items.map((item) => item.newFareFen - item.fareFen));
      const sums = { feeFen, differenceFen, payFen, refundFen };
      const change = { changeNo, orderNo: newOrderNo, items, ...sums, status: 'WAIT_PAY' } as const;
      return { ...view, changes: [...view.changes, change] };
    }
    case 'OrderChanged': {
      const itemNos = view.changes.find(({ changeNo }) => changeNo === event.data.changeNo)?.items ?? [];
      const items = voided(view.items, 'CHANGED', ({ itemNo }) => itemNos.includes(itemNo));
      return withChange(withoutTickets({ ...view, items }, 'CHANGE'), event.data.changeNo, 'SUCCESS');
    }
    case 'OrderChangeDropped':
      return withChange(view, event.data.changeNo, 'FAIL');
    case 'OrderChangeSettled':
      return view;
    case 'OrderTicketUsed': {
      const { itemNo } = event.data;
      return { ...view, items: voided(view.items, 'USED', (item) => item.itemNo === itemNo) };
    }
    case 'OrderClosed':
      return {
        ...view,
        items: voided(view.items, 'REFUNDED', () => true),
        status: 'CLOSED',
        closeReason: event.data.reason,
        closeDetail: event.data.detail,
      };
  }
};

/** Tickets that were issued and are worth nothing any more, or have been used. */
const voided = (
  items: readonly OrderItemView[],
  status: 'REFUNDED' | 'CHANGED' | 'USED',
  isMeant: (item: OrderItemView) => boolean,
): readonly OrderItemView[] =>
  items.map((item) => (item.ticketStatus === 'ISSUED' && isMeant(item) ? { ...item, ticketStatus: status } : item));

/** An order whose last ticket has just gone. */
const withoutTickets = (view: OrderView, status: 'REFUND' | 'CHANGE'): OrderView =>
  view.items.some(({ ticketStatus }) => ticketStatus === 'ISSUED' || ticketStatus === 'USED')
    ? view
    : { ...view, status };

const withChange = (view: OrderView, changeNo: string, status: ChangeViewStatus): OrderView => ({
  ...view,
  changes: view.changes.map((change) => (change.changeNo === changeNo ? { ...change, status } : change)),
});

/** An item without a seat stays as it is: its traveller stands, or gets a seat by late assignment. */
const seatedItems = (views: readonly OrderItemView[], items: readonly OrderItem[]): readonly OrderItemView[] => {
  const seatOf = new Map(items.map((item) => [item.itemNo, item]));
  return views.map((view) => {
    const { coach, seat, changes } = seatOf.get(view.itemNo) ?? {};
    if (coach === undefined || seat === undefined) return view;
    return changes === undefined ? { ...view, coach, seat } : { ...view, coach, seat, changes };
  });
};

const paymentAfter = (payment: PaymentView, event: PaymentEvent): PaymentView => {
  switch (event.type) {
    case 'PaymentSucceeded':
      return { ...payment, status: 'SUCCEEDED' };
    case 'PaymentDeclined':
      return { ...payment, status: 'DECLINED' };
    case 'PaymentClosed':
      return { ...payment, status: 'CLOSED' };
    case 'PaymentRefundRequested':
      return { ...payment, status: 'REFUNDING', askedBackFen: payment.askedBackFen + event.data.amountFen };
    case 'PaymentRefunded': {
      const refundedFen = payment.refundedFen + event.data.amountFen;
      const isAllBack = refundedFen >= payment.amountFen;
      const status = isAllBack ? 'REFUNDED' : refundedFen < payment.askedBackFen ? 'REFUNDING' : 'SUCCEEDED';
      return { ...payment, status, refundedFen };
    }
    // Nothing of the payment changes by these.
    case 'PaymentCreated':
    case 'PaymentNoticeRefused':
    case 'PaymentNoticeDismissed':
      return payment;
  }
};

export const viewAfterPaymentEvent = (view: OrderView, event: PaymentEvent): OrderView => {
  const { paymentNo } = event.data;
  if (event.type === 'PaymentCreated') {
    const { channel, amountFen } = event.data;
    const created = { paymentNo, channel, amountFen, askedBackFen: 0, refundedFen: 0, status: 'CREATED' } as const;
    return { ...view, payments: [...view.payments, created] };
  }
  const payments = view.payments.map((payment) =>
    payment.paymentNo === paymentNo ? paymentAfter(payment, event) : payment,
  );
  return { ...view, payments };
};
