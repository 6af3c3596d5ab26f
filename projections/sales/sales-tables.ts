import type { StoredInstant, StoredJson } from '../engine/sql-dialect.ts';
import { instant, json, type TableDefinitions, text } from '../engine/tables.ts';
import type { ListedPayment, ListedRefund, ListedTicket, UnpaidOrder } from './sales-rows.ts';
import type { SoldOrder } from './sold-order.ts';

export type SalesTables = {
  /** Every order, to go on from. */
  sold_orders: { order_no: string; sold: StoredJson<SoldOrder> };
  payments: {
    payment_no: string;
    user_id: string;
    channel: string;
    status: string;
    started_at: StoredInstant;
    payment: StoredJson<ListedPayment>;
  };
  refunds: {
    refund_no: string;
    order_no: string;
    payment_no: string;
    user_id: string;
    status: string;
    requested_at: StoredInstant;
    refund: StoredJson<ListedRefund>;
  };
  tickets: {
    ticket_no: string;
    train: string;
    date: string;
    status: string;
    issued_at: StoredInstant;
    ticket: StoredJson<ListedTicket>;
  };
  /** Only those that wait for their payment now. */
  unpaid_orders: { order_no: string; pay_before: StoredInstant; unpaid: StoredJson<UnpaidOrder> };
};

/** Longer than any number that Railhead gives, and as long as those that its endpoints take. */
const number = text(64);

export const salesTables: TableDefinitions<SalesTables> = {
  sold_orders: { columns: { order_no: number, sold: json }, key: ['order_no'] },
  payments: {
    columns: {
      payment_no: number,
      user_id: text(128),
      channel: text(16),
      status: text(16),
      started_at: instant,
      payment: json,
    },
    key: ['payment_no'],
    indexes: {
      newest: ['started_at', 'payment_no'],
      user: ['user_id', 'started_at', 'payment_no'],
      status: ['status', 'started_at', 'payment_no'],
    },
  },
  refunds: {
    columns: {
      refund_no: number,
      order_no: number,
      payment_no: number,
      user_id: text(128),
      status: text(16),
      requested_at: instant,
      refund: json,
    },
    key: ['refund_no'],
    indexes: {
      newest: ['requested_at', 'refund_no'],
      order: ['order_no', 'requested_at', 'refund_no'],
      user: ['user_id', 'requested_at', 'refund_no'],
      status: ['status', 'requested_at', 'refund_no'],
    },
  },
  tickets: {
    columns: {
      ticket_no: number,
      train: text(16),
      date: text(10),
      status: text(16),
      issued_at: instant,
      ticket: json,
    },
    key: ['ticket_no'],
    indexes: { newest: ['issued_at', 'ticket_no'], run: ['train', 'date', 'issued_at', 'ticket_no'] },
  },
  unpaid_orders: {
    columns: { order_no: number, pay_before: instant, unpaid: json },
    key: ['order_no'],
    indexes: { soonest: ['pay_before', 'order_no'] },
  },
};
