// The rows of the embedded index. The words stand beside them in `found_text`, a table for full-text search, under the
// number of the order's row.
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import type { StoredJson } from '../engine/sql-dialect.ts';
import { json, position, type TableDefinitions, text } from '../engine/tables.ts';

export type OrderSearchTables = {
  found_orders: {
    order_no: string;
    /** The position of the order's first event is the number of its row. */
    first: number;
    version: number;
    user_id: string;
    train: string;
    date: string;
    from_code: string;
    from_name: string;
    to_code: string;
    to_name: string;
    status: string;
    amount_fen: number;
    requested_ms: number;
    day: string;
    leaves: string;
    names: StoredJson<readonly string[]>;
    view: StoredJson<OrderView>;
  };
  found_names: { name: string; first: number };
  /** Words by their pieces, for those that are written with slips. */
  found_pieces: { piece: string; word: string };
};

/** The words of the orders, by number of the row. */
export const FOUND_TEXT = 'found_text';

export const orderSearchTables: TableDefinitions<OrderSearchTables> = {
  found_orders: {
    columns: {
      order_no: text(64),
      first: position,
      version: position,
      user_id: text(128),
      train: text(16),
      date: text(10),
      from_code: text(16),
      from_name: text(128),
      to_code: text(16),
      to_name: text(128),
      status: text(16),
      amount_fen: position,
      requested_ms: position,
      day: text(10),
      leaves: text(40),
      names: json,
      view: json,
    },
    key: ['order_no'],
    indexes: {
      first: ['first'],
      user: ['user_id', 'first'],
      run: ['date', 'train'],
      status: ['status', 'first'],
      amount: ['amount_fen', 'order_no'],
      leaves: ['leaves', 'order_no'],
    },
  },
  found_names: { columns: { name: text(200), first: position }, key: ['name', 'first'] },
  found_pieces: { columns: { piece: text(80), word: text(64) }, key: ['piece', 'word'] },
};
