import { category } from '../kernel/category.ts';
import type { IdempotencyKeyEvent } from './events.ts';
import { evolve, type IdempotencyKey, unusedKey } from './fold.ts';

/** One stream a key of a user for an operation, by a hash of the three. */
export const idempotencyKeyCategory = category<string, IdempotencyKey, IdempotencyKeyEvent>({
  name: 'idempotencyKey',
  nameOf: (keyHash) => keyHash,
  parse: (name) => name,
  initial: () => unusedKey,
  evolve,
  versions: { IdempotencyKeyUsed: 1 },
});
