// A category of streams as one value: the names of its streams, the events in them, and the state they fold to.
import type { AnyEvent, Recorded } from './event.ts';

/** An event as it is read from the log, before its category is known. */
export type LoggedEvent = Recorded<AnyEvent> & { readonly stream: string };

/** Why an event in a stream of this category cannot be folded by this version of Railhead. */
export type Strangeness = 'UNKNOWN_TYPE' | 'NEWER_VERSION' | 'BAD_NAME';

export type Category<Id, State, Event extends AnyEvent> = {
  /** The part of the stream's name before the first dash. */
  readonly name: string;
  /** Names the stream of one aggregate. */
  readonly stream: (id: Id) => string;
  /** The id of the aggregate of a stream. Throws for a stream of another category; safe after `owns`. */
  readonly idOf: (stream: string) => Id;
  /** The state before the first event. A new object each time, because some folds change their state in place. */
  readonly initial: () => State;
  readonly evolve: (state: State, event: Recorded<Event>) => State;
  /** Does the event stand in a stream of this category? */
  readonly holds: (event: { readonly stream: string }) => boolean;
  /** Is it an event of this category, in a version this code understands? Narrows its type. */
  readonly owns: <Given extends LoggedEvent>(event: Given) => event is Given & Recorded<Event>;
  /** Why this category does not own an event that it holds; undefined if it does own it. */
  readonly strangeness: (event: Pick<LoggedEvent, 'stream' | 'type' | 'version'>) => Strangeness | undefined;
};

/** What does not depend on the types of a category: enough to tell the strange events of several categories. */
export type AnyCategory = Pick<Category<unknown, unknown, AnyEvent>, 'name' | 'strangeness'>;

/** The newest version of every event type; the compiler demands all of them. */
type Versions<Event extends AnyEvent> = { readonly [Member in Event as Member['type']]: Member['version'] };

export const category = <Id, State, Event extends AnyEvent>(definition: {
  readonly name: string;
  readonly nameOf: (id: Id) => string;
  /** Undefined for a text that does not name an aggregate of this kind. */
  readonly parse: (name: string) => Id | undefined;
  readonly initial: () => State;
  readonly evolve: (state: State, event: Recorded<Event>) => State;
  readonly versions: Versions<Event>;
}): Category<Id, State, Event> => {
  const { name, nameOf, parse, initial, evolve } = definition;
  const prefix = `${name}-`;
  const versions = new Map<string, number>(Object.entries(definition.versions));

  const idIn = (stream: string): Id | undefined =>
    stream.startsWith(prefix) ? parse(stream.slice(prefix.length)) : undefined;
  const holds = ({ stream }: { readonly stream: string }): boolean => stream.startsWith(prefix);
  const strangeness = ({
    stream,
    type,
    version,
  }: Pick<LoggedEvent, 'stream' | 'type' | 'version'>): Strangeness | undefined => {
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
    // The one place that narrows an event of the log to an event of an aggregate: by stream, type and version.
    owns: <Given extends LoggedEvent>(event: Given): event is Given & Recorded<Event> =>
      holds(event) && strangeness(event) === undefined,
    strangeness,
  };
};

/** Remembers what was parsed, for names that many events have in common. */
export const remembered = <Id>(parse: (name: string) => Id | undefined): ((name: string) => Id | undefined) => {
  const parsed = new Map<string, Id | undefined>();
  return (name) => {
    const known = parsed.get(name);
    if (known !== undefined) return known;
    if (parsed.size >= MAX_REMEMBERED) parsed.clear();
    const id = parse(name);
    parsed.set(name, id);
    return id;
  };
};

const MAX_REMEMBERED = 20_000;
