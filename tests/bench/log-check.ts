// What was sold, by the log, with a fold of its own: a result with oversold seats would be worthless.
import type { EventStore, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { commitsOf, type SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import type { SegmentInventoryEvent } from '@railhead/domain/segment-inventory/events.ts';

const PAGE = 20_000;

/** Every event of these categories, in the order of the log. */
export async function* eventsOf(
  store: EventStore,
  categories: readonly string[],
): AsyncGenerator<readonly RecordedEvent[]> {
  const end = await store.lastPosition();
  for (let after = 0; after < end; ) {
    const { events, position } = await store.readAll({ after, limit: PAGE, categories });
    yield events;
    if (position <= after) return;
    after = position;
  }
}

export type SeatReport = {
  /** Seats held over one segment each, summed. */
  readonly seatSegments: number;
  /** Seats given to one lock on a segment while another had them. */
  readonly doubleSold: number;
  /** Locks with a commit record that do not hold all their seats on all their segments. */
  readonly brokenLocks: number;
  /** Seat-segments held without a commit record. */
  readonly uncommitted: number;
};

/** Occupancy by segment stream and seat, and what the books say of each lock. */
export class SeatLedger {
  readonly #holders = new Map<string, Map<number, string>>();
  /** Seat-segments of each committed lock, by its plan. */
  readonly #committed = new Map<string, number>();
  #doubleSold = 0;

  addToSegment(stream: string, event: SegmentInventoryEvent): void {
    if (event.type === 'SegmentOpened' || event.type === 'SegmentExtended') return;
    const holders = this.#holders.get(stream) ?? new Map<number, string>();
    this.#holders.set(stream, holders);
    for (const { lockId, seats } of event.type === 'SeatsReleased' ? event.data.releases : event.data.holds)
      for (const seat of seats)
        if (event.type === 'SeatsReleased') {
          if (holders.get(seat) === lockId) holders.delete(seat);
        } else {
          if (holders.has(seat)) this.#doubleSold += 1;
          holders.set(seat, lockId);
        }
  }

  addToBook(event: SeatLockEvent): void {
    for (const { lockId, plan } of commitsOf(event))
      this.#committed.set(
        lockId,
        plan.legs.reduce((sum, { from, to, seats }) => sum + (to - from) * seats.length, 0),
      );
    switch (event.type) {
      case 'SeatLocksReleased':
      case 'SeatLocksExpired':
        for (const { lockId } of event.data.locks) this.#committed.delete(lockId);
        return;
      case 'SeatLockAborted':
      case 'SeatsReturned':
        this.#committed.delete(event.data.lockId);
        return;
      default:
    }
  }

  /** Seats that somebody has on at least one of these segments. */
  occupied(streams: readonly string[]): number {
    return new Set(streams.flatMap((stream) => [...(this.#holders.get(stream)?.keys() ?? [])])).size;
  }

  report(): SeatReport {
    const held = new Map<string, number>();
    let seatSegments = 0;
    for (const holders of this.#holders.values()) {
      seatSegments += holders.size;
      for (const lockId of holders.values()) held.set(lockId, (held.get(lockId) ?? 0) + 1);
    }
    let brokenLocks = 0;
    for (const [lockId, planned] of this.#committed) if (held.get(lockId) !== planned) brokenLocks += 1;
    let uncommitted = 0;
    for (const [lockId, count] of held) if (!this.#committed.has(lockId)) uncommitted += count;
    return { seatSegments, doubleSold: this.#doubleSold, brokenLocks, uncommitted };
  }
}

type Request = { readonly journey: string; readonly orderNo: string };
export type RefusedJourney = { readonly from: number; readonly to: number; readonly party: number; refused: number };

/** Nobody gives seats back here, so a journey refused once must stay refused: whoever asks later gets none. */
export class FirstCome {
  readonly #requests: Request[] = [];
  readonly #ends = new Map<string, 'seated' | 'refused'>();
  readonly #journeys = new Map<string, RefusedJourney>();
  ticketsSold = 0;

  add(orderNo: string, event: OrderEvent): void {
    if (event.type === 'OrderRequested') {
      const { train, date, from, to, passengers } = event.data.request;
      const party = passengers.length;
      const journey = `${train}_${date}_${from}_${to}_${party}`;
      this.#requests.push({ journey, orderNo });
      if (!this.#journeys.has(journey)) this.#journeys.set(journey, { from, to, party, refused: 0 });
    } else if (event.type === 'OrderSeatsHeld') {
      this.#ends.set(orderNo, 'seated');
      this.ticketsSold += event.data.items.length;
    } else if (event.type === 'OrderClosed') this.#ends.set(orderNo, 'refused');
  }

  /** Requests that got seats although an earlier one of the same journey and party had been refused. */
  violations(): number {
    const refused = new Set<string>();
    let violations = 0;
    for (const { journey, orderNo } of this.#requests) {
      const end = this.#ends.get(orderNo);
      if (end === 'refused') refused.add(journey);
      else if (end === 'seated' && refused.has(journey)) violations += 1;
    }
    return violations;
  }

  refusals(): readonly RefusedJourney[] {
    for (const journey of this.#journeys.values()) journey.refused = 0;
    for (const { journey, orderNo } of this.#requests) {
      const known = this.#journeys.get(journey);
      if (known !== undefined && this.#ends.get(orderNo) === 'refused') known.refused += 1;
    }
    return [...this.#journeys.values()].filter(({ refused }) => refused > 0);
  }
}
