// Once a day, at a given time of the railway's clock, the day before is compared with the gateway's statement of it. Days
// on which no process ran at that time are made up for, up to a week later.
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
  /** Was the day compared before, by this process or by one before it? */
  readonly isReported: (date: string) => boolean;
  /** Called with each comparison; what it throws is tried again like the rest. */
  readonly report: (date: string, reconciled: Reconciled, startedMs: number) => void | Promise<void>;
};

const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;
/** So many days before today are compared, if they were not. */
const DAYS_BACK = 7;
/** The clock may be set while a process waits, so it looks at it so often at least. */
const LOOKS_EVERY_MS = 60 * MINUTE_MS;
/** A gateway that does not answer is asked again so often, so long after; then the day is left to an operator. */
const MOST_TRIES = 12;
const PAUSE_MS = 10 * MINUTE_MS;
const PAGE = 5_000;

export class DailyReconciliation {
  readonly #deps: DailyReconciliationDeps;
  /** Days that this process has compared, or need not compare, or has left to an operator. */
  readonly #settled = new Set<string>();
  /** How often a day that is not settled was tried in vain. */
  readonly #tries = new Map<string, number>();
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(deps: DailyReconciliationDeps) {
    this.#deps = deps;
  }

  /** Compares what is due now, and from then on each day at its hour. */
  start(): void {
    const due = this.#due();
    if (due.length === 0) {
      this.#wait(this.#untilHourMs());
      return;
    }
    this.#running = this.#compareAll(due).then(() =>
      this.#wait(due.every((date) => this.#settled.has(date)) ? this.#untilHourMs() : PAUSE_MS),
    );
  }

  /** Resolves when a comparison that is under way has come to its next page. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  #wait(ms: number): void {
    if (!this.#stopped) this.#timer = this.#deps.clock.after(Math.min(ms, LOOKS_EVERY_MS), () => this.start());
  }

  #untilHourMs(): number {
    const { clock, atMinutes } = this.#deps;
    const now = clock.now();
    const today = clock.zone.date(now);
    const at = clock.zone.instantMs(today, atMinutes);
    return (at > now ? at : clock.zone.instantMs(today, DAY_MINUTES + atMinutes)) - now;
  }

  /** The days to compare now, oldest first: yesterday only once its hour has come. */
  #due(): readonly string[] {
    const { clock, atMinutes, isReported } = this.#deps;
    const now = clock.now();
    const today = clock.zone.date(now);
    const newest = now >= clock.zone.instantMs(today, atMinutes) ? 1 : 2;
    return Array.from({ length: DAYS_BACK + 1 - newest }, (_, index) => addDays(today, index - DAYS_BACK)).filter(
      (date) => !this.#settled.has(date) && !isReported(date),
    );
  }

  async #compareAll(dates: readonly string[]): Promise<void> {
    const startedMs = this.#deps.clock.now();
    const statements = new Map<string, Promise<readonly StatedMovement[]>>();
    const stated = new Map<string, readonly StatedMovement[]>();
    for (const date of dates)
      await this.#trying(date, async () => stated.set(date, await this.#statedOf(date, statements)));
    // Once for all days, and after their statements, which the log should not be behind.
    const log = stated.size === 0 ? undefined : this.#readLog();
    for (const [date, movements] of stated)
      await this.#trying(date, async () => {
        const read = await log;
        if (read === undefined || this.#stopped) return;
        await this.#compare(date, movements, read, startedMs);
        this.#settled.add(date);
      });
  }

  async #trying(date: string, work: () => Promise<unknown>): Promise<void> {
    if (this.#stopped) return;
    try {
      await work();
    } catch (error) {
      this.#failed(date, error);
    }
  }

  /** With the day before, because the log may hear after midnight of what moved before it. */
  async #statedOf(
    date: string,
    statements: Map<string, Promise<readonly StatedMovement[]>>,
  ): Promise<readonly StatedMovement[]> {
    const stated: StatedMovement[] = [];
    for (const day of [addDays(date, -1), date]) {
      const statement = statements.get(day) ?? this.#deps.statementOf(day);
      statements.set(day, statement);
      stated.push(...(await statement));
    }
    return stated;
  }

  /** Undefined if it was stopped on the way. */
  async #readLog(): Promise<PaymentsInLog | undefined> {
    const { store, channel } = this.#deps;
    const log = new PaymentsInLog(channel);
    for (let after = 0; !this.#stopped; ) {
      const page = await store.readAll({ after, limit: PAGE, categories: [paymentCategory.name] });
      for (const event of page.events) log.add(event);
      if (page.caughtUp || page.position <= after) return log;
      after = page.position;
    }
    return undefined;
  }

  async #compare(
    date: string,
    stated: readonly StatedMovement[],
    log: PaymentsInLog,
    startedMs: number,
  ): Promise<void> {
    const { clock, logger, report } = this.#deps;
    const reconciled = reconcilePayments(log, stated, date, clock.zone);
    const isYesterday = date === addDays(clock.zone.date(startedMs), -1);
    // Before the first movement there was no railway.
    if (reconciled.checked === 0 && !isYesterday && !log.hasMovedBy(date, clock.zone)) return;
    await report(date, reconciled, startedMs);
    const alarms = reconciled.differences.filter(({ action }) => action === 'alarm').length;
    const told = { date, movements: reconciled.checked, differences: reconciled.differences.length, alarms };
    if (alarms > 0) logger.error(told, 'the payments of a day differ from the statement');
    else logger.info(told, 'the payments of a day were compared with the statement');
  }

  #failed(date: string, error: unknown): void {
    const { logger } = this.#deps;
    const tries = (this.#tries.get(date) ?? 0) + 1;
    this.#tries.set(date, tries);
    if (tries < MOST_TRIES) {
      logger.warn({ err: error, date }, 'the payments of a day could not be compared with the statement; again soon');
      return;
    }
    this.#tries.delete(date);
    this.#settled.add(date);
    logger.error({ err: error, date }, 'the payments of a day were not compared; see railhead reconcile payments');
  }
}
