// Stations as the endpoints ask for them.
import type { IncomingMessage } from 'node:http';
import type { FoundStation } from '@railhead/projections/station-search/station-index.ts';
import type { TimetableQueries } from '@railhead/projections/timetable/timetable-queries.ts';

export interface StationReads {
  /** As `StationIndex.search`, at the position in the request's header. */
  find(request: IncomingMessage, text: string, limit: number): Promise<readonly FoundStation[]>;
  /**
   * The station codes of a place: a code, `city:北京`, or what a station or city is called. Problems where there is none,
   * or where stations of several cities are called so.
   */
  place(request: IncomingMessage, queries: TimetableQueries, text: string): Promise<readonly string[]>;
}
