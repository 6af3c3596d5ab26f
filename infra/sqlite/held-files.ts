// Files that this process has open, and that others may delete or exchange: SQLite goes on writing into the old file,
// which nobody finds again.
import { statSync } from 'node:fs';
import { basename } from 'node:path';

/** Which file stands at a path. Undefined: none. */
export type FileIdentity = { readonly path: string; readonly dev: number; readonly ino: number };

export const identityOf = (path: string): FileIdentity | undefined => {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? undefined : { path, dev: stat.dev, ino: stat.ino };
};

/** Of a database and of what SQLite has beside it: the same files for as long as somebody has them open. */
export const identitiesOfDatabase = (path: string): readonly FileIdentity[] =>
  ['', '-wal', '-shm'].flatMap((suffix) => identityOf(path + suffix) ?? []);

/** The first of these that does not stand at its path any more, in words that clients may read. A few microseconds for each. */
export const replacedAmong = (files: readonly FileIdentity[]): string | undefined => {
  for (const file of files) {
    const now = identityOf(file.path);
    if (now === undefined) return `${basename(file.path)} was removed while it was open`;
    if (now.dev !== file.dev || now.ino !== file.ino) return `${basename(file.path)} was replaced while it was open`;
  }
  return undefined;
};
