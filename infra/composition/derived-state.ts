// What is derived from a log in the data folder, all of it at once.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const DERIVED = ['read.db', 'processes.db'];

/**
 * Read models and checkpoints; they are built again from the log. Each drops by itself what its log does not bear out;
 * this is for the one case in which no event can tell: the merged order of several logs was lost.
 */
export const dropDerivedState = (folder: string): void => {
  for (const name of DERIVED)
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(folder, name + suffix), { force: true });
};

/** The files there are, by name. */
export const derivedIn = (folder: string): readonly string[] =>
  [...DERIVED, 'snapshots.db'].filter((name) => existsSync(join(folder, name)));
