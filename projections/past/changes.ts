// What changed between two moments, value by value, each with the events that changed it.
import type { Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { Leaf, Leaves } from './leaves.ts';

export type NamedEvent = {
  readonly position: Position;
  readonly at: string;
  readonly type: string;
  readonly stream: string;
  readonly actor: string;
};

export const named = ({ position, meta, type, stream }: RecordedEvent): NamedEvent => ({
  position,
  at: meta.at,
  type,
  stream,
  actor: meta.actor,
});

/** `before` and `after` are absent where the value was not there. `moreEvents`: so many are not named. */
export type Change = {
  readonly what: string;
  readonly before?: Leaf;
  readonly after?: Leaf;
  readonly events: readonly NamedEvent[];
  readonly moreEvents: number;
};

/** Events named with one value. */
const MOST_EVENTS = 20;

type Changed = {
  readonly before: Leaf | undefined;
  after: Leaf | undefined;
  readonly events: NamedEvent[];
  moreEvents: number;
};

export class Changes {
  readonly #changed = new Map<string, Changed>();

  /** The leaves that an event may change, before and after it. */
  note(before: Leaves, after: Leaves, event: RecordedEvent): void {
    for (const what of new Set([...before.keys(), ...after.keys()])) {
      const [from, to] = [before.get(what), after.get(what)];
      if (from === to) continue;
      const changed = this.#changed.get(what) ?? { before: from, after: to, events: [], moreEvents: 0 };
      this.#changed.set(what, changed);
      changed.after = to;
      if (changed.events.length < MOST_EVENTS) changed.events.push(named(event));
      else changed.moreEvents += 1;
    }
  }

  /** In the order in which the values were first changed. A value that is what it was is no change. */
  get list(): readonly Change[] {
    return [...this.#changed].flatMap(([what, { before, after, events, moreEvents }]) =>
      before === after
        ? []
        : [
            {
              what,
              ...(before === undefined ? {} : { before }),
              ...(after === undefined ? {} : { after }),
              events,
              moreEvents,
            },
          ],
    );
  }
}
