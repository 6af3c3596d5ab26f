// A checksum of every event, written with its commit, so that `verify` finds an event that was changed, put in or taken
// out behind the program's back: by a failing disk, or by somebody. Whoever wants to deceive can write checksums, too.
import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';

/** One row for each commit: the position of its first event, and 4 bytes (CRC-32, little endian) for each event. */
export const CHECKSUMS = `
  CREATE TABLE IF NOT EXISTS checksums (first INTEGER PRIMARY KEY, crcs BLOB NOT NULL) STRICT
`;
const BYTES = 4;

/** An event as it is stored. */
export type StoredEvent = {
  readonly stream: string;
  readonly revision: number;
  readonly id: unknown;
  readonly type: unknown;
  readonly version: unknown;
  readonly data: unknown;
  readonly meta: unknown;
};

/** No field can contain the separator. */
export const checksumOf = ({ stream, revision, id, type, version, data, meta }: StoredEvent): number =>
  crc32(`${stream}\u0000${revision}\u0000${id}\u0000${type}\u0000${version}\u0000${data}\u0000${meta}`);

export const checksumBytes = (checksums: readonly number[]): Uint8Array => {
  const bytes = Buffer.allocUnsafe(checksums.length * BYTES);
  for (const [index, checksum] of checksums.entries()) bytes.writeUInt32LE(checksum, index * BYTES);
  return bytes;
};

/** The most events without a checksum that are named, of those next to each other. */
const MOST_NAMED = 50;

/** How many events have a checksum, of how many. A log that is older than checksums has none at its beginning. */
export type Checksummed = { readonly events: number; readonly of: number };

/**
 * What the log has that was not written so, one sentence each. Events before the first checksum are older than checksums
 * and are not looked at; every later one must have its own. `tell` is called at the end. Memory does not grow with the log.
 */
export function* alterations(db: DatabaseSync, tell: (checksummed: Checksummed) => void = () => {}): Generator<string> {
  // What is written from here on has its checksum when it is looked for.
  const { last = 0, of = 0 } = numbers(db, 'SELECT coalesce(max(position), 0) AS last, count(*) AS of FROM events');
  yield* misplaced(db);
  const events = db.prepare(
    `SELECT e.position, s.name AS stream, e.revision, e.id, e.type, e.version, e.data, e.meta
       FROM events e LEFT JOIN streams s ON s.id = e.stream WHERE e.position >= ? AND e.position < ? ORDER BY e.position`,
  );
  let [checksummed, next]: [number, number | undefined] = [0, undefined];
  for (const row of db.prepare('SELECT first, crcs FROM checksums ORDER BY first').iterate()) {
    const first = Number(row.first);
    const crcs = row.crcs instanceof Uint8Array ? Buffer.from(row.crcs) : Buffer.alloc(0);
    const count = Math.floor(crcs.length / BYTES);
    if (next !== undefined) yield* unchecked(db, next, first);
    next = Math.max(next ?? 0, first + count);
    const found = new Map(events.all(first, first + count).map((event) => [Number(event.position), event]));
    checksummed += [...found.keys()].filter((position) => position <= last).length;
    for (let index = 0; index < count; index += 1) {
      const event = found.get(first + index);
      if (event === undefined) yield `position ${first + index} has no event, and one was written there`;
      else {
        const stored = { ...event, stream: String(event.stream), revision: Number(event.revision) } as StoredEvent;
        if (checksumOf(stored) !== crcs.readUInt32LE(index * BYTES))
          yield `position ${first + index}: ${event.type} of ${event.stream} is not what was written there`;
      }
    }
  }
  if (next !== undefined) yield* unchecked(db, next, last + 1);
  tell({ events: checksummed, of });
}

/** Events of these positions, the second excluded, which nobody wrote who writes checksums. */
function* unchecked(db: DatabaseSync, from: number, to: number): Generator<string> {
  if (from >= to) return;
  const rows = db
    .prepare(
      `SELECT e.position, e.type, s.name AS stream FROM events e LEFT JOIN streams s ON s.id = e.stream
       WHERE e.position >= ? AND e.position < ? ORDER BY e.position LIMIT ?`,
    )
    .all(from, to, MOST_NAMED);
  for (const { position, type, stream } of rows)
    yield `position ${position}: ${type} of ${stream} has no checksum, and events before it have one`;
}

/** What no reader of the log meets, or meets under a wrong name. */
function* misplaced(db: DatabaseSync): Generator<string> {
  for (const { position, type } of db.prepare('SELECT position, type FROM events WHERE position < 1').iterate())
    yield `position ${position}: ${type} stands before the first position`;
  const orphans = 'SELECT position, type FROM events WHERE stream NOT IN (SELECT id FROM streams)';
  for (const { position, type } of db.prepare(orphans).iterate()) yield `position ${position}: ${type} is of no stream`;
  const filed = "SELECT name, category FROM streams WHERE category <> substr(name, 1, instr(name, '-') - 1)";
  for (const { name, category } of db.prepare(filed).iterate())
    yield `stream ${name} is filed under the category ${category}`;
}

/** The end of a log has events without a checksum, after events that have one: in words. Quick, whatever the log's size. */
export const uncheckedEnd = (db: DatabaseSync): string | undefined => {
  const row = db
    .prepare(`SELECT first + length(crcs) / ${BYTES} AS next FROM checksums ORDER BY first DESC LIMIT 1`)
    .get();
  if (row === undefined) return undefined;
  const next = Number(row.next);
  const { count } = numbers(db, 'SELECT count(*) AS count FROM events WHERE position >= ?', next);
  if (count === 0) return undefined;
  return `the last ${count} events, from position ${next} on, have no checksum: this program did not write them`;
};

const numbers = (db: DatabaseSync, sql: string, ...parameters: readonly number[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(db.prepare(sql).get(...parameters) ?? {}).map(([name, value]) => [name, Number(value)]),
  );
