// Orders by whatever is known of them. The index stands in the local read database, or on a search server.
import type { Position } from '@railhead/commands/ports/event-store.ts';
import { FIRST_GENERATION } from '@railhead/domain/replay/fold.ts';
import type { RewritingDocuments } from '../engine/document-projection.ts';
import { generationName, generationTable, generationTables } from '../engine/generation.ts';
import { documentRows } from '../engine/generations/comparable-documents.ts';
import { ofModel } from '../engine/read-database.ts';
import type { OpenModel, ReadModel } from '../engine/read-model.ts';
import type { OrderDocument } from './order-document.ts';
import type { OrderIndex } from './order-index.ts';
import type { FoundOrders, OrderQuestion } from './order-question.ts';
import { ORDER_SEARCH, orderSearchProjection } from './order-search-projection.ts';
import { FOUND_TEXT, orderSearchTables } from './order-search-tables.ts';
import { SqliteOrderIndex } from './sqlite-order-index.ts';

/** Raise it with every change of what is stored, in whatever store: the model is then built again. */
export const ORDER_SEARCH_VERSION = 1;

export type OrderSearchQueries = {
  /** As `OrderIndex.search`. */
  search(question: OrderQuestion, upTo?: Position): Promise<FoundOrders>;
  /** The documents themselves, for who compares them with the log. */
  readonly documents: OrderDocuments;
};

export type OrderDocuments = Pick<OrderIndex, 'orderNos' | 'examine'> & RewritingDocuments<OrderDocument>;

/** `name`: of the generation that the index is of. */
export const openOrderSearch = (index: OrderIndex, name = ORDER_SEARCH): OpenModel<OrderSearchQueries> => {
  const projection = orderSearchProjection(index, name);
  const { rewriting } = projection;
  const documents: OrderDocuments = {
    get isFedHere() {
      return rewriting.isFedHere;
    },
    rewrite: rewriting.rewrite,
    orderNos: (after, limit) => index.orderNos(after, limit),
    examine: (orderNos) => index.examine(orderNos),
  };
  const queries = { search: (question: OrderQuestion, upTo?: Position) => index.search(question, upTo), documents };
  const listed = { ids: documents.orderNos, examine: documents.examine };
  // Names are stored in full, to be found by, and shown to nobody.
  return { projection, queries, rows: documentRows(listed, ['names']) };
};

const generation = (number: number): ReadModel<OrderSearchQueries> => {
  const name = generationName(ORDER_SEARCH, number);
  return {
    name,
    schema: {
      version: ORDER_SEARCH_VERSION,
      tables: generationTables(orderSearchTables, number),
      others: [generationTable(FOUND_TEXT, number)],
    },
    isLocal: true,
    open: (database) =>
      openOrderSearch(new SqliteOrderIndex(ofModel(database, name), ORDER_SEARCH_VERSION, number), name),
    generation,
  };
};

/** The embedded one, of this process alone. */
export const orderSearchModel: ReadModel<OrderSearchQueries> = generation(FIRST_GENERATION);
