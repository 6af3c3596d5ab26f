// Reads from the log what others must hear of seats that come free, in its order. Whoever delivers it keeps the position up
// to which it did.
//
// Why it is as it is:
// - How many places a lock had stands in the lock book, where the lock began. So a book is folded from its first event on;
//   books that were folded are kept, since whoever delivers the messages goes forward.
// - One call folds so many events at most. Where a page needs more, it ends before the event that would need them; one
//   event is always told, so a call never comes back without progress.
import { isVoidBy } from '@railhead/domain/order/fold.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import type { LockBook } from '@railhead/domain/seat-lock/fold.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { LRUCache } from 'lru-cache';
import type { EventStore, Position, RecordedEvent } from '../ports/event-store.ts';
import { stemOf } from '../ports/ids.ts';
import { type BookEvent, type Replenishment, type Told, toldInAppend, toldOfCoaches } from './replenishment.ts';

/** `next`: go on after this position. `atEnd`: nothing more was in the log. */
export type ReplenishmentPage = {
  readonly messages: readonly Replenishment[];
  readonly next: Position;
  readonly atEnd: boolean;
};

export type ReplenishFeedDeps = {
  readonly store: Pick<EventStore, 'readAll' | 'readStream' | 'capabilities'>;
  /** Lets others have the thread for a moment. */
  readonly turn: () => Promise<unknown>;
  /** The most events of lock books that one call folds. Only tests set it. */
  readonly mostFolded?: number;
};

/** Where a store counts events of other categories as read, a page may have none of these; then the next one is read. */
const MOST_PAGES = 100;
const MOST_FOLDED = 20_000;
/** Events of a stream that are read at once. */
const PAGE_EVENTS = 200;
/** An append of a lock book seldom has more events. */
const APPEND_EVENTS = 4;
/** Locks and requests in all books that are kept. */
const MOST_KEPT = 100_000;

/** A book up to this event. */
type KeptBook = { readonly book: LockBook; readonly revision: number; readonly id: string };

type Page = { readonly events: readonly RecordedEvent[]; readonly position: Position; readonly caughtUp: boolean };
type Span = { readonly after: Position; readonly end: Position };
/** `first` and `last`: revisions of the first and the last event that may have to be told. */
type BookSpan = Span & { readonly first: number; readonly last: number };

export class ReplenishFeed {
  readonly #deps: ReplenishFeedDeps;
  readonly #kept = new LRUCache<string, KeptBook>({
    maxSize: MOST_KEPT,
    sizeCalculation: ({ book }) => 1 + book.locks.size + book.line.waiting.size,
  });

  constructor(deps: ReplenishFeedDeps) {
    this.#deps = deps;
  }

  /**
   * Of at most `limit` events of lock books and runs after a position. Of a stream there is nothing from the first event on
   * that this version does not understand.
   */
  async read({ after, limit }: { readonly after: Position; readonly limit: number }): Promise<ReplenishmentPage> {
    const page = await this.#page(after, limit);
    const end = this.#endOf(page);
    const span = { after, end };
    const messages: Replenishment[] = [];
    const telling = page.events.filter((event) => mayTell(event) && event.position <= end);
    for (const [stream, events] of Map.groupBy(telling, (event) => event.stream)) {
      const [first, last] = [events[0], events.at(-1)];
      if (first === undefined || last === undefined) continue;
      const told = lockBookCategory.holds(first)
        ? await this.#toldInBook(stream, { ...span, first: first.revision, last: last.revision })
        : await this.#toldInRun(stream, span);
      messages.push(...told);
      await this.#deps.turn();
    }
    messages.sort((a, b) => a.position - b.position);
    return { messages, next: end, atEnd: page.caughtUp && end === page.position };
  }

  async #page(after: Position, limit: number): Promise<Page> {
    const categories = [lockBookCategory.name, runCategory.name];
    let page: Page = { events: [], position: after, caughtUp: false };
    for (let pages = 0; pages < MOST_PAGES && page.events.length === 0 && !page.caughtUp; pages += 1)
      page = await this.#deps.store.readAll({ after: page.position, limit, categories });
    return page;
  }

  /** The position up to which the page can be told by folding no more events than one call may. */
  #endOf({ events, position }: Page): Position {
    const { mostFolded = MOST_FOLDED } = this.#deps;
    const reached = new Map<string, number>();
    let [folded, last, isFirst] = [0, position, true];
    for (const event of events) {
      if (lockBookCategory.holds(event) && mayTell(event)) {
        const from = reached.get(event.stream) ?? this.#keptBefore(event)?.revision ?? -1;
        folded += event.revision - from;
        reached.set(event.stream, event.revision);
        if (folded > mostFolded && !isFirst) return last;
        isFirst = false;
      }
      last = event.position;
    }
    return position;
  }

  #keptBefore({ stream, revision }: Pick<RecordedEvent, 'stream' | 'revision'>): KeptBook | undefined {
    const kept = this.#kept.peek(stream);
    return kept !== undefined && kept.revision < revision ? kept : undefined;
  }

  async #toldInBook(stream: string, span: BookSpan): Promise<readonly Replenishment[]> {
    const { atomicStreams } = this.#deps.store.capabilities;
    const { book, revision } = await this.#startOf(stream, span.first);
    const told: Told[] = [];
    let append: BookEvent[] = [];
    let folded: RecordedEvent | undefined;
    const take = (): void => {
      told.push(...toldInAppend(book, append, atomicStreams));
      folded = append.at(-1) ?? folded;
      append = [];
    };
    let isUnderstood = true;
    for await (const event of this.#eventsOf(stream, revision + 1, span.last)) {
      if (append[0] !== undefined && stemOf(append[0].id) !== stemOf(event.id)) take();
      if (append.length === 0 && event.revision > span.last) break;
      isUnderstood = lockBookCategory.owns(event);
      if (!lockBookCategory.owns(event)) break;
      append.push(event);
    }
    if (isUnderstood) take();
    // An append that goes on behind the page has to be folded again.
    if (folded !== undefined && folded.position <= span.end)
      this.#kept.set(stream, { book, revision: folded.revision, id: folded.id });
    const here = told.filter(({ position }) => span.after < position && position <= span.end);
    return Promise.all(
      here.map(async (one) => ({ ...lockBookCategory.idOf(stream), ...(await this.#withReason(one)) })),
    );
  }

  /** Takes the book that is kept, so that no other call folds it meanwhile; one of another log is of no use. */
  async #startOf(stream: string, first: number): Promise<Omit<KeptBook, 'id'>> {
    const kept = this.#keptBefore({ stream, revision: first });
    this.#kept.delete(stream);
    const [same] =
      kept === undefined ? [] : await this.#deps.store.readStream(stream, { from: kept.revision, limit: 1 });
    return kept !== undefined && same?.id === kept.id ? kept : { book: lockBookCategory.initial(), revision: -1 };
  }

  /** From one revision on; behind `last` no more than it takes to see where its append ends. */
  async *#eventsOf(stream: string, from: number, last: number): AsyncGenerator<RecordedEvent> {
    const { store, turn } = this.#deps;
    for (let next = from; ; ) {
      const limit = Math.min(PAGE_EVENTS, Math.max(0, last - next) + APPEND_EVENTS);
      const events = await store.readStream(stream, { from: next, limit });
      yield* events;
      if (events.length < limit) return;
      next += events.length;
      await turn();
    }
  }

  /** Whether tickets were refunded or changed stands in their order. */
  async #withReason({ givenBack, ...told }: Told): Promise<Omit<Told, 'givenBack'>> {
    if (givenBack === undefined) return told;
    let order = orderCategory.initial();
    for (const event of await this.#deps.store.readStream(orderCategory.stream(givenBack.orderNo))) {
      if (!orderCategory.owns(event)) break;
      order = orderCategory.evolve(order, event);
    }
    const isOf = ({ items }: { readonly items: readonly { readonly itemNo: number }[] }): boolean =>
      items.some(({ itemNo }) => givenBack.itemNos.includes(itemNo));
    if (order.refunds.some(isOf)) return { ...told, reason: 'REFUNDED' };
    return order.changes.some((change) => isVoidBy(change) && isOf(change)) ? { ...told, reason: 'CHANGED' } : told;
  }

  async #toldInRun(stream: string, { after, end }: Span): Promise<readonly Replenishment[]> {
    const told: Replenishment[] = [];
    let run = runCategory.initial();
    for (const event of await this.#deps.store.readStream(stream)) {
      if (event.position > end || !runCategory.owns(event)) break;
      run = runCategory.evolve(run, event);
      if (event.type !== 'CoachesAdded' || event.position <= after) continue;
      const { train, date } = runCategory.idOf(stream);
      told.push(...toldOfCoaches(run, event).map((one) => ({ train, date, ...one })));
    }
    return told;
  }
}

const TELLING: readonly string[] = [
  'SeatLocksReleased',
  'SeatLocksExpired',
  'SeatsGivenBack',
  'SeatsReturned',
  'CoachesAdded',
];

/** By its type only: its version may be one that is not understood. */
const mayTell = ({ type }: RecordedEvent): boolean => TELLING.includes(type);
