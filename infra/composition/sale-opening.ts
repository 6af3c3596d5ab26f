// Opens the runs of the sale window at the start, and those of a new day when it enters the window.
import type { SellingRules } from '@railhead/commands/allocation/selling-rules.ts';
import type { Clock, Timer } from '@railhead/commands/ports/clock.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { Snapshots } from '@railhead/commands/ports/snapshots.ts';
import { type OpenRunsReport, openRuns } from '@railhead/commands/runs/open-runs.ts';
import type { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import { datesOnSale, today } from '@railhead/commands/runs/sale-window.ts';
import { readTimetable } from '@railhead/commands/timetable/read-timetable.ts';
import { type RollingStock, rollingStockFor } from '../rolling-stock/rolling-stock.ts';
import { checkRules } from '../selling-rules/check-rules.ts';

/** The sale window moves at midnight. Checked this often, the runs of the new day open soon after. */
const CHECK_EVERY_MS = 60_000;

export type SaleOpeningDeps = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly runs: RunDirectory;
  readonly rules: SellingRules;
  readonly snapshots: Snapshots;
  readonly rollingStock: RollingStock;
  readonly saleDays: number;
};

export class SaleOpening {
  readonly #deps: SaleOpeningDeps;
  #state = 'not opened yet';
  #isOpen = false;
  /** First day of the window that was opened last. */
  #openedDay: string | undefined;
  #timer: Timer | undefined;
  #checking: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(deps: SaleOpeningDeps) {
    this.#deps = deps;
  }

  /**
   * True once everything that is to be sold at the start is open. It stays true when a later day cannot be opened,
   * because the other days are still sold.
   */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** For people. */
  get state(): string {
    return this.#state;
  }

  /** What is done before the sale can open; it opens with the next `open`. */
  async prepare<Value>(doing: string, work: () => Promise<Value>): Promise<Value> {
    this.#state = doing;
    try {
      return await work();
    } catch (error) {
      this.#state = `${doing} failed: ${error instanceof Error ? error.message : String(error)}`;
      throw error;
    }
  }

  /** Opens every run of the sale window that is not open yet. */
  async open(onProgress: (done: number) => void = () => {}): Promise<OpenRunsReport> {
    const report = await this.prepare('opening the runs', () => this.#open(onProgress));
    this.#state = 'open';
    this.#isOpen = true;
    return report;
  }

  async #open(onProgress: (done: number) => void): Promise<OpenRunsReport> {
    const { store, clock, rollingStock, rules, runs, snapshots, saleDays } = this.#deps;
    const trains = await readTimetable(store);
    const deps = {
      store,
      clock,
      snapshots: {
        load: (name: string) => snapshots.load(name),
        save: (name: string, text: string) => this.#remember(name, text),
      },
      rollingStock: (train: { train: string; type: string }) => rollingStockFor(rollingStock, train),
    };
    const dates = datesOnSale(clock, { days: saleDays });
    const report = await openRuns(deps, trains.values(), dates, onProgress);
    await checkRules(rules, runs, dates);
    this.#openedDay = dates[0];
    return report;
  }

  /** What was opened is in the log; without the snapshot the next start only takes longer. */
  async #remember(name: string, text: string): Promise<void> {
    const { snapshots, logger } = this.#deps;
    try {
      await snapshots.save(name, text);
    } catch (error) {
      logger.warn({ err: error, name }, 'a snapshot could not be saved');
    }
  }

  /** Keeps opening new days until `stop`. A day that cannot be opened is tried again. */
  keepOpen(): void {
    if (this.#isStopped) return;
    this.#timer = this.#deps.clock.after(CHECK_EVERY_MS, () => {
      this.#checking = this.#check().then(() => this.keepOpen());
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#checking;
  }

  async #check(): Promise<void> {
    const { clock, logger } = this.#deps;
    if (today(clock) === this.#openedDay) return;
    try {
      await this.open();
    } catch (error) {
      logger.error({ err: error }, 'the sale of a new day could not be opened; it will be tried again');
    }
  }
}
