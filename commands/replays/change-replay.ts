// What operators decide about the generations of a read model.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import { decide, type ReplayCommand, type ReplayRefusal } from '@railhead/domain/replay/decide.ts';
import type { Generations } from '@railhead/domain/replay/fold.ts';
import { replayCategory } from '@railhead/domain/replay/stream.ts';
import type { Position } from '../ports/event-store.ts';
import { load } from '../streams/load.ts';
import { type TransactDeps, transact } from '../streams/transact.ts';
import { writtenBefore } from '../streams/written-before.ts';

/** A model whose generations this process has. */
export type ReplayedModel = {
  readonly decided: Generations;
  /** Has the generation beside had everything that was in the log? */
  readonly isWholeBeside: boolean;
  /** Does what was decided, now and not a moment later. */
  follow(): Promise<void>;
};

/** Undefined: there is no such model. */
export type Replayed = (model: string) => ReplayedModel | undefined;

/** `unknown`: in words, for a model that `replayed` does not know. */
export type ReplayDeps = TransactDeps & { readonly replayed: Replayed; readonly unknown: (model: string) => string };

export type ReplayAsked = {
  readonly model: string;
  readonly operator: string;
  readonly idempotencyKey: string;
  readonly correlationId: string;
};

/** `position` is 0 if it was so before. */
export type ReplayChanged = Result<
  { readonly decided: Generations; readonly position: Position },
  ReplayRefusal | 'READ_MODEL_UNKNOWN' | 'CONTENDED'
>;

export const changeReplay = async (
  deps: ReplayDeps,
  { model, operator, idempotencyKey, correlationId }: ReplayAsked,
  commandFor: (replayed: ReplayedModel) => ReplayCommand,
): Promise<ReplayChanged> => {
  const replayed = deps.replayed(model);
  if (replayed === undefined) return refuse('READ_MODEL_UNKNOWN', deps.unknown(model));
  const command = commandFor(replayed);
  const commandId = `${operator}/${idempotencyKey}/${model}/${command.type}`;
  const stream = replayCategory.stream(model);
  const before = await writtenBefore(deps.store, stream, commandId);
  if (before !== undefined)
    return accept({ decided: (await load(deps.store, replayCategory, model)).state, position: before });
  const origin = { commandId, actor: operator, correlationId };
  const done = await transact(deps, replayCategory, model, origin, (state) => decide(state, command));
  if (!done.ok) return done;
  await replayed.follow();
  const { state: decided } = await load(deps.store, replayCategory, model);
  return accept({ decided, position: done.value.position });
};
