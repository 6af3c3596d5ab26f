// Writes a decision about a run to its stream; whoever else changes the run meanwhile is heard first.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import { decide, type OpenRun, type RunCommand, type RunRefusal } from '@railhead/domain/train-run/decide.ts';
import { runStream } from '@railhead/domain/train-run/stream.ts';
import { appendOf } from '../order-process/order-writer.ts';
import type { EventStore, Position } from '../ports/event-store.ts';
import { loadRun } from './run-directory.ts';

export type ChangeOfRun = Exclude<RunCommand, OpenRun>;

const MAX_ATTEMPTS = 10;

/** `position` is 0 where nothing had to change. */
export const changeRun = async (
  store: EventStore,
  { train, date }: { readonly train: string; readonly date: string },
  command: ChangeOfRun,
  meta: EventMeta,
): Promise<Result<{ readonly position: Position }, RunRefusal | 'CONTENDED'>> => {
  const stream = runStream(train, date);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const { run, revision } = await loadRun(store, stream);
    const decision = decide(run, command);
    if (!decision.ok) return decision;
    if (decision.value.length === 0) return accept({ position: 0 });
    const [result] = await store.append([
      appendOf(stream, revision, decision.value, { ...meta, commandId: command.id }),
    ]);
    if (result?.ok === true) return accept({ position: result.position });
  }
  return refuse('CONTENDED', `${train} on ${date} keeps changing; try again`);
};
