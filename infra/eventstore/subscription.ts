// Catch-up subscriptions on any store that can read its log in order and announce that it has grown.
import {
  type EventBatch,
  EventStoreError,
  type Position,
  type ReadAllOptions,
  type SubscribeOptions,
} from '@railhead/commands/ports/event-store.ts';

const DEFAULT_BATCH = 1000;

/** Announces to waiting readers that the log has reached a position. */
export class CommitSignal {
  #position: Position = 0;
  #closed = false;
  readonly #waiters = new Set<() => void>();

  get closed(): boolean {
    return this.#closed;
  }

  announce(position: Position): void {
    if (position <= this.#position) return;
    this.#position = position;
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** Resolves when the log has passed `position`, when the store closes, or on abort. */
  async past(position: Position, signal?: AbortSignal): Promise<void> {
    while (!this.#closed && signal?.aborted !== true && this.#position <= position)
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiters.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiters.add(wake);
        signal?.addEventListener('abort', wake, { once: true });
      });
  }

  #wake(): void {
    for (const wake of [...this.#waiters]) wake();
  }
}

/** Reads the log page by page and waits at its end. One loop for history and live events, so there is no hand-over. */
export async function* followLog(
  log: { readAll(options: ReadAllOptions): Promise<EventBatch> },
  commits: CommitSignal,
  { after, categories, batchSize, signal }: SubscribeOptions,
): AsyncGenerator<EventBatch> {
  let position = after;
  const limit = batchSize ?? DEFAULT_BATCH;
  while (signal?.aborted !== true && !commits.closed) {
    let batch: EventBatch;
    try {
      batch = await log.readAll(
        categories === undefined ? { after: position, limit } : { after: position, limit, categories },
      );
    } catch (error) {
      if (error instanceof EventStoreError && error.code === 'STORE_CLOSED') return;
      throw error;
    }
    if (batch.position > position) {
      position = batch.position;
      yield batch;
    } else {
      await commits.past(position, signal);
    }
  }
}
