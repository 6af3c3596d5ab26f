// Limits that hold whoever asks at the same moment. What an order takes of its buyer's and its travellers' limits is
// reserved by events in streams of theirs: with the order in one call where the store can, else before it. What a refused
// or ended order has reserved is released: by the order's workflow, or by whoever meets it first.
import { decide as decideBuyer } from '@railhead/domain/buyer/decide.ts';
import { buyerCategory } from '@railhead/domain/buyer/stream.ts';
import { accept, type Result } from '@railhead/domain/kernel/decision.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { Order } from '@railhead/domain/order/fold.ts';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../ports/clock.ts';
import type { EventStore, StreamAppend } from '../ports/event-store.ts';
import type { RunDirectory } from '../runs/run-directory.ts';
import { metaOf, type Origin, ownOrigin } from '../streams/append.ts';
import { transact } from '../streams/transact.ts';
import { FoldedStreams } from './folded-streams.ts';
import { userKey } from './keys.ts';
import { type Limits, NO_LIMITS } from './limits.ts';
import { mayOrder, mayOrderPart } from './may-order.ts';
import { buyerPart, partsOf, queuePlacePart, type Reservation, travellerParts } from './parts.ts';
import { placeAtomically } from './place-atomically.ts';
import { placeInTurn } from './place-in-turn.ts';
import { decideParts, type Known, type Placed, type Placing, type PlacingRefusal, readParts } from './placing.ts';
import { release } from './release.ts';

export type ReservationsDeps = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly runs: RunDirectory;
  /** Keys the names of users and documents. */
  readonly secret: string;
  readonly limits: Limits;
};

/** An order that is about to be written: `append` is its first event, expected at the beginning of its stream. */
export type NewOrder = Reservation & {
  readonly append: StreamAppend;
  readonly meta: EventMeta;
};

/** Beyond them, their streams are read. */
const MOST_UNRESERVED = 100_000;

export class Reservations {
  readonly #deps: ReservationsDeps;
  /** Orders that this process has placed while nothing was limited for them: they have nothing to release. */
  readonly #unreserved = new LRUCache<string, true>({ maxSize: MOST_UNRESERVED, sizeCalculation: () => 1 });

  readonly #streams: FoldedStreams;

  constructor(deps: ReservationsDeps) {
    this.#deps = deps;
    this.#streams = new FoldedStreams(deps.store);
  }

  /** Writes an order with what it takes of the limits, or refuses it. 'taken': an order of that number exists. */
  async place({ append, meta, ...reservation }: NewOrder): Promise<Placed> {
    const { secret, limits, store, clock } = this.#deps;
    const { orderNo, requestHash, request, queuePlace } = reservation;
    const { userId } = request;
    const isAtomic = store.capabilities.atomicStreams;
    const limit = limits.unpaidEndsPerDay(userId);
    // Whoever exchanges tickets has paid for some, and who waited has prepaid.
    const hasPaid = reservation.replaces !== undefined || request.waitlist !== undefined;
    const isAsked = limit !== Number.POSITIVE_INFINITY && !hasPaid;
    const asked = isAsked ? { clock, key: userKey(secret, userId), limit } : undefined;
    const mayPlace = asked === undefined || isAtomic ? undefined : await mayOrder(this.#streams, asked);
    if (mayPlace?.ok === false) return mayPlace;
    const parts = partsOf(secret, limits, reservation);
    const placing: Placing = {
      ...this.#deps,
      streams: this.#streams,
      parts: [
        // First, since it checks the stream before anything is written to it.
        ...(asked !== undefined && isAtomic ? [mayOrderPart(asked)] : []),
        ...parts,
        ...(queuePlace === undefined ? [] : [queuePlacePart(reservation, queuePlace)]),
      ],
      order: append,
      orderNo,
      requestHash,
      itemNos: request.passengers.map((_, index) => index + 1),
      // Another request under the same number may be another journey.
      name: `${orderNo}/reserve/${requestHash}`,
      meta,
    };
    const placed = await (isAtomic ? placeAtomically(placing) : placeInTurn(placing));
    // One that was there already may have been placed by somebody else.
    if (parts.length === 0 && placed !== 'taken' && placed.ok) this.#unreserved.set(orderNo, true);
    return placed;
  }

  /** Would the limits refuse such an order now? Nothing is reserved. */
  async check(reservation: Reservation, meta: EventMeta): Promise<Result<undefined, PlacingRefusal>> {
    const { secret, limits, store, clock } = this.#deps;
    const { orderNo, requestHash, request } = reservation;
    const limit = limits.unpaidEndsPerDay(request.userId);
    const asked = { clock, key: userKey(secret, request.userId), limit };
    const may = limit === Number.POSITIVE_INFINITY ? undefined : await mayOrder(this.#streams, asked);
    if (may?.ok === false) return may;
    const parts = partsOf(secret, limits, reservation);
    const itemNos = request.passengers.map((_, index) => index + 1);
    // Nothing of it is written.
    const order = { stream: '', expected: 'any' as const, events: [] };
    const name = `${orderNo}/check`;
    const placing = {
      store,
      clock,
      limits,
      streams: this.#streams,
      parts,
      order,
      orderNo,
      requestHash,
      itemNos,
      name,
      meta,
    };
    const known: Known = new Map();
    await readParts(placing, parts, known);
    const decided = await decideParts(placing, parts, known);
    return decided.ok ? accept(undefined) : decided;
  }

  /** Counts an order that had seats and ended unpaid, on the day of its end. To count it again changes nothing. */
  async countEnd(order: Order, origin: Origin = ownOrigin(`${order.orderNo}/countEnd`, order.orderNo)): Promise<void> {
    const { secret, limits, ...deps } = this.#deps;
    const { request, closeReason: reason, closedAt, payBefore, orderNo } = order;
    if (request === undefined || closedAt === undefined || payBefore === undefined) return;
    if (reason !== 'CANCELLED' && reason !== 'EXPIRED') return;
    if (limits.unpaidEndsPerDay(request.userId) === Number.POSITIVE_INFINITY) return;
    const id = { key: userKey(secret, request.userId), date: closedAt.slice(0, 'YYYY-MM-DD'.length) };
    const counted = await transact(deps, buyerCategory, id, origin, (buyer) =>
      decideBuyer(buyer, { type: 'EndUnpaid', orderNo, reason }),
    );
    if (!counted.ok) throw new Error(`${counted.refusal.code}: ${counted.refusal.detail}`);
  }

  /** Releases tickets that nobody may travel with any more. To release them again changes nothing. Throws to be called again. */
  async release({ orderNo, requestHash, request }: Order, itemNos: readonly number[]): Promise<void> {
    const { secret, clock, store, runs } = this.#deps;
    const run = request === undefined ? undefined : await runs.find(request.train, request.date);
    if (request === undefined || run === undefined) return;
    if (this.#unreserved.has(orderNo)) return;
    const streams = this.#streams;
    const name = `${orderNo}/release/${itemNos.join('+')}`;
    const meta = metaOf(clock, ownOrigin(name, orderNo));
    const reservation = { orderNo, requestHash, request, run };
    // Whatever is limited now, something else may have been when it was reserved.
    const parts = [
      buyerPart(secret, reservation, 0),
      ...itemNos.flatMap((itemNo) => travellerParts(secret, NO_LIMITS, reservation, itemNo)),
    ];
    await Promise.all(parts.map((part) => release({ store, streams }, part, { itemNos, name, meta })));
  }
}
