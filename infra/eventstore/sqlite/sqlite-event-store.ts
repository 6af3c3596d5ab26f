// The embedded event store: one SQLite file, durable before acknowledged, atomic across streams, in global order.
import { join } from 'node:path';
import {
  type AppendResult,
  assertAppendable,
  type EventBatch,
  type EventStore,
  EventStoreError,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamAppend,
  type SubscribeOptions,
  serialiseData,
} from '@railhead/commands/ports/event-store.ts';
import { CommitSignal, followLog } from '../subscription.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { GroupCommit } from './group-commit.ts';
import { SqliteReader } from './reader.ts';
import type { EncodedAppend } from './writer.ts';

export type SqliteEventStoreOptions = {
  /** The data folder; the log is `events.db` in it. */
  readonly folder: string;
  /** Upper bound of the log's size in bytes; appends past it fail with `STORE_FULL`. */
  readonly maxBytes?: number;
  /** `false` hides the atomic append, to run the path that other stores need. */
  readonly atomicStreams?: boolean;
};

export const logPath = (folder: string): string => join(folder, 'events.db');

const encode = ({ stream, expected, events }: StreamAppend): EncodedAppend => {
  const fields: (string | number)[] = [];
  for (const event of events)
    fields.push(event.id, event.type, event.version, serialiseData(event), JSON.stringify(event.meta));
  return { stream, expected, fields };
};

export class SqliteEventStore implements EventStore {
  readonly capabilities;
  readonly #commits: CommitSignal;
  readonly #writer: GroupCommit;
  readonly #reader: SqliteReader;
  readonly #lock: FolderLock;
  #closed = false;

  private constructor(
    parts: {
      readonly commits: CommitSignal;
      readonly writer: GroupCommit;
      readonly reader: SqliteReader;
      readonly lock: FolderLock;
    },
    atomicStreams: boolean,
  ) {
    this.capabilities = { atomicStreams, durable: true };
    this.#commits = parts.commits;
    this.#writer = parts.writer;
    this.#reader = parts.reader;
    this.#lock = parts.lock;
  }

  /** Takes the folder and opens the log; throws `STORE_IN_USE`, `STORE_TOO_NEW`, `STORE_CORRUPT` or `STORE_FULL`. */
  static async open({ folder, maxBytes, atomicStreams }: SqliteEventStoreOptions): Promise<SqliteEventStore> {
    const lock = lockFolder(folder);
    try {
      const commits = new CommitSignal();
      const writer = await GroupCommit.open({ path: logPath(folder), maxBytes }, (at) => commits.announce(at));
      const reader = new SqliteReader(logPath(folder));
      return new SqliteEventStore({ commits, writer, reader, lock }, atomicStreams ?? true);
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
    assertAppendable(appends);
    const atomic = options.atomic === true;
    if (atomic && !this.capabilities.atomicStreams)
      throw new EventStoreError('ATOMIC_NOT_SUPPORTED', 'this store appends to one stream at a time');
    if (appends.length === 0) return [];
    return this.#writer.append({ appends: appends.map(encode), atomic });
  }

  async readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    this.#assertOpen();
    return this.#reader.readStream(stream, options);
  }

  async readAll(options: ReadAllOptions): Promise<EventBatch> {
    this.#assertOpen();
    return this.#reader.readAll(options);
  }

  subscribe(options: SubscribeOptions): AsyncIterable<EventBatch> {
    return followLog(this, this.#commits, options);
  }

  async lastPosition(): Promise<Position> {
    this.#assertOpen();
    return this.#reader.lastPosition();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writer.close();
    this.#commits.close();
    this.#reader.close();
    this.#lock.release();
  }

  #assertOpen(): void {
    if (this.#closed) throw new EventStoreError('STORE_CLOSED', 'the event store is closed');
  }
}
