// A store that knows whether the log can be used: by how its appends end, by how long they wait, and by asking.
import {
  type AppendResult,
  type EventStore,
  EventStoreError,
  type EventStoreErrorCode,
  type StreamAppend,
} from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { ForwardingStore } from './forwarding-store.ts';

/** These say something of the call, and nothing of the store. */
const OF_THE_CALL: readonly EventStoreErrorCode[] = [
  'BAD_STREAM_NAME',
  'BAD_EVENT',
  'EVENT_TOO_LARGE',
  'BATCH_TOO_LARGE',
  'ATOMIC_NOT_SUPPORTED',
  'STREAM_DELETED',
  'EVENT_NOT_UNDERSTOOD',
];

/**
 * A failure that nobody has met again for so long proves nothing any more: a process that is asked for nothing tries
 * nothing. A store that is full stays full until it is known to have room.
 */
const REMEMBERED_MS = 10_000;
/** The store is asked once in this time, however often somebody wants to know. */
const ASKED_EVERY_MS = 1_000;
/** A store that has not answered by then is not there. */
const ANSWERS_WITHIN_MS = 2_000;
/** Appends wait, and none has ended for so long: nothing is written any more. */
const APPENDS_WITHIN_MS = 5_000;

type Failure = { readonly why: string; readonly atMs: number };
type Asked = { readonly atMs: number; readonly failure: Promise<string | undefined> };

export class ObservedStore extends ForwardingStore {
  readonly #now: () => number;
  readonly #logger: Logger | undefined;
  readonly #hasRoom: () => Promise<boolean>;
  #failure: Failure | undefined;
  /** The last failure for want of room, until there is room; others may follow it. */
  #full: Failure | undefined;
  /** The failure that the log of the process was told, until the store is well again. */
  #told: string | undefined;
  #asked: Asked | undefined;
  #appending = 0;
  /** When the last append ended, or began while no other was under way. */
  #movedMs = 0;

  /** `hasRoom` is asked about a store that was full; without it only an append that succeeds proves that there is room. */
  constructor(inner: EventStore, now: () => number, logger?: Logger, hasRoom = async () => false) {
    super(inner);
    this.#now = now;
    this.#logger = logger;
    this.#hasRoom = hasRoom;
  }

  /** Why the log cannot be written at the moment; undefined where it can, or where nobody has tried. */
  get failure(): string | undefined {
    const last = this.#failure;
    return last === undefined || this.#isOld(last) ? this.#full?.why : last.why;
  }

  #isOld({ atMs }: Failure): boolean {
    return this.#now() - atMs > REMEMBERED_MS;
  }

  /** As `failure`, after asking the store: undefined only if it answers. Resolves within `ANSWERS_WITHIN_MS`. */
  async ask(): Promise<string | undefined> {
    const waitedMs = performance.now() - this.#movedMs;
    if (this.#appending > 0 && waitedMs > APPENDS_WITHIN_MS)
      return `appends wait, and none has ended for ${Math.floor(waitedMs / 1000)} s`;
    if (this.#asked === undefined || performance.now() - this.#asked.atMs > ASKED_EVERY_MS)
      this.#asked = { atMs: performance.now(), failure: this.#answer() };
    return (await this.#asked.failure) ?? this.failure;
  }

  async #answer(): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new EventStoreError('STORE_UNAVAILABLE', `no answer within ${ANSWERS_WITHIN_MS} ms`)),
        ANSWERS_WITHIN_MS,
      );
    });
    try {
      await Promise.race([this.ping().then(() => this.#lookForRoom()), silence]);
      this.#tell(this.failure);
      return undefined;
    } catch (error) {
      const why = reasonOf(error);
      this.#tell(why);
      return why;
    } finally {
      clearTimeout(timer);
    }
  }

  async #lookForRoom(): Promise<void> {
    const full = this.#full;
    if (full === undefined || !(await this.#hasRoom())) return;
    // Not one that was met in the meantime.
    if (this.#full === full) this.#full = undefined;
  }

  override async append(
    appends: readonly StreamAppend[],
    options?: { readonly atomic?: boolean },
  ): Promise<readonly AppendResult[]> {
    if (this.#appending === 0) this.#movedMs = performance.now();
    this.#appending += 1;
    try {
      const results = await this.inner.append(appends, options);
      this.#failure = undefined;
      this.#full = undefined;
      this.#tell(undefined);
      return results;
    } catch (error) {
      const code = error instanceof EventStoreError ? error.code : undefined;
      if (code === undefined || !OF_THE_CALL.includes(code)) {
        this.#failure = { why: reasonOf(error), atMs: this.#now() };
        if (code === 'STORE_FULL') this.#full = this.#failure;
        // A queue that is full is answered to each caller, and comes and goes.
        if (code !== 'STORE_OVERLOADED') this.#tell(this.#failure.why);
      }
      throw error;
    } finally {
      this.#appending -= 1;
      this.#movedMs = performance.now();
    }
  }

  /** One line when the store fails, and one when it is well again. */
  #tell(failure: string | undefined): void {
    if (failure !== undefined && this.#told === undefined)
      this.#logger?.error({ failure }, 'the event log cannot be used');
    if (failure === undefined && this.#told !== undefined) this.#logger?.warn({}, 'the event log can be used again');
    this.#told = failure;
  }
}

const reasonOf = (error: unknown): string => {
  const code = error instanceof EventStoreError ? error.code : 'ERROR';
  return `${code}: ${error instanceof Error ? error.message : String(error)}`;
};
