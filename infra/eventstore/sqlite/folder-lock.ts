// One process owns a data folder. The operating system holds the lock, so it ends with the process, however that ends.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import { privateFolder } from '../../config/private-folder.ts';
import { describeOwner, forgetOwner, writeOwner } from './folder-owner.ts';
import { translateSqliteError } from './schema.ts';

export type FolderLock = { release(): void };

/** Locks the folder, which is created if missing. Throws `STORE_IN_USE`, or the error that makes the folder unusable. */
export const lockFolder = (folder: string): FolderLock => {
  privateFolder(folder);
  const path = join(folder, 'owner.lock');
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: 0 });
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    const locked = db;
    writeOwner(folder, { pid: process.pid });
    return {
      release: () => {
        forgetOwner(folder);
        locked.close();
      },
    };
  } catch (cause) {
    db?.close();
    const { code, message } = translateSqliteError(cause);
    const what = code === 'STORE_IN_USE' ? `${describeOwner(folder)} owns ${folder}` : `${path}: ${message}`;
    throw new EventStoreError(code, what, { cause });
  }
};
