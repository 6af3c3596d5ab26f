// Every use case that changes one aggregate: read, fold, decide, append at the folded revision; on a conflict, again.
import type { Category } from '@railhead/domain/kernel/category.ts';
import { accept, type Decision, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { AnyEvent } from '@railhead/domain/kernel/event.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore, Position } from '../ports/event-store.ts';
import { appendOf, metaOf, type Origin } from './append.ts';
import { load } from './load.ts';

export type TransactDeps = { readonly store: EventStore; readonly clock: Clock };

/** `position` is 0 and `changed` is false if nothing had to change, or the command was written before. */
export type Transacted<State = unknown> = {
  readonly position: Position;
  readonly changed: boolean;
  /** The aggregate as it was when it was decided on. */
  readonly before: State;
};

/** Attempts when another writer appends between reading and writing. */
const MAX_ATTEMPTS = 10;

/** Throws what the store throws. A command that was written before, with its answer lost, is found by its event ids. */
export const transact = async <Id, State, Event extends AnyEvent, Code extends string>(
  { store, clock }: TransactDeps,
  category: Category<Id, State, Event>,
  id: Id,
  origin: Origin,
  /** `revision`: of the last event that the state has; -1 before the first. */
  decide: (state: State, revision: number) => Decision<Event, Code>,
): Promise<Result<Transacted<State>, Code | 'CONTENDED'>> => {
  const stream = category.stream(id);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const { state, revision } = await load(store, category, id);
    const decision = decide(state, revision);
    if (!decision.ok) return decision;
    if (decision.value.length === 0) return accept({ position: 0, changed: false, before: state });
    const [result] = await store.append([appendOf(stream, revision, decision.value, metaOf(clock, origin))]);
    if (result?.ok === true) return accept({ position: result.position, changed: !result.repeated, before: state });
  }
  return refuse('CONTENDED', `${stream} keeps changing; try again`);
};
