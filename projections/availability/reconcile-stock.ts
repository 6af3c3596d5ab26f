// Compares what is shown of every class with what the log has of it, both at one position. A few seats that differ are
// written anew from the log. Where many do, nothing is repaired: the class is withheld from display until somebody asks
// for its repair. The sale does not use what is compared here, and goes on.
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import {
  Findings,
  MANY,
  type Reconciled,
  type ReconciledDetail,
  type RepairAction,
} from '@railhead/commands/reconciliation/reconciled.ts';
import { SEAT_CLASSES } from '@railhead/domain/kernel/seat-class.ts';
import {
  type ClassId,
  className,
  parseClassName,
  parseRunName,
  type RunId,
  runName,
} from '@railhead/domain/train-run/stream.ts';
import { pagesOf } from '../engine/pages.ts';
import { unlessAway } from '../engine/unless-away.ts';
import type { ClassState, RunState } from './class-state.ts';
import { countOver, isSameClass, isSameRun, type Side, seatsOtherwise } from './stock-differences.ts';
import { type RunInLog, runInLog, StockInLog, type StockLog } from './stock-in-log.ts';
import { isRunName, type StateNames, type StatesNow, type StatesWritten, type StockStates } from './stock-states.ts';

export type StockReconciliationDeps = {
  readonly log: StockLog;
  readonly states: StockStates;
  /** Called between pages: waits while the process has no time to spare, and rejects when it is to stop. */
  readonly giveWay: () => Promise<void>;
  /** Now, as RFC 3339. */
  readonly timestamp: () => string;
};

export type StockAsked = {
  /** Only this run. */
  readonly run?: RunId | undefined;
  /** Write anew whatever differs, however much it is, and show again what is withheld. */
  readonly repair?: boolean | undefined;
};

/** Runs that are compared between two breaths. */
const RUNS_AT_ONCE = 50;

/**
 * Undefined: neither the model nor the log has the run that was asked for. Rejects with `EventStoreError`
 * STORE_UNAVAILABLE where the states cannot be read, or are built again meanwhile.
 */
export const reconcileStock = async (
  deps: StockReconciliationDeps,
  asked: StockAsked,
): Promise<Reconciled | undefined> => {
  const comparison = new Comparison(deps, asked.repair === true);
  if (asked.run === undefined) await comparison.compareAll();
  else if (!(await comparison.compareOne(asked.run))) return undefined;
  return comparison.findings.reconciled;
};

type Row = {
  readonly id: ClassId;
  readonly shown: Side;
  readonly logged: Side;
  readonly size: number;
  readonly diff: number;
};
/** Of one run: which classes differ, and whether the run itself does. */
type Apart = { readonly rows: readonly Row[]; readonly isRunApart: boolean };

class Comparison {
  readonly findings = new Findings();
  readonly #deps: StockReconciliationDeps;
  readonly #repair: boolean;

  constructor(deps: StockReconciliationDeps, repair: boolean) {
    this.#deps = deps;
    this.#repair = repair;
  }

  /** False: nobody knows the run. */
  async compareOne(id: RunId): Promise<boolean> {
    const { log, states } = this.#deps;
    const now = await states.read(namesOf([runName(id)]));
    await this.#assertSeen(now.position);
    const logged = await runInLog(log, id, now.position);
    if (now.runs.size + now.classes.size + logged.runs.size + logged.classes.size === 0) return false;
    if (this.#mayDiffer(id, now, logged)) await this.#compare(id, now, logged);
    return true;
  }

  async compareAll(): Promise<void> {
    const { log, states, giveWay } = this.#deps;
    const logged = new StockInLog(log, giveWay);
    const { position } = await states.read(NOTHING);
    await this.#assertSeen(position);
    await logged.foldTo(position);
    const runs = new Set([...logged.runs.keys(), ...[...logged.classes.keys()].map(runOfClass)]);
    const strays = new Set<string>();
    for await (const names of states.names()) {
      await giveWay();
      for (const name of names) {
        if (isRunName(name) ? parseRunName(name) : parseClassName(name))
          runs.add(isRunName(name) ? name : runOfClass(name));
        else strays.add(name);
      }
    }
    for (const page of pagesOf([...runs], RUNS_AT_ONCE)) {
      await giveWay();
      const now = await states.read(namesOf(page));
      if (now.position < logged.position)
        throw new EventStoreError('STORE_UNAVAILABLE', 'the free seats are built again; compare them later');
      await this.#assertSeen(now.position);
      await logged.foldTo(now.position);
      for (const run of page) {
        const id = parseRunName(run);
        if (id === undefined || !this.#mayDiffer(id, now, logged)) continue;
        // It reads hundreds of streams.
        await giveWay();
        await this.#compare(id, now, await runInLog(log, id, now.position));
      }
    }
    if (strays.size > 0) await this.#removeStrays([...strays]);
  }

  /** Another process, which feeds the model, may see more of the log than this one. */
  async #assertSeen(position: number): Promise<void> {
    if (position > (await this.#deps.log.lastPosition()))
      throw new EventStoreError('STORE_UNAVAILABLE', 'the log is not seen as far as the free seats are; compare later');
  }

  #mayDiffer(id: RunId, now: StatesNow, logged: Pick<RunInLog, 'runs' | 'classes'>): boolean {
    const names = classNames(id);
    const known = names.filter((name) => now.classes.has(name) || logged.classes.has(name));
    this.findings.checked += Math.max(1, known.length);
    // A class that is withheld is looked at again where somebody asks for its repair.
    if (this.#repair && known.some((name) => now.classes.get(name)?.isWithheld === true)) return true;
    return (
      !isSameRun(now.runs.get(runName(id)), logged.runs.get(runName(id))) ||
      known.some((name) => !isSameClass(now.classes.get(name), logged.classes.get(name)))
    );
  }

  /** Of a run that seems to differ: what is written is decided once more, on what is there at that moment. */
  async #compare(id: RunId, now: StatesNow, logged: RunInLog): Promise<void> {
    const { log, states } = this.#deps;
    const names = namesOf([runName(id)]);
    let [position, found, before] = [now.position, apart(id, now, logged), now];
    let isWritten = false;
    const mayWrite = states.isFedHere && (found.rows.length > 0 || found.isRunApart || this.#isToBeShown(names, now));
    if (mayWrite)
      isWritten = await unlessAway(() =>
        states.rewrite(names, async (current) => {
          const truth = await runInLog(log, id, current.position);
          [position, found, before] = [current.position, apart(id, current, truth), current];
          return this.#written(id, found, current, truth);
        }),
      );
    this.#report(id, found, before, position, isWritten);
  }

  #isToBeShown({ classes }: StateNames, now: StatesNow): boolean {
    return this.#repair && classes.some((name) => now.classes.get(name)?.isWithheld === true);
  }

  /** What a repair writes; where many seats differ, only that the class is withheld. */
  #written(id: RunId, found: Apart, now: StatesNow, truth: RunInLog): StatesWritten {
    const runs = new Map<string, RunState | undefined>();
    const classes = new Map<string, ClassState | undefined>();
    for (const { id: of, diff } of found.rows) {
      const name = className(of);
      const known = now.classes.get(name);
      if (this.#isRepaired(found, known, diff)) classes.set(name, truth.classes.get(name));
      else if (known?.isWithheld !== true) classes.set(name, { ...(known ?? UNKNOWN), isWithheld: true });
    }
    const isRunRepaired = this.#repair || found.rows.every(({ diff }) => diff < MANY);
    if (found.isRunApart && isRunRepaired) runs.set(runName(id), truth.runs.get(runName(id)));
    if (this.#repair)
      for (const name of classNames(id))
        if (now.classes.get(name)?.isWithheld === true) classes.set(name, truth.classes.get(name));
    return { runs, classes };
  }

  /** Classes of a run that differs itself are right or wrong together. */
  #isRepaired({ rows, isRunApart }: Apart, known: ClassState | undefined, diff: number): boolean {
    if (this.#repair) return true;
    if (known?.isWithheld === true) return false;
    return isRunApart ? rows.every((row) => row.diff < MANY) : diff < MANY;
  }

  #report(id: RunId, found: Apart, before: StatesNow, position: number, isWritten: boolean): void {
    const { states, timestamp } = this.#deps;
    const actionOf = (of: ClassId, diff: number): RepairAction => {
      const known = before.classes.get(className(of));
      if (!isWritten) return this.#isRepaired(found, known, diff) ? 'left' : 'alarm';
      if (this.#repair) return 'repaired';
      return this.#isRepaired(found, known, diff) ? 'auto_fixed' : 'alarm';
    };
    const told = { store: states.store, position };
    // The run alone differs, in what is not shown of it.
    if (found.isRunApart && found.rows.length === 0) {
      const action = !isWritten ? 'left' : this.#repair ? 'repaired' : 'auto_fixed';
      this.findings.add(rowOfRun(id, told, action, timestamp()));
    }
    for (const { id: of, shown, logged, size, diff } of found.rows) {
      const action = actionOf(of, diff);
      const [is, should] = [countOver(of, shown, size), countOver(of, logged, size)];
      this.findings.add({
        train_number: of.train,
        train_date: of.date,
        seat_type: of.seatClass,
        redis_seats: is.available,
        mysql_seats: should.available,
        diff,
        shown_held: is.held,
        shown_sold: is.sold,
        logged_held: should.held,
        logged_sold: should.sold,
        ...told,
        action,
        fix_time: isDone(action) ? timestamp() : '',
      });
    }
  }

  /** What no run or class could be called. Nobody is shown it. */
  async #removeStrays(names: readonly string[]): Promise<void> {
    const { states, timestamp } = this.#deps;
    this.findings.checked += names.length;
    for (const page of pagesOf(names, RUNS_AT_ONCE)) {
      const asked = { runs: page.filter(isRunName), classes: page.filter((name) => !isRunName(name)) };
      let position = 0;
      const isWritten =
        states.isFedHere &&
        (await unlessAway(() =>
          states.rewrite(asked, async (now) => {
            position = now.position;
            const gone = (of: readonly string[]) => new Map(of.map((name) => [name, undefined]));
            return { runs: gone(asked.runs), classes: gone(asked.classes) };
          }),
        ));
      const action = !isWritten ? 'left' : this.#repair ? 'repaired' : 'auto_fixed';
      for (const name of page)
        this.findings.add(rowOfRun({ train: name, date: '' }, { store: states.store, position }, action, timestamp()));
    }
  }
}

const NOTHING: StateNames = { runs: [], classes: [] };
/** Of a class that the model does not know. */
const UNKNOWN: ClassState = { position: 0, stock: undefined, isClosed: false };

const isDone = (action: RepairAction): boolean => action === 'auto_fixed' || action === 'repaired';

/** Of a run, or of what has no run: no seat is shown otherwise. */
const rowOfRun = (
  { train, date }: RunId,
  told: { readonly store: string; readonly position: number },
  action: RepairAction,
  at: string,
): ReconciledDetail => ({
  train_number: train,
  train_date: date,
  seat_type: '',
  redis_seats: 0,
  mysql_seats: 0,
  diff: 0,
  ...told,
  action,
  fix_time: isDone(action) ? at : '',
});

const runOfClass = (name: string): string => name.slice(0, name.lastIndexOf('_'));

const classNames = (id: RunId): readonly string[] => SEAT_CLASSES.map((seatClass) => className({ ...id, seatClass }));

const namesOf = (runs: readonly string[]): StateNames => ({
  runs,
  classes: runs.flatMap((name) => {
    const id = parseRunName(name);
    return id === undefined ? [] : classNames(id);
  }),
});

const apart = (id: RunId, now: StatesNow, logged: RunInLog): Apart => {
  const [shownRun, loggedRun] = [now.runs.get(runName(id)), logged.runs.get(runName(id))];
  const isRunApart = !isSameRun(shownRun, loggedRun);
  const rows = SEAT_CLASSES.flatMap((seatClass): readonly Row[] => {
    const of = { ...id, seatClass };
    const name = className(of);
    const shown: Side = { run: shownRun, class: now.classes.get(name) };
    const truth: Side = { run: loggedRun, class: logged.classes.get(name) };
    const isThere = shown.class !== undefined || truth.class !== undefined || logged.sizes.has(seatClass);
    if (!isThere || (!isRunApart && isSameClass(shown.class, truth.class))) return [];
    const size = logged.sizes.get(seatClass) ?? 0;
    const diff = seatsOtherwise(shown, truth, size);
    const isApart = diff > 0 || !isSameClass(shown.class, truth.class);
    return isApart ? [{ id: of, shown, logged: truth, size, diff }] : [];
  });
  return { rows, isRunApart };
};
