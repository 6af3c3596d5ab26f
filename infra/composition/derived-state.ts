// What is derived from a log in the data folder, all of it at once.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const DERIVED = ['read.db', 'processes.db'];

/**
 * Read models and checkpoints; they are built again from the log. Each drops by itself what its log does not bear out;
 * this is for the one case in which no event can tell: the merged order of several logs was lost.
 */
export const dropDerivedState = (folder: string): void => {
  for (const name of DERIVED)
    for (const suffix of ['', '-wal', '-shm', '-seal']) rmSync(join(folder, name + suffix), { force: true });
};

const PLACES = [
  ['read.db', 'SELECT max(position) AS position FROM model_places'],
  ['processes.db', 'SELECT max(position) AS position FROM places'],
] as const;

/** The last position of the log that these files know; 0 where they know none, or cannot be read. */
export const derivedPosition = (folder: string): number =>
  Math.max(
    ...PLACES.map(([name, sql]) => {
      const path = join(folder, name);
      let db: DatabaseSync | undefined;
      try {
        if (!existsSync(path)) return 0;
        db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
        return Number(db.prepare(sql).get()?.position ?? 0);
      } catch {
        return 0;
      } finally {
        db?.close();
      }
    }),
  );

/** The files there are, by name. */
export const derivedIn = (folder: string): readonly string[] =>
  [...DERIVED, 'snapshots.db'].filter((name) => existsSync(join(folder, name)));
