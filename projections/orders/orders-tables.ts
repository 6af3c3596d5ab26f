import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import type { SqlDialect, StoredInstant, StoredJson } from '../engine/sql-dialect.ts';
import { instant, json, position, type TableDefinition, text } from '../engine/tables.ts';

export type StoredOrder = {
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

/** One table, or several of the same form; their names are the model's. */
export type OrdersTables = { [table: string]: StoredOrder };

export const ORDER_TABLE: TableDefinition<StoredOrder> = {
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
};

/** `position`: of the order's first event. */
export const storedOrder = (view: OrderView, position: number, dialect: SqlDialect): StoredOrder => ({
  order_no: view.orderNo,
  user_id: view.userId,
  train: view.train,
  date: view.date,
  status: view.status,
  requested_at: dialect.toInstant(Date.parse(view.requestedAt)),
  position,
  view: dialect.toJson(view),
});
