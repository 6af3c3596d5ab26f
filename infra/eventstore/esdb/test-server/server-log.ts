// The log of the test server: streams, metadata, deletion, and EventStoreDB's rules for accepting an append.
import type { Journal } from './journal.ts';
import type { ProposedRecord, ServerRecord } from './server-record.ts';

/** -1 demands that the stream does not exist. */
export type Expectation = number | 'any' | 'exists';

export type Written =
  | { readonly kind: 'written'; readonly revision: number; readonly position: number | undefined }
  | { readonly kind: 'wrongRevision'; readonly actual: number }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'tooLarge'; readonly maxBytes: number };

type Limits = { readonly maxCount?: number; readonly maxAgeSeconds?: number; readonly truncateBefore?: number };

type StreamState = {
  readonly records: ServerRecord[];
  limits: Limits;
  tombstoned: boolean;
};

/** EventStoreDB remembers so many ids for `any`; a repeat that is older is written again. */
const REMEMBERED_IDS = 100_000;
/** A record's size besides its payload. Positions are bytes in EventStoreDB's log, so they have gaps. */
const RECORD_OVERHEAD_BYTES = 113;
/** The revision EventStoreDB gives a tombstone. */
export const TOMBSTONE_REVISION = '9223372036854775807';
/** `$tb` of a soft-deleted stream: as JSON is read in JavaScript, and as EventStoreDB writes it. */
const DELETED_BEFORE = 2 ** 63;
const DELETED_BEFORE_TEXT = [/\b9223372036854776000\b/, TOMBSTONE_REVISION] as const;
const FIRST_POSITION = 1_024;

const sizeOf = ({ type, data, metadata }: ProposedRecord): number => data.length + metadata.length + type.length * 2;
/** Where the next record stands. */
const endOf = (record: ServerRecord): number => record.position + RECORD_OVERHEAD_BYTES + sizeOf(record);
const nowInTicks = (): string => (BigInt(Date.now()) * 10_000n).toString();

/** Anybody may write anything as metadata of a stream; what is no JSON object counts as none. */
const objectIn = (data: Uint8Array): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString());
    return value !== null && typeof value === 'object' ? { ...value } : {};
  } catch {
    return {};
  }
};

const limitsIn = (data: Uint8Array): Limits => {
  const { $maxCount, $maxAge, $tb } = objectIn(data);
  return {
    ...(typeof $maxCount === 'number' ? { maxCount: $maxCount } : {}),
    ...(typeof $maxAge === 'number' ? { maxAgeSeconds: $maxAge } : {}),
    ...(typeof $tb === 'number' ? { truncateBefore: $tb } : {}),
  };
};

/** Binary search: the index of the first record after a position. */
export const indexAfter = (records: readonly ServerRecord[], position: number): number => {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((records[middle]?.position ?? 0) > position) high = middle;
    else low = middle + 1;
  }
  return low;
};

export class ServerLog {
  readonly records: ServerRecord[] = [];
  readonly maxAppendBytes: number;
  readonly #streams = new Map<string, StreamState>();
  readonly #ids = new Map<string, ServerRecord>();
  readonly #journal: Journal | undefined;
  readonly #listeners = new Set<() => void>();
  #nextPosition = FIRST_POSITION;

  constructor(options: { readonly journal?: Journal; readonly maxAppendBytes?: number } = {}) {
    this.maxAppendBytes = options.maxAppendBytes ?? 1024 * 1024;
    this.#journal = options.journal;
    for (const record of options.journal?.load() ?? []) this.#take(record);
    if (this.records.length === 0) this.#begin();
  }

  /** A new database is never empty: the server writes system events into it, this one first. */
  #begin(): void {
    this.setMetadata('$scavenges', { $maxAge: 2_592_000 });
  }

  /** May a read begin here? It may at a record, where a scavenge has removed some, and anywhere from the end on. */
  isBoundary(position: number): boolean {
    if (position === 0 || position >= this.#nextPosition) return true;
    const before = this.records[indexAfter(this.records, position) - 1];
    return before !== undefined && (before.position === position || position >= endOf(before));
  }

  /** Calls back after each change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when everything written so far would survive the end of the process. */
  durable(): Promise<void> {
    return this.#journal?.flushed() ?? Promise.resolve();
  }

  close(): void {
    this.#journal?.close();
  }

  append(stream: string, expected: Expectation, events: readonly ProposedRecord[]): Written {
    const state = this.#streams.get(stream);
    if (this.isTombstoned(stream)) return { kind: 'deleted' };
    const bytes = events.reduce((sum, { data }) => sum + data.length, 0);
    if (bytes > this.maxAppendBytes) return { kind: 'tooLarge', maxBytes: this.maxAppendBytes };
    const actual = this.lastRevision(stream);
    const repeat = this.#repeat(stream, expected, actual, events);
    if (repeat === 'mixed') return { kind: 'wrongRevision', actual };
    const gone = state !== undefined && this.isSoftDeleted(stream);
    if (repeat !== undefined)
      return { kind: 'written', revision: repeat.revision, position: gone ? undefined : repeat.position };
    if (expected === 'exists' && gone) return { kind: 'deleted' };
    const matches =
      expected === 'any' || (expected === 'exists' ? actual >= 0 : expected === actual || (expected === -1 && gone));
    if (!matches) return { kind: 'wrongRevision', actual };
    if (events.length === 0) return { kind: 'written', revision: actual, position: this.records.at(-1)?.position };
    if (gone) this.revive(stream);
    let last: ServerRecord | undefined;
    for (const event of events) {
      last = {
        ...event,
        stream,
        revision: (last?.revision ?? actual) + 1,
        position: this.#nextPosition,
        created: nowInTicks(),
      };
      this.#write(last);
    }
    this.#announce();
    return { kind: 'written', revision: last?.revision ?? actual, position: last?.position };
  }

  /** Soft deletion: the stream reads as missing, and continues at its next revision when it is written again. */
  softDelete(stream: string, expected: Expectation): Written {
    const actual = this.lastRevision(stream);
    if (this.isTombstoned(stream)) return { kind: 'deleted' };
    if (typeof expected === 'number' && expected !== actual) return { kind: 'wrongRevision', actual };
    if (actual < 0) return { kind: 'wrongRevision', actual };
    return this.setMetadata(stream, { ...this.#metadata(stream), $tb: DELETED_BEFORE });
  }

  /** Hard deletion: nothing can be written to the stream any more. */
  tombstone(stream: string, expected: Expectation): Written {
    const actual = this.lastRevision(stream);
    if (this.isTombstoned(stream)) return { kind: 'deleted' };
    if (typeof expected === 'number' && expected !== actual) return { kind: 'wrongRevision', actual };
    const record: ServerRecord = {
      id: crypto.randomUUID(),
      type: '$streamDeleted',
      contentType: 'application/json',
      data: Buffer.from('{}'),
      metadata: Buffer.of(),
      stream,
      revision: actual + 1,
      position: this.#nextPosition,
      created: nowInTicks(),
    };
    this.#write(record);
    this.#announce();
    return { kind: 'written', revision: record.revision, position: record.position };
  }

  setMetadata(stream: string, metadata: Readonly<Record<string, unknown>>): Written {
    const event = {
      id: crypto.randomUUID(),
      type: '$metadata',
      contentType: 'application/json',
      metadata: Buffer.of(),
    };
    const data = Buffer.from(JSON.stringify(metadata).replace(...DELETED_BEFORE_TEXT));
    return this.append(`$$${stream}`, 'any', [{ ...event, data }]);
  }

  lastRevision(stream: string): number {
    return this.#streams.get(stream)?.records.at(-1)?.revision ?? -1;
  }

  /** Also of the metadata of a stream that is. */
  isTombstoned(stream: string): boolean {
    const name = stream.startsWith('$$') ? stream.slice(2) : stream;
    return this.#streams.get(name)?.tombstoned === true;
  }

  isSoftDeleted(stream: string): boolean {
    return (this.#streams.get(stream)?.limits.truncateBefore ?? 0) >= DELETED_BEFORE;
  }

  /** The records that a reader of the stream sees, by revision; undefined if the stream does not exist for it. */
  visible(stream: string): readonly ServerRecord[] | undefined {
    const state = this.#streams.get(stream);
    if (state === undefined || this.isSoftDeleted(stream)) return undefined;
    const { maxCount, truncateBefore, maxAgeSeconds } = state.limits;
    const last = state.records.at(-1)?.revision ?? -1;
    const first = Math.max(truncateBefore ?? 0, maxCount === undefined ? 0 : last - maxCount + 1);
    const records =
      first <= (state.records[0]?.revision ?? 0)
        ? state.records
        : state.records.filter(({ revision }) => revision >= first);
    if (maxAgeSeconds === undefined) return records;
    const oldest = BigInt(Date.now() - maxAgeSeconds * 1_000) * 10_000n;
    return records.filter(({ created }) => BigInt(created) >= oldest);
  }

  /** Removes records that no reader sees any more; the others keep their positions and revisions. */
  scavenge(): number {
    const gone = new Set<ServerRecord>();
    for (const [stream, state] of this.#streams) {
      const kept = new Set(this.visible(stream) ?? []);
      const last = state.records.at(-1);
      for (const record of state.records) if (!kept.has(record) && record !== last) gone.add(record);
    }
    const keep = (records: ServerRecord[]): void => {
      const left = records.filter((record) => !gone.has(record));
      records.length = 0;
      for (const record of left) records.push(record);
    };
    keep(this.records);
    for (const state of this.#streams.values()) keep(state.records);
    this.#journal?.remove([...gone].map(({ position }) => position));
    return gone.size;
  }

  #repeat(
    stream: string,
    expected: Expectation,
    actual: number,
    events: readonly ProposedRecord[],
  ): ServerRecord | 'mixed' | undefined {
    if (events.length === 0) return undefined;
    if (typeof expected === 'number') {
      if (expected >= actual) return undefined;
      const records = this.#streams.get(stream)?.records ?? [];
      const start = records.findIndex(({ revision }) => revision === expected + 1);
      const matching = events.filter((event, index) => start >= 0 && records[start + index]?.id === event.id).length;
      return matching === events.length ? records[start + matching - 1] : undefined;
    }
    const known = events.map(({ id }) => this.#ids.get(id)).filter((record) => record?.stream === stream);
    if (known.length === 0) return undefined;
    return known.length === events.length ? known.at(-1) : 'mixed';
  }

  /** What the first append to a soft-deleted stream does before it writes its events. */
  revive(stream: string): void {
    this.setMetadata(stream, { ...this.#metadata(stream), $tb: this.lastRevision(stream) + 1 });
  }

  #metadata(stream: string): Record<string, unknown> {
    const last = this.#streams.get(`$$${stream}`)?.records.at(-1);
    return last === undefined ? {} : objectIn(last.data);
  }

  #write(record: ServerRecord): void {
    this.#journal?.add(record);
    this.#take(record);
  }

  #take(record: ServerRecord): void {
    const state = this.#streams.get(record.stream) ?? { records: [], limits: {}, tombstoned: false };
    this.#streams.set(record.stream, state);
    this.records.push(record);
    state.records.push(record);
    if (record.type === '$streamDeleted') state.tombstoned = true;
    this.#nextPosition = endOf(record);
    this.#ids.set(record.id, record);
    if (this.#ids.size > REMEMBERED_IDS)
      for (const id of this.#ids.keys()) {
        this.#ids.delete(id);
        break;
      }
    if (!record.stream.startsWith('$$')) return;
    const name = record.stream.slice(2);
    const target = this.#streams.get(name) ?? { records: [], limits: {}, tombstoned: false };
    this.#streams.set(name, target);
    target.limits = limitsIn(record.data);
  }

  #announce(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
