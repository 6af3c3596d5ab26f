// One promise that the audit checks, a file each in promises/.
import type { AnyCategory, Category } from '@railhead/domain/kernel/category.ts';
import type { AnyEvent, Recorded } from '@railhead/domain/kernel/event.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import type { Ledger } from './ledger.ts';
import type { Violation } from './violation.ts';

/**
 * `observe` is called with every event of the promise's categories, before the ledger folds it. It checks the events of
 * one stream. Streams are compared only in `findings`, because some stores write them one after another. Work that is
 * still to be done is no violation. `findings` may be called at any time, and again.
 */
export type LogPromise = {
  readonly categories: readonly AnyCategory[] | 'all';
  observe(event: RecordedEvent): void;
  findings(): readonly Violation[];
};

export type PromiseOf = (ledger: Ledger) => LogPromise;

/** The part of a promise that looks at the events of one category. */
export const observing = <Id, State, Event extends AnyEvent>(
  category: Category<Id, State, Event>,
  look: (event: RecordedEvent & Recorded<Event>, id: Id) => void,
): Pick<LogPromise, 'categories' | 'observe'> => ({
  categories: [category],
  observe: (event) => {
    if (category.owns(event)) look(event, category.idOf(event.stream));
  },
});
