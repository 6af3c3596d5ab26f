// Lifts events of old versions to the newest when they are read, from any store, so that folds and projections know one
// shape only. The log itself is not changed.
import {
  type EventBatch,
  type EventStore,
  EventStoreError,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type SubscribeOptions,
} from '@railhead/commands/ports/event-store.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import { ForwardingStore } from './forwarding-store.ts';

/**
 * Turns data of version `from` of an event type into data of version `from + 1`. Pure; must not change its argument.
 * `meta` is the event's own, for information that the old data does not contain.
 */
export type Upcaster = {
  readonly type: string;
  readonly from: number;
  /** The name of the type from version `from + 1` on, where it is another. */
  readonly renamed?: string;
  readonly lift: (data: unknown, meta: EventMeta) => unknown;
};

export type Lift = (event: RecordedEvent) => RecordedEvent;

/** Throws if two upcasters lift the same version, or if a version between two of them is missing. */
export const liftWith = (upcasters: readonly Upcaster[]): Lift => {
  const chains = new Map<string, Map<number, Upcaster>>();
  for (const upcaster of upcasters) {
    const { type, from } = upcaster;
    const chain = chains.get(type) ?? new Map<number, Upcaster>();
    chains.set(type, chain);
    if (chain.has(from)) throw new Error(`two upcasters lift version ${from} of ${type}`);
    chain.set(from, upcaster);
  }
  for (const [type, chain] of chains)
    for (let version = Math.min(...chain.keys()); version <= Math.max(...chain.keys()); version += 1)
      if (!chain.has(version)) throw new Error(`no upcaster lifts version ${version} of ${type}`);
  return (event) => {
    if (!chains.has(event.type)) return event;
    let { type, version, data } = event;
    const next = (): Upcaster | undefined => chains.get(type)?.get(version);
    for (let upcaster = next(); upcaster !== undefined; upcaster = next()) {
      try {
        data = upcaster.lift(data, event.meta);
      } catch (cause) {
        const where = `version ${version} of ${event.type} at ${event.revision} of ${event.stream}`;
        throw new EventStoreError('STORE_CORRUPT', `${where} cannot be read`, { cause });
      }
      version += 1;
      type = upcaster.renamed ?? type;
    }
    return version === event.version ? event : { ...event, type, version, data };
  };
};

export class UpcastingStore extends ForwardingStore {
  readonly #lift: Lift;

  constructor(inner: EventStore, lift: Lift) {
    super(inner);
    this.#lift = lift;
  }

  override async readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    return (await this.inner.readStream(stream, options)).map(this.#lift);
  }

  override async readAll(options: ReadAllOptions): Promise<EventBatch> {
    const batch = await this.inner.readAll(options);
    return { ...batch, events: batch.events.map(this.#lift) };
  }

  override async eventAt(position: Position): Promise<RecordedEvent | undefined> {
    const event = await this.inner.eventAt(position);
    return event === undefined ? undefined : this.#lift(event);
  }

  override async *subscribe(options: SubscribeOptions): AsyncGenerator<EventBatch> {
    for await (const batch of this.inner.subscribe(options)) yield { ...batch, events: batch.events.map(this.#lift) };
  }
}
