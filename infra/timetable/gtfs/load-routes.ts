// routes.txt: which trips are trains, and their kind of train.
import type { SkippedRow } from '@railhead/commands/ports/timetable-source.ts';
import type { Feed } from './feed.ts';
import type { Spill } from './spill.ts';
import { badRow, type FeedProgress, readTable } from './table.ts';

/** 2 is rail; 100 to 199 are its extended kinds (high speed, long distance, sleeper, …). */
const isRail = (routeType: number): boolean => routeType === 2 || (routeType >= 100 && routeType <= 199);

/** A train's type is free text of an operator; more than this is cut off. */
const MAX_TYPE = 64;

export async function* loadRoutes(
  feed: Feed,
  spill: Spill,
  progress: FeedProgress,
  allRouteTypes: boolean,
): AsyncGenerator<SkippedRow> {
  const insert = spill.db.prepare('INSERT OR IGNORE INTO routes (id, type, rail) VALUES (?, ?, ?)');
  const spec = { file: 'routes.txt', columns: ['route_id', 'route_type'] };
  yield* readTable(feed, progress, spec, (row) => {
    const id = row('route_id');
    const routeType = row('route_type');
    if (id === '') return badRow('no route_id');
    if (!/^\d{1,4}$/.test(routeType)) return badRow(`route ${id} has no route_type`);
    const type = row('route_desc') || row('route_long_name') || `GTFS route_type ${routeType}`;
    const rail = allRouteTypes || isRail(Number(routeType));
    if (insert.run(id, type.slice(0, MAX_TYPE), rail ? 1 : 0).changes === 0)
      return badRow(`route ${id} is there already`);
    return rail ? undefined : { code: 'ROUTE_TYPE_IGNORED', detail: `route ${id} is of type ${routeType}` };
  });
}
