// Copies a log into another store, event by event in global order, with the same streams, revisions and ids. A copy may
// be interrupted and started again. At the end the checksums of both logs show whether they have the same events.
import { createHash, type Hash } from 'node:crypto';
import {
  type EventStore,
  EventStoreError,
  fingerprintOf,
  type NewEvent,
  type Position,
  type RecordedEvent,
  type StreamAppend,
} from '@railhead/commands/ports/event-store.ts';
import { type LogView, viewOf } from './log-view.ts';

/** `last` stands in both stores by now, and everything before it. */
export type CopyProgress = { readonly last: RecordedEvent; readonly events: number };
/** `present` were there before. */
export type CopyReport = { readonly copied: number; readonly present: number; readonly position: Position };

const BATCH = 1_000;

/**
 * `position` in `from` after which to continue; everything up to it is known to be in `to`. Events that `to` has
 * already are not written again. Where there is something to write and `to` has an event that `from` lacks, after what both
 * have at their beginning, `STORE_CORRUPT` is thrown and nothing is written. Is another event written at the place of one
 * meanwhile, the same is thrown, and no more than the rest of its batch of 1,000 events is written.
 */
export const copyLog = async (
  from: LogView,
  to: EventStore,
  options: { readonly after: Position; readonly onBatch?: (progress: CopyProgress) => unknown },
): Promise<CopyReport> => {
  let { after: position } = options;
  let [copied, present] = [0, 0];
  // Without a mark, `to` may be a copy already: reading it is quicker than appending everything once more.
  if (position === 0)
    for await (const { last, events } of commonBeginning(from, to)) {
      position = last.position;
      present = events;
      await options.onBatch?.({ last, events });
    }
  if (position < (await from.lastPosition())) await assertNothingElse(from, to, await placeOf(from, to, position));
  let batch: RecordedEvent[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const appends = runsOf(batch);
    const results = await to.append(appends);
    for (const [index, append] of appends.entries()) {
      const result = results[index];
      const there =
        result?.ok === true ? (result.repeated ? append.events.length : 0) : await completeStream(to, append);
      present += there;
      copied += append.events.length - there;
    }
    const last = batch.at(-1);
    batch = [];
    if (last === undefined) return;
    position = last.position;
    await options.onBatch?.({ last, events: copied + present });
  };
  for await (const event of from.all({ after: position })) {
    batch.push(event);
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  return { copied, present, position };
};

/** Tells, batch by batch, how far both logs begin with the same events in the same order. */
async function* commonBeginning(from: LogView, to: EventStore): AsyncGenerator<CopyProgress> {
  const theirs = viewOf(to).all({ after: 0 })[Symbol.asyncIterator]();
  let [events, told]: [number, number] = [0, 0];
  let last: RecordedEvent | undefined;
  for await (const ours of from.all({ after: 0 })) {
    const { value: copy } = await theirs.next();
    if (copy === undefined || !isCopy(copy, ours)) break;
    last = ours;
    events += 1;
    if (events % BATCH !== 0) continue;
    told = events;
    yield { last, events };
  }
  await theirs.return?.();
  if (last !== undefined && events > told) yield { last, events };
}

/** The position in `to` of the event at this position of `from`. */
const placeOf = async (from: LogView, to: EventStore, position: Position): Promise<Position> => {
  if (position === 0) return 0;
  for await (const { stream, revision } of from.all({ after: position - 1 })) {
    const [copy] = await to.readStream(stream, { from: revision, limit: 1 });
    return copy?.position ?? 0;
  }
  return 0;
};

/** An earlier copy may have written more than it remembers. Whatever else is in `to` is of another railway. */
const assertNothingElse = async (from: LogView, to: EventStore, after: Position): Promise<void> => {
  for (let position = after; ; ) {
    const page = await to.readAll({ after: position, limit: BATCH });
    for (const [stream, theirs] of Map.groupBy(page.events, (event) => event.stream)) {
      const wanted = [...theirs];
      for await (const ours of from.stream(stream, { from: wanted[0]?.revision ?? 0 })) {
        if (wanted[0] === undefined || !isCopy(wanted[0], ours)) break;
        wanted.shift();
      }
      const [other] = wanted;
      if (other !== undefined)
        throw new EventStoreError(
          'STORE_CORRUPT',
          `the store copied to has an event of its own, revision ${other.revision} of ${stream}; nothing was written`,
        );
    }
    position = page.position;
    if (page.caughtUp) return;
  }
};

const isCopy = (copy: RecordedEvent, { stream, revision, id, meta }: RecordedEvent): boolean =>
  copy.stream === stream && copy.revision === revision && fingerprintOf(copy) === fingerprintOf({ id, meta });

/**
 * Writes the missing events of an append; an earlier copy may have written some. Returns the number of events written.
 */
export const completeStream = async (to: EventStore, { stream, expected, events }: StreamAppend): Promise<number> => {
  const first = typeof expected === 'number' ? expected + 1 : 0;
  const there = await to.readStream(stream, { from: first, limit: events.length });
  const last = first + there.length - 1;
  const rest = events.slice(there.length);
  const same = there.every(({ id }, index) => id === events[index]?.id);
  const [result] =
    same && rest.length > 0 ? await to.append([{ stream, expected: last < 0 ? 'noStream' : last, events: rest }]) : [];
  if (!same || (rest.length > 0 && result?.ok !== true))
    throw new EventStoreError('STORE_CORRUPT', `${stream} holds something else in the store copied to`);
  return there.length;
};

/** Joins events of one stream that are adjacent in the log into one append, at the revision of the first. */
const runsOf = (events: readonly RecordedEvent[]): readonly StreamAppend[] => {
  const runs: { stream: string; expected: number | 'noStream'; events: NewEvent[] }[] = [];
  for (const { stream, revision, id, type, version, data, meta } of events) {
    const last = runs.at(-1);
    const run =
      last?.stream === stream
        ? last
        : { stream, expected: revision === 0 ? ('noStream' as const) : revision - 1, events: [] };
    if (run !== last) runs.push(run);
    run.events.push({ id, type, version, data, meta });
  }
  return runs;
};

/**
 * SHA-256 over the checksums of all streams, ordered by name. Equal for all stores with the same streams, whatever
 * their positions.
 */
export const checksumOf = async (
  log: LogView,
  onEvent: (position: Position) => unknown = () => {},
): Promise<{ readonly checksum: string; readonly events: number; readonly streams: number }> => {
  const hashes = new Map<string, Hash>();
  let events = 0;
  for await (const event of log.all({ after: 0 })) {
    const { stream, revision, id, type, version, data, meta, position } = event;
    const hash = hashes.get(stream) ?? createHash('sha256');
    hashes.set(stream, hash);
    hash.update(`${canonical([revision, id, type, version, data, meta])}\n`);
    events += 1;
    onEvent(position);
  }
  const all = createHash('sha256');
  for (const name of [...hashes.keys()].sort()) all.update(`${name} ${hashes.get(name)?.digest('hex')}\n`);
  return { checksum: all.digest('hex'), events, streams: hashes.size };
};

/** JSON with sorted keys: two stores may return an object's fields in different order. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
