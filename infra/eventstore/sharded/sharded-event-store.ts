// Several event stores as one. Each stream is in the shard of its run, and one reader merges their logs. Streams keep
// their order. Events of different shards are in the order in which the merge reader received them.
import { LogFollower } from '@railhead/commands/log/follow-log.ts';
import {
  type AppendResult,
  assertAppendable,
  bearsOut,
  categoryOf,
  type EventBatch,
  type EventStore,
  EventStoreError,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamAppend,
  type SubscribeOptions,
} from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { timers } from '../../system/system-clock.ts';
import { completeStream } from '../copy-log.ts';
import { LogTail } from '../sqlite/log-tail.ts';
import { CommitSignal, followLog } from '../subscription.ts';
import { MergeIndex, type Placed } from './merge-index.ts';
import { isOfRun, placeKeyOf, ShardMap } from './shard-map.ts';

export type ShardedOptions = {
  readonly shards: Readonly<Record<string, EventStore>>;
  /** Trains or runs pinned to a shard, as in `ShardMap`. */
  readonly pinned?: Readonly<Record<string, string>>;
  /** File of the merged order; `:memory:` does not keep it. */
  readonly index: string;
  /** Saves permanently that a run is in another shard now. */
  readonly onMoved?: (run: string, shard: string) => void;
  /** How long an append waits until the merge reader receives it. */
  readonly mergeTimeoutMs?: number;
  /** Newest events kept in memory; a subscriber further behind reads from the shards. */
  readonly tailEvents?: number;
  /** Logs when a shard is lost and found again. */
  readonly logger?: Logger;
  /** Told before anything is read when merged positions no longer mean what they did. */
  readonly onOrderLost?: () => void;
  /** Called once the store is closed. */
  readonly onClosed?: () => void;
};

type Shard = { readonly name: string; readonly number: number; readonly store: EventStore };

const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const PAGE = 1_000;
const RETRY_MS = 200;

export class ShardedEventStore implements EventStore {
  readonly capabilities;
  readonly #shards: ReadonlyMap<string, Shard>;
  readonly #map: ShardMap;
  readonly #index: MergeIndex;
  readonly #tail: LogTail;
  readonly #commits = new CommitSignal();
  readonly #stop = new AbortController();
  readonly #frozen = new Set<string>();
  /** Shards whose reader waits for the original of a copied stream. */
  readonly #waiting = new Set<Shard>();
  readonly #mergeTimeoutMs: number;
  readonly #onClosed: () => void;
  readonly #onMoved: (run: string, shard: string) => void;
  #followers: readonly LogFollower[] = [];

  private constructor(options: ShardedOptions) {
    this.#index = new MergeIndex(options.index);
    this.#onMoved = options.onMoved ?? (() => {});
    this.#onClosed = options.onClosed ?? (() => {});
    this.#mergeTimeoutMs = options.mergeTimeoutMs ?? 10_000;
    this.#tail = new LogTail(options.tailEvents ?? 50_000);
    const names = Object.keys(options.shards);
    this.#map = new ShardMap({ shards: names, pinned: options.pinned ?? {} });
    this.#shards = new Map(
      Object.entries(options.shards).map(([name, store]) => [
        name,
        { name, store, number: this.#index.shard(name).shard },
      ]),
    );
    const durable = Object.values(options.shards).every(({ capabilities }) => capabilities.durable);
    this.capabilities = { atomicStreams: false, durable };
  }

  /** Resolves when everything that the shards have at this moment is merged. */
  static async open(options: ShardedOptions): Promise<ShardedEventStore> {
    const store = new ShardedEventStore(options);
    try {
      await store.#begin(options);
      for (const { name, store: shard } of store.#shards.values()) {
        const end = await shard.lastPosition();
        while (store.#index.shard(name).position < end) await store.#moved();
      }
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /** An order in which a shard's event stands that the shard does not have is none any more: a backup was put back. */
  async #begin({ logger = SILENT, onOrderLost }: ShardedOptions): Promise<void> {
    for (const { name, number, store } of this.#shards.values()) {
      if (await bearsOut(store, this.#index.proofOf(number))) continue;
      logger.warn({ shard: name }, `${name} is another log than the one that was merged; the order is made anew`);
      this.#index.clear();
      onOrderLost?.();
      break;
    }
    for (const { number } of this.#shards.values()) this.#index.readFromProof(number);
    this.#commits.announce(this.#index.last);
    this.#followers = [...this.#shards.values()].map((shard) => this.#follow(shard, logger));
  }

  /** Which shard holds a stream now. */
  shardOf(stream: string): string {
    return this.#map.shardOf(stream);
  }

  async append(
    appends: readonly StreamAppend[],
    options: { readonly atomic?: boolean } = {},
  ): Promise<readonly AppendResult[]> {
    this.#assertOpen();
    if (options.atomic === true)
      throw new EventStoreError('ATOMIC_NOT_SUPPORTED', 'streams may stand in different shards');
    assertAppendable(appends);
    for (const { stream } of appends)
      if (this.#frozen.has(placeKeyOf(stream)))
        throw new EventStoreError('STORE_UNAVAILABLE', `${placeKeyOf(stream)} is being moved; try again`);
    const results: AppendResult[] = [];
    const byShard = Map.groupBy(appends.entries(), ([, { stream }]) => this.#map.shardOf(stream));
    const outcomes = await Promise.allSettled(
      [...byShard].map(async ([name, entries]) => {
        const shard = this.#shard(name);
        const written = await shard.store.append(entries.map(([, append]) => append));
        for (const [nth, [index]] of entries.entries()) {
          const result = written[nth];
          const stream = entries[nth]?.[1].stream ?? '';
          if (result !== undefined) results[index] = await this.#withMerged(shard, stream, result);
        }
      }),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed === undefined) return results;
    if (!results.some((result) => result?.ok === true)) throw failed.reason;
    throw new EventStoreError('OUTCOME_UNKNOWN', 'written in part: a shard failed', { cause: failed.reason });
  }

  async readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    this.#assertOpen();
    const shard = this.#shard(this.#map.shardOf(stream));
    const events = await shard.store.readStream(stream, options);
    const merged: RecordedEvent[] = [];
    for (const event of events) merged.push({ ...event, position: await this.#positionOf(shard, event) });
    return merged;
  }

  async readAll({ after, limit, categories }: ReadAllOptions): Promise<EventBatch> {
    this.#assertOpen();
    const recent = this.#tail.read(after, limit, categories);
    if (recent !== undefined) return recent;
    const placed = this.#index.page(after, Math.min(limit, Number.MAX_SAFE_INTEGER));
    const events = await this.#fetch(placed);
    const position = placed.at(-1)?.merged ?? after;
    const wanted =
      categories === undefined ? events : events.filter(({ stream }) => categories.includes(categoryOf(stream)));
    return { events: wanted, position, caughtUp: position >= this.#index.last };
  }

  subscribe(options: SubscribeOptions): AsyncIterable<EventBatch> {
    return followLog(this, this.#commits, options);
  }

  async lastPosition(): Promise<Position> {
    this.#assertOpen();
    return this.#index.last;
  }

  /** `lastPosition` is known without the shards. */
  async ping(): Promise<unknown> {
    this.#assertOpen();
    return Promise.all([...this.#shards.values()].map(({ store }) => store.ping?.() ?? store.lastPosition()));
  }

  async eventAt(position: Position): Promise<RecordedEvent | undefined> {
    this.#assertOpen();
    const [placed] = this.#index.page(position - 1, 1);
    if (placed?.merged !== position) return undefined;
    const event = await this.#shardNumbered(placed.shard).store.eventAt(placed.position);
    return event === undefined ? undefined : { ...event, position };
  }

  async fingerprintAt(position: Position): Promise<string | undefined> {
    this.#assertOpen();
    const [placed] = this.#index.page(position - 1, 1);
    if (placed?.merged !== position) return undefined;
    return this.#shardNumbered(placed.shard).store.fingerprintAt(placed.position);
  }

  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#commits.close();
    const stopped = this.#followers.map((follower) => follower.stop());
    await Promise.all([...this.#shards.values()].map(({ store }) => store.close()));
    await Promise.all(stopped);
    this.#index.close();
    this.#onClosed();
  }

  /**
   * Moves a run ("G1_2026-11-23"): stops its appends, copies its streams with the same ids and revisions, compares
   * them, and only then switches. If it fails, nothing is switched, and the next attempt recognises what was copied.
   * Nobody else may write to the run meanwhile: stop its sale everywhere first.
   */
  async move(run: string, to: string): Promise<{ readonly streams: number; readonly events: number }> {
    const target = this.#shard(to);
    if (this.#frozen.has(run)) throw new EventStoreError('STORE_UNAVAILABLE', `${run} is being moved already`);
    this.#frozen.add(run);
    try {
      let [moved, events] = [0, 0];
      for (const [stream, from] of await this.#streamsOf(run)) {
        if (from === target) continue;
        const original = await from.store.readStream(stream);
        const written = original.map(({ id, type, version, data, meta }) => ({ id, type, version, data, meta }));
        await completeStream(target.store, { stream, expected: 'noStream', events: written });
        const copied = await target.store.readStream(stream);
        if (copied.length !== original.length || copied.some(({ id }, index) => id !== original[index]?.id))
          throw new EventStoreError(
            'STORE_CORRUPT',
            `${stream} could not be copied to ${to}: it holds something else there`,
          );
        for (const [index, { position }] of copied.entries())
          this.#index.alias(target.number, position, await this.#mergedPosition(from, original[index]?.position ?? 0));
        moved += 1;
        events += original.length;
      }
      this.#onMoved(run, to);
      this.#map.pin(run, to);
      return { streams: moved, events };
    } finally {
      this.#frozen.delete(run);
    }
  }

  /** Every stream of a run, with its shard. */
  async #streamsOf(run: string): Promise<ReadonlyMap<string, Shard>> {
    const streams = new Map<string, Shard>();
    for (let after = 0; ; ) {
      const { events, position, caughtUp } = await this.readAll({ after, limit: PAGE });
      for (const { stream } of events)
        if (isOfRun(stream) && placeKeyOf(stream) === run) streams.set(stream, this.#shard(this.#map.shardOf(stream)));
      if (caughtUp) return streams;
      after = position;
    }
  }

  /** Follows a shard, and gives each of its events the next merged position. */
  #follow(shard: Shard, logger: Logger): LogFollower {
    return new LogFollower(
      { store: shard.store, clock: timers, logger },
      {
        name: `the merging reader of ${shard.name}`,
        batchSize: PAGE,
        after: () => this.#index.shard(shard.name).position,
        take: async (batch) => {
          if (!this.#stop.signal.aborted) await this.#meet(shard, batch);
        },
      },
    );
  }

  /** Resolves when the merge reader has progressed, or after a while: a shard may have nothing for it. */
  async #moved(): Promise<void> {
    await this.#commits.past(this.#index.last, AbortSignal.timeout(RETRY_MS));
  }

  /**
   * The reader finds a moved stream in two shards. Copies are left out, and events written after them wait for the
   * originals. So the merged log has every revision once and in order.
   */
  async #meet(shard: Shard, batch: EventBatch): Promise<void> {
    let met: RecordedEvent[] = [];
    let heads = new Map<string, number>();
    const flush = (reached: Position): void => {
      const first = this.#index.add(shard.number, met, reached, heads);
      for (const [nth, event] of met.entries()) this.#tail.push({ ...event, position: first + nth });
      [met, heads] = [[], new Map()];
      this.#commits.announce(this.#index.last);
    };
    for (const event of batch.events) {
      const { stream, revision, position } = event;
      if (isOfRun(stream)) {
        const head = (): number => heads.get(stream) ?? this.#index.headOf(stream);
        if (revision <= head()) continue;
        if (revision > head() + 1) {
          flush(position - 1);
          await this.#waitForOriginal(shard, stream, revision - 1);
        }
        heads.set(stream, revision);
      }
      met.push(event);
    }
    flush(batch.position);
  }

  /**
   * Stops waiting when no other shard can bring the original, which was then scavenged: each of them has been read to
   * its end or waits itself, and nothing was merged for a while.
   */
  async #waitForOriginal(shard: Shard, stream: string, revision: number): Promise<void> {
    this.#waiting.add(shard);
    try {
      while (!this.#stop.signal.aborted && this.#index.headOf(stream) < revision) {
        const before = this.#index.last;
        await this.#commits.past(
          before,
          AbortSignal.any([AbortSignal.timeout(this.#mergeTimeoutMs), this.#stop.signal]),
        );
        if (this.#index.last === before && (await this.#nothingMoreOutside(shard))) return;
      }
    } finally {
      this.#waiting.delete(shard);
    }
  }

  /** A shard that does not answer may have more. */
  async #nothingMoreOutside(shard: Shard): Promise<boolean> {
    for (const other of this.#shards.values()) {
      if (other === shard || this.#waiting.has(other)) continue;
      const end = await other.store.lastPosition().catch(() => Number.POSITIVE_INFINITY);
      if (this.#index.shard(other.name).position < end) return false;
    }
    return true;
  }

  async #withMerged(shard: Shard, stream: string, result: AppendResult): Promise<AppendResult> {
    if (!result.ok) return result;
    // A repeat may have found a copy. Only the process that moved the stream knows the merged position of its original.
    const known = result.repeated ? await this.#positionOf(shard, { ...result, stream }) : 0;
    if (result.repeated && known === 0) return { ...result, position: this.#index.last };
    return { ...result, position: known === 0 ? await this.#mergedPosition(shard, result.position) : known };
  }

  /** 0 for a copy whose original's merged position this process does not know. */
  async #positionOf(
    shard: Shard,
    { stream, revision, position }: Pick<RecordedEvent, 'stream' | 'revision' | 'position'>,
  ): Promise<Position> {
    const merged = this.#index.mergedOf(shard.number, position);
    if (merged !== undefined) return merged;
    const isCopy = isOfRun(stream) && revision <= this.#index.headOf(stream);
    return isCopy ? 0 : this.#mergedPosition(shard, position);
  }

  /** Waits until the merge reader has received the event. */
  async #mergedPosition(shard: Shard, position: Position): Promise<Position> {
    const known = this.#index.mergedOf(shard.number, position);
    if (known !== undefined) return known;
    const limit = AbortSignal.timeout(this.#mergeTimeoutMs);
    for (;;) {
      const before = this.#index.last;
      const merged = this.#index.mergedOf(shard.number, position);
      if (merged !== undefined) return merged;
      this.#assertOpen();
      if (limit.aborted)
        throw new EventStoreError(
          'OUTCOME_UNKNOWN',
          `written to ${shard.name}, but not met within ${this.#mergeTimeoutMs} ms`,
        );
      await this.#commits.past(before, limit);
    }
  }

  /** The events at these places, in this order. */
  async #fetch(placed: readonly Placed[]): Promise<readonly RecordedEvent[]> {
    const found = new Map<string, RecordedEvent>();
    for (const [number, places] of Map.groupBy(placed, ({ shard }) => shard)) {
      const shard = this.#shardNumbered(number);
      const [first, last] = [places[0], places.at(-1)];
      if (first === undefined || last === undefined) continue;
      // A shard is read after one of its events: stores may refuse a position where none begins.
      for (let after = this.#index.positionBefore(number, first.position); after < last.position; ) {
        const page = await shard.store.readAll({ after, limit: PAGE });
        for (const event of page.events) found.set(`${number}/${event.position}`, event);
        if (page.position <= after) break;
        after = page.position;
      }
    }
    return placed.map(({ merged, shard, position }) => {
      const event = found.get(`${shard}/${position}`);
      if (event === undefined)
        throw new EventStoreError(
          'STORE_CORRUPT',
          `merged position ${merged}: nothing stands at ${position} of its shard`,
        );
      return { ...event, position: merged };
    });
  }

  #shardNumbered(number: number): Shard {
    const shard = [...this.#shards.values()].find((candidate) => candidate.number === number);
    if (shard === undefined)
      throw new EventStoreError('STORE_CORRUPT', `the merged order names a shard that is not there (${number})`);
    return shard;
  }

  #shard(name: string): Shard {
    const shard = this.#shards.get(name);
    if (shard === undefined) throw new EventStoreError('STORE_MISCONFIGURED', `there is no shard ${name}`);
    return shard;
  }

  #assertOpen(): void {
    if (this.#stop.signal.aborted) throw new EventStoreError('STORE_CLOSED', 'the event store is closed');
  }
}
