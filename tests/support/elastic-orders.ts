// Indices of orders in Elasticsearch, as one process has them.
import { ElasticOrderIndex } from '@railhead/infra/search/elastic-order-index.ts';
import { documentIn, type IndexedOrder, type PlaceDocument } from '@railhead/infra/search/mappings.ts';
import { clientAt } from '@railhead/infra/search/search-server.ts';
import type { Lease } from '@railhead/projections/engine/model-lease.ts';
import type { OrderDocument } from '@railhead/projections/order-search/order-document.ts';
import { realClock } from './fixed-clock.ts';
import { waitUntil } from './wait-until.ts';

export type OwnedIndex = { readonly index: ElasticOrderIndex; readonly lease: Lease };

type Part = { readonly url: string; readonly prefix: string };

/** Each is the owner of its documents, and has seen its place. */
export const openedIndices = () => {
  const opened: OwnedIndex[] = [];
  return {
    open: async (part: Part, version?: number): Promise<OwnedIndex> => {
      const index = new ElasticOrderIndex({ ...part, clock: realClock, ...(version === undefined ? {} : { version }) });
      const lease = index.leaseWith(async () => true);
      const owned = { index, lease };
      opened.push(owned);
      await lease.acquire(
        new AbortController().signal,
        async () => false,
        () => {},
      );
      await index.place();
      return owned;
    },
    closeAll: async (): Promise<void> => {
      for (const { index, lease } of opened) {
        await lease.release().catch(() => {});
        await index.close();
      }
    },
  };
};

/** All documents that the place names, whatever can be searched yet. */
export const storedDocuments = async ({ url, prefix }: Part): Promise<readonly OrderDocument[]> => {
  const client = clientAt(url);
  try {
    // A place that was deleted is there again when the model has begun anew.
    const index = await waitUntil('the place', async () => {
      const asked = { index: `${prefix}places-1`, id: 'orderSearch' };
      const found = await client.get<PlaceDocument>(asked, { ignore: [404] });
      return found._source?.index;
    });
    await client.indices.refresh({ index });
    const { hits } = await client.search<IndexedOrder>({ index, size: 10_000, sort: [{ first: 'asc' }] });
    return hits.hits.flatMap(({ _source }) => (_source === undefined ? [] : [documentIn(_source)]));
  } finally {
    await client.close();
  }
};
