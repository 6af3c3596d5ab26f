// A key names one request, whole, for as long as it lives; then it may name another.
import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import type { IdempotencyKeyEvent } from './events.ts';
import type { IdempotencyKey } from './fold.ts';

/** `nowMs`: ms since the epoch; `endsAt`: until when the key names the request if it names none now. */
export type UseKey = {
  readonly operation: string;
  readonly requestHash: string;
  readonly nowMs: number;
  readonly endsAt: string;
};

export const decide = (
  key: IdempotencyKey,
  { nowMs, ...data }: UseKey,
): Decision<IdempotencyKeyEvent, 'IDEMPOTENCY_KEY_REUSED'> => {
  const isFree = key.endsAt === undefined || Date.parse(key.endsAt) < nowMs;
  if (isFree) return emit({ type: 'IdempotencyKeyUsed', version: 1, data });
  return key.requestHash === data.requestHash
    ? unchanged
    : refuse('IDEMPOTENCY_KEY_REUSED', 'this idempotency key belongs to another request');
};
