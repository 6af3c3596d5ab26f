// What every operation on a run's seats needs, and how its commands are named.
import { hash } from 'node:crypto';
import { type Refusal, refuse } from '@railhead/domain/kernel/decision.ts';
import type { Allocators, HoldRefusal } from '../allocation/operation.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { RunDirectory } from '../runs/run-directory.ts';
import type { Origin } from '../streams/append.ts';

/**
 * A lock's refusal as an operator hears it: one of `codes`. Any other is about an order's lock, so something is wrong here.
 */
export const told = <Code extends HoldRefusal>(
  { code, detail, extra }: Refusal<HoldRefusal>,
  codes: readonly Code[],
): ReturnType<typeof refuse<Code>> => {
  const known = codes.find((one) => one === code);
  if (known === undefined) throw new Error(`${code}: ${detail}`);
  return refuse(known, detail, extra);
};

export type InventoryDeps = {
  readonly store: EventStore;
  readonly pool: Allocators;
  readonly runs: RunDirectory;
  readonly clock: Clock;
};

/** Who asks, for which run. The same request under the same `idempotencyKey` of the same operator is one command. */
export type OperatorCommand = {
  readonly train: string;
  readonly date: string;
  readonly operator: string;
  readonly idempotencyKey: string;
  readonly correlationId: string;
};

/**
 * Of the operator's command: equal commands have equal ids, so asking twice changes once. `asked` is everything else that
 * was asked for: another request under the same key is another command, and never gets the first one's answer.
 */
export const commandIdOf = (
  { train, date, operator, idempotencyKey }: OperatorCommand,
  asked: readonly unknown[],
): string => hash('sha256', JSON.stringify([train, date, operator, idempotencyKey, ...asked]), 'hex').slice(0, 24);

/** As what an operator's command is written into the log. */
export const originOf = (
  { operator, correlationId }: Pick<OperatorCommand, 'operator' | 'correlationId'>,
  commandId: string,
): Origin => ({ commandId, actor: operator, correlationId });
