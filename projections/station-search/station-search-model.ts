// Stations on a search server, beside the index that every process has in its memory.
import { FIRST_GENERATION } from '@railhead/domain/replay/fold.ts';
import { stationCategory } from '@railhead/domain/timetable/stream.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import type { RewritableIndex } from '../engine/document-index.ts';
import { documentProjection } from '../engine/document-projection.ts';
import { generationName } from '../engine/generation.ts';
import { documentRows, type ListedDocuments } from '../engine/generations/comparable-documents.ts';
import { MemoryDocuments } from '../engine/memory-documents.ts';
import type { OpenModel, ReadModel } from '../engine/read-model.ts';
import { type StationDocument, stationAfter, stationsOf } from './station-document.ts';
import type { StationIndex } from './station-index.ts';

export const STATION_SEARCH = 'stationSearch';
/** Raise it with every change of what is stored, of the keys too: the model is then built again. */
export const STATION_SEARCH_VERSION = 1;

type StationDocuments = RewritableIndex<StationDocument> & ListedDocuments<StationDocument>;

/** An index that is fed from the log. */
export type StoredStationIndex = StationIndex & StationDocuments;

/** Undefined: it has only documents, and finds nothing. */
export type StationQueries = Pick<StationIndex, 'search'> | undefined;

const opened = (documents: StationDocuments, name: string): Omit<OpenModel<StationQueries>, 'queries'> => ({
  projection: documentProjection(documents, {
    name,
    categories: [stationCategory, runCategory],
    idsOf: stationsOf,
    after: stationAfter,
  }),
  rows: documentRows(documents),
});

/** `name`: of the generation that the index is of. */
export const openStationSearch = (index: StoredStationIndex, name = STATION_SEARCH): OpenModel<StationQueries> => ({
  ...opened(index, name),
  queries: { search: (text, limit, upTo) => index.search(text, limit, upTo) },
});

const generation = (number: number): ReadModel<StationQueries> => {
  const name = generationName(STATION_SEARCH, number);
  return {
    name,
    schema: { version: STATION_SEARCH_VERSION, tables: {} },
    isLocal: true,
    // Its documents alone, to be compared: it is searched on a server, or in the memory of each process.
    open: () => ({
      ...opened(new MemoryDocuments({ idOf: ({ code }) => code, versionOf: ({ version }) => version }), name),
      queries: undefined,
    }),
    generation,
  };
};

/** Only where there is a search server: it is no model of a process without one. */
export const stationSearchModel: ReadModel<StationQueries> = generation(FIRST_GENERATION);
