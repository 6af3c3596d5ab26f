// Orders by whatever is known of them. The index stands in the local read database, or on a search server.
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type { OpenModel, ReadModel } from '../engine/read-model.ts';
import type { OrderIndex } from './order-index.ts';
import type { FoundOrders, OrderQuestion } from './order-question.ts';
import { ORDER_SEARCH, orderSearchProjection } from './order-search-projection.ts';
import { orderSearchTables } from './order-search-tables.ts';
import { SqliteOrderIndex } from './sqlite-order-index.ts';

/** Raise it with every change of what is stored, in whatever store: the model is then built again. */
export const ORDER_SEARCH_VERSION = 1;

export type OrderSearchQueries = {
  /** As `OrderIndex.search`. */
  search(question: OrderQuestion, upTo?: Position): Promise<FoundOrders>;
};

export const openOrderSearch = (index: OrderIndex): OpenModel<OrderSearchQueries> => ({
  projection: orderSearchProjection(index),
  queries: { search: (question, upTo) => index.search(question, upTo) },
});

/** The embedded one, of this process alone. */
export const orderSearchModel: ReadModel<OrderSearchQueries> = {
  name: ORDER_SEARCH,
  schema: { version: ORDER_SEARCH_VERSION, tables: orderSearchTables },
  isLocal: true,
  open: (database) => openOrderSearch(new SqliteOrderIndex(database, ORDER_SEARCH_VERSION)),
};
