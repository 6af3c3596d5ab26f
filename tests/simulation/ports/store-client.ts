// The event store as one process sees it: over a network that delays, loses and repeats, from a process that may die at
// any point of a call. It does everything wrong that the port allows, and nothing else.
import {
  type AppendResult,
  assertAppendable,
  type EventBatch,
  type EventStore,
  EventStoreError,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamAppend,
  type SubscribeOptions,
} from '@railhead/commands/ports/event-store.ts';
import type { FaultName } from '../world/faults.ts';
import type { Network } from './network.ts';
import type { SimLog } from './sim-log.ts';

const APPEND_FAULTS = [
  'appendFails',
  'appendLost',
  'appendUnknown',
  'appendLate',
  'appendThenCrash',
  'crashBeforeAppend',
] as const satisfies readonly FaultName[];
type AppendFault = (typeof APPEND_FAULTS)[number];

/** The longest delay of a late message. */
const LATEST_MS = 120_000;
/** Subscriptions deliver small batches here, so that much can happen between two. */
const MAX_BATCH = 40;
/** The most events delivered again at once. */
const MAX_REPEATED = 10;

const unavailable = (): Error => new EventStoreError('STORE_UNAVAILABLE', 'simulated: not reached');
const unknown = (): Error => new EventStoreError('OUTCOME_UNKNOWN', 'simulated: no answer');

export type StoreClientOptions = {
  /** Messages arrive in the order they were sent. */
  readonly inOrder: boolean;
  /**
   * The store is part of the process: messages arrive in order, and none after its death or after they were given up.
   */
  readonly embedded: boolean;
  /** The longest delay of a subscription behind the log. */
  readonly lagMs: number;
};

export class StoreClient implements EventStore {
  readonly capabilities;
  readonly #log: SimLog;
  readonly #network: Network;
  readonly #options: StoreClientOptions;
  #lastArrival = 0;

  constructor(log: SimLog, network: Network, options: StoreClientOptions) {
    this.#log = log;
    this.#network = network;
    this.#options = options;
    this.capabilities = { atomicStreams: log.atomicStreams, durable: true };
  }

  async append(
    appends: readonly StreamAppend[],
    options: { readonly atomic?: boolean } = {},
  ): Promise<readonly AppendResult[]> {
    assertAppendable(appends, options);
    const atomic = options.atomic === true;
    if (atomic && !this.capabilities.atomicStreams)
      throw new EventStoreError('ATOMIC_NOT_SUPPORTED', 'this store appends to one stream at a time');
    return atomic
      ? this.#send(appends, [appends], true)
      : this.#send(
          appends,
          appends.map((append) => [append]),
          false,
        );
  }

  /** Writes `messages` one after another; a fault may strike at one of them. */
  #send(
    appends: readonly StreamAppend[],
    messages: readonly (readonly StreamAppend[])[],
    atomic: boolean,
  ): Promise<readonly AppendResult[]> {
    const { dice, scheduler, life } = this.#network;
    const what = `append ${appends.map(({ stream, events }) => `${stream}+${events.map(({ type }) => type).join('+')}`).join(' ')}`;
    const fault = this.#fault(what);
    const at = messages.length === 1 ? 0 : dice.between(0, messages.length - 1);
    // When the sender dies, the rest of the call has been sent already, or never will be.
    const allSent = dice.chance(0.5);
    return new Promise((resolve, reject) => {
      if (fault === 'appendFails') return this.#network.answer(this.#network.latency(), () => reject(unavailable()));
      const results: AppendResult[] = [];
      const giveUp = (): void => this.#network.answer(this.#network.timeout(), () => reject(unknown()));
      const arrive = (index: number): void => {
        const message = messages[index];
        if (message === undefined) {
          if (this.#network.isCut) giveUp();
          else this.#network.answer(this.#network.latency(), () => resolve(results));
          return;
        }
        if (!life.alive && (this.#options.embedded || (!allSent && index > 0))) return;
        const struck = index === at ? fault : undefined;
        if (struck === 'crashBeforeAppend') this.#network.crash();
        const isGone = struck === 'appendLate' && this.#options.embedded;
        if (isGone || struck === 'appendLost' || (struck === 'crashBeforeAppend' && !allSent)) {
          giveUp();
          return;
        }
        if (struck === 'appendLate') {
          giveUp();
          scheduler.after(this.#network.timeout() + dice.next() * LATEST_MS, () => write(index, message, false));
          return;
        }
        write(index, message, true);
        if (struck === 'appendThenCrash') this.#network.crash();
        if (struck === 'appendUnknown') giveUp();
      };
      const write = (index: number, message: readonly StreamAppend[], goOn: boolean): void => {
        void this.#log.commit(message, atomic).then(
          (written) => {
            this.#network.note(
              `${what} -> ${written.map((result) => (result.ok ? result.revision : result.code)).join()}`,
            );
            results.push(...written);
            const struck = index === at ? fault : undefined;
            if (!goOn || struck === 'appendUnknown') return;
            if (index + 1 === messages.length) arrive(index + 1);
            else scheduler.after(this.#network.latency() / 4, () => arrive(index + 1));
          },
          (error) => this.#network.answer(this.#network.latency(), () => reject(error)),
        );
      };
      if (this.#network.isCut) giveUp();
      scheduler.after(this.#arrival(), () => arrive(0));
    });
  }

  #fault(what: string): AppendFault | undefined {
    return APPEND_FAULTS.find((fault) => this.#network.strikes(fault, what));
  }

  /** Milliseconds until a message sent now arrives. */
  #arrival(): number {
    const { now } = this.#network.scheduler;
    const at = now + this.#network.transit();
    this.#lastArrival = this.#options.inOrder || this.#options.embedded ? Math.max(at, this.#lastArrival) : at;
    return this.#lastArrival - now;
  }

  readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    return this.#network.ask(
      `read ${stream}`,
      'readFails',
      () => this.#log.store.readStream(stream, options),
      unavailable,
    );
  }

  readAll(options: ReadAllOptions): Promise<EventBatch> {
    return this.#network.ask('read the log', 'readFails', () => this.#log.store.readAll(options), unavailable);
  }

  lastPosition(): Promise<number> {
    return this.#network.ask('last position', 'readFails', () => this.#log.store.lastPosition(), unavailable);
  }

  eventAt(position: number): Promise<RecordedEvent | undefined> {
    return this.#network.ask('position', 'readFails', () => this.#log.store.eventAt(position), unavailable);
  }

  fingerprintAt(position: number): Promise<string | undefined> {
    return this.#network.ask('position', 'readFails', () => this.#log.store.fingerprintAt(position), unavailable);
  }

  async *subscribe({ after, categories, batchSize, signal }: SubscribeOptions): AsyncGenerator<EventBatch> {
    const { dice } = this.#network;
    let position = after;
    while (signal?.aborted !== true) {
      // Some events are delivered again, and then all that follow them.
      if (this.#network.strikes('redelivery', 'events'))
        position = Math.max(0, position - dice.between(1, MAX_REPEATED));
      const limit = Math.min(batchSize ?? MAX_BATCH, dice.between(1, MAX_BATCH));
      const page = categories === undefined ? { after: position, limit } : { after: position, limit, categories };
      const batch = await this.#network.ask(
        'subscription',
        'subscriptionLost',
        () => this.#log.store.readAll(page),
        unavailable,
      );
      if (batch.position > position) {
        position = batch.position;
        yield batch;
      } else await this.#growth(position, signal);
    }
  }

  /** Resolves some time after the log has grown past `position`, or at once on abort. */
  #growth(position: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const lag = this.#network.dice.next() * this.#options.lagMs;
      const wake = (): void => this.#network.answer(this.#network.transit() + lag, end);
      let forget = (): unknown => undefined;
      const end = (): void => {
        forget();
        signal?.removeEventListener('abort', end);
        resolve();
      };
      // It may have been aborted while it waited for the last answer.
      if (signal?.aborted === true) return end();
      if (this.#log.events.length > position) wake();
      else forget = this.#log.onGrowth(wake);
      signal?.addEventListener('abort', end, { once: true });
    });
  }

  async close(): Promise<void> {}
}
