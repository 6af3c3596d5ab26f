// What every operator's command on a run needs, and how the command gets its id.
import { hash } from 'node:crypto';
import { type Refusal, refuse } from '@railhead/domain/kernel/decision.ts';
import type { Allocators, HoldRefusal } from '../allocation/operation.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { RunDirectory } from '../runs/run-directory.ts';
import type { Origin } from '../streams/append.ts';

/** A lock's refusal as an operator gets it: one of `codes`. Any other is about an order's lock, so it is a bug here. */
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

/** Who commands, for which run. An operator's same request with the same `idempotencyKey` is the same command. */
export type OperatorCommand = {
  readonly train: string;
  readonly date: string;
  readonly operator: string;
  readonly idempotencyKey: string;
  readonly correlationId: string;
};

/**
 * The id of an operator's command: equal commands have equal ids, so a repeat changes nothing. `asked` is the rest of
 * the request. A different request with the same key is therefore a different command and never gets the first one's
 * answer.
 */
export const commandIdOf = (
  { train, date, operator, idempotencyKey }: OperatorCommand,
  asked: readonly unknown[],
): string => hash('sha256', JSON.stringify([train, date, operator, idempotencyKey, ...asked]), 'hex').slice(0, 24);

/** The origin of an operator's command in the log. */
export const originOf = (
  { operator, correlationId }: Pick<OperatorCommand, 'operator' | 'correlationId'>,
  commandId: string,
): Origin => ({ commandId, actor: operator, correlationId });
