// One process owns a data folder. The operating system holds the lock, so it ends with the process, however that ends.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';

export type FolderLock = { release(): void };

/** Locks the folder, which is created if missing, or throws `STORE_IN_USE`. */
export const lockFolder = (folder: string): FolderLock => {
  mkdirSync(folder, { recursive: true });
  const db = new DatabaseSync(join(folder, 'owner.lock'), { timeout: 0 });
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    throw new EventStoreError('STORE_IN_USE', `another Railhead process owns ${folder}`, { cause });
  }
  return { release: () => db.close() };
};
