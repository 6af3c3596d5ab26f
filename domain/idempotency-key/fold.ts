import type { IdempotencyKeyEvent } from './events.ts';

/** The request that the key names, or named last; none before its first use. */
export type IdempotencyKey = { readonly requestHash?: string; readonly endsAt?: string };

export const unusedKey: IdempotencyKey = {};

export const evolve = (_: IdempotencyKey, { data: { requestHash, endsAt } }: IdempotencyKeyEvent): IdempotencyKey => ({
  requestHash,
  endsAt,
});
