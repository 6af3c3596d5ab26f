// Reads the log beside its writer, through a connection of its own. Each call reads one snapshot.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  type EventBatch,
  EventStoreError,
  fingerprintOf,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
} from '@railhead/commands/ports/event-store.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import { alterations, type Checksummed, uncheckedEnd } from './checksums.ts';
import { CATEGORY_INDEX, openForReading, translateSqliteError } from './schema.ts';

const COLUMNS = 'e.position, e.revision, e.id, e.type, e.version, e.data, e.meta';
const MAX_ROWS = -1;

/**
 * Streams of a few categories, far behind the end of the log: their events are found by stream, and all others are not
 * read. It is worth it if there are so many times more events to read than such streams.
 */
const EVENTS_PER_STREAM = 10;
const MAX_STREAMS = 100_000;
/** Pages to the end of the log; nearer to it, every event is read. */
const FAR_PAGES = 4;
const OF_CATEGORIES = 's.category IN (SELECT value FROM json_each(?))';

type Row = Record<string, unknown>;

export class SqliteReader {
  readonly #db: DatabaseSync;
  readonly #forwards: StatementSync;
  readonly #backwards: StatementSync;
  readonly #all: StatementSync;
  readonly #last: StatementSync;
  /** Undefined for a log without an index of categories: an older version made it and nobody has opened it since. */
  readonly #categories: { readonly count: StatementSync; readonly positions: StatementSync } | undefined;
  readonly #at: StatementSync;
  /** Categories that have so many streams that they are never looked for by stream again; streams never go. */
  readonly #numerous = new Set<string>();

  constructor(path: string) {
    this.#db = openForReading(path);
    const ofStream = `SELECT ${COLUMNS} FROM streams s JOIN events e ON e.stream = s.id WHERE s.name = ?`;
    this.#forwards = this.#db.prepare(`${ofStream} AND e.revision >= ? ORDER BY e.revision LIMIT ?`);
    this.#backwards = this.#db.prepare(`${ofStream} AND e.revision <= ? ORDER BY e.revision DESC LIMIT ?`);
    this.#all = this.#db.prepare(
      `SELECT ${COLUMNS}, s.name AS stream, s.category FROM events e JOIN streams s ON s.id = e.stream
       WHERE e.position > ? ORDER BY e.position LIMIT ?`,
    );
    this.#last = this.#db.prepare('SELECT coalesce(max(position), 0) AS position FROM events');
    this.#at = this.#db.prepare(
      `SELECT ${COLUMNS}, s.name AS stream FROM events e JOIN streams s ON s.id = e.stream WHERE e.position = ?`,
    );
    this.#categories = hasTable(this.#db, CATEGORY_INDEX) ? this.#byCategory() : undefined;
  }

  #byCategory() {
    return {
      count: this.#db.prepare(`SELECT count(*) AS n FROM (SELECT 1 FROM streams s WHERE ${OF_CATEGORIES} LIMIT ?)`),
      // CROSS JOIN keeps the order: first the streams, then the events of each by the index of streams and revisions.
      positions: this.#db.prepare(
        `SELECT e.position FROM streams s CROSS JOIN events e INDEXED BY sqlite_autoindex_events_1 ON e.stream = s.id
         WHERE ${OF_CATEGORIES} AND e.position > ? ORDER BY e.position LIMIT ?`,
      ),
    };
  }

  readStream(stream: string, options: ReadStreamOptions = {}): readonly RecordedEvent[] {
    return reading(() => this.#readStream(stream, options));
  }

  #readStream(stream: string, options: ReadStreamOptions): readonly RecordedEvent[] {
    const limit = options.limit ?? MAX_ROWS;
    const rows =
      options.direction === 'backwards'
        ? this.#backwards.all(stream, options.from ?? Number.MAX_SAFE_INTEGER, limit)
        : this.#forwards.all(stream, options.from ?? 0, limit);
    return rows.map((row) => toEvent(row, stream));
  }

  readAll(options: ReadAllOptions): EventBatch {
    return reading(() => this.#readAll(options));
  }

  #readAll(options: ReadAllOptions): EventBatch {
    return this.#readFew(options) ?? this.#readEvery(options);
  }

  /** Undefined if it is better to read every event. */
  #readFew({ after, limit, categories }: ReadAllOptions): EventBatch | undefined {
    if (categories === undefined || this.#categories === undefined) return undefined;
    const { count, positions } = this.#categories;
    const last = Number(this.#last.get()?.position);
    if (last - after < FAR_PAGES * limit) return undefined;
    const names = JSON.stringify(categories);
    if (this.#numerous.has(names)) return undefined;
    const streams = Number(count.get(names, MAX_STREAMS + 1)?.n);
    if (streams > MAX_STREAMS) this.#numerous.add(names);
    if (streams > MAX_STREAMS || streams * EVENTS_PER_STREAM > last - after) return undefined;
    // What is written after `last` was read comes with the next page.
    const found = positions.all(names, after, limit).filter(({ position }) => Number(position) <= last);
    const events = found.flatMap(({ position }) =>
      this.#at.all(Number(position)).map((row) => toEvent(row, String(row.stream))),
    );
    const isEnd = found.length < limit;
    return { events, position: isEnd ? last : (events.at(-1)?.position ?? last), caughtUp: isEnd };
  }

  #readEvery({ after, limit, categories }: ReadAllOptions): EventBatch {
    const events: RecordedEvent[] = [];
    let position = after;
    let rows = 0;
    for (const row of this.#all.iterate(after, limit)) {
      rows += 1;
      position = Number(row.position);
      if (categories === undefined || categories.includes(String(row.category)))
        events.push(toEvent(row, String(row.stream)));
    }
    return { events, position, caughtUp: rows < limit };
  }

  lastPosition(): Position {
    return reading(() => Number(this.#last.get()?.position));
  }

  fingerprintAt(position: Position): string | undefined {
    const rows = reading(() => this.#all.all(position - 1, 1));
    const [event] = rows.map((row) => toEvent(row, String(row.stream)));
    return event?.position === position ? fingerprintOf(event) : undefined;
  }

  /** What the log has that was not written so; nothing for a log without checksums. */
  alterations(tell?: (checksummed: Checksummed) => void): Iterable<string> {
    return hasTable(this.#db, 'checksums') ? alterations(this.#db, tell) : [];
  }

  uncheckedEnd(): string | undefined {
    return reading(() => (hasTable(this.#db, 'checksums') ? uncheckedEnd(this.#db) : undefined));
  }

  close(): void {
    this.#db.close();
  }
}

const hasTable = (db: DatabaseSync, name: string): boolean =>
  db.prepare('SELECT 1 FROM sqlite_master WHERE name = ?').get(name) !== undefined;

/** Throws what a damaged, locked or missing file means to whoever reads the log. */
const reading = <Value>(work: () => Value): Value => {
  try {
    return work();
  } catch (error) {
    throw translateSqliteError(error);
  }
};

const parse = (text: unknown, position: Position): unknown => {
  try {
    return JSON.parse(String(text));
  } catch (cause) {
    throw new EventStoreError('STORE_CORRUPT', `event at position ${position} is not JSON`, { cause });
  }
};

const toEvent = (row: Row, stream: string): RecordedEvent => {
  const position = Number(row.position);
  return {
    position,
    stream,
    revision: Number(row.revision),
    id: String(row.id),
    type: String(row.type),
    version: Number(row.version),
    data: parse(row.data, position),
    // Safe cast: only this store writes the file, from an EventMeta.
    meta: parse(row.meta, position) as EventMeta,
  };
};
