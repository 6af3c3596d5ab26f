// The embedded event store: one SQLite file, durable before acknowledged, atomic across streams, in global order.
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type AppendResult,
  assertAppendable,
  type EventBatch,
  type EventStore,
  EventStoreError,
  fingerprintOf,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamAppend,
  type SubscribeOptions,
  serialiseData,
} from '@railhead/commands/ports/event-store.ts';
import { type FileIdentity, identitiesOfDatabase, replacedAmong } from '../../sqlite/held-files.ts';
import { CommitSignal, followLog } from '../subscription.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { GroupCommit, startWriterThread, type Written } from './group-commit.ts';
import { DEFAULT_LIMITS, type SqliteLimits } from './limits.ts';
import { LogTail } from './log-tail.ts';
import { SqliteReader } from './reader.ts';
import type { EncodedAppend } from './writer.ts';

export type SqliteEventStoreOptions = {
  /** The data folder; its file `events.db` is the log. */
  readonly folder: string;
  /** Largest size of the log in bytes; appends beyond it fail with `STORE_FULL`. */
  readonly maxBytes?: number;
  /** `false` hides the atomic append, so that tests run the path for stores without it. */
  readonly atomicStreams?: boolean;
  readonly limits?: Partial<SqliteLimits>;
  /** Starts the writer's thread; a test passes one that it can hold back and kill. */
  readonly startThread?: typeof startWriterThread;
};

export const logPath = (folder: string): string => join(folder, 'events.db');

/** Serialises a call's appends. Events of one command share their meta and often their data, so each is done once. */
const encodeAll = (appends: readonly StreamAppend[]): readonly EncodedAppend[] => {
  const texts = new Map<unknown, string>();
  const once = (value: unknown, serialise: () => string): string => {
    const known = texts.get(value);
    if (known !== undefined) return known;
    const text = serialise();
    texts.set(value, text);
    return text;
  };
  return appends.map(({ stream, expected, events }) => {
    const fields: (string | number)[] = [];
    for (const event of events) {
      const data = once(event.data, () => serialiseData(event));
      const meta = once(event.meta, () => JSON.stringify(event.meta));
      fields.push(event.id, event.type, event.version, data, meta);
    }
    return { stream, expected, fields };
  });
};

/** Adds the events of a commit to the tail, as subscribers read them. A repeat wrote nothing. */
const remember = (tail: LogTail, written: readonly Written[]): void => {
  for (const { appends, results } of written)
    for (const [index, { stream, events }] of appends.entries()) {
      const result = results[index];
      if (result?.ok !== true || result.repeated) continue;
      const before = events.length - 1;
      for (const [offset, event] of events.entries())
        tail.push({
          ...event,
          stream,
          revision: result.revision - before + offset,
          position: result.position - before + offset,
        });
    }
};

export class SqliteEventStore implements EventStore {
  readonly capabilities;
  readonly #commits: CommitSignal;
  readonly #writer: GroupCommit;
  readonly #reader: SqliteReader;
  readonly #tail: LogTail;
  readonly #lock: FolderLock;
  readonly #held: readonly FileIdentity[];
  #closed: Promise<void> | undefined;

  private constructor(
    parts: {
      readonly commits: CommitSignal;
      readonly tail: LogTail;
      readonly writer: GroupCommit;
      readonly reader: SqliteReader;
      readonly lock: FolderLock;
      readonly held: readonly FileIdentity[];
    },
    atomicStreams: boolean,
  ) {
    this.capabilities = { atomicStreams, durable: true };
    this.#commits = parts.commits;
    this.#writer = parts.writer;
    this.#reader = parts.reader;
    this.#tail = parts.tail;
    this.#lock = parts.lock;
    this.#held = parts.held;
  }

  /** Locks the folder and opens the log; throws `STORE_IN_USE`, `STORE_TOO_NEW`, `STORE_CORRUPT` or `STORE_FULL`. */
  static async open(options: SqliteEventStoreOptions): Promise<SqliteEventStore> {
    const { folder, maxBytes, startThread = startWriterThread } = options;
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const lock = lockFolder(folder);
    try {
      const commits = new CommitSignal();
      const tail = new LogTail(limits.tailEvents);
      const thread = { path: logPath(folder), maxBytes, maxHeads: limits.maxHeads, lock: lock.file };
      const writer = await GroupCommit.open({ limits, startThread: () => startThread(thread) }, (position, written) => {
        remember(tail, written);
        commits.announce(position);
      });
      const reader = new SqliteReader(logPath(folder));
      const held = [...identitiesOfDatabase(logPath(folder)), lock.file];
      return new SqliteEventStore({ commits, tail, writer, reader, lock, held }, options.atomicStreams ?? true);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  async append(
    appends: readonly StreamAppend[],
    options: { readonly atomic?: boolean } = {},
  ): Promise<readonly AppendResult[]> {
    this.#assertOpen();
    assertAppendable(appends, options);
    const atomic = options.atomic === true;
    if (atomic && !this.capabilities.atomicStreams)
      throw new EventStoreError('ATOMIC_NOT_SUPPORTED', 'this store appends to one stream at a time');
    if (appends.length === 0) return [];
    try {
      return await this.#writer.append({ appends: encodeAll(appends), atomic }, appends);
    } catch (error) {
      if (error instanceof EventStoreError && error.code === 'OUTCOME_UNKNOWN') this.#goBackToFile();
      throw error;
    }
  }

  async readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    this.#assertOpen();
    return this.#tail.readStream(stream, options) ?? this.#reader.readStream(stream, options);
  }

  async readAll(options: ReadAllOptions): Promise<EventBatch> {
    this.#assertOpen();
    const { after, limit, categories } = options;
    const recent = this.#tail.read(after, limit, categories);
    if (recent !== undefined) return recent;
    const page = this.#reader.readAll(options);
    // The file is read at once. Who reads page after page must leave time for everything else in this process.
    await nextTurn();
    return page;
  }

  subscribe(options: SubscribeOptions): AsyncIterable<EventBatch> {
    return followLog(this, this.#commits, options);
  }

  async lastPosition(): Promise<Position> {
    this.#assertOpen();
    return this.#reader.lastPosition();
  }

  async eventAt(position: Position): Promise<RecordedEvent | undefined> {
    this.#assertOpen();
    const recent = this.#tail.read(position - 1, 1, undefined)?.events[0];
    return recent?.position === position ? recent : this.#reader.eventAt(position);
  }

  async fingerprintAt(position: Position): Promise<string | undefined> {
    this.#assertOpen();
    const recent = this.#tail.read(position - 1, 1, undefined)?.events[0];
    return recent === undefined ? this.#reader.fingerprintAt(position) : fingerprintOf(recent);
  }

  /** Rejects where the file that is open is not the one in the folder; the writer refuses to write then. */
  async ping(): Promise<unknown> {
    this.#assertOpen();
    const replaced = replacedAmong(this.#held);
    if (replaced !== undefined) throw new EventStoreError('STORE_UNAVAILABLE', replaced);
    return this.#reader.lastPosition();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#commits.close();
    // The writer goes last: the last connection brings the log from its `-wal` into the one file.
    this.#reader.close();
    await this.#writer.close();
    this.#lock.release();
  }

  /** After a failure the file may have more events than the tail. Subscribers then read on from the file. */
  #goBackToFile(): void {
    this.#tail.clear();
    // An unreadable file fails for the next reader, so the error is not lost.
    this.lastPosition().then(
      (position) => this.#commits.announce(position),
      () => {},
    );
  }

  #assertOpen(): void {
    if (this.#closed !== undefined) throw new EventStoreError('STORE_CLOSED', 'the event store is closed');
  }
}
