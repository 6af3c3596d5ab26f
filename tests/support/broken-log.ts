// Logs broken by hand, each as a store would give it: positions and revisions without a gap.
import { randomUUID } from 'node:crypto';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';

export type Log = readonly RecordedEvent[];

/** As if the events had been written in this order. */
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

export const withChanged = (log: Log, wanted: RecordedEvent, change: Partial<RecordedEvent>): Log =>
  log.map((event) => (event === wanted ? { ...event, ...change } : event));

/** The value at a path of the event's data replaced, and nothing else. */
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

/** Written once more at the end of the log, under another id unless told. */
export const withAgain = (log: Log, event: RecordedEvent, id: string = randomUUID()): Log =>
  renumbered([...log, { ...event, id }]);

/** A further event at the end of the log, in a stream of it. */
export const withMore = (log: Log, stream: string, type: string, data: unknown): Log => {
  const [first] = log;
  if (first === undefined) throw new Error('the log is empty');
  return withAgain(log, { ...first, stream, type, data });
};

/** The next event of the same stream. */
export const nextInStream = (log: Log, { stream, revision }: RecordedEvent): RecordedEvent | undefined =>
  log.find((event) => event.stream === stream && event.revision === revision + 1);

/** What two events say, exchanged: one happened in the place of the other. */
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

/** Every value of an event's data that is not made of others. */
export function* leavesOf(value: unknown, path: readonly string[] = []): Iterable<Leaf> {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') yield { path, value };
  else if (typeof value === 'object' && value !== null)
    for (const [name, part] of Object.entries(value)) yield* leavesOf(part, [...path, name]);
}
