// trips.txt and stop_times.txt: the trains and their calls.
import type { SkippedRow } from '@railhead/commands/ports/timetable-source.ts';
import { minutesOf } from './clock.ts';
import type { Feed } from './feed.ts';
import { lookup, type Spill } from './spill.ts';
import { badRow, type FeedProgress, readTable } from './table.ts';

export async function* loadTrips(feed: Feed, spill: Spill, progress: FeedProgress): AsyncGenerator<SkippedRow> {
  const route = lookup(spill.db, 'SELECT key * rail AS value FROM routes WHERE id = ?');
  const service = lookup(spill.db, 'SELECT key AS value FROM services WHERE id = ?');
  const insert = spill.db.prepare(
    'INSERT OR IGNORE INTO trips (id, line, route, service, short_name, left_out) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const spec = { file: 'trips.txt', columns: ['route_id', 'service_id', 'trip_id'] };
  yield* readTable(feed, progress, spec, (row, line) => {
    const id = row('trip_id');
    if (id === '') return badRow('no trip_id');
    const routeKey = route(row('route_id')) ?? undefined;
    const serviceKey = service(row('service_id')) ?? undefined;
    const leftOut = !routeKey || serviceKey === undefined;
    const { changes } = insert.run(
      ...[id, line, routeKey ?? null, serviceKey ?? null, row('trip_short_name'), leftOut ? 1 : 0],
    );
    if (changes === 0) return badRow(`trip ${id} is there already`);
    if (routeKey === undefined) return { code: 'UNKNOWN_ROUTE', detail: `trip ${id}, route ${row('route_id')}` };
    if (routeKey === 0 || serviceKey !== undefined) return undefined;
    return { code: 'UNKNOWN_SERVICE', detail: `trip ${id}, service ${row('service_id')}` };
  });
  spill.db.exec(`
    UPDATE trips SET short_name = '' WHERE short_name <> '' AND short_name IN
      (SELECT short_name FROM trips WHERE NOT left_out GROUP BY short_name HAVING count(*) > 1)
  `);
}

/** Null for a blank time; undefined for a text that is no time. */
const timeOrBlank = (text: string): number | null | undefined => (text === '' ? null : minutesOf(text));

export async function* loadStopTimes(feed: Feed, spill: Spill, progress: FeedProgress): AsyncGenerator<SkippedRow> {
  const trip = lookup(spill.db, 'SELECT iif(left_out, 0, key) AS value FROM trips WHERE id = ?');
  const station = lookup(spill.db, 'SELECT station AS value FROM stops WHERE id = ?');
  const insert = spill.db.prepare('INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?)');
  const columns = ['trip_id', 'stop_id', 'stop_sequence', 'arrival_time', 'departure_time'];
  yield* readTable(feed, progress, { file: 'stop_times.txt', columns }, (row, line) => {
    const tripKey = trip(row('trip_id'));
    if (tripKey === 0) return undefined;
    if (typeof tripKey !== 'number') return { code: 'UNKNOWN_TRIP', detail: row('trip_id') };
    const stationKey = station(row('stop_id'));
    if (typeof stationKey !== 'number') return { code: 'UNKNOWN_STOP', detail: row('stop_id') };
    const sequence = row('stop_sequence');
    if (!/^\d{1,9}$/.test(sequence)) return badRow(`stop_sequence ${sequence.slice(0, 16)}`);
    const arrives = timeOrBlank(row('arrival_time'));
    const departs = timeOrBlank(row('departure_time'));
    if (arrives === undefined || departs === undefined)
      return { code: 'BAD_TIME', detail: `${row('arrival_time')} ${row('departure_time')}`.slice(0, 64) };
    const travelled = Number.parseFloat(row('shape_dist_traveled'));
    insert.run(
      ...[tripKey, Number(sequence), line, stationKey, arrives, departs, Number.isFinite(travelled) ? travelled : null],
    );
    return undefined;
  });
  spill.db.exec('CREATE INDEX calls_of_trip ON calls (trip, seq, line)');
}
