// Publishes a timetable: everything new or changed becomes an event. The same file again changes nothing.
import type { TimetableEvent } from '@railhead/domain/timetable/events.ts';
import { stationCategory, trainCategory } from '@railhead/domain/timetable/stream.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore, RecordedEvent } from '../ports/event-store.ts';
import { deterministicId } from '../ports/ids.ts';
import {
  type ReadProgress,
  type SkippedRow,
  TimetableError,
  type TimetableItem,
  type TimetableSource,
} from '../ports/timetable-source.ts';
import { appendOf, metaOf, ownOrigin } from '../streams/append.ts';

export type ImportDeps = { readonly store: EventStore; readonly clock: Clock };

export type ImportReport = {
  readonly source: string;
  readonly stations: number;
  readonly trains: number;
  readonly stops: number;
  /** Stations and trains that were already the same. */
  readonly unchanged: number;
  readonly skipped: number;
  readonly skippedByCode: Readonly<Record<string, number>>;
  /** The first skipped rows; the counts above cover all of them. */
  readonly examples: readonly SkippedRow[];
};

const ITEMS_PER_APPEND = 500;
const MAX_EXAMPLES = 50;

type Entry = { readonly stream: string; readonly event: TimetableEvent };

const entryOf = (item: TimetableItem): Entry | undefined => {
  switch (item.kind) {
    case 'station':
      return {
        stream: stationCategory.stream(item.station.code),
        event: { type: 'StationRegistered', version: 1, data: item.station },
      };
    case 'train':
      return {
        stream: trainCategory.stream(item.train.train),
        event: { type: 'TrainTimetabled', version: 1, data: item.train },
      };
    case 'skipped':
      return undefined;
  }
};

/** Throws `TimetableError` if the source cannot be read. What was imported before stays, and a repeat completes it. */
export const importTimetable = async (
  { store, clock }: ImportDeps,
  source: TimetableSource,
  onProgress: (progress: ReadProgress) => void,
): Promise<ImportReport> => {
  const count = { stations: 0, trains: 0, stops: 0, unchanged: 0, skipped: 0 };
  const skippedByCode: Record<string, number> = {};
  const examples: SkippedRow[] = [];
  let pending: Entry[] = [];
  const flush = async (): Promise<void> => {
    // If a source names one twice, the last one counts; each stream is written once in a flush.
    const entries = [...new Map(pending.map((entry) => [entry.stream, entry])).values()];
    pending = [];
    const last = await Promise.all(
      entries.map(({ stream }) => store.readStream(stream, { direction: 'backwards', limit: 1 })),
    );
    const changed = entries.filter(({ event }, index) => !isSame(last[index]?.[0], event));
    count.unchanged += entries.length - changed.length;
    if (changed.length === 0) return;
    const results = await store.append(
      changed.map(({ stream, event }) => {
        const revision = last[entries.findIndex((entry) => entry.stream === stream)]?.[0]?.revision ?? -1;
        const commandId = `import/${stream}/${revision}/${deterministicId(JSON.stringify(event.data))}`;
        const meta = metaOf(clock, ownOrigin(commandId, source.name));
        return appendOf(stream, revision, [event], meta);
      }),
    );
    if (!results.every((result) => result.ok))
      throw new TimetableError('TIMETABLE_NOT_READABLE', 'another import wrote at the same time; run it again');
  };
  for await (const item of source.read(onProgress)) {
    if (item.kind === 'skipped') {
      count.skipped += 1;
      skippedByCode[item.row.code] = (skippedByCode[item.row.code] ?? 0) + 1;
      if (examples.length < MAX_EXAMPLES) examples.push(item.row);
    }
    if (item.kind === 'station') count.stations += 1;
    if (item.kind === 'train') {
      count.trains += 1;
      count.stops += item.train.stops.length;
    }
    const entry = entryOf(item);
    if (entry !== undefined) pending.push(entry);
    if (pending.length >= ITEMS_PER_APPEND) await flush();
  }
  await flush();
  return { source: source.name, ...count, skippedByCode, examples };
};

const isSame = (known: RecordedEvent | undefined, event: TimetableEvent): boolean =>
  known !== undefined && canonical(known.data) === canonical(event.data);

/** JSON with sorted keys, so that the order of fields makes no difference. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
