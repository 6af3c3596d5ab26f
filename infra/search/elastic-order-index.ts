// The index of orders in Elasticsearch. A document counts by its version, which is the position of the last event in it; the
// place moves when all documents of its batch have been acknowledged.

import type { Client, estypes } from '@elastic/elasticsearch';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { Position } from '@railhead/commands/ports/event-store.ts';
import { type Beat, type Lease, type LeaseRows, ModelLease, NOBODY } from '@railhead/projections/engine/model-lease.ts';
import { NOWHERE, type Place, PlaceMoved } from '@railhead/projections/engine/model-place.ts';
import { pagesOf } from '@railhead/projections/engine/pages.ts';
import type { Stranger } from '@railhead/projections/engine/sorted-batch.ts';
import type { OrderDocument } from '@railhead/projections/order-search/order-document.ts';
import type { OrderIndex, StoredPlace } from '@railhead/projections/order-search/order-index.ts';
import type {
  Count,
  CountedBy,
  FoundOrders,
  OrderCounts,
  OrderQuestion,
} from '@railhead/projections/order-search/order-question.ts';
import { ORDER_SEARCH_VERSION } from '@railhead/projections/order-search/order-search-model.ts';
import { ORDER_SEARCH } from '@railhead/projections/order-search/order-search-projection.ts';
import { newOwner } from '../system/owner.ts';
import { documentIn, type IndexedOrder, indexed, type PlaceDocument } from './mappings.ts';
import { searchOf } from './search-query.ts';
import { asking, BATCH_MS, clientAt, SearchAway, statusOf } from './search-server.ts';
import { type ReadPlace, StoredPlaceOf, writtenAs } from './stored-place.ts';

/** Documents of one request: some two megabytes. */
const DOCUMENTS_AT_ONCE = 1_000;

export type SearchOptions = {
  readonly url: string;
  readonly prefix: string;
  readonly clock: Pick<Clock, 'after'>;
  readonly version?: number;
};

export class ElasticOrderIndex implements OrderIndex {
  readonly #client: Client;
  readonly #stored: StoredPlaceOf;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #owner = newOwner();
  /** The place as this process has read it or left it last. */
  #at: ReadPlace | undefined;
  /** Searches see everything up to here. */
  #visible: { readonly index: string; readonly position: Position } | undefined;

  constructor({ url, prefix, clock, version = ORDER_SEARCH_VERSION }: SearchOptions) {
    this.#client = clientAt(url);
    this.#stored = new StoredPlaceOf(this.#client, prefix, { name: ORDER_SEARCH, version });
    this.#clock = clock;
  }

  leaseWith(beat: Beat): Lease {
    return new ModelLease(this.#leaseRows(), { owner: this.#owner, clock: this.#clock }, beat);
  }

  /** A place is moved from where it was read, which says more than its numbers. */
  #leaseRows(): LeaseRows {
    return {
      read: async () => {
        this.#at = await this.#stored.read();
        return this.#at;
      },
      take: ({ epoch }, owner) => this.#moves({ owner, epoch: epoch + 1 }),
      free: async (owner, epoch) => {
        if (this.#at?.owner === owner && this.#at.epoch === epoch) await this.#moves({ owner: NOBODY.owner });
      },
      isPassing: (error) => this.isPassing(error),
    };
  }

  /** Moves the place from where this process knows it. False: it is somewhere else by now. */
  async #moves(change: Partial<PlaceDocument>): Promise<boolean> {
    if (this.#at === undefined) return false;
    try {
      this.#at = await this.#stored.move(this.#at, change);
      return true;
    } catch (error) {
      if (error instanceof PlaceMoved) return false;
      throw error;
    }
  }

  isPassing(error: unknown): boolean {
    return error instanceof SearchAway || error instanceof PlaceMoved;
  }

  async place(): Promise<StoredPlace> {
    const at = this.#owned();
    if (await this.#stored.hasIndex(at.index)) {
      const { position, fingerprint, setAside } = at;
      return { position, fingerprint, setAside: setAside.streams };
    }
    await this.clear();
    return { ...NOWHERE, setAside: [] };
  }

  async clear(): Promise<void> {
    const at = this.#owned();
    const index = await this.#stored.newIndex();
    try {
      this.#at = await this.#stored.move(at, { ...NOWHERE, index, setAside: { streams: [] } });
    } catch (error) {
      await this.#stored.deleteIndex(index);
      throw error;
    }
    await this.#stored.deleteOthers(index);
  }

  async documents(orderNos: readonly string[]): Promise<ReadonlyMap<string, OrderDocument>> {
    const { index } = this.#owned();
    const documents = new Map<string, OrderDocument>();
    for (const page of pagesOf(orderNos, DOCUMENTS_AT_ONCE)) {
      const { docs } = await asking(() =>
        this.#client.mget<IndexedOrder>({ index, ids: [...page] }, { requestTimeout: BATCH_MS }),
      );
      for (const found of docs) {
        if ('error' in found) throw new SearchAway(found.error.type ?? 'a document cannot be read');
        if (found._source !== undefined) documents.set(found._id, documentIn(found._source));
      }
    }
    return documents;
  }

  async put(documents: readonly OrderDocument[], place: Place, strangers: readonly Stranger[]): Promise<void> {
    const at = this.#owned();
    for (const page of pagesOf(documents, DOCUMENTS_AT_ONCE)) await this.#write(at.index, page);
    const setAside = strangers.length === 0 ? at.setAside : { streams: [...at.setAside.streams, ...strangers] };
    this.#at = await this.#stored.move(at, { ...place, setAside });
  }

  async #write(index: string, documents: readonly OrderDocument[]): Promise<void> {
    const operations = documents.flatMap((document) => [
      { index: { _id: document.orderNo, version: document.version, version_type: 'external' as const } },
      indexed(document),
    ]);
    const { errors, items } = await asking(() =>
      this.#client.bulk({ index: writtenAs(index), require_alias: true, operations }, { requestTimeout: BATCH_MS }),
    );
    if (!errors) return;
    // A document that is as new or newer is there already.
    const failed = items.find(({ index: written }) => written?.error !== undefined && written.status !== 409);
    const { status, error } = failed?.index ?? {};
    if (error !== undefined) throw new SearchAway(`${status} ${error.type}`);
  }

  async beat(place: Place): Promise<boolean> {
    const at = this.#owned();
    if (!(await this.#stored.hasIndex(at.index))) return false;
    return this.#moves({ ...place, beat: at.beat + 1 });
  }

  async search(question: OrderQuestion, upTo?: Position): Promise<FoundOrders> {
    const at = this.#at;
    if (at === undefined) throw new SearchAway('nothing has been read of it yet');
    return asking(async () => {
      if (upTo !== undefined) await this.#makeVisible(at, upTo);
      try {
        const answer = await this.#client.search<IndexedOrder>({
          index: at.index,
          ...searchOf(question),
          _source: ['view'],
        });
        return foundIn(answer, question);
      } catch (error) {
        if (statusOf(error) === 404) throw new SearchAway('its documents are gone, and will be put again');
        throw error;
      }
    });
  }

  /** Documents can be searched some time after they were written, or when that is asked for. */
  async #makeVisible(at: ReadPlace, upTo: Position): Promise<void> {
    const { index, position } = at;
    const isVisible = this.#visible?.index === index && this.#visible.position >= Math.min(upTo, position);
    if (isVisible) return;
    await this.#client.indices.refresh({ index });
    this.#visible = { index, position };
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** The place that this process owns, or owned last: whoever has taken it over meanwhile has moved it. */
  #owned(): ReadPlace {
    if (this.#at === undefined || this.#at.owner !== this.#owner) throw new PlaceMoved(ORDER_SEARCH);
    return this.#at;
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
