// Makes a run the train it should be: coaches that are missing are added, those too many are withdrawn, and coaches
// withdrawn before come back. A coach with travellers in it stays, and the whole change is refused.
import { accept, type Decision, type Refusal, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { Coach } from '@railhead/domain/train-run/composition.ts';
import { type AdditionRefusal, decideComposition } from '@railhead/domain/train-run/decide.ts';
import type { TrainRunEvent } from '@railhead/domain/train-run/events.ts';
import type { OpenedRun, TrainRun } from '@railhead/domain/train-run/fold.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import type { Position } from '../ports/event-store.ts';
import { boardingMs } from '../runs/sale-window.ts';
import { load } from '../streams/load.ts';
import { transact } from '../streams/transact.ts';
import { isOwn, takeOut } from './coach-leaves.ts';
import { type Withdrawal, withdrawalsOf } from './lock-books.ts';
import { commandIdOf, type InventoryDeps, type OperatorCommand, originOf } from './operator.ts';
import { type LockRefusal, type ReturnRefusal, returnSeats } from './withdraw-seats.ts';

export type ChangeComposition = OperatorCommand & {
  readonly coaches: readonly Coach[];
  readonly reason: string;
  /** The revisions of the run that it may be a change of; any, if it is not given. */
  readonly ifRevision?: readonly number[];
};

export type ChangeRefusal =
  | AdditionRefusal
  | LockRefusal
  | ReturnRefusal
  | 'SALE_CLOSED'
  | 'CONTENDED'
  | 'COACH_DIFFERS'
  | 'RUN_CHANGED';

/** What changed now, nothing where it had changed before; `coaches`: numbers of those in the train. */
export type ChangedComposition = {
  readonly added: readonly string[];
  readonly withdrawn: readonly string[];
  readonly returned: readonly string[];
  readonly coaches: readonly string[];
  readonly revision: number;
  readonly position: Position;
};

type Refused = { readonly ok: false; readonly refusal: Refusal<ChangeRefusal> };

export const changeComposition = async (
  deps: InventoryDeps,
  command: ChangeComposition,
): Promise<Result<ChangedComposition, ChangeRefusal>> => {
  const { train, date, coaches } = command;
  const { state: run, revision } = await load(deps.store, runCategory, { train, date });
  if (run.status === 'absent') return refuse('TRAIN_NOT_FOUND', `${train} is not on sale for ${date}`);
  const id = `composition-${commandIdOf(command, [coaches, command.reason])}`;
  // What another change has overtaken is not done again.
  if (run.handled.includes(id))
    return run.changedBy === id ? bringBack(deps, command, NOTHING) : tell(deps, command, NOTHING);
  const wrong = requestDefect(deps, command, run, revision);
  if (wrong !== undefined) return wrong;
  const wanted = new Set(coaches.map(({ coach }) => coach));
  const withdrawn: string[] = [];
  for (const { coach } of run.composition) {
    if (wanted.has(coach)) continue;
    const before = await withdrawalsOf(deps.store, run);
    const taken = await takeOut(deps, command, run, coach);
    if (!taken.ok) return putBack(deps, command, run, taken);
    const isOut = (one: Withdrawal): boolean => one.coach === coach;
    if ((await withdrawalsOf(deps.store, run)).some(isOut) && !before.some((one) => isOut(one) && !isOwn(command, one)))
      withdrawn.push(coach);
  }
  const known = new Set(run.composition.map(({ coach }) => coach));
  const added = coaches.filter(({ coach }) => !known.has(coach));
  const decide = (
    now: TrainRun,
    at: number,
  ): Decision<TrainRunEvent, AdditionRefusal | 'RUN_CHANGED' | 'CONTENDED'> => {
    if (!isExpected(command, at)) return refuse('RUN_CHANGED', `${train} on ${date} is at revision ${at}`);
    // It has to leave as well, and somebody may have a seat in it by now.
    const late =
      now.status === 'absent'
        ? undefined
        : now.composition.find(({ coach }) => !wanted.has(coach) && !known.has(coach));
    if (late !== undefined)
      return refuse('CONTENDED', `coach ${late.coach} has come to the train meanwhile; try again`);
    return decideComposition(now, { id, coaches: added, numbers: [...wanted] });
  };
  const changed = await transact(deps, runCategory, command, originOf(command, id), decide);
  if (!changed.ok) return putBack(deps, command, run, changed);
  deps.runs.forget(train, date);
  await deps.pool.extend(train, date);
  return bringBack(deps, command, { added: added.map(({ coach }) => coach), withdrawn });
};

type Done = Pick<ChangedComposition, 'added' | 'withdrawn'>;
const NOTHING: Done = { added: [], withdrawn: [] };

const isExpected = ({ ifRevision }: ChangeComposition, revision: number): boolean =>
  ifRevision === undefined || ifRevision.includes(revision);

/** What is wrong before any seat is looked at. */
const requestDefect = (
  { clock }: InventoryDeps,
  command: ChangeComposition,
  run: OpenedRun,
  revision: number,
): Refused | undefined => {
  const { train, date, coaches } = command;
  if (!isExpected(command, revision)) return refuse('RUN_CHANGED', `${train} on ${date} is at revision ${revision}`);
  if (boardingMs(run, 0) <= clock.now()) return refuse('SALE_CLOSED', `${train} has left ${run.stops[0]?.name}`);
  if (new Set(coaches.map(({ coach }) => coach)).size < coaches.length)
    return refuse('COACH_NUMBER_TAKEN', 'a coach number is given twice');
  const known = new Map(run.composition.map((coach) => [coach.coach, coach]));
  const differing = coaches.find((coach) => known.has(coach.coach) && !sameCoach(coach, known.get(coach.coach)));
  if (differing === undefined) return undefined;
  return refuse('COACH_DIFFERS', `coach ${differing.coach} is made otherwise; a new coach needs a new number`);
};

/** The coaches of the new composition that had left an earlier one; all others are out. */
const bringBack = async (
  deps: InventoryDeps,
  command: ChangeComposition,
  done: Done,
): Promise<Result<ChangedComposition, ChangeRefusal>> => {
  const run = await deps.runs.findNow(command.train, command.date);
  if (run === undefined) throw new Error(`${command.train} on ${command.date} was changed, and is not there`);
  const wanted = new Set(command.coaches.map(({ coach }) => coach));
  // Another change that was refused meanwhile may have put a coach back that this one found out of sale.
  for (const { coach } of run.composition) {
    if (wanted.has(coach)) continue;
    const taken = await takeOut(deps, command, run, coach);
    if (!taken.ok) return taken;
  }
  const returned = new Set<string>();
  for (const { coach, withdrawalNo } of await withdrawalsOf(deps.store, run)) {
    if (coach === undefined || !wanted.has(coach)) continue;
    const back = await returnSeats(deps, { ...command, withdrawalNo });
    if (!back.ok) return back;
    returned.add(coach);
  }
  return tell(deps, command, { ...done, returned: [...returned] });
};

/** What is, now. */
const tell = async (
  deps: InventoryDeps,
  { train, date }: ChangeComposition,
  { returned = [], ...done }: Done & { readonly returned?: readonly string[] },
): Promise<Result<ChangedComposition, never>> => {
  const { state: run, revision } = await load(deps.store, runCategory, { train, date });
  if (run.status === 'absent') throw new Error(`${train} on ${date} was changed, and is not there`);
  const out = new Set((await withdrawalsOf(deps.store, run)).map(({ coach }) => coach));
  const coaches = run.composition.map(({ coach }) => coach).filter((coach) => !out.has(coach));
  return accept({ ...done, returned, coaches, revision, position: await deps.store.lastPosition() });
};

/** The change is refused; if something cannot be put back yet, that is the refusal, and asking again goes on with it. */
const putBack = async (
  deps: InventoryDeps,
  command: ChangeComposition,
  run: OpenedRun,
  refused: Refused,
): Promise<Refused> => {
  const { state: now } = await load(deps.store, runCategory, command);
  const inUse = now.status === 'absent' ? undefined : now.inUse;
  for (const withdrawal of await withdrawalsOf(deps.store, run)) {
    const { coach = '' } = withdrawal;
    // A change that came first found it out of sale, and wants it so.
    const isWantedOut = inUse?.includes(coach) === false;
    if (!isOwn(command, withdrawal) || isWantedOut) continue;
    const back = await returnSeats(deps, { ...command, withdrawalNo: withdrawal.withdrawalNo });
    if (!back.ok) return back;
  }
  return refused;
};

const sameCoach = (a: Coach, b: Coach | undefined): boolean =>
  JSON.stringify([a.seatClass, a.layout, a.standing ?? 0]) ===
  JSON.stringify([b?.seatClass, b?.layout, b?.standing ?? 0]);
