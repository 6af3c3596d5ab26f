// Decides about events that a read model cannot take: its stream is set aside, the event is skipped, or tried again.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import { decide, type ReadModelCommand } from '@railhead/domain/read-model/decide.ts';
import type { EventPlace } from '@railhead/domain/read-model/events.ts';
import { readModelCategory } from '@railhead/domain/read-model/stream.ts';
import { categoryOf, type Position, type RecordedEvent } from '../ports/event-store.ts';
import { type Origin, ownOrigin } from '../streams/append.ts';
import { type TransactDeps, transact } from '../streams/transact.ts';
import { writtenBefore } from '../streams/written-before.ts';

/** Does the model of this name read streams of a category? Undefined: there is no such model. */
export type ReadBy = (model: string) => ((category: string) => boolean) | undefined;

export type LeftOutRefusal = 'READ_MODEL_UNKNOWN' | 'EVENT_UNKNOWN' | 'TOO_MANY_LEFT_OUT' | 'CONTENDED';

export type OfOperator = {
  readonly model: string;
  readonly position: Position;
  readonly operator: string;
  readonly idempotencyKey: string;
  readonly correlationId: string;
};

type Decided = Result<EventPlace & { readonly decidedAt: Position }, LeftOutRefusal>;

export type LeftOutDeps = TransactDeps & { readonly readBy: ReadBy };

/** The model goes on without this event. `decidedAt` is 0 if it was skipped before. */
export const skipEvent = (deps: LeftOutDeps, asked: OfOperator & { readonly reason: string }): Promise<Decided> =>
  ofOperator(deps, asked, (place) => ({ type: 'Skip', reason: asked.reason, ...place }));

/** The model tries this event again, and what follows in its stream. */
export const retryEvent = (deps: LeftOutDeps, asked: OfOperator): Promise<Decided> =>
  ofOperator(deps, asked, (place) => ({ type: 'Retry', ...place }));

const ofOperator = async (
  deps: LeftOutDeps,
  { model, position, operator, idempotencyKey, correlationId }: OfOperator,
  commandFor: (place: EventPlace) => ReadModelCommand,
): Promise<Decided> => {
  const reads = deps.readBy(model);
  if (reads === undefined) return refuse('READ_MODEL_UNKNOWN', `there is no read model ${model}`);
  const event = await deps.store.eventAt(position);
  if (event === undefined || !reads(categoryOf(event.stream)))
    return refuse('EVENT_UNKNOWN', `read model ${model} has no event at position ${position}`);
  const command = commandFor(placeOf(event));
  const origin = {
    commandId: `${operator}/${idempotencyKey}/${model}/${position}/${command.type}`,
    actor: operator,
    correlationId,
  };
  return write(deps, model, command, origin);
};

/**
 * The model's own decision, where it is to go on without a stream of which it refuses an event. `round`: how many
 * decisions about the model there were; processes that decide the same at once write it once.
 */
export const setStreamAside = (
  deps: TransactDeps,
  {
    model,
    event,
    why,
    round,
  }: {
    readonly model: string;
    readonly event: RecordedEvent;
    readonly why: string;
    readonly round: number;
  },
): Promise<Decided> =>
  write(
    deps,
    model,
    { type: 'SetAside', why: why.slice(0, MOST_SAID), ...placeOf(event) },
    ownOrigin(`${readModelCategory.stream(model)}/${event.position}/set aside/${round}`),
  );

const MOST_SAID = 1_000;

const placeOf = ({ position, stream, type }: RecordedEvent): EventPlace => ({ position, stream, eventType: type });

const write = async (
  deps: TransactDeps,
  model: string,
  command: ReadModelCommand,
  origin: Origin,
): Promise<Decided> => {
  const { position: at, stream: of, eventType: type } = command;
  const before = await writtenBefore(deps.store, readModelCategory.stream(model), origin.commandId);
  if (before !== undefined) return accept({ position: at, stream: of, eventType: type, decidedAt: before });
  const done = await transact(deps, readModelCategory, model, origin, (leftOut) => decide(leftOut, command));
  if (!done.ok) return done;
  return accept({ position: at, stream: of, eventType: type, decidedAt: done.value.position });
};
