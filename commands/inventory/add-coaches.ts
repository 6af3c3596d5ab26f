// Adds coaches to a run on sale. Their seats are sold from the next batch on.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { Coach } from '@railhead/domain/train-run/composition.ts';
import { type AdditionRefusal, decideAddition } from '@railhead/domain/train-run/decide.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import type { Position } from '../ports/event-store.ts';
import { boardingMs } from '../runs/sale-window.ts';
import { transact } from '../streams/transact.ts';
import { commandIdOf, type InventoryDeps, type OperatorCommand, originOf } from './operator.ts';

export type AddCoaches = OperatorCommand & { readonly coaches: readonly Coach[] };

export const addCoaches = async (
  deps: InventoryDeps,
  command: AddCoaches,
): Promise<Result<{ readonly position: Position }, AdditionRefusal | 'SALE_CLOSED' | 'CONTENDED'>> => {
  const { train, date, coaches } = command;
  const run = await deps.runs.findNow(train, date);
  if (run === undefined) return refuse('TRAIN_NOT_FOUND', `${train} is not on sale for ${date}`);
  if (boardingMs(run, 0) <= deps.clock.now()) return refuse('SALE_CLOSED', `${train} has left ${run.stops[0]?.name}`);
  const id = `coaches-${commandIdOf(command, coaches)}`;
  const added = await transact(deps, runCategory, command, originOf(command, id), (now) =>
    decideAddition(now, { id, coaches }),
  );
  if (!added.ok) return added;
  deps.runs.forget(train, date);
  await deps.pool.extend(train, date);
  return accept(added.value);
};
