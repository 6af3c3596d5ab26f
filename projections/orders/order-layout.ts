// How order data is spread over databases and tables. An order's number carries the shard of its user, so an order and
// its user's list are looked up in the same table.
import { SHARDS } from '@railhead/commands/orders/order-number.ts';

/** So many databases, with so many tables in each. `mark` tells two layouts of one form apart. */
export type OrderLayout = { readonly databases: number; readonly tables: number; readonly mark?: string };

/** The table of a shard: its database and its number there. */
export type OrderPlace = { readonly database: number; readonly table: number };

/** At most so many tables in all: one for each shard. */
export const MOST_ORDER_TABLES = SHARDS;

export const placeOf = ({ databases, tables }: OrderLayout, shard: number): OrderPlace => ({
  database: shard % databases,
  table: Math.floor(shard / databases) % tables,
});

/** Part of the names of its models and tables, so that two layouts can stand side by side. */
export const layoutName = ({ databases, tables, mark = '' }: OrderLayout): string =>
  `${databases}x${tables}${mark === '' ? '' : `_${mark}`}`;
