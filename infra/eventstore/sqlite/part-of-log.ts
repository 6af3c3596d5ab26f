// The log as one of several parts of a model takes it: read from the file beside whoever serves, up to a position, and
// without the streams of the other parts, whose events are not even parsed.
import { once } from 'node:events';
import {
  type AppendResult,
  type EventBatch,
  type EventStore,
  EventStoreError,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type SubscribeOptions,
} from '@railhead/commands/ports/event-store.ts';
import { SqliteReader } from './reader.ts';

/** A part takes one of several events: what is read at once is more, so that it takes enough at once. */
const PAGE = 4_000;

export class PartOfLog implements EventStore {
  readonly capabilities = { atomicStreams: false, durable: true };
  readonly #reader: SqliteReader;
  readonly #until: Position;
  readonly #isOurs: (stream: string) => boolean;

  /** `isOurs`: false where the name of a stream says that it is another part's. */
  constructor(path: string, until: Position, isOurs: (stream: string) => boolean) {
    this.#reader = new SqliteReader(path);
    this.#until = until;
    this.#isOurs = isOurs;
  }

  append(): Promise<readonly AppendResult[]> {
    return Promise.reject(new EventStoreError('STORE_ACCESS_DENIED', 'a part of a replay writes nothing into the log'));
  }

  async readAll(options: ReadAllOptions): Promise<EventBatch> {
    const page = this.#reader.readAll(options, this.#isOurs);
    if (page.position < this.#until) return page;
    const events = page.events.filter(({ position }) => position <= this.#until);
    return { events, position: this.#until, caughtUp: true };
  }

  async *subscribe({ after, categories, signal }: SubscribeOptions): AsyncGenerator<EventBatch> {
    for (let position = after; position < this.#until && signal?.aborted !== true; ) {
      const batch = await this.readAll({ after: position, limit: PAGE, categories });
      if (batch.position <= position)
        throw new EventStoreError('STORE_UNAVAILABLE', `the log ends at ${position}, before ${this.#until}`);
      position = batch.position;
      yield batch;
    }
    if (signal !== undefined && !signal.aborted) await once(signal, 'abort');
  }

  async readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    return this.#reader.readStream(stream, options);
  }

  async lastPosition(): Promise<Position> {
    return this.#until;
  }

  async eventAt(position: Position): Promise<RecordedEvent | undefined> {
    return this.#reader.eventAt(position);
  }

  async fingerprintAt(position: Position): Promise<string | undefined> {
    return this.#reader.fingerprintAt(position);
  }

  async close(): Promise<void> {
    this.#reader.close();
  }
}
