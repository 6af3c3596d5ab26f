// Reads one stream of a category and folds it.
import type { Category } from '@railhead/domain/kernel/category.ts';
import type { AnyEvent } from '@railhead/domain/kernel/event.ts';
import type { EventStore, RecordedEvent } from '../ports/event-store.ts';
import { NotUnderstood } from './understood.ts';

/** `revision` is that of the last event folded; -1 before the first. */
export type Loaded<State> = { readonly state: State; readonly revision: number };

/**
 * Events from the first on, or those after what was folded before. Throws `EVENT_NOT_UNDERSTOOD` if the stream has an event
 * unknown to this version: nothing may be decided on a part.
 */
export const foldStream = <Id, State, Event extends AnyEvent>(
  category: Category<Id, State, Event>,
  events: readonly RecordedEvent[],
  before: Loaded<State> = { state: category.initial(), revision: -1 },
): Loaded<State> => {
  let { state, revision } = before;
  for (const event of events) {
    if (!category.owns(event)) throw new NotUnderstood(event);
    state = category.evolve(state, event);
    revision = event.revision;
  }
  return { state, revision };
};

export const load = async <Id, State, Event extends AnyEvent>(
  store: Pick<EventStore, 'readStream'>,
  category: Category<Id, State, Event>,
  id: Id,
): Promise<Loaded<State>> => foldStream(category, await store.readStream(category.stream(id)));
