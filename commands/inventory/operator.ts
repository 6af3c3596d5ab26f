// What every operation on a run's seats needs, and how its commands are named.
import { hash } from 'node:crypto';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { AllocatorPool } from '../allocation/allocator-pool.ts';
import { type Clock, timestamp } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { RunDirectory } from '../runs/run-directory.ts';

export type InventoryDeps = {
  readonly store: EventStore;
  readonly pool: AllocatorPool;
  readonly runs: RunDirectory;
  readonly clock: Clock;
  readonly utcOffsetMinutes: number;
};

/** Who asks, for which run. The same `idempotencyKey` of the same operator names one command. */
export type OperatorCommand = {
  readonly train: string;
  readonly date: string;
  readonly operator: string;
  readonly idempotencyKey: string;
  readonly correlationId: string;
};

/** Of the operator's command: equal commands have equal ids, so asking twice changes once. */
export const commandIdOf = ({ train, date, operator, idempotencyKey }: OperatorCommand): string =>
  hash('sha256', JSON.stringify([train, date, operator, idempotencyKey]), 'hex').slice(0, 24);

export const metaOf = (
  { clock, utcOffsetMinutes }: Pick<InventoryDeps, 'clock' | 'utcOffsetMinutes'>,
  { operator, correlationId }: Pick<OperatorCommand, 'operator' | 'correlationId'>,
  commandId: string,
): EventMeta => ({
  commandId,
  correlationId,
  causationId: correlationId,
  actor: operator,
  at: timestamp(clock.now(), utcOffsetMinutes),
});
