// Files derived from the log, such as read models and checkpoints. They contain its positions, so they fit no other
// log.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';

const DERIVED = ['read.db', 'processes.db'];
const MARK = 'log.json';
const PAGE = 1_000;

/** The first event's id; undefined for a log without events. */
const identityOf = async (store: EventStore): Promise<string | undefined> => {
  for (let after = 0; ; ) {
    const { events, position, caughtUp } = await store.readAll({ after, limit: PAGE });
    const [first] = events;
    if (first !== undefined || caughtUp) return first?.id;
    after = position;
  }
};

/** Deletes read models and checkpoints; they are built again from the log. */
export const dropDerivedState = (folder: string): void => {
  for (const name of DERIVED)
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(folder, name + suffix), { force: true });
};

/** Deletes what was derived from another log. It is built again from this one, which may be new or elsewhere. */
export const dropForeignState = async (folder: string, store: EventStore, kind: 'embedded' | 'esdb'): Promise<void> => {
  const mark = join(folder, MARK);
  const identity = await identityOf(store);
  const known = existsSync(mark) ? readMark(mark) : undefined;
  // Folders from before there was a mark always held an embedded log.
  const fits = known === undefined ? kind === 'embedded' : known.firstEvent === identity && known.kind === kind;
  if (!fits) dropDerivedState(folder);
  if (identity === undefined) rmSync(mark, { force: true });
  else writeFileSync(mark, JSON.stringify({ kind, firstEvent: identity }));
};

const readMark = (path: string): { readonly kind?: unknown; readonly firstEvent?: unknown } => {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return parsed !== null && typeof parsed === 'object' ? parsed : {};
  } catch {
    return {};
  }
};
