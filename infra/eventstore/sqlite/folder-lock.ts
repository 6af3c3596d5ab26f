// One process owns a data folder. The operating system holds the lock, so it ends with the process, however that ends.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import { privateFolder } from '../../config/private-folder.ts';
import { type FileIdentity, identityOf } from '../../sqlite/held-files.ts';
import { describeOwner, forgetOwner, ownerOf, writeOwner } from './folder-owner.ts';
import { translateSqliteError } from './schema.ts';

/** `release` may be called twice. `file`: the lock itself. A process that finds another one in its place owns the folder no longer. */
export type FolderLock = { readonly file: FileIdentity; release(): void };

/** A lock stays where its process has ended; where it is missing and its owner lives, somebody deleted it. */
const assertNotDeleted = (folder: string, path: string): void => {
  const owner = ownerOf(folder);
  if (existsSync(path) || owner === undefined || owner.pid === process.pid) return;
  throw new EventStoreError(
    'STORE_IN_USE',
    `${path} was deleted, and ${describeOwner(folder)} seems to own ${folder}; stop it, or remove owner.json if it is no Railhead`,
  );
};

/** Locks the folder, which is created if missing. Throws `STORE_IN_USE`, or the error that makes the folder unusable. */
export const lockFolder = (folder: string): FolderLock => {
  privateFolder(folder);
  const path = join(folder, 'owner.lock');
  assertNotDeleted(folder, path);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: 0 });
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    const locked = db;
    const file = identityOf(path);
    if (file === undefined) throw new EventStoreError('STORE_UNAVAILABLE', 'it was removed at once');
    writeOwner(folder, { pid: process.pid });
    return {
      file,
      release: () => {
        if (!locked.isOpen) return;
        // Somebody who deleted the lock may have let in another owner, who is named there now.
        if (ownerOf(folder)?.pid === process.pid) forgetOwner(folder);
        locked.close();
      },
    };
  } catch (cause) {
    db?.close();
    const { code, message } = translateSqliteError(cause, path);
    const what = code === 'STORE_IN_USE' ? `${describeOwner(folder)} owns ${folder}` : `${path}: ${message}`;
    throw new EventStoreError(code, what, { cause });
  }
};
