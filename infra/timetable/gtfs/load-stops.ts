// stops.txt: where trains call. A stop counts as its parent station if the feed names one.
import type { SkippedRow } from '@railhead/commands/ports/timetable-source.ts';
import { cutName, MAX_NAME_CHARACTERS, plainName } from '../station-name.ts';
import type { Feed } from './feed.ts';
import type { Spill } from './spill.ts';
import { badRow, type FeedProgress, readTable } from './table.ts';

const coordinate = (text: string, bound: number): number | null => {
  const degrees = Number(text);
  return text === '' || !(Math.abs(degrees) <= bound) ? null : degrees;
};

export async function* loadStops(feed: Feed, spill: Spill, progress: FeedProgress): AsyncGenerator<SkippedRow> {
  const insert = spill.db.prepare(
    'INSERT OR IGNORE INTO stops (id, name, wanted, lat, lon, parent) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const spec = { file: 'stops.txt', columns: ['stop_id', 'stop_name', 'stop_lat', 'stop_lon'] };
  yield* readTable(feed, progress, spec, (row) => {
    const id = row('stop_id');
    const parent = row('parent_station');
    const lat = coordinate(row('stop_lat'), 90);
    const lon = coordinate(row('stop_lon'), 180);
    if (id === '') return badRow('no stop_id');
    if ((lat === null || lon === null) && parent === '') return badRow(`stop ${id} has no coordinates`);
    const name = plainName(row('stop_name')) || plainName(id);
    const cut = cutName(name);
    const { changes } = insert.run(id, cut ?? name, row('stop_code'), lon === null ? null : lat, lon, parent || null);
    if (changes === 0) return badRow(`stop ${id} is there already`);
    // The stop stays: its trains call there.
    return cut === undefined
      ? undefined
      : { code: 'NAME_CUT', detail: `${cut.slice(0, 40)}… has more than ${MAX_NAME_CHARACTERS} characters` };
  });
  spill.db.exec(`
    UPDATE stops SET station = coalesce(
      (SELECT parent.key FROM stops parent WHERE parent.id = stops.parent AND parent.lat IS NOT NULL),
      CASE WHEN lat IS NOT NULL THEN key END)
  `);
}
