// What of the read side stands on a search server.
import type { RemovableIndex } from '@railhead/projections/engine/document-index.ts';
import type { OrderIndex } from '@railhead/projections/order-search/order-index.ts';
import type { StoredStationIndex } from '@railhead/projections/station-search/station-search-model.ts';

export type SearchServer = {
  /** The index of orders of a generation. */
  readonly orders?: (generation: number) => OrderIndex & RemovableIndex;
  readonly stations?: (generation: number) => StoredStationIndex & RemovableIndex;
};
