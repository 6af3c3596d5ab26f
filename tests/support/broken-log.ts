// Breaks logs, each as a store would return it: positions and revisions have no gaps.
import { randomUUID } from 'node:crypto';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { dataWithoutLocks, type LockPart } from './seat-events.ts';

export type Log = readonly RecordedEvent[];

/** Gives the events the positions and revisions of this order. */
export const renumbered = (events: Log): Log => {
  const revisions = new Map<string, number>();
  return events.map((event, index) => {
    const revision = (revisions.get(event.stream) ?? -1) + 1;
    revisions.set(event.stream, revision);
    return { ...event, revision, position: index + 1 };
  });
};

export const without = (log: Log, isLost: (event: RecordedEvent) => boolean): Log =>
  renumbered(log.filter((event) => !isLost(event)));

/** Takes locks out of the events about them; an event about nothing else is left out. */
export const withoutLocks = (log: Log, isLost: (part: LockPart, event: RecordedEvent) => boolean): Log =>
  renumbered(
    log.flatMap((event) => {
      const data = dataWithoutLocks(event, (part) => isLost(part, event));
      if (data === undefined) return [];
      return data === event.data ? [event] : [{ ...event, data }];
    }),
  );

export const withChanged = (log: Log, wanted: RecordedEvent, change: Partial<RecordedEvent>): Log =>
  log.map((event) => (event === wanted ? { ...event, ...change } : event));

/** Replaces one value, at a path of the event's data. */
export const withField = (log: Log, wanted: RecordedEvent, path: readonly string[], value: unknown): Log => {
  const data = structuredClone(wanted.data);
  setAt(data, path, value);
  return withChanged(log, wanted, { data });
};

const setAt = (target: unknown, path: readonly string[], value: unknown): void => {
  const [name = '', ...rest] = path;
  const record = target as Record<string, unknown>; // whoever names a path into an event knows that it is there
  if (rest.length === 0) record[name] = value;
  else setAt(record[name], rest, value);
};

/** Appends the event once more, with a new id by default. */
export const withAgain = (log: Log, event: RecordedEvent, id: string = randomUUID()): Log =>
  renumbered([...log, { ...event, id }]);

/** Appends a new event to an existing stream. */
export const withMore = (log: Log, stream: string, type: string, data: unknown): Log => {
  const [first] = log;
  if (first === undefined) throw new Error('the log is empty');
  return withAgain(log, { ...first, stream, type, data });
};

/** The next event of the same stream. */
export const nextInStream = (log: Log, { stream, revision }: RecordedEvent): RecordedEvent | undefined =>
  log.find((event) => event.stream === stream && event.revision === revision + 1);

/** Exchanges the type and data of two events, so that each happened in the place of the other. */
export const withSwapped = (log: Log, a: RecordedEvent, b: RecordedEvent): Log => {
  const contentOf = ({ type, version, data, id, meta }: RecordedEvent): Partial<RecordedEvent> => ({
    type,
    version,
    data,
    id,
    meta,
  });
  return log.map((event) => {
    if (event === a) return { ...event, ...contentOf(b) };
    return event === b ? { ...event, ...contentOf(a) } : event;
  });
};

export type Leaf = { readonly path: readonly string[]; readonly value: string | number | boolean };

/** Every value of an event's data that contains no others, with its path. */
export function* leavesOf(value: unknown, path: readonly string[] = []): Iterable<Leaf> {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') yield { path, value };
  else if (typeof value === 'object' && value !== null)
    for (const [name, part] of Object.entries(value)) yield* leavesOf(part, [...path, name]);
}
