// Once a day, at a given time of the railway's clock, the day before is compared with the gateway's statement of it.

import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { addDays } from '@railhead/domain/timetable/timetable.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { Logger } from '../ports/logger.ts';
import { PaymentsInLog, type Reconciled, reconcilePayments, type StatedMovement } from './reconcile-payments.ts';

export type DailyReconciliationDeps = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Minutes of the clock. */
  readonly atMinutes: number;
  /** The channel whose gateway makes the statement. */
  readonly channel: string;
  readonly statementOf: (date: string) => Promise<readonly StatedMovement[]>;
  /** Called with each comparison; what it throws is tried again like the rest. */
  readonly report: (date: string, reconciled: Reconciled, startedMs: number) => void | Promise<void>;
};

const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;
/** A gateway that does not answer is asked again so often, so long after; then the day is left to an operator. */
const MOST_TRIES = 12;
const PAUSE_MS = 10 * MINUTE_MS;
const PAGE = 5_000;

export class DailyReconciliation {
  readonly #deps: DailyReconciliationDeps;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(deps: DailyReconciliationDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { clock, atMinutes } = this.#deps;
    const now = clock.now();
    const today = clock.zone.date(now);
    const at = clock.zone.instantMs(today, atMinutes);
    const nextMs = at > now ? at : clock.zone.instantMs(today, DAY_MINUTES + atMinutes);
    this.#wait(nextMs - now, () => this.#begin(addDays(clock.zone.date(nextMs), -1), 1));
  }

  /** Resolves when a comparison that is under way has come to its next page. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  #wait(ms: number, then: () => void): void {
    if (!this.#stopped) this.#timer = this.#deps.clock.after(ms, then);
  }

  #begin(date: string, attempt: number): void {
    const { logger } = this.#deps;
    this.#running = this.#reconcile(date).then(
      () => this.start(),
      (error: unknown) => {
        if (attempt < MOST_TRIES) {
          logger.warn(
            { err: error, date },
            'the payments of a day could not be compared with the statement; again soon',
          );
          this.#wait(PAUSE_MS, () => this.#begin(date, attempt + 1));
        } else {
          logger.error(
            { err: error, date },
            'the payments of a day were not compared; see railhead reconcile payments',
          );
          this.start();
        }
      },
    );
  }

  async #reconcile(date: string): Promise<void> {
    const { store, clock, logger, channel, statementOf, report } = this.#deps;
    const startedMs = clock.now();
    // With the day before, because the log may hear after midnight of what moved before it.
    const stated = [...(await statementOf(addDays(date, -1))), ...(await statementOf(date))];
    const log = new PaymentsInLog(channel);
    for (let after = 0; !this.#stopped; ) {
      const page = await store.readAll({ after, limit: PAGE, categories: [paymentCategory.name] });
      for (const event of page.events) log.add(event);
      if (page.caughtUp || page.position <= after) break;
      after = page.position;
    }
    if (this.#stopped) return;
    const reconciled = reconcilePayments(log, stated, date, clock.zone);
    await report(date, reconciled, startedMs);
    const alarms = reconciled.differences.filter(({ action }) => action === 'alarm').length;
    const told = { date, movements: reconciled.checked, differences: reconciled.differences.length, alarms };
    if (alarms > 0) logger.error(told, 'the payments of a day differ from the statement');
    else logger.info(told, 'the payments of a day were compared with the statement');
  }
}
