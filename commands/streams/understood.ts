// Does this version of Railhead understand an event? A newer one may have written it.
import type { AnyCategory } from '@railhead/domain/kernel/category.ts';
import { categoryOf, EventStoreError, type RecordedEvent } from '../ports/event-store.ts';

/** Streams with an event that this version does not understand, and what it is. Nothing more of them is taken. */
export type StreamsSetAside = ReadonlyMap<string, string>;

type Told = Pick<RecordedEvent, 'stream' | 'type' | 'version' | 'position'>;

/**
 * Tells what is strange about an event of these categories, for people; undefined where nothing is, and for events of
 * other categories. Whoever folds events asks for the categories that it folds.
 */
export const strangenessIn = (categories: readonly AnyCategory[]): ((event: Told) => string | undefined) => {
  const byName = new Map(categories.map((category) => [category.name, category]));
  return (event) =>
    byName.get(categoryOf(event.stream))?.strangeness(event) === undefined ? undefined : describe(event);
};

const describe = ({ type, version, position }: Pick<RecordedEvent, 'type' | 'version' | 'position'>): string =>
  `${type} version ${version} at position ${position}`;

/** Nothing is decided on a part of a stream. */
export class NotUnderstood extends EventStoreError {
  readonly stream: string;
  /** As `strangenessIn` tells it. */
  readonly strangeness: string;
  constructor(event: Told) {
    super('EVENT_NOT_UNDERSTOOD', `this version does not understand ${describe(event)} of ${event.stream}`);
    this.stream = event.stream;
    this.strangeness = describe(event);
  }
}
