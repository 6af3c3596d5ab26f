// The stations at which a feed's trains call, each with a unique code.
import type { Station } from '@railhead/domain/timetable/timetable.ts';
import { cityOfStation } from '../city.ts';
import { uniqueCode } from './codes.ts';
import type { Spill } from './spill.ts';

type StopRow = { readonly key: number; readonly id: string; readonly name: string; readonly wanted: string };

/** Gives every station in use its code, in the order of the feed. */
export function* stationsInUse(spill: Spill): Generator<Station> {
  const claim = spill.claims('station');
  const assign = spill.db.prepare('UPDATE stops SET code = ? WHERE key = ?');
  spill.db.exec(`
    CREATE TABLE stations_in_use (key INTEGER PRIMARY KEY);
    INSERT INTO stations_in_use SELECT DISTINCT station FROM calls;
  `);
  const used = spill.db.prepare(
    'SELECT key, id, name, wanted FROM stations_in_use JOIN stops USING (key) WHERE key > ? ORDER BY key LIMIT 500',
  );
  // In pages, because the rows are changed while they are read. Safe cast: it has the columns of the SELECT.
  for (let after = 0, page = used.all(after); page.length > 0; page = used.all(after)) {
    for (const { key, id, name, wanted } of page as StopRow[]) {
      const code = uniqueCode(wanted || id, id, claim);
      assign.run(code, key);
      after = key;
      yield { code, name, city: cityOfStation(name), pinyin: '' };
    }
  }
}
