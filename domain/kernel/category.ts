// A category of streams as one value: how its streams are named, which events they hold, and the state these fold to.
import type { AnyEvent, Recorded } from './event.ts';

/** An event as the log gives it, before it is known whose it is. */
export type LoggedEvent = Recorded<AnyEvent> & { readonly stream: string };

/** Why an event in a stream of this category cannot be folded by this version of Railhead. */
export type Strangeness = 'UNKNOWN_TYPE' | 'NEWER_VERSION' | 'BAD_NAME';

export type Category<Id, State, Event extends AnyEvent> = {
  /** What stands before the first dash of the stream's name. */
  readonly name: string;
  /** Names the stream of one aggregate. */
  readonly stream: (id: Id) => string;
  /** The aggregate of a stream; throws where the name is none of this category. `owns` has looked at it already. */
  readonly idOf: (stream: string) => Id;
  /** The state before the first event; a new one each time, for some states are changed in place. */
  readonly initial: () => State;
  readonly evolve: (state: State, event: Recorded<Event>) => State;
  /** Does the event stand in a stream of this category? */
  readonly holds: (event: { readonly stream: string }) => boolean;
  /** Is it an event of this category in a version that is understood? Narrows its type. */
  readonly owns: <Given extends LoggedEvent>(event: Given) => event is Given & Recorded<Event>;
  /** For an event that this category holds and does not own: why. */
  readonly strangeness: (event: LoggedEvent) => Strangeness | undefined;
};

/** The newest version of every event type; the compiler wants all of them. */
type Versions<Event extends AnyEvent> = { readonly [Member in Event as Member['type']]: Member['version'] };

export const category = <Id, State, Event extends AnyEvent>(definition: {
  readonly name: string;
  readonly nameOf: (id: Id) => string;
  /** Undefined for a text that is no name of an aggregate of this kind. */
  readonly parse: (name: string) => Id | undefined;
  readonly initial: () => State;
  readonly evolve: (state: State, event: Recorded<Event>) => State;
  readonly versions: Versions<Event>;
}): Category<Id, State, Event> => {
  const { name, nameOf, parse, initial, evolve } = definition;
  const prefix = `${name}-`;
  const versions = new Map<string, number>(Object.entries(definition.versions));
  const parsed = new Map<string, Id | undefined>();

  const idIn = (stream: string): Id | undefined => {
    if (parsed.has(stream)) return parsed.get(stream);
    const id = stream.startsWith(prefix) ? parse(stream.slice(prefix.length)) : undefined;
    if (parsed.size >= MAX_PARSED) parsed.clear();
    parsed.set(stream, id);
    return id;
  };
  const holds = ({ stream }: { readonly stream: string }): boolean => stream.startsWith(prefix);
  const strangeness = ({ stream, type, version }: LoggedEvent): Strangeness | undefined => {
    const newest = versions.get(type);
    if (newest === undefined) return 'UNKNOWN_TYPE';
    if (version > newest) return 'NEWER_VERSION';
    return idIn(stream) === undefined ? 'BAD_NAME' : undefined;
  };
  return {
    name,
    stream: (id) => prefix + nameOf(id),
    idOf: (stream) => {
      const id = idIn(stream);
      if (id === undefined) throw new Error(`${stream} is no stream of category ${name}`);
      return id;
    },
    initial,
    evolve,
    holds,
    // The one place where an event of the log becomes an event of an aggregate: by its stream, its type and its version.
    owns: <Given extends LoggedEvent>(event: Given): event is Given & Recorded<Event> =>
      holds(event) && strangeness(event) === undefined,
    strangeness,
  };
};

/** Names whose parts are remembered: the same streams are met again and again. */
const MAX_PARSED = 20_000;
