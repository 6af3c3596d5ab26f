// What becomes of tickets, folded by code of this test's own: given back once, changed once, and at any time there is one
// valid ticket for each that was paid for.
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import type { RefundedItem } from '@railhead/domain/refund/fees.ts';
import { Violation } from '../world/violation.ts';

export type RefundTruth = {
  readonly items: readonly RefundedItem[];
  /** RFC 3339. */
  readonly at: string;
  readonly askedMs: number;
  readonly feeFen: number;
  isDone: boolean;
};

export type ChangeTruth = {
  readonly newOrderNo: string;
  readonly itemNos: readonly number[];
  readonly feeFen: number;
  changedMs: number;
  status: 'PENDING' | 'CHANGED' | 'SETTLED' | 'DROPPED';
};

/** Where the tickets came from, for an order that was placed for a change. */
export type BeforeTruth = { readonly changeNo: string; readonly orderNo: string; readonly payFen: number };

/** What of an order matters once it has tickets. */
export type SoldOrder = {
  readonly orderNo: string;
  readonly request: { readonly passengers: readonly unknown[] };
  status: string;
  /** By number. */
  readonly refunds: Map<string, RefundTruth>;
  readonly changes: Map<string, ChangeTruth>;
  readonly before: BeforeTruth | undefined;
};

const AFTER_SALES = [
  'OrderRefundRequested',
  'OrderRefunded',
  'OrderChangeRequested',
  'OrderChanged',
  'OrderChangeDropped',
  'OrderChangeSettled',
] as const;

type AfterSale = Extract<OrderEvent, { readonly type: (typeof AFTER_SALES)[number] }> & RecordedEvent;

export const isAfterSale = (event: OrderEvent & RecordedEvent): event is AfterSale =>
  (AFTER_SALES as readonly string[]).includes(event.type);

/** Tickets of an order that were neither given back nor changed: their numbers. */
export const keptNos = ({ request, refunds, changes }: SoldOrder): readonly number[] => {
  const given = [...refunds.values()].flatMap(({ items }) => items.map(({ itemNo }) => itemNo));
  const changed = [...changes.values()].flatMap(({ itemNos, status }) =>
    status === 'CHANGED' || status === 'SETTLED' ? itemNos : [],
  );
  const gone = new Set([...given, ...changed]);
  return request.passengers.map((_, index) => index + 1).filter((itemNo) => !gone.has(itemNo));
};

const isBound = ({ changes }: SoldOrder, itemNo: number): boolean =>
  [...changes.values()].some(({ status, itemNos }) => status === 'PENDING' && itemNos.includes(itemNo));

export type AfterSalesWorld = {
  readonly now: () => number;
  /** Does the order have seats that nobody can take any more? */
  readonly isConfirmed: (orderNo: string) => boolean;
};

export const noteAfterSale = (order: SoldOrder, event: AfterSale, world: AfterSalesWorld): void => {
  const { orderNo } = order;
  switch (event.type) {
    case 'OrderRefundRequested': {
      const { refundNo, items, feeFen } = event.data;
      assertFree(order, `${refundNo} of order ${orderNo}`, items, 'REFUND_TWICE');
      order.refunds.set(refundNo, { items, at: event.meta.at, askedMs: world.now(), feeFen, isDone: false });
      if (keptNos(order).length === 0) order.status = 'REFUND';
      return;
    }
    case 'OrderRefunded': {
      const refund = order.refunds.get(event.data.refundNo);
      if (refund === undefined || refund.isDone)
        throw new Violation('REFUND_TWICE', `${event.data.refundNo} of order ${orderNo}`);
      refund.isDone = true;
      return;
    }
    case 'OrderChangeRequested': {
      const { changeNo, newOrderNo, items, feeFen } = event.data;
      assertFree(order, `${changeNo} of order ${orderNo}`, items, 'CHANGED_TWICE');
      if (order.before !== undefined) throw new Violation('CHANGED_TWICE', `order ${orderNo} came by a change`);
      const itemNos = items.map(({ itemNo }) => itemNo);
      order.changes.set(changeNo, { newOrderNo, itemNos, feeFen, changedMs: 0, status: 'PENDING' });
      return;
    }
    case 'OrderChanged': {
      const change = moved(order, event.data.changeNo, 'PENDING', 'CHANGED');
      change.changedMs = world.now();
      if (!world.isConfirmed(change.newOrderNo))
        throw new Violation('CHANGED_WITHOUT_SEAT', `${event.data.changeNo}: ${change.newOrderNo} has no seats`);
      if (keptNos(order).length === 0) order.status = 'CHANGE';
      return;
    }
    case 'OrderChangeDropped':
      moved(order, event.data.changeNo, 'PENDING', 'DROPPED');
      return;
    case 'OrderChangeSettled':
      moved(order, event.data.changeNo, 'CHANGED', 'SETTLED');
  }
};

/** Is nothing left to be done for its refunds and changes? */
export const isSettled = ({ status, refunds, changes }: SoldOrder): boolean =>
  (status === 'SUCCESS' || status === 'CLOSED') &&
  [...refunds.values()].every(({ isDone }) => isDone) &&
  [...changes.values()].every((change) => change.status === 'SETTLED' || change.status === 'DROPPED');

const assertFree = (
  order: SoldOrder,
  what: string,
  items: readonly { readonly itemNo: number }[],
  code: string,
): void => {
  const kept = new Set(keptNos(order));
  if (order.status !== 'SUCCESS' || !items.every(({ itemNo }) => kept.has(itemNo) && !isBound(order, itemNo)))
    throw new Violation(code, `${what}, which is ${order.status}`);
};

const moved = (
  { changes, orderNo }: SoldOrder,
  changeNo: string,
  from: ChangeTruth['status'],
  to: ChangeTruth['status'],
): ChangeTruth => {
  const change = changes.get(changeNo);
  if (change?.status !== from)
    throw new Violation('CHANGED_TWICE', `${changeNo} of order ${orderNo} is ${change?.status}, and becomes ${to}`);
  change.status = to;
  return change;
};
