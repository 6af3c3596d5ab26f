// One class of a run that is sold again in memory: by the decisions that the sale itself is made of, and with no log.
import { isFree } from '@railhead/domain/allocation/bitmap.ts';
import type { Selling } from '@railhead/domain/allocation/choose-legs.ts';
import { type ClassStock, extendStock, untouchedStock } from '@railhead/domain/class-stock/class-stock.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { Fen } from '@railhead/domain/kernel/money.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { Leg } from '@railhead/domain/seat-lock/plan.ts';
import type { Seat } from '@railhead/domain/train-run/composition.ts';
import { Draft } from '../allocation/draft.ts';
import type { LockOutcome, Operation } from '../allocation/operation.ts';
import type { RunAsOpened } from '../runs/run-directory.ts';
import { outcomeOfLock } from './sold-class.ts';
import type { Asked, Inventory, Outcome } from './sold-run.ts';

/** Nothing is written, so nobody reads who caused it. */
const NO_META: EventMeta = { commandId: '', correlationId: '', causationId: '', actor: '', at: '' };

type Without<Kind> = Kind extends unknown ? Omit<Kind, 'meta'> : never;

export class ClassAgain {
  readonly seatClass: SeatClass;
  readonly #stock: ClassStock;
  readonly #chooseAt: (nowMs: number) => Selling;

  constructor(
    seatClass: SeatClass,
    seats: readonly Seat[],
    { run, chooseAt }: { readonly run: RunAsOpened; readonly chooseAt: (nowMs: number) => Selling },
  ) {
    this.seatClass = seatClass;
    this.#stock = untouchedStock(seats, run.stops.length - 1);
    this.#chooseAt = chooseAt;
  }

  extend(seats: readonly Seat[]): void {
    extendStock(this.#stock, seats);
  }

  hold({ orderNo, from, to, wants, acceptSeatChange }: Asked, atMs: number): LockOutcome {
    return this.decide({ kind: 'hold', orderNo, from, to, wants, acceptSeatChange }, atMs);
  }

  decide(operation: Without<Operation>, atMs: number): LockOutcome {
    // Safe cast: an operation without its meta, and its meta.
    return new Draft(this.#stock, this.#chooseAt(atMs)).decide({ ...operation, meta: NO_META } as Operation);
  }

  /** Takes what is free of these seats out of sale. Returns how many somebody has, and keeps. */
  withdraw({ withdrawalNo, legs, reason, coach }: Extract<Inventory, { kind: 'withdraw' }>, atMs: number): number {
    const [leg] = legs;
    if (leg === undefined) return 0;
    const { counted } = this.#chooseAt(atMs);
    const seats = counted ? leg.seats : leg.seats.filter((seat) => this.#isFree(leg, seat));
    if (seats.length === 0) return leg.seats.length;
    const common = { orderNo: withdrawalNo, reason, ...(coach === undefined ? {} : { coach }) };
    const outcome = this.decide({ kind: 'withdraw', from: leg.from, to: leg.to, seats, ...common }, atMs);
    return outcome.ok ? leg.seats.length - seats.length : leg.seats.length;
  }

  #isFree({ from, to }: Leg, seat: number): boolean {
    const { occupancy } = this.#stock;
    return seat < occupancy.seats && isFree(occupancy, from, to, seat);
  }

  /** Undefined for an order that got no seats here. */
  outcomeOf(orderNo: string, faresFen: readonly Fen[]): Outcome | undefined {
    const { locks, lockOf } = this.#stock.book;
    const lockId = lockOf.get(orderNo);
    const lock = lockId === undefined ? undefined : locks.get(lockId);
    return lock && outcomeOfLock(lock, this.seatClass, faresFen);
  }
}
