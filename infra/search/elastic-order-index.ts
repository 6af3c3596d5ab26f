// The index of orders in Elasticsearch.
import type { estypes } from '@elastic/elasticsearch';
import type { Position } from '@railhead/commands/ports/event-store.ts';
import { FIRST_GENERATION } from '@railhead/domain/replay/fold.ts';
import { generationName } from '@railhead/projections/engine/generation.ts';
import type { OrderDocument } from '@railhead/projections/order-search/order-document.ts';
import type { OrderIndex } from '@railhead/projections/order-search/order-index.ts';
import type {
  Count,
  CountedBy,
  FoundOrders,
  OrderCounts,
  OrderQuestion,
} from '@railhead/projections/order-search/order-question.ts';
import { ORDER_SEARCH_VERSION } from '@railhead/projections/order-search/order-search-model.ts';
import { ORDER_SEARCH } from '@railhead/projections/order-search/order-search-projection.ts';
import { ElasticDocuments, type SearchOptions } from './elastic-documents.ts';
import { documentIn, type IndexedOrder, indexed, ORDERS_INDEX } from './mappings.ts';
import { searchOf } from './search-query.ts';

export class ElasticOrderIndex extends ElasticDocuments<OrderDocument, IndexedOrder> implements OrderIndex {
  constructor({ generation = FIRST_GENERATION, ...options }: SearchOptions & { readonly generation?: number }) {
    super(
      {
        name: generationName(ORDER_SEARCH, generation),
        version: ORDER_SEARCH_VERSION,
        documents: generation === FIRST_GENERATION ? 'orders' : `orders-g${generation}`,
        mapping: ORDERS_INDEX,
        idOf: ({ orderNo }) => orderNo,
        versionOf: ({ version }) => version,
        indexed,
        documentIn,
      },
      options,
    );
  }

  orderNos(after: string, limit: number): Promise<readonly string[]> {
    return this.idsBy('orderNo', after, limit);
  }

  search(question: OrderQuestion, upTo?: Position): Promise<FoundOrders> {
    return this.ask(upTo, async (client, index) => {
      const asked = { index, ...searchOf(question), _source: ['view'] };
      return foundIn(await client.search<IndexedOrder>(asked), question);
    });
  }
}

const foundIn = (answer: estypes.SearchResponse<IndexedOrder>, { limit, countBy }: OrderQuestion): FoundOrders => {
  const { hits, aggregations } = answer;
  const page = hits.hits.slice(0, limit);
  const sort = page.at(-1)?.sort;
  // Safe casts: the fields that are sorted by are numbers and texts, and each document has a view.
  const next =
    hits.hits.length > limit && sort !== undefined
      ? { key: sort[0] as string | number, orderNo: sort[1] as string }
      : undefined;
  const orders = page.map(({ _source }) => (_source as IndexedOrder).view);
  return { orders, next, counts: countBy === undefined ? undefined : countsIn(hits.total, aggregations, countBy) };
};

type Bucket = { readonly key: string; readonly doc_count: number };

const countsIn = (
  total: estypes.SearchHitsMetadata['total'],
  aggregations: Record<string, estypes.AggregationsAggregate> | undefined,
  countBy: readonly CountedBy[],
): OrderCounts => {
  const counts: Partial<Record<CountedBy, readonly Count[]>> = {};
  for (const by of countBy) {
    // Safe cast: this is what is answered to a `terms` aggregation of keywords.
    const counted = aggregations?.[by] as { readonly buckets: readonly Bucket[] } | undefined;
    counts[by] = (counted?.buckets ?? []).map(({ key, doc_count }) => ({ value: key, orders: doc_count }));
  }
  return { total: typeof total === 'object' ? total.value : (total ?? 0), ...counts };
};
