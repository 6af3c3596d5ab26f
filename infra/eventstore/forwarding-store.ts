// A store that passes every call on to another one. A store that changes one call extends this and overrides that one.
import type {
  AppendResult,
  EventBatch,
  EventStore,
  EventStoreCapabilities,
  Position,
  ReadAllOptions,
  ReadStreamOptions,
  RecordedEvent,
  StreamAppend,
  SubscribeOptions,
} from '@railhead/commands/ports/event-store.ts';

export class ForwardingStore implements EventStore {
  readonly inner: EventStore;
  readonly capabilities: EventStoreCapabilities;

  constructor(inner: EventStore) {
    this.inner = inner;
    this.capabilities = inner.capabilities;
  }

  append(appends: readonly StreamAppend[], options?: { readonly atomic?: boolean }): Promise<readonly AppendResult[]> {
    return this.inner.append(appends, options);
  }

  readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    return this.inner.readStream(stream, options);
  }

  readAll(options: ReadAllOptions): Promise<EventBatch> {
    return this.inner.readAll(options);
  }

  subscribe(options: SubscribeOptions): AsyncIterable<EventBatch> {
    return this.inner.subscribe(options);
  }

  lastPosition(): Promise<Position> {
    return this.inner.lastPosition();
  }

  eventAt(position: Position): Promise<RecordedEvent | undefined> {
    return this.inner.eventAt(position);
  }

  fingerprintAt(position: Position): Promise<string | undefined> {
    return this.inner.fingerprintAt(position);
  }

  ping(): Promise<unknown> {
    return this.inner.ping?.() ?? this.inner.lastPosition();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
