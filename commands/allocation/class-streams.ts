// The streams of one class of a run, with the last known revision of each: reads them into the stock, builds appends.

import { applyToBook, applyToSegment, type ClassStock } from '@railhead/domain/class-stock/class-stock.ts';
import type { SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import { seatsOnSegment } from '@railhead/domain/seat-lock/plan.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import type { SegmentInventoryEvent } from '@railhead/domain/segment-inventory/events.ts';
import type { SegmentHold } from '@railhead/domain/segment-inventory/fold.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import type { ClassId } from '@railhead/domain/train-run/stream.ts';
import type { EventStore, NewEvent, StreamAppend } from '../ports/event-store.ts';
import { eventIds } from '../ports/ids.ts';
import { NotUnderstood } from '../streams/understood.ts';
import type { StreamMark } from './class-snapshot.ts';
import type { BookEntry, SegmentEntry } from './draft.ts';

export type Marks = { readonly bookMark: StreamMark; readonly segmentMarks: readonly StreamMark[] };

/** Every lock has a range of event ids. Segments use 0 to 999 (held), 2000 to 2999 (released) and 3000 on (opened). */
const BOOK_INDEX: Readonly<Record<SeatLockEvent['type'], number>> = {
  SeatLockAcquired: 1000,
  SeatLockAborted: 1001,
  SeatLockConfirmed: 1002,
  SeatLockReleased: 1003,
  SeatLockExpired: 1004,
  BookOpened: 1005,
  SeatsWithdrawn: 1006,
  SeatsReturned: 1007,
  BookClosed: 1008,
  SeatsGivenBack: 1009,
  // One for each thousand locks: 4000, 4001, …
  SeatsAssigned: 4000,
};
const SEGMENT_INDEX: Readonly<Record<SegmentInventoryEvent['type'], number>> = {
  SeatsHeld: 0,
  SeatsReleased: 2000,
  SegmentOpened: 3000,
  SegmentExtended: 3000,
};

const MAX_IDS = 2_000;
/** If the book changes during so many readings in a row, this process cannot keep up with its writers. */
const MAX_READINGS = 20;

export class ClassStreams {
  readonly bookName: string;
  readonly segmentNames: readonly string[];
  readonly #store: EventStore;
  readonly #owner: string;
  /** Ids by lock: a lock writes to several streams of one batch, and its ids are computed once. */
  readonly #ids = new Map<string, (index: number) => string>();
  #bookRevision = -1;
  readonly #segmentRevisions: number[];

  constructor(store: EventStore, owner: string, { train, date, seatClass }: ClassId, segments: number) {
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
      this.#bookRevision = event.revision;
    }
  }

  async readSegment(stock: ClassStock, seq: number): Promise<void> {
    const from = (this.#segmentRevisions[seq] ?? -1) + 1;
    for (const event of await this.#store.readStream(this.segmentNames[seq] ?? '', { from })) {
      if (!segmentCategory.owns(event)) throw new NotUnderstood(event);
      applyToSegment(stock, seq, event);
      this.#segmentRevisions[seq] = event.revision;
    }
  }

  /** The revisions up to which the stock has been folded. */
  get revisions(): { readonly book: number; readonly segments: readonly number[] } {
    return { book: this.#bookRevision, segments: [...this.#segmentRevisions] };
  }

  /** Number of events in all the streams, as far as they are known. */
  get length(): number {
    return this.#segmentRevisions.reduce((sum, revision) => sum + revision + 1, this.#bookRevision + 1);
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

  bookAppend(entries: readonly BookEntry[], epoch: number): StreamAppend {
    let assigned = 0;
    const events = entries.map(({ lockId, event, meta }): NewEvent => {
      const index = BOOK_INDEX[event.type] + (event.type === 'SeatsAssigned' ? assigned++ : 0);
      const part = event.type === 'SeatsGivenBack' ? `/${event.data.travellers.join('.')}` : '';
      return { ...event, id: this.#idsOf(lockId + part, epoch)(index), meta };
    });
    return { stream: this.bookName, expected: this.#bookRevision < 0 ? 'noStream' : this.#bookRevision, events };
  }

  segmentAppend(seq: number, entries: readonly SegmentEntry[], epoch: number): StreamAppend {
    const events = entries.map(({ lockId, event, meta, before }): NewEvent => {
      // A lock may release its seats on a segment in parts, each once.
      const part = event.type === 'SeatsReleased' ? partOf(event.data.seats, before.released, seq) : '';
      return { ...event, id: this.#idsOf(lockId + part, epoch)(SEGMENT_INDEX[event.type] + seq), meta };
    });
    const revision = this.#segmentRevisions[seq] ?? -1;
    return { stream: this.segmentNames[seq] ?? '', expected: revision < 0 ? 'noStream' : revision, events };
  }

  wroteBook(events: number): void {
    this.#bookRevision += events;
  }

  wroteSegment(seq: number, events: number): void {
    this.#segmentRevisions[seq] = (this.#segmentRevisions[seq] ?? -1) + events;
  }

  /**
   * Ids name owner and epoch: different owners, or two epochs of one, may choose differently and must not share ids.
   */
  #idsOf(lockId: string, epoch: number): (index: number) => string {
    const name = `${lockId}/${this.#owner}/${epoch}`;
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const ids = eventIds(name);
    if (this.#ids.size >= MAX_IDS) this.#ids.clear();
    this.#ids.set(name, ids);
    return ids;
  }
}

/** Empty if these are all seats that the lock ever held there. */
const partOf = (seats: readonly number[], hold: SegmentHold | undefined, seq: number): string =>
  hold === undefined || seatsOnSegment(hold.plan, seq).length === seats.length ? '' : `/${seats.join('.')}`;
