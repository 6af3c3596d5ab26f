// Who holds a data folder, for people who meet its lock: the process, and where it serves. A hint beside the lock, which
// alone decides; a file that was left by a dead process says nothing.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const ownerShape = z.object({ pid: z.int().min(1), url: z.string().optional() });
export type FolderOwner = z.output<typeof ownerShape>;

const pathIn = (folder: string): string => join(folder, 'owner.json');

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process is alive, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** Undefined where nobody is known to live. */
export const ownerOf = (folder: string): FolderOwner | undefined => {
  try {
    const owner = ownerShape.parse(JSON.parse(readFileSync(pathIn(folder), 'utf8')));
    return isAlive(owner.pid) ? owner : undefined;
  } catch {
    return undefined;
  }
};

/** By the process that holds the lock. On a disk that is full it is left out: nothing depends on it. */
export const writeOwner = (folder: string, owner: FolderOwner): void => {
  try {
    writeFileSync(pathIn(folder), `${JSON.stringify(owner)}\n`, { mode: 0o600 });
  } catch {
    forgetOwner(folder);
  }
};

export const forgetOwner = (folder: string): void => {
  try {
    rmSync(pathIn(folder), { force: true });
  } catch {
    // It is overwritten by the next owner.
  }
};

/** `process 4711, which serves http://localhost:8080`, as far as that is known. */
export const describeOwner = (folder: string): string => {
  const { pid, url } = ownerOf(folder) ?? {};
  if (pid === undefined) return 'another Railhead process';
  return url === undefined ? `process ${pid}` : `process ${pid}, which serves ${url}`;
};
