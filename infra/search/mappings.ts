// The indices, with every field named: a document with another field is refused. Nothing here needs a plugin or a script.
import type { estypes } from '@elastic/elasticsearch';
import type { Stranger } from '@railhead/projections/engine/sorted-batch.ts';
import type { OrderDocument } from '@railhead/projections/order-search/order-document.ts';
import { searchedNames, searchedWords } from '@railhead/projections/order-search/order-document.ts';

export type Index = Pick<estypes.IndicesCreateRequest, 'mappings' | 'settings'>;

export const keyword = { type: 'keyword' } as const;
export const long = { type: 'long' } as const;
/** Kept, and not searched. */
export const kept = { type: 'object', enabled: false } as const;
/** Words come divided by spaces, as all stores get them. */
const words = { type: 'text', analyzer: 'whitespace', norms: false } as const;

export const ORDERS_INDEX: Index = {
  // One shard: counts are exact, and so is the order of pages. It has room for a hundred million orders.
  settings: { number_of_shards: 1, auto_expand_replicas: '0-1' },
  mappings: {
    dynamic: 'strict',
    properties: {
      orderNo: keyword,
      first: long,
      version: long,
      userId: keyword,
      train: keyword,
      date: keyword,
      from: keyword,
      to: keyword,
      status: keyword,
      amountFen: long,
      requestedMs: long,
      day: keyword,
      leaves: keyword,
      names: keyword,
      nameWords: words,
      words,
      view: kept,
    },
  },
};

export type IndexedOrder = {
  readonly orderNo: string;
  readonly first: number;
  readonly version: number;
  readonly userId: string;
  readonly train: string;
  readonly date: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly status: string;
  readonly amountFen: number;
  readonly requestedMs: number;
  readonly day: string;
  readonly leaves: string;
  readonly names: readonly string[];
  readonly nameWords: string;
  readonly words: string;
  readonly view: OrderDocument['view'];
};

export const indexed = (document: OrderDocument): IndexedOrder => {
  const { view, ...same } = document;
  const { userId, train, date, from, to, status, amountFen } = view;
  const places = { from: [from.code, from.name], to: [to.code, to.name] };
  const searched = { nameWords: searchedNames(document), words: searchedWords(document) };
  return { ...same, userId, train, date, ...places, status, amountFen, ...searched, view };
};

export const documentIn = ({
  orderNo,
  first,
  version,
  leaves,
  requestedMs,
  day,
  names,
  view,
}: IndexedOrder): OrderDocument => ({
  orderNo,
  first,
  version,
  leaves,
  requestedMs,
  day,
  names,
  view,
});

/** One document for each model: where it is, who feeds it, and in which index its documents are. */
export const PLACES_INDEX: Index = {
  settings: { number_of_shards: 1, auto_expand_replicas: '0-1' },
  mappings: {
    dynamic: 'strict',
    properties: {
      version: { type: 'integer' },
      index: keyword,
      position: long,
      fingerprint: keyword,
      owner: keyword,
      epoch: long,
      beat: long,
      setAside: kept,
    },
  },
};

export type PlaceDocument = {
  readonly version: number;
  readonly index: string;
  readonly position: number;
  readonly fingerprint: string;
  readonly owner: string;
  readonly epoch: number;
  readonly beat: number;
  /** An object, because a list of objects is not kept as it is. */
  readonly setAside: { readonly streams: readonly Stranger[] };
};
