// Keeps which request a key names, before anything is done for it. Placing an order needs none of this: the order is the
// record of its key.
import { hash } from 'node:crypto';
import { decide } from '@railhead/domain/idempotency-key/decide.ts';
import { idempotencyKeyCategory } from '@railhead/domain/idempotency-key/stream.ts';
import type { Result } from '@railhead/domain/kernel/decision.ts';
import { timestampOf } from '../ports/clock.ts';
import { type TransactDeps, type Transacted, transact } from '../streams/transact.ts';

export type NamedRequest = {
  readonly userId: string;
  readonly operation: string;
  readonly idempotencyKey: string;
  /** Everything that is asked for, and nothing else: values whose JSON is the same for the same request. */
  readonly asked: readonly unknown[];
  readonly correlationId: string;
};

export type NameRequestDeps = TransactDeps & { readonly idempotencyDays: number };

const DAY_MS = 86_400_000;

/** The same request may come again; another one under a key that lives is refused. */
export const nameRequest = (
  { idempotencyDays, ...deps }: NameRequestDeps,
  { userId, operation, idempotencyKey, asked, correlationId }: NamedRequest,
): Promise<Result<Transacted, 'IDEMPOTENCY_KEY_REUSED' | 'CONTENDED'>> => {
  const keyHash = hash('sha256', JSON.stringify([userId, operation, idempotencyKey]), 'hex').slice(0, 32);
  const requestHash = hash('sha256', JSON.stringify(asked), 'base64url');
  const nowMs = deps.clock.now();
  const endsAt = timestampOf(deps.clock, nowMs + idempotencyDays * DAY_MS);
  const origin = { commandId: `${keyHash}/${requestHash}/${endsAt}`, actor: userId, correlationId };
  return transact(deps, idempotencyKeyCategory, keyHash, origin, (key) =>
    decide(key, { operation, requestHash, nowMs, endsAt }),
  );
};
