// The events that a model leaves out, as the log says. Rows are made by what the log has decided up to their place: a
// decision that comes later, about an event that they have or lack, means that they are made again.
import type { EventStore, Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { foldStream } from '@railhead/commands/streams/load.ts';
import type { LeftOut } from '@railhead/domain/read-model/fold.ts';
import { readModelCategory } from '@railhead/domain/read-model/stream.ts';

/** The databases of a model that is spread have one name, and are told apart after it. */
export const baseNameOf = (model: string): string => model.replace(/@.*$/s, '');

export const leftOutStreamOf = (model: string): string => readModelCategory.stream(baseNameOf(model));

/** Where it stands in the log, and the position of the event that it is about. */
type Decided = { readonly at: Position; readonly about: Position };

export class EventsLeftOut {
  readonly leftOut: LeftOut;
  readonly #decisions: readonly Decided[];

  private constructor(leftOut: LeftOut, decisions: readonly Decided[]) {
    this.leftOut = leftOut;
    this.#decisions = decisions;
  }

  static readonly none = new EventsLeftOut(readModelCategory.initial(), []);

  /** Throws what the store throws, and `NotUnderstood`. */
  static async read(store: Pick<EventStore, 'readStream'>, model: string): Promise<EventsLeftOut> {
    const events = await store.readStream(leftOutStreamOf(model));
    const { state } = foldStream(readModelCategory, events);
    const decisions = events.flatMap((event) =>
      readModelCategory.owns(event) ? [{ at: event.position, about: event.data.position }] : [],
    );
    return new EventsLeftOut(state, decisions);
  }

  /** How many decisions there were. */
  get count(): number {
    return this.#decisions.length;
  }

  /** The position of the last decision; 0 if there is none. */
  get end(): Position {
    return this.#decisions.at(-1)?.at ?? 0;
  }

  takes({ stream, position }: Pick<RecordedEvent, 'stream' | 'position'>): boolean {
    const { setAside, skipped } = this.leftOut;
    if (skipped.has(position)) return false;
    const from = setAside.get(stream);
    return from === undefined || position < from.position;
  }

  /**
   * Rows up to this place were made before one of the decisions, and it is about an event that they would have met.
   * Decisions up to `known` were known when they were made.
   */
  areAgainst(place: Position, known: Position): boolean {
    return this.#decisions.some(({ at, about }) => at > Math.max(place, known) && about <= place);
  }
}
