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
/** Of so many events each page would look at all of them to find its own. */
const MAX_FOUND = 100_000;
/** Pages to the end of the log; nearer to it, every event is read. */
const FAR_PAGES = 4;
const OF_CATEGORIES = 's.category IN (SELECT value FROM json_each(?))';

type IsWanted = (stream: string) => boolean;
type Row = Record<string, unknown>;

export class SqliteReader {
  readonly #db: DatabaseSync;
  readonly #forwards: StatementSync;
  readonly #backwards: StatementSync;
  readonly #all: StatementSync;
  readonly #last: StatementSync;
  /** Undefined for a log without an index of categories: an older version made it and nobody has opened it since. */
  readonly #categories:
    | { readonly count: StatementSync; readonly countEvents: StatementSync; readonly positions: StatementSync }
    | undefined;
  readonly #at: StatementSync;
  /** Categories that have so many streams or events that they are never looked for by stream again; neither ever go. */
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
      countEvents: this.#db.prepare(
        `SELECT count(*) AS n FROM (SELECT 1 FROM streams s CROSS JOIN events e INDEXED BY sqlite_autoindex_events_1
         ON e.stream = s.id WHERE ${OF_CATEGORIES} LIMIT ?)`,
      ),
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

  /** `isWanted`: of which streams events are parsed; of all where it is absent. */
  readAll(options: ReadAllOptions, isWanted?: IsWanted): EventBatch {
    return reading(() => this.#readFew(options) ?? this.#readEvery(options, isWanted));
  }

  /** Undefined if it is better to read every event. */
  #readFew({ after, limit, categories }: ReadAllOptions): EventBatch | undefined {
    if (categories === undefined || this.#categories === undefined) return undefined;
    const { count, countEvents, positions } = this.#categories;
    const last = this.#lastPosition();
    if (last - after < FAR_PAGES * limit) return undefined;
    const names = JSON.stringify(categories);
    if (this.#numerous.has(names)) return undefined;
    const streams = Number(count.get(names, MAX_STREAMS + 1)?.n);
    if (streams > MAX_STREAMS) this.#numerous.add(names);
    if (streams > MAX_STREAMS || streams * EVENTS_PER_STREAM > last - after) return undefined;
    if (Number(countEvents.get(names, MAX_FOUND + 1)?.n) > MAX_FOUND) {
      this.#numerous.add(names);
      return undefined;
    }
    // What is written after `last` was read comes with the next page.
    const found = positions.all(names, after, limit).filter(({ position }) => Number(position) <= last);
    const events = found.flatMap(({ position }) =>
      this.#at.all(Number(position)).map((row) => toEvent(row, String(row.stream))),
    );
    const isEnd = found.length < limit;
    const position = isEnd ? last : (events.at(-1)?.position ?? last);
    return { events, position, caughtUp: position === last };
  }

  #readEvery({ after, limit, categories }: ReadAllOptions, isWanted: IsWanted = () => true): EventBatch {
    const events: RecordedEvent[] = [];
    let position = after;
    let rows = 0;
    for (const row of this.#all.iterate(after, limit)) {
      rows += 1;
      position = Number(row.position);
      const stream = String(row.stream);
      if ((categories === undefined || categories.includes(String(row.category))) && isWanted(stream))
        events.push(toEvent(row, stream));
    }
    // A log may end with a page.
    return { events, position, caughtUp: rows < limit || position === this.#lastPosition() };
  }

  lastPosition(): Position {
    return reading(() => this.#lastPosition());
  }

  #lastPosition(): Position {
    return Number(this.#last.get()?.position);
  }

  eventAt(position: Position): RecordedEvent | undefined {
    if (!Number.isSafeInteger(position) || position < 1) return undefined;
    const rows = reading(() => this.#all.all(position - 1, 1));
    const [event] = rows.map((row) => toEvent(row, String(row.stream)));
    return event?.position === position ? event : undefined;
  }

  fingerprintAt(position: Position): string | undefined {
    const event = this.eventAt(position);
    return event === undefined ? undefined : fingerprintOf(event);
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
