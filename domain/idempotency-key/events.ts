import type { DomainEvent } from '../kernel/event.ts';

/**
 * A key names this request of its user from here on, until `endsAt` (RFC 3339). `operation`: what was asked for;
 * `requestHash`: of everything that was said with it.
 */
export type IdempotencyKeyUsed = DomainEvent<
  'IdempotencyKeyUsed',
  { readonly operation: string; readonly requestHash: string; readonly endsAt: string }
>;

export type IdempotencyKeyEvent = IdempotencyKeyUsed;
