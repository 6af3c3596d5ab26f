// The index of stations in Elasticsearch: the same keys as in memory, and the same ways to be found with the same scores,
// so that both give the same stations in the same order.
import { hash } from 'node:crypto';
import type { estypes } from '@elastic/elasticsearch';
import type { Position } from '@railhead/commands/ports/event-store.ts';
import { FIRST_GENERATION } from '@railhead/domain/replay/fold.ts';
import { generationName } from '@railhead/projections/engine/generation.ts';
import type { StationAliases } from '@railhead/projections/station-search/station-aliases.ts';
import type { StationDocument } from '@railhead/projections/station-search/station-document.ts';
import type { FoundStation } from '@railhead/projections/station-search/station-index.ts';
import {
  type KeysOf,
  keysBy,
  type StationFacts,
  type StationKeys,
} from '@railhead/projections/station-search/station-keys.ts';
import {
  STATION_SEARCH,
  STATION_SEARCH_VERSION,
  type StoredStationIndex,
} from '@railhead/projections/station-search/station-search-model.ts';
import {
  LEAST_CERTAIN,
  type Way,
  type WrittenWord,
  waysOf,
} from '@railhead/projections/station-search/station-ways.ts';
import { ElasticDocuments, type SearchOptions } from './elastic-documents.ts';
import { type Index, kept, keyword, long } from './mappings.ts';

type Query = estypes.QueryDslQueryContainer;

/** The embedded index answers where this takes longer. */
const PATIENCE_MS = 300;

const STATIONS_INDEX: Index = {
  settings: { number_of_shards: 1, auto_expand_replicas: '0-1' },
  mappings: {
    dynamic: 'strict',
    properties: {
      code: keyword,
      version: long,
      calls: long,
      codes: keyword,
      names: keyword,
      parts: keyword,
      initials: keyword,
      aliases: keyword,
      aliasParts: keyword,
      cities: keyword,
      words: keyword,
      station: kept,
    },
  },
};

export type IndexedStation = Partial<StationKeys> & {
  readonly code: string;
  readonly version: number;
  readonly calls: number;
  readonly station: { readonly facts?: StationFacts; readonly trains: readonly string[] };
};

const indexedBy =
  (keysOf: KeysOf) =>
  ({ code, version, facts, trains }: StationDocument): IndexedStation => ({
    code,
    version,
    calls: trains.length,
    // Without keys nothing finds it.
    ...(facts === undefined ? { station: { trains } } : { ...keysOf(facts), station: { facts, trains } }),
  });

const stationIn = ({ code, version, station }: IndexedStation): StationDocument => ({ code, version, ...station });

export type StationOptions = SearchOptions & {
  readonly aliases: StationAliases;
  readonly patienceMs?: number;
  readonly generation?: number;
};

/** Stored keys are made of a list of other names: with another list they are other documents, beside these. */
const listOf = (aliases: StationAliases): string => hash('sha256', JSON.stringify(aliases)).slice(0, 8);

export class ElasticStationIndex
  extends ElasticDocuments<StationDocument, IndexedStation>
  implements StoredStationIndex
{
  readonly #patienceMs: number;

  /** `patienceMs`: how long a question may take. */
  constructor({ aliases, patienceMs = PATIENCE_MS, generation = FIRST_GENERATION, ...options }: StationOptions) {
    const list = listOf(aliases);
    super(
      {
        name: generationName(`${STATION_SEARCH}-${list}`, generation),
        version: STATION_SEARCH_VERSION,
        documents: generation === FIRST_GENERATION ? `stations-${list}` : `stations-${list}-g${generation}`,
        mapping: STATIONS_INDEX,
        idOf: ({ code }) => code,
        versionOf: ({ version }) => version,
        indexed: indexedBy(keysBy(aliases)),
        documentIn: stationIn,
      },
      options,
    );
    this.#patienceMs = patienceMs;
  }

  ids(after: string, limit: number): Promise<readonly string[]> {
    return this.idsBy('code', after, limit);
  }

  async search(text: string, limit: number, upTo?: Position): Promise<readonly FoundStation[]> {
    const ways = waysOf(text);
    if (ways.length === 0) return [];
    return this.ask(upTo, async (client, index) => {
      const { hits } = await client.search<IndexedStation>(
        {
          index,
          query: { dis_max: { queries: ways.map(queryOf) } },
          sort: [{ _score: { order: 'desc' } }, { calls: 'desc' }, { code: 'asc' }],
          size: limit,
          track_total_hits: false,
          _source: ['station.facts'],
        },
        { requestTimeout: this.#patienceMs },
      );
      // Safe cast: the score is the first of what is sorted by.
      const scored = hits.hits.map(({ sort, _source }) => ({ score: sort?.[0] as number, found: _source }));
      const isCertain = (scored[0]?.score ?? 0) >= LEAST_CERTAIN;
      return scored.flatMap(({ score, found }) =>
        isCertain && score < LEAST_CERTAIN ? [] : (found?.station.facts ?? []),
      );
    });
  }
}

const queryOf = (way: Way): Query => ({ constant_score: { filter: filterOf(way), boost: way.score } });

const filterOf = (way: Way): Query => {
  switch (way.how) {
    case 'is':
      return { term: { [way.field]: { value: way.key } } };
    case 'begins':
      return begins(way.field, way.key);
    case 'near':
      return near(way.field, way.key, way.slips);
    case 'words':
      return { bool: { filter: way.words.map(written) } };
  }
};

const begins = (field: string, value: string): Query => ({ prefix: { [field]: { value } } });

/** Rewritten so that no number of words that are near is too many. */
const near = (field: string, value: string, slips: number): Query => ({
  fuzzy: { [field]: { value, fuzziness: slips, transpositions: true, rewrite: 'constant_score' } },
});

const written = ({ word, slips }: WrittenWord): Query =>
  slips === 0
    ? begins('words', word)
    : { bool: { should: [begins('words', word), near('words', word, slips)], minimum_should_match: 1 } };
