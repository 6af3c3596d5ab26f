// How many free seats the selling rules allow to sell, so that the stock on display is the stock that can be bought.

import { emptyOccupancy, grown, type Occupancy } from '@railhead/domain/allocation/bitmap.ts';
import { type Limit, mostAllowed } from '@railhead/domain/allocation/limits.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { Journey } from '@railhead/domain/train-run/journey.ts';
import { className } from '@railhead/domain/train-run/stream.ts';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../ports/clock.ts';
import type { RunAsOpened } from '../runs/run-directory.ts';
import { limitsOf, type SellingRules } from './selling-rules.ts';

/**
 * The seats of a class, and those free over a journey. `taken` is called only where a rule needs it; undefined: none.
 */
export type ShownStock = {
  readonly seats: number;
  readonly free: number;
  readonly taken: () => Occupancy | undefined;
};

/** Classes of runs remembered with their rules. */
const MAX_REMEMBERED = 10_000;

export class SeatsOnOffer {
  readonly #rules: SellingRules;
  readonly #clock: Clock;
  readonly #ruled: ReadonlySet<string>;
  readonly #limits = new LRUCache<string, (nowMs: number) => readonly Limit[]>({ max: MAX_REMEMBERED });

  constructor(rules: SellingRules, clock: Clock) {
    this.#rules = rules;
    this.#clock = clock;
    this.#ruled = new Set([...rules.quotas, ...rules.forecasts].map((rule) => `${rule.train}/${rule.seatClass}`));
  }

  /** How many of the free seats may be sold now for this journey. */
  count(run: RunAsOpened, seatClass: SeatClass, { from, to }: Journey, { seats, free, taken }: ShownStock): number {
    if (free === 0 || !this.#ruled.has(`${run.train}/${seatClass}`)) return free;
    const limits = this.#limitsOf(run, seatClass)(this.#clock.now());
    const occupancy = taken() ?? emptyOccupancy(run.stops.length - 1, seats);
    return mostAllowed(occupancy.seats < seats ? grown(occupancy, seats) : occupancy, limits, { from, to }, free);
  }

  #limitsOf(run: RunAsOpened, seatClass: SeatClass): (nowMs: number) => readonly Limit[] {
    const key = className({ train: run.train, date: run.date, seatClass });
    const known = this.#limits.get(key);
    if (known !== undefined) return known;
    const limits = limitsOf(this.#rules, run, seatClass);
    // A rule that does not fit its train stops the sale of the class, so nothing of it is on offer.
    const limitsAt = limits.ok ? limits.value : () => NOTHING;
    this.#limits.set(key, limitsAt);
    return limitsAt;
  }
}

const NOTHING: readonly Limit[] = [() => false];
