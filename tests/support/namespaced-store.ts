// An empty store inside a shared one: its streams have a prefix, and its positions start where the log ended.
import type {
  AppendResult,
  EventBatch,
  EventStore,
  ReadAllOptions,
  ReadStreamOptions,
  RecordedEvent,
  StreamAppend,
  SubscribeOptions,
} from '@railhead/commands/ports/event-store.ts';
import { ForwardingStore } from '@railhead/infra/eventstore/forwarding-store.ts';

const CATEGORY = /^[A-Za-z][A-Za-z0-9]*-./;

export class NamespacedStore extends ForwardingStore {
  readonly prefix: string;
  readonly base: number;

  /** `base`: where the log ended when the prefix was first used. */
  constructor(inner: EventStore, prefix: string, base: number) {
    super(inner);
    this.prefix = prefix;
    this.base = base;
  }

  override append(
    appends: readonly StreamAppend[],
    options?: { readonly atomic?: boolean },
  ): Promise<readonly AppendResult[]> {
    return this.inner.append(
      appends.map((append) => ({ ...append, stream: this.#inside(append.stream) })),
      options,
    );
  }

  override async readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    return (await this.inner.readStream(this.#inside(stream), options)).map((event) => this.#outside(event));
  }

  override async readAll(options: ReadAllOptions): Promise<EventBatch> {
    return this.#ours(await this.inner.readAll(this.#shifted(options)));
  }

  override async *subscribe(options: SubscribeOptions): AsyncGenerator<EventBatch> {
    for await (const batch of this.inner.subscribe(this.#shifted(options))) yield this.#ours(batch);
  }

  override async lastPosition(): Promise<number> {
    const position = await this.inner.lastPosition();
    return position > this.base ? position : 0;
  }

  override async eventAt(position: number): Promise<RecordedEvent | undefined> {
    const event = position > this.base ? await this.inner.eventAt(position) : undefined;
    return event?.stream.startsWith(this.prefix) === true ? this.#outside(event) : undefined;
  }

  override async fingerprintAt(position: number): Promise<string | undefined> {
    return position > this.base ? this.inner.fingerprintAt(position) : undefined;
  }

  /** A text that is no name stays as it is. */
  #inside(stream: string): string {
    return CATEGORY.test(stream) ? this.prefix + stream : stream;
  }

  #outside(event: RecordedEvent): RecordedEvent {
    return { ...event, stream: event.stream.slice(this.prefix.length) };
  }

  #shifted<Options extends ReadAllOptions | SubscribeOptions>(options: Options): Options {
    const { after, categories } = options;
    return {
      ...options,
      after: Math.max(after, this.base),
      ...(categories === undefined ? {} : { categories: categories.map((category) => this.prefix + category) }),
    };
  }

  #ours(batch: EventBatch): EventBatch {
    const events = batch.events.filter(({ stream }) => stream.startsWith(this.prefix));
    return { ...batch, events: events.map((event) => this.#outside(event)) };
  }
}
