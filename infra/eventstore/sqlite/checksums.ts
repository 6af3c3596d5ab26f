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

/**
 * What the log has that was not written so, one sentence each. Events that were written before there were checksums, or
 * by a program that writes none, are not looked at. Memory does not grow with the log.
 */
export function* alterations(db: DatabaseSync): Generator<string> {
  const events = db.prepare(
    `SELECT e.position, s.name AS stream, e.revision, e.id, e.type, e.version, e.data, e.meta
       FROM events e LEFT JOIN streams s ON s.id = e.stream WHERE e.position >= ? AND e.position < ? ORDER BY e.position`,
  );
  for (const row of db.prepare('SELECT first, crcs FROM checksums ORDER BY first').iterate()) {
    const first = Number(row.first);
    const crcs = row.crcs instanceof Uint8Array ? Buffer.from(row.crcs) : Buffer.alloc(0);
    const count = crcs.length / BYTES;
    const found = new Map(events.all(first, first + count).map((event) => [Number(event.position), event]));
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
}
