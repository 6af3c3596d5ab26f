import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import type { StoredInstant, StoredJson } from '../engine/sql-dialect.ts';
import { instant, json, position, type TableDefinitions, text } from '../engine/tables.ts';

export type OrdersTables = {
  orders: {
    order_no: string;
    user_id: string;
    train: string;
    date: string;
    status: string;
    requested_at: StoredInstant;
    /** The position of the order's first event. */
    position: number;
    /** The order as it is shown, with personal data masked. */
    view: StoredJson<OrderView>;
  };
};

export const ordersTables: TableDefinitions<OrdersTables> = {
  orders: {
    columns: {
      order_no: text(32),
      user_id: text(128),
      train: text(16),
      date: text(10),
      status: text(16),
      requested_at: instant,
      position,
      view: json,
    },
    key: ['order_no'],
    indexes: { user: ['user_id', 'position'] },
  },
};
