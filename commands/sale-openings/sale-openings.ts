// The openings that the log has now, in memory: each order asks for one. What an operator has changed is known as soon as it
// is written, and in other processes as soon as they have read it.

import type { Openings } from '@railhead/domain/sale-openings/events.ts';
import { noOpenings } from '@railhead/domain/sale-openings/fold.ts';
import { SALE_OPENINGS, saleOpeningsCategory } from '@railhead/domain/sale-openings/stream.ts';
import { LogFollower } from '../log/follow-log.ts';
import { type Clock, pause } from '../ports/clock.ts';
import { type EventStore, EventStoreError, type Position } from '../ports/event-store.ts';
import type { Logger } from '../ports/logger.ts';
import type { RunAsOpened } from '../runs/run-directory.ts';
import { load } from '../streams/load.ts';
import { type OpeningTimes, StatedOpenings } from './opening-times.ts';

export type SaleOpeningsDeps = { readonly store: EventStore; readonly clock: Clock; readonly logger: Logger };

const ASKS_AGAIN_MS = 1_000;

export class SaleOpeningsHere implements OpeningTimes {
  readonly name = 'sale openings';
  readonly #deps: SaleOpeningsDeps;
  readonly #ending = new AbortController();
  readonly #told = new Set<() => void>();
  #times = new StatedOpenings(noOpenings);
  #openings: Openings = { runs: [], days: [], stations: [] };
  #revision = -1;
  #position: Position = 0;
  #isLoaded = false;
  #follower: LogFollower | undefined;

  constructor(deps: SaleOpeningsDeps) {
    this.#deps = deps;
  }

  get isCaughtUp(): boolean {
    return this.#isLoaded;
  }

  get lost(): string | undefined {
    return this.#follower?.lost;
  }

  /** As they stand. `version`: how often they have been set. */
  get now(): { readonly openings: Openings; readonly version: number } {
    return { openings: this.#openings, version: this.#revision + 1 };
  }

  opensMs(run: Pick<RunAsOpened, 'train' | 'date' | 'zone' | 'stops'>, from: number): number | undefined {
    return this.#times.opensMs(run, from);
  }

  /** Calls back after each change. */
  onChange(listener: () => void): void {
    this.#told.add(listener);
  }

  /** Waits until the log has said when sales open: nothing is sold before. */
  async start(): Promise<void> {
    const { clock } = this.#deps;
    const { signal } = this.#ending;
    while (!signal.aborted && !(await this.#begin())) await pause(clock, ASKS_AGAIN_MS, signal);
    if (!signal.aborted) this.#follow();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#follower?.stop();
  }

  /** Reads what the log says now. */
  async refresh(): Promise<void> {
    const { state, revision } = await load(this.#deps.store, saleOpeningsCategory, SALE_OPENINGS);
    // Another log may have been put back in its place, so a lower revision is believed as well.
    if (revision === this.#revision) return;
    const { runs, days, stations } = state;
    this.#openings = { runs, days, stations };
    this.#times = new StatedOpenings(state);
    this.#revision = revision;
    for (const listener of this.#told) listener();
  }

  /** False: the log cannot be read now. */
  async #begin(): Promise<boolean> {
    const { store, logger } = this.#deps;
    try {
      this.#position = await store.lastPosition();
      await this.refresh();
      this.#isLoaded = true;
      return true;
    } catch (err) {
      if (!(err instanceof EventStoreError)) throw err;
      logger.warn({ err }, 'the log does not say when sales open');
      return false;
    }
  }

  #follow(): void {
    this.#follower = new LogFollower(this.#deps, {
      name: `the ${this.name}`,
      categories: [saleOpeningsCategory.name],
      after: () => this.#position,
      take: async ({ events, position }) => {
        if (events.length > 0) await this.refresh();
        this.#position = position;
      },
    });
    // It ends with `stop`, and never by itself.
    this.#follower.done.catch(() => {});
  }
}
