// A batch in flight: sent to the store, outcome not yet known.
import { type EventStore, EventStoreError } from '../ports/event-store.ts';
import { isWritten, type PreparedBatch } from './atomic-commit.ts';
import type { Waiting } from './waiting-line.ts';

export type Landing = { readonly kind: 'written' | 'refused' } | { readonly kind: 'failed'; readonly error: unknown };

/** `landing` never rejects. */
export type Flight = {
  readonly waiting: readonly Waiting[];
  readonly batch: PreparedBatch;
  readonly landing: Promise<Landing>;
};

/** The batch writes to the book, so there is something to write. */
export const launch = (store: EventStore, waiting: readonly Waiting[], batch: PreparedBatch): Flight => {
  const landing = store.append(batch.appends, { atomic: true }).then(
    (results): Landing => ({ kind: isWritten(results) ? 'written' : 'refused' }),
    (error: unknown): Landing => ({ kind: 'failed', error }),
  );
  return { waiting, batch, landing };
};

/** Gives the callers their outcomes. Only for a batch that was written. */
export const answer = ({ waiting, batch }: Flight): void => {
  for (const [index, { resolve }] of waiting.entries()) {
    const outcome = batch.outcomes[index];
    if (outcome !== undefined) resolve(outcome);
  }
};

export const isUnknown = (error: unknown): boolean =>
  error instanceof EventStoreError && error.code === 'OUTCOME_UNKNOWN';
