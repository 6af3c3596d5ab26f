// Stations on a search server, beside the index that every process has in its memory.
import { stationCategory } from '@railhead/domain/timetable/stream.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import type { DocumentIndex } from '../engine/document-index.ts';
import { documentProjection } from '../engine/document-projection.ts';
import type { Projection } from '../engine/projection.ts';
import { type StationDocument, stationAfter, stationsOf } from './station-document.ts';
import type { StationIndex } from './station-index.ts';

export const STATION_SEARCH = 'stationSearch';
/** Raise it with every change of what is stored, of the keys too: the model is then built again. */
export const STATION_SEARCH_VERSION = 1;

/** An index that is fed from the log. */
export type StoredStationIndex = StationIndex & DocumentIndex<StationDocument>;

export const stationSearchProjection = (index: DocumentIndex<StationDocument>): Projection =>
  documentProjection(index, {
    name: STATION_SEARCH,
    categories: [stationCategory, runCategory],
    idsOf: stationsOf,
    after: stationAfter,
  });
