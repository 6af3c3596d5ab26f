// Timetables in GTFS (gtfs.org, "GTFS Schedule Reference"), from a folder or a zip of any size.
import { basename } from 'node:path';
import type { SkippedRow, TimetableItem, TimetableSource } from '@railhead/commands/ports/timetable-source.ts';
import { asTimetableError } from '../file-bytes.ts';
import { assertComplete, type Feed, ignoredFiles } from './feed.ts';
import { loadRoutes } from './load-routes.ts';
import { loadServices } from './load-services.ts';
import { loadStops } from './load-stops.ts';
import { loadStopTimes, loadTrips } from './load-trips.ts';
import { openFeed } from './open-feed.ts';
import { Spill } from './spill.ts';
import { stationsInUse } from './stations.ts';
import { FeedProgress } from './table.ts';
import { trainsOfFeed } from './trains.ts';

/** `allRouteTypes`: import trams, buses and ferries as trains too. */
export type GtfsOptions = { readonly allRouteTypes?: boolean };

async function* load(
  feed: Feed,
  spill: Spill,
  progress: FeedProgress,
  { allRouteTypes = false }: GtfsOptions,
): AsyncGenerator<SkippedRow> {
  for (const file of ignoredFiles(feed))
    yield { file, code: 'FILE_IGNORED', detail: 'nothing a timetable needs is in it' };
  yield* loadStops(feed, spill, progress);
  yield* loadRoutes(feed, spill, progress, allRouteTypes);
  yield* loadServices(feed, spill, progress);
  yield* loadTrips(feed, spill, progress);
  yield* loadStopTimes(feed, spill, progress);
}

const bytesToRead = (feed: Feed): number => {
  const ignored = new Set([...ignoredFiles(feed), 'agency.txt']);
  return [...feed.files].reduce((sum, [name, { bytes }]) => sum + (ignored.has(name) ? 0 : bytes), 0);
};

/** A feed's rail trips as trains. Each trip is one train on all its dates, with a number that is unique in the feed. */
export const gtfsSource = (path: string, options: GtfsOptions = {}): TimetableSource => ({
  name: basename(path),
  async *read(onProgress): AsyncIterable<TimetableItem> {
    const feed = await openFeed(path);
    try {
      assertComplete(feed);
      const spill = new Spill();
      try {
        const total = bytesToRead(feed);
        for await (const row of load(feed, spill, new FeedProgress(total, onProgress), options))
          yield { kind: 'skipped', row };
        onProgress({ phase: 'put trains together', done: total, total });
        for (const station of stationsInUse(spill)) yield { kind: 'station', station };
        yield* trainsOfFeed(spill);
      } finally {
        spill.close();
      }
    } catch (error) {
      throw asTimetableError(error, path);
    } finally {
      feed.close();
    }
  },
});
