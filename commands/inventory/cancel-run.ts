// Cancels a run. Nothing more is sold on it. The run process then closes every order that holds seats; the order
// process refunds their payments, and closes the orders that still wait for seats.
import { accept, type Result } from '@railhead/domain/kernel/decision.ts';
import { decideCancellation } from '@railhead/domain/train-run/decide.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import type { Position } from '../ports/event-store.ts';
import { transact } from '../streams/transact.ts';
import { commandIdOf, type InventoryDeps, type OperatorCommand, originOf } from './operator.ts';

export type CancelRun = OperatorCommand & { readonly reason: string };

/** `reason`: the one that stands. A run that was cancelled before keeps its first. */
export type CancelledRun = { readonly position: Position; readonly reason: string };

export const cancelRun = async (
  deps: InventoryDeps,
  command: CancelRun,
): Promise<Result<CancelledRun, 'TRAIN_NOT_FOUND' | 'CONTENDED'>> => {
  const { train, date, reason } = command;
  const id = `cancel-${commandIdOf(command, [reason])}`;
  const cancelled = await transact(deps, runCategory, command, originOf(command, id), (run) =>
    decideCancellation(run, { id, reason }),
  );
  if (!cancelled.ok) return cancelled;
  deps.runs.forget(train, date);
  const { before, position } = cancelled.value;
  const stands = before.status === 'cancelled' ? (before.cancelReason ?? reason) : reason;
  return accept({ position, reason: stands });
};
