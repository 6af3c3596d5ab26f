// Writes a decision about a run to its stream; whoever else changes the run meanwhile is heard first.
import { accept, type Decision, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { TrainRunEvent } from '@railhead/domain/train-run/events.ts';
import type { TrainRun } from '@railhead/domain/train-run/fold.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { appendOf } from '../order-process/order-writer.ts';
import type { EventStore, Position } from '../ports/event-store.ts';
import { loadRun } from './run-directory.ts';

const MAX_ATTEMPTS = 10;

/** `meta` names the command that is decided. `position` is 0 where nothing had to change. */
export const changeRun = async <Code extends string>(
  store: EventStore,
  { train, date }: { readonly train: string; readonly date: string },
  decide: (run: TrainRun) => Decision<TrainRunEvent, Code>,
  meta: EventMeta,
): Promise<Result<{ readonly position: Position }, Code | 'CONTENDED'>> => {
  const stream = runCategory.stream({ train, date });
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const { run, revision } = await loadRun(store, stream);
    const decision = decide(run);
    if (!decision.ok) return decision;
    if (decision.value.length === 0) return accept({ position: 0 });
    const [result] = await store.append([appendOf(stream, revision, decision.value, meta)]);
    if (result?.ok === true) return accept({ position: result.position });
  }
  return refuse('CONTENDED', `${train} on ${date} keeps changing; try again`);
};
