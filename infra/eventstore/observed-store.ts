// A store whose appends tell how they ended: whether the log can be written is known by whoever tried last.
import {
  type AppendResult,
  type EventStore,
  EventStoreError,
  type EventStoreErrorCode,
  type StreamAppend,
} from '@railhead/commands/ports/event-store.ts';
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

/** A failure that nobody has met again for so long proves nothing any more: a process that is asked for nothing tries nothing. */
const REMEMBERED_MS = 10_000;

export class ObservedStore extends ForwardingStore {
  readonly #now: () => number;
  #failure: { readonly why: string; readonly atMs: number } | undefined;

  constructor(inner: EventStore, now: () => number) {
    super(inner);
    this.#now = now;
  }

  /** Why the log cannot be written at the moment; undefined where it can, or where nobody has tried. */
  get failure(): string | undefined {
    if (this.#failure === undefined || this.#now() - this.#failure.atMs > REMEMBERED_MS) return undefined;
    return this.#failure.why;
  }

  override async append(
    appends: readonly StreamAppend[],
    options?: { readonly atomic?: boolean },
  ): Promise<readonly AppendResult[]> {
    try {
      const results = await this.inner.append(appends, options);
      this.#failure = undefined;
      return results;
    } catch (error) {
      const code = error instanceof EventStoreError ? error.code : undefined;
      if (code === undefined || !OF_THE_CALL.includes(code))
        this.#failure = { why: `${code ?? 'ERROR'}: ${messageOf(error)}`, atMs: this.#now() };
      throw error;
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
