// The streams of one class of a run, with the last known revision of each: reads them into the stock, builds appends.

import { applyToBook, applyToSegment, type ClassStock } from '@railhead/domain/class-stock/class-stock.ts';
import type { AnyEvent, EventMeta } from '@railhead/domain/kernel/event.ts';
import type { SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import { joinedInBook } from '@railhead/domain/seat-lock/join.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import type { SegmentInventoryEvent } from '@railhead/domain/segment-inventory/events.ts';
import { joinedOnSegment } from '@railhead/domain/segment-inventory/join.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import type { ClassId } from '@railhead/domain/train-run/stream.ts';
import type { EventStore, NewEvent, StreamAppend } from '../ports/event-store.ts';
import { eventIds } from '../ports/ids.ts';
import { expectedAfter, metaOfTogether } from '../streams/append.ts';
import { NotUnderstood } from '../streams/understood.ts';
import type { StreamMark } from './class-snapshot.ts';
import type { BookEntry, SegmentEntry } from './draft.ts';

export type Marks = { readonly bookMark: StreamMark; readonly segmentMarks: readonly StreamMark[] };

/** If the book changes during so many readings in a row, this process cannot keep up with its writers. */
const MAX_READINGS = 20;

export class ClassStreams {
  readonly key: ClassId;
  readonly bookName: string;
  readonly segmentNames: readonly string[];
  readonly #store: EventStore;
  readonly #owner: string;
  /** Appends made so far. Their numbers are part of the event ids. */
  #appends = 0;
  /** Holds, locks and other decisions read or written so far. */
  #decisions = 0;
  #bookRevision = -1;
  readonly #segmentRevisions: number[];

  constructor(store: EventStore, owner: string, key: ClassId, segments: number) {
    const { train, date, seatClass } = key;
    this.key = key;
    this.#store = store;
    this.#owner = owner;
    this.bookName = lockBookCategory.stream({ train, date, seatClass });
    this.segmentNames = Array.from({ length: segments }, (_, seq) =>
      segmentCategory.stream({ train, date, seq, seatClass }),
    );
    this.#segmentRevisions = this.segmentNames.map(() => -1);
  }

  /**
   * Reads what was written since the last reading, and repeats that until the book did not change meanwhile. Then for
   * every known hold the decision is known too, and for every lock all its holds.
   */
  async readAll(stock: ClassStock): Promise<void> {
    for (let attempt = 0; attempt < MAX_READINGS; attempt += 1) {
      await this.readBook(stock);
      const before = this.#bookRevision;
      await Promise.all(this.segmentNames.map((_, seq) => this.readSegment(stock, seq)));
      await this.readBook(stock);
      if (this.#bookRevision === before) return;
    }
    throw new Error(`the book ${this.bookName} keeps changing`);
  }

  /**
   * Is the stock what the log says? An append to the book proves it by its revision. For answers without such an append
   * the book is read here. If the stock is not current, everything has to be read.
   */
  async isCurrent(stock: ClassStock): Promise<boolean> {
    const before = this.#bookRevision;
    await this.readBook(stock);
    return this.#bookRevision === before;
  }

  async readBook(stock: ClassStock): Promise<void> {
    const events = await this.#store.readStream(this.bookName, { from: this.#bookRevision + 1 });
    for (const event of events) {
      if (!lockBookCategory.owns(event)) throw new NotUnderstood(event);
      applyToBook(stock, event);
      this.#decisions += decisionsIn(event);
      this.#bookRevision = event.revision;
    }
  }

  async readSegment(stock: ClassStock, seq: number): Promise<void> {
    const from = (this.#segmentRevisions[seq] ?? -1) + 1;
    for (const event of await this.#store.readStream(this.segmentNames[seq] ?? '', { from })) {
      if (!segmentCategory.owns(event)) throw new NotUnderstood(event);
      applyToSegment(stock, seq, event);
      this.#decisions += decisionsIn(event);
      this.#segmentRevisions[seq] = event.revision;
    }
  }

  /** The revisions up to which the stock has been folded. */
  get revisions(): { readonly book: number; readonly segments: readonly number[] } {
    return { book: this.#bookRevision, segments: [...this.#segmentRevisions] };
  }

  /** How much has been read and written since these streams were opened: a hold or a lock counts as one. */
  get decisions(): number {
    return this.#decisions;
  }

  /** The last event of each stream up to these revisions; undefined if the log lacks one. */
  async marksAt({ book, segments }: ClassStreams['revisions']): Promise<Marks | undefined> {
    const [bookMark, ...segmentMarks] = await Promise.all([
      this.#markAt(this.bookName, book),
      ...segments.map((revision, seq) => this.#markAt(this.segmentNames[seq] ?? '', revision)),
    ]);
    const known = segmentMarks.filter((mark) => mark !== undefined);
    return bookMark === undefined || known.length < segments.length ? undefined : { bookMark, segmentMarks: known };
  }

  /** Continues from a snapshot if the log still contains the events it was folded from. False: it does not. */
  async resumeAt({ bookMark, segmentMarks }: Marks): Promise<boolean> {
    const revisions = { book: bookMark.revision, segments: segmentMarks.map(({ revision }) => revision) };
    const found = await this.marksAt(revisions);
    if (found === undefined || found.bookMark.id !== bookMark.id) return false;
    if (!segmentMarks.every(({ id }, seq) => found.segmentMarks[seq]?.id === id)) return false;
    this.#bookRevision = revisions.book;
    for (const [seq, revision] of revisions.segments.entries()) this.#segmentRevisions[seq] = revision;
    return true;
  }

  async #markAt(stream: string, revision: number): Promise<StreamMark | undefined> {
    if (revision < 0) return { revision, id: '' };
    const [event] = await this.#store.readStream(stream, { from: revision, limit: 1 });
    return event === undefined ? undefined : { revision, id: event.id };
  }

  /** One event for all locks that begin or end in the same way. */
  bookAppend(entries: readonly BookEntry[], epoch: number): StreamAppend {
    return this.#append(this.bookName, this.#bookRevision, joinedInBook(entries), epoch);
  }

  /** One event for all holds, and one for all releases. */
  segmentAppend(seq: number, entries: readonly SegmentEntry[], epoch: number): StreamAppend {
    const name = this.segmentNames[seq] ?? '';
    return this.#append(name, this.#segmentRevisions[seq] ?? -1, joinedOnSegment(entries), epoch);
  }

  /** An append with so many events was written, which came from so many decisions. Negative: it was not, after all. */
  wroteBook(events: number, decisions: number): void {
    this.#bookRevision += events;
    this.#decisions += decisions;
  }

  wroteSegment(seq: number, events: number, decisions: number): void {
    this.#segmentRevisions[seq] = (this.#segmentRevisions[seq] ?? -1) + events;
    this.#decisions += decisions;
  }

  /**
   * No two appends share an id: a batch that is decided again may be decided otherwise. The owner is unique to one life
   * of one process. Only the same append, sent again by a store that lost the answer, has the same ids.
   */
  #append(
    stream: string,
    revision: number,
    joined: readonly { readonly event: AnyEvent; readonly items: readonly { readonly meta: EventMeta }[] }[],
    epoch: number,
  ): StreamAppend {
    this.#appends += 1;
    const name = `${stream}/${this.#owner}/${epoch}/${this.#appends}`;
    const idOf = eventIds(name);
    const events = joined.map(
      ({ event, items }, index): NewEvent => ({
        ...event,
        id: idOf(index),
        meta: metaOfTogether(
          items.map(({ meta }) => meta),
          name,
        ),
      }),
    );
    return { stream, expected: expectedAfter(revision), events };
  }
}

const decisionsIn = (event: SeatLockEvent | SegmentInventoryEvent): number => {
  switch (event.type) {
    case 'SeatsHeld':
      return event.data.holds.length;
    case 'SeatsReleased':
      return event.data.releases.length;
    case 'SeatLocksAcquired':
    case 'SeatLocksConfirmed':
    case 'SeatLocksReleased':
    case 'SeatLocksExpired':
      return event.data.locks.length;
    case 'WaitingJoined':
    case 'WaitingLeft':
      return event.data.waiting.length;
    default:
      return 1;
  }
};
