// Writes appends to the log, many in one transaction. Synchronous, so it runs on a thread of its own.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  type AppendResult,
  categoryOf,
  EventStoreError,
  type ExpectedRevision,
  revisionMatches,
} from '@railhead/commands/ports/event-store.ts';
import { LRUCache } from 'lru-cache';
import { type FileIdentity, identitiesOfDatabase, replacedAmong } from '../../sqlite/held-files.ts';
import { repeatRevision } from '../repeats.ts';
import { checksumBytes, checksumOf } from './checksums.ts';
import { openForWriting, translateSqliteError } from './schema.ts';

/** An append as it crosses the thread boundary: `fields` has id, type, version, data and meta of each event. */
export type EncodedAppend = {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly fields: readonly (string | number)[];
};
export const FIELDS_PER_EVENT = 5;

export type EncodedJob = { readonly appends: readonly EncodedAppend[]; readonly atomic: boolean };

type StreamHead = { readonly id: number; revision: number };

export class SqliteWriter {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #heads: LRUCache<string, StreamHead>;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #insertEvent: StatementSync;
  readonly #insertStream: StatementSync;
  readonly #selectHead: StatementSync;
  readonly #selectIds: StatementSync;
  readonly #selectPosition: StatementSync;
  readonly #insertChecksums: StatementSync;
  /** If one of these is removed or exchanged, what is written is lost, or somebody else writes as well. */
  readonly #held: readonly FileIdentity[];
  #position: number;
  /** Of the events of the transaction that is open. */
  readonly #checksums: number[] = [];

  constructor(
    path: string,
    options: { readonly maxBytes: number | undefined; readonly maxHeads: number; readonly lock: FileIdentity },
  ) {
    this.#path = path;
    this.#db = openForWriting(path, options.maxBytes);
    this.#held = [...identitiesOfDatabase(path), options.lock];
    // By size, since `max` would reserve room for all of them at once.
    this.#heads = new LRUCache({ maxSize: options.maxHeads, sizeCalculation: () => 1 });
    // Every order is a call over several streams, so these are not to be parsed each time.
    this.#savepoint = this.#db.prepare('SAVEPOINT batch');
    this.#release = this.#db.prepare('RELEASE batch');
    this.#insertEvent = this.#db.prepare(
      'INSERT INTO events (position, stream, revision, id, type, version, data, meta) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#insertStream = this.#db.prepare(
      'INSERT INTO streams (name, category) VALUES (?, ?) ON CONFLICT (name) DO NOTHING',
    );
    this.#selectHead = this.#db.prepare(
      'SELECT id, coalesce((SELECT max(revision) FROM events WHERE stream = streams.id), -1) AS revision FROM streams WHERE name = ?',
    );
    this.#selectIds = this.#db.prepare(
      'SELECT id FROM events WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?',
    );
    this.#selectPosition = this.#db.prepare('SELECT position FROM events WHERE stream = ? AND revision = ?');
    this.#insertChecksums = this.#db.prepare('INSERT INTO checksums (first, crcs) VALUES (?, ?)');
    this.#position = this.#lastPosition();
  }

  get position(): number {
    return this.#position;
  }

  /** Writes all jobs in one transaction. If it throws, none of them was written. */
  commit(jobs: readonly EncodedJob[]): readonly (readonly AppendResult[])[] {
    const before = this.#position;
    this.#checksums.length = 0;
    const replaced = replacedAmong(this.#held);
    if (replaced !== undefined) throw new EventStoreError('STORE_UNAVAILABLE', replaced);
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      const results = jobs.map((job) => (job.atomic ? this.#appendAll(job.appends) : this.#appendEach(job.appends)));
      if (this.#checksums.length > 0) this.#insertChecksums.run(before + 1, checksumBytes(this.#checksums));
      this.#db.exec('COMMIT');
      return results;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      this.#heads.clear();
      this.#position = before;
      throw translateSqliteError(error, this.#path);
    }
  }

  close(): void {
    this.#db.close();
  }

  #appendEach(appends: readonly EncodedAppend[]): readonly AppendResult[] {
    return appends.map((append) => this.#appendOne(append));
  }

  /** All or none. Where each stream occurs once, that is known before anything is written. */
  #appendAll(appends: readonly EncodedAppend[]): readonly AppendResult[] {
    if (new Set(appends.map(({ stream }) => stream)).size < appends.length) return this.#appendAllOrTakeBack(appends);
    const refused = appends.map((append) => this.#refusalOf(append));
    if (refused.every((refusal) => refusal === undefined)) return this.#appendEach(appends);
    return refused.map((refusal) => refusal ?? { ok: false, code: 'NOT_ATTEMPTED' });
  }

  /** Undefined if the append would be written, or was. A stream that is to be new has its row from here on. */
  #refusalOf({ stream, expected, fields }: EncodedAppend): AppendResult | undefined {
    if (fields.length === 0) {
      const checked = this.#check(stream, expected);
      return checked.ok ? undefined : checked;
    }
    const head = (expected === 'noStream' ? this.#openNew(stream) : undefined) ?? this.#head(stream);
    const actual = head?.revision ?? -1;
    return revisionMatches(expected, actual) || this.#repeatOf(head, expected, fields) !== undefined
      ? undefined
      : { ok: false, code: 'WRONG_REVISION', actual };
  }

  #appendAllOrTakeBack(appends: readonly EncodedAppend[]): readonly AppendResult[] {
    const before = this.#position;
    const checksums = this.#checksums.length;
    this.#savepoint.run();
    const results = this.#appendEach(appends);
    if (results.every((result) => result.ok)) {
      this.#release.run();
      return results;
    }
    this.#db.exec('ROLLBACK TO batch; RELEASE batch');
    for (const { stream } of appends) this.#heads.delete(stream);
    this.#position = before;
    this.#checksums.length = checksums;
    return results.map((result) => (result.ok ? { ok: false, code: 'NOT_ATTEMPTED' } : result));
  }

  #appendOne({ stream, expected, fields }: EncodedAppend): AppendResult {
    if (fields.length === 0) return this.#check(stream, expected);
    // Most streams that are to be new are, so they are not looked for first.
    const head = (expected === 'noStream' ? this.#openNew(stream) : undefined) ?? this.#head(stream);
    const actual = head?.revision ?? -1;
    const repeated = this.#repeatOf(head, expected, fields);
    if (repeated !== undefined && head !== undefined) {
      const position = Number(this.#selectPosition.get(head.id, repeated)?.position);
      return { ok: true, revision: repeated, position, repeated: true };
    }
    if (!revisionMatches(expected, actual)) return { ok: false, code: 'WRONG_REVISION', actual };
    const target = head ?? this.#open(stream);
    for (let at = 0; at < fields.length; at += FIELDS_PER_EVENT) {
      this.#position += 1;
      target.revision += 1;
      this.#insertEvent.run(
        this.#position,
        target.id,
        target.revision,
        fields[at] ?? null,
        fields[at + 1] ?? null,
        fields[at + 2] ?? null,
        fields[at + 3] ?? null,
        fields[at + 4] ?? null,
      );
      this.#checksums.push(
        checksumOf({
          stream,
          revision: target.revision,
          id: fields[at],
          type: fields[at + 1],
          version: fields[at + 2],
          data: fields[at + 3],
          meta: fields[at + 4],
        }),
      );
    }
    return { ok: true, revision: target.revision, position: this.#position, repeated: false };
  }

  #check(stream: string, expected: ExpectedRevision): AppendResult {
    const revision = this.#head(stream)?.revision ?? -1;
    return revisionMatches(expected, revision)
      ? { ok: true, revision, position: this.#position, repeated: false }
      : { ok: false, code: 'WRONG_REVISION', actual: revision };
  }

  #repeatOf(head: StreamHead | undefined, expected: ExpectedRevision, fields: readonly (string | number)[]) {
    if (head === undefined || head.revision === -1 || expected === head.revision) return undefined;
    const ids: string[] = [];
    for (let at = 0; at < fields.length; at += FIELDS_PER_EVENT) ids.push(String(fields[at]));
    return repeatRevision(expected, head.revision, ids, (revision, limit) =>
      this.#selectIds.all(head.id, revision, limit).map((row) => String(row.id)),
    );
  }

  #open(stream: string): StreamHead {
    const { lastInsertRowid } = this.#insertStream.run(stream, categoryOf(stream));
    return this.#remember(stream, { id: Number(lastInsertRowid), revision: -1 });
  }

  /** Undefined if the stream is known, or there. */
  #openNew(stream: string): StreamHead | undefined {
    if (this.#heads.has(stream)) return undefined;
    const { changes, lastInsertRowid } = this.#insertStream.run(stream, categoryOf(stream));
    return changes === 0 ? undefined : this.#remember(stream, { id: Number(lastInsertRowid), revision: -1 });
  }

  #head(stream: string): StreamHead | undefined {
    const known = this.#heads.get(stream);
    if (known !== undefined) return known;
    const row = this.#selectHead.get(stream);
    return row === undefined
      ? undefined
      : this.#remember(stream, { id: Number(row.id), revision: Number(row.revision) });
  }

  #remember(stream: string, head: StreamHead): StreamHead {
    this.#heads.set(stream, head);
    return head;
  }

  #lastPosition(): number {
    return Number(this.#db.prepare('SELECT coalesce(max(position), 0) AS position FROM events').get()?.position);
  }
}
