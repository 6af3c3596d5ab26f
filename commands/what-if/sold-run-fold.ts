// Folds the log of one run into how it was sold. Takes all events of the log, in their order, from that which opened the
// run on; only those of the run count.

import type { Recorded } from '@railhead/domain/kernel/event.ts';
import type { Fen } from '@railhead/domain/kernel/money.ts';
import { SEAT_CLASSES, type SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { OrderEvent, OrderRequest } from '@railhead/domain/order/events.ts';
import { seatWish } from '@railhead/domain/order/seat-wish.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { type RunId, runCategory } from '@railhead/domain/train-run/stream.ts';
import type { WaitlistEvent, WaitlistSubmitted } from '@railhead/domain/waitlist/events.ts';
import { faresIn, waitingIn } from '@railhead/domain/waitlist/fold.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import type { RunAsOpened } from '../runs/run-directory.ts';
import { strangenessIn } from '../streams/understood.ts';
import { isBefore, type Place } from './decided-places.ts';
import { SoldClass } from './sold-class.ts';
import type { Asked, Outcome, SoldRun, Step, TicketChange } from './sold-run.ts';

/** An order of the run while its events are read. */
type Known = {
  readonly asked: Asked;
  offeredFen?: readonly Fen[];
  closed?: string;
};

type Placed = { place: Place; readonly seatClass?: SeatClass; readonly step: Step };

/** Streams that are named as not understood. */
const MOST_NAMED = 1_000;

export class SoldRunFold {
  readonly #id: RunId;
  readonly #run: RunAsOpened;
  #composition: RunAsOpened['composition'];
  readonly #known = new Map<string, Known>();
  readonly #classes = new Map<SeatClass, SoldClass>();
  /** By the names of their segments and books. */
  readonly #streams = new Map<string, SoldClass>();
  readonly #changes = new Map<string, TicketChange>();
  /** Choices of this run of those who wait, by the number of their request. */
  readonly #waiting = new Map<string, readonly Asked[]>();
  readonly #steps: Placed[] = [];
  readonly #setAside = new Map<string, string>();
  readonly #strangenessOf = strangenessIn([orderCategory, lockBookCategory, runCategory]);
  #endMs = 0;

  constructor(run: RunAsOpened) {
    this.#id = { train: run.train, date: run.date };
    this.#run = run;
    this.#composition = run.composition;
    for (const seatClass of SEAT_CLASSES) {
      const sold = new SoldClass(seatClass);
      const id = { ...this.#id, seatClass };
      this.#classes.set(seatClass, sold);
      this.#streams.set(lockBookCategory.stream(id), sold);
      for (let seq = 0; seq < run.stops.length - 1; seq += 1)
        this.#streams.set(segmentCategory.stream({ ...id, seq }), sold);
    }
  }

  /** Requests so far. */
  get requests(): number {
    return this.#known.size;
  }

  add(event: RecordedEvent): void {
    this.#endMs = Math.max(this.#endMs, Date.parse(event.meta.at));
    const sold = this.#streams.get(event.stream);
    if (sold !== undefined) {
      sold.places.onStock(event.position);
      if (lockBookCategory.holds(event)) this.#onBook(sold, event);
    } else if (orderCategory.holds(event)) {
      if (this.#understands(event) && orderCategory.owns(event)) this.#onOrder(event);
    } else if (event.stream === runCategory.stream(this.#id)) this.#onRun(event);
    else if (waitlistCategory.owns(event)) this.#onWaitlist(event);
  }

  get soldRun(): SoldRun {
    for (const { freed } of this.#classes.values()) freed.end();
    const outcomes = new Map<string, Outcome>();
    const lockedIn = new Map<string, SeatClass>();
    for (const [orderNo, known] of this.#known) {
      const outcome = this.#outcomeOf(known);
      outcomes.set(orderNo, outcome);
      if ('seatClass' in outcome) lockedIn.set(orderNo, outcome.seatClass);
    }
    const steps = this.#steps
      // What happened in a class in which the order did not stay is no part of its life.
      .filter(
        ({ seatClass, step }) =>
          seatClass === undefined || !('orderNo' in step) || lockedIn.get(step.orderNo) === seatClass,
      )
      .sort((a, b) => isBefore(a.place, b.place))
      .map(({ step }) => step);
    return {
      run: this.#run,
      composition: this.#composition,
      asked: new Map([...this.#known].map(([orderNo, { asked }]) => [orderNo, asked])),
      outcomes,
      changes: [...this.#changes.values()],
      steps,
      offeredStanding: new Set(
        [...this.#known].flatMap(([no, { offeredFen }]) => (offeredFen === undefined ? [] : [no])),
      ),
      endMs: this.#endMs,
      setAside: this.#setAside,
    };
  }

  #outcomeOf({ asked, offeredFen, closed }: Known): Outcome {
    const standing =
      offeredFen === undefined ? undefined : this.#classes.get('standing')?.outcomeOf(asked.orderNo, offeredFen);
    const outcome = standing ?? this.#classes.get(asked.seatClass)?.outcomeOf(asked.orderNo, asked.faresFen);
    return outcome ?? (closed === undefined ? { kind: 'open' } : { kind: 'refused', code: closed });
  }

  #onWaitlist(event: RecordedEvent & Recorded<WaitlistEvent>): void {
    if (event.type === 'WaitlistSubmitted') this.#submitted(event.data);
    if (event.type !== 'WaitlistSeatsLocked') return;
    const waitlistNo = waitlistCategory.idOf(event.stream);
    const sold = this.#classes.get(event.data.seatClass);
    if (sold?.hasLock(waitlistNo) === true) sold.places.onOrder(event.position, waitlistNo);
  }

  #submitted(request: WaitlistSubmitted['data']): void {
    const { waitlistNo, userId, passengers, currency } = request;
    const asked = waitingIn({ request })
      .filter(({ of }) => of.train === this.#id.train && of.date === this.#id.date)
      .map(({ of, seatClass }) => {
        const { standingFaresFen: _, until: __, ...way } = of;
        const terms = { userId, passengers, currency, acceptStanding: false, acceptSeatChange: false };
        return askedOf(waitlistNo, { ...way, seatClass, faresFen: faresIn({ of, seatClass }), ...terms });
      });
    if (asked.length > 0) this.#waiting.set(waitlistNo, asked);
  }

  /** Who waited is known as an order from the moment in which seats are locked for them. */
  #served(orderNo: string, seatClass: SeatClass): void {
    const asked = this.#known.has(orderNo)
      ? undefined
      : this.#waiting.get(orderNo)?.find((one) => one.seatClass === seatClass);
    if (asked !== undefined) this.#known.set(orderNo, { asked });
  }

  #understands(event: RecordedEvent): boolean {
    if (this.#setAside.has(event.stream)) return false;
    const strangeness = this.#strangenessOf(event);
    if (strangeness === undefined) return true;
    if (this.#setAside.size < MOST_NAMED) this.#setAside.set(event.stream, strangeness);
    return false;
  }

  #onRun(event: RecordedEvent): void {
    if (!this.#understands(event) || !runCategory.owns(event) || event.type !== 'CoachesAdded') return;
    const { coaches } = event.data;
    this.#composition = [...this.#composition, ...coaches];
    const place = { position: event.position, index: 0 };
    this.#steps.push({ place, step: { kind: 'extend', coaches, atMs: Date.parse(event.meta.at) } });
  }

  #onBook(sold: SoldClass, event: RecordedEvent): void {
    if (!this.#understands(event) || !lockBookCategory.owns(event)) return;
    const atMs = Date.parse(event.meta.at);
    sold.freed.begin(sold.places.batch, event.position);
    for (const [index, move] of sold.add(event).entries()) {
      const step = { ...move, atMs };
      if (step.kind === 'ask') this.#served(step.orderNo, sold.seatClass);
      if ('orderNo' in step && !this.#known.has(step.orderNo)) continue;
      const ofOrder = 'orderNo' in step ? { seatClass: sold.seatClass } : {};
      const placed: Placed = { place: { position: event.position, index }, step, ...ofOrder };
      this.#steps.push(placed);
      sold.place(placed, step, index);
    }
  }

  #onOrder(event: RecordedEvent & Recorded<OrderEvent>): void {
    const { position } = event;
    if (event.type === 'OrderRequested') {
      const { orderNo, request } = event.data;
      const isOfRun = request.train === this.#id.train && request.date === this.#id.date;
      if (isOfRun) this.#known.set(orderNo, { asked: askedOf(orderNo, request) });
      return;
    }
    const orderNo = orderCategory.idOf(event.stream);
    const known = this.#known.get(orderNo);
    if (known === undefined) return;
    const toStand = known.offeredFen !== undefined;
    const sold = this.#classes.get(toStand ? 'standing' : known.asked.seatClass);
    const place = sold?.places.onOrder(position, orderNo) ?? { position, index: -1 };
    const atMs = Date.parse(event.meta.at);
    switch (event.type) {
      case 'OrderOfferedStanding':
        this.#steps.push({ place, step: { kind: 'ask', orderNo, toStand: false, atMs } });
        known.offeredFen = event.data.faresFen;
        return;
      case 'OrderClosed': {
        const { reason } = event.data;
        known.closed = reason;
        if (sold?.hasLock(orderNo) === true) return;
        if (reason === 'SOLD_OUT') this.#steps.push({ place, step: { kind: 'ask', orderNo, toStand, atMs } });
        // Whoever ended it would have given its seats back.
        else this.#steps.push({ place: { position, index: 0 }, step: { kind: 'release', orderNo, reason, atMs } });
        return;
      }
      case 'OrderChangeRequested': {
        const { changeNo, newOrderNo, items } = event.data;
        const travellers = items.map(({ itemNo }) => itemNo - 1);
        this.#changes.set(changeNo, { orderNo, travellers, newOrderNo, isDone: false });
        return;
      }
      case 'OrderChanged': {
        const change = this.#changes.get(event.data.changeNo);
        if (change !== undefined) this.#changes.set(event.data.changeNo, { ...change, isDone: true });
        return;
      }
    }
  }
}

const askedOf = (orderNo: string, request: OrderRequest): Asked => {
  const { seatClass, from, to, passengers, faresFen, acceptStanding, acceptSeatChange, date, change } = request;
  return {
    orderNo,
    seatClass,
    from,
    to,
    kinds: passengers.map(({ kind }) => kind),
    faresFen,
    wants: passengers.map((passenger) => seatWish(passenger, seatClass, date)),
    acceptStanding,
    acceptSeatChange,
    ...(change === undefined ? {} : { inPlaceOf: change.orderNo }),
  };
};
