// Comparisons of read models with the log: every so often by themselves, and when somebody asks. One at a time; each
// leaves a report.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { RunId } from '@railhead/domain/train-run/stream.ts';
import { type Clock, type Timer, timestampOf, within } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { ReconciliationReport, ReconciliationReports } from '../ports/reconciliation-reports.ts';
import type { Reconciled } from './reconciled.ts';

/** What can be asked for, in the order in which it is done by itself. */
export const COMPARED_KINDS = ['stock', 'orders'] as const;
export type ComparedKind = (typeof COMPARED_KINDS)[number];

export type ComparisonAsked = {
  /** Only this run; of the stock alone. */
  readonly run?: RunId | undefined;
  /** Write anew whatever differs, however much it is. */
  readonly repair?: boolean | undefined;
};

export type Comparison = {
  /** Does this process feed what is compared? Where another does, that one compares it by itself. */
  readonly isFedHere: () => boolean;
  /** Undefined: there is no such run. Rejects when it could not be done, or with the reason of the signal. */
  readonly compare: (asked: ComparisonAsked, signal: AbortSignal) => Promise<Reconciled | undefined>;
};

export type ReconciliationsDeps = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly reports: ReconciliationReports;
  readonly comparisons: Readonly<Record<ComparedKind, Comparison>>;
  /** 0: only when somebody asks. */
  readonly everyMinutes: number;
  /** Told of each comparison that was done. */
  readonly done: (kind: ComparedKind, reconciled: Reconciled, seconds: number) => void;
};

export type UnderWay = {
  readonly taskId: string;
  readonly kind: ComparedKind;
  /** RFC 3339. */
  readonly startTime: string;
  /** Undefined: there is no such run, or the process is to stop. Rejects when it could not be done. */
  readonly report: Promise<ReconciliationReport | undefined>;
};

const MINUTE_MS = 60_000;
/** So long a stop waits for a page in hand. A server that does not answer is not waited for. */
const STOPS_WITHIN_MS = 800;

export class Reconciliations {
  readonly reports: ReconciliationReports;
  readonly #deps: ReconciliationsDeps;
  readonly #stopping = new AbortController();
  readonly #stopped: Promise<undefined>;
  #timer: Timer | undefined;
  #underWay: UnderWay | undefined;
  /** Settles when nothing of it is under way any more. */
  #running: Promise<unknown> | undefined;
  #lastId = '';

  constructor(deps: ReconciliationsDeps) {
    this.#deps = deps;
    this.reports = deps.reports;
    const { signal } = this.#stopping;
    this.#stopped = new Promise((resolve) =>
      signal.addEventListener('abort', () => resolve(undefined), { once: true }),
    );
  }

  /** The one that is being done. */
  get underWay(): UnderWay | undefined {
    return this.#underWay;
  }

  start(): void {
    const { everyMinutes, clock } = this.#deps;
    if (everyMinutes === 0 || this.#stopping.signal.aborted) return;
    this.#timer = clock.after(everyMinutes * MINUTE_MS, () => void this.#compareAll());
  }

  /** Resolves within a second. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#timer?.cancel();
    if (this.#running === undefined) return;
    await within(this.#deps.clock, STOPS_WITHIN_MS, this.#running);
  }

  /** Begins a comparison, unless another is being done. */
  begin(kind: ComparedKind, asked: ComparisonAsked): Result<UnderWay, 'RECONCILIATION_UNDER_WAY'> {
    const { clock } = this.#deps;
    const before = this.#underWay;
    if (before !== undefined)
      return refuse('RECONCILIATION_UNDER_WAY', `${before.taskId} is being done`, { taskId: before.taskId });
    const startMs = clock.now();
    const [taskId, startTime] = [this.#newId(kind, startMs), timestampOf(clock, startMs)];
    const running = this.#run({ taskId, kind, startMs, startTime }, asked).finally(() => {
      this.#underWay = undefined;
      this.#running = undefined;
    });
    // Nobody may be waiting for it.
    this.#running = running.catch(() => {});
    this.#underWay = { taskId, kind, startTime, report: Promise.race([running, this.#stopped]) };
    this.#underWay.report.catch(() => {});
    return accept(this.#underWay);
  }

  async #compareAll(): Promise<void> {
    const { comparisons } = this.#deps;
    for (const kind of COMPARED_KINDS) {
      if (this.#stopping.signal.aborted || !comparisons[kind].isFedHere()) continue;
      const begun = this.begin(kind, {});
      if (begun.ok) await begun.value.report.catch(() => {});
    }
    this.start();
  }

  /** Its end is the moment of its beginning, in a form that sorts. No two are the same. */
  #newId(kind: ComparedKind, startMs: number): string {
    for (let ms = startMs; ; ms += 1) {
      const instant = new Date(ms).toISOString().replaceAll(/[-:.Z]/g, '');
      if (instant === this.#lastId) continue;
      this.#lastId = instant;
      return `reconciliation_${kind}_${instant}`;
    }
  }

  async #run(
    {
      taskId,
      kind,
      startMs,
      startTime,
    }: { readonly taskId: string; readonly kind: ComparedKind; readonly startMs: number; readonly startTime: string },
    asked: ComparisonAsked,
  ): Promise<ReconciliationReport | undefined> {
    const { clock, logger, reports, comparisons, done } = this.#deps;
    const reportOf = (reconciled: Reconciled | undefined, failure?: string): ReconciliationReport => {
      const { auto_fixed = 0, repaired = 0, alarm = 0, left = 0 } = reconciled?.counts ?? {};
      return {
        task_id: taskId,
        kind,
        start_time: startTime,
        end_time: timestampOf(clock),
        total_checked: reconciled?.checked ?? 0,
        inconsistent_count: auto_fixed + repaired + alarm + left,
        auto_fixed_count: auto_fixed + repaired,
        manual_fix_count: alarm + left,
        ...(failure === undefined ? {} : { failure }),
        inconsistent_details: reconciled?.details ?? [],
      };
    };
    try {
      const { signal } = this.#stopping;
      signal.throwIfAborted();
      const reconciled = await comparisons[kind].compare(asked, signal);
      if (reconciled === undefined) return undefined;
      const report = reportOf(reconciled);
      done(kind, reconciled, Math.max(0, clock.now() - startMs) / 1000);
      this.#tell(report, reconciled);
      reports.save(kind, report);
      return report;
    } catch (error) {
      if (this.#stopping.signal.aborted) return undefined;
      logger.warn({ err: error, taskId }, `the ${kind} could not be compared with the log`);
      try {
        reports.save(kind, reportOf(undefined, error instanceof Error ? error.message : String(error)));
      } catch (also) {
        logger.warn({ err: also, taskId }, 'the report of a reconciliation could not be written');
      }
      throw error;
    }
  }

  #tell({ task_id: taskId, kind, total_checked: checked }: ReconciliationReport, { counts }: Reconciled): void {
    const { logger } = this.#deps;
    const told = { taskId, checked, ...counts };
    if (counts.alarm > 0)
      logger.error(told, `the ${kind} shown differs from the log; see railhead reconcile list and --repair`);
    else if (counts.auto_fixed + counts.repaired + counts.left > 0)
      logger.warn(told, `the ${kind} shown differed from the log`);
    else logger.info(told, `the ${kind} shown was compared with the log`);
  }
}
