// Gives a run the coaches it should have: adds missing ones, withdraws surplus ones, and returns those that an earlier
// change had withdrawn. If a traveller has a seat in a surplus coach, the whole change is refused.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { Coach } from '@railhead/domain/train-run/composition.ts';
import type { AdditionRefusal } from '@railhead/domain/train-run/decide.ts';
import type { Position } from '../ports/event-store.ts';
import { addCoaches } from './add-coaches.ts';
import { withdrawalsOf } from './lock-books.ts';
import type { InventoryDeps, OperatorCommand } from './operator.ts';
import {
  returnSeats,
  type WithdrawRefusal,
  type WithdrawSeats,
  withdrawalNoOf,
  withdrawSeats,
} from './withdraw-seats.ts';

export type ChangeComposition = OperatorCommand & { readonly coaches: readonly Coach[]; readonly reason: string };

export type ChangeRefusal =
  | AdditionRefusal
  | WithdrawRefusal
  | 'WITHDRAWAL_NOT_FOUND'
  | 'SALE_CLOSED'
  | 'CONTENDED'
  | 'COACH_DIFFERS';

export type ChangedComposition = {
  readonly added: readonly string[];
  readonly withdrawn: readonly string[];
  readonly returned: readonly string[];
  readonly position: Position;
};

/** The reason of such a withdrawal names the coach, so that a later change finds it. */
const COACH_WITHDRAWAL = /^coach (\S+)(?:: |$)/;

export const changeComposition = async (
  deps: InventoryDeps,
  command: ChangeComposition,
): Promise<Result<ChangedComposition, ChangeRefusal>> => {
  const { train, date, coaches } = command;
  const run = await deps.runs.findNow(train, date);
  if (run === undefined) return refuse('TRAIN_NOT_FOUND', `${train} is not on sale for ${date}`);
  const wanted = new Map(coaches.map((coach) => [coach.coach, coach]));
  if (wanted.size < coaches.length) return refuse('COACH_NUMBER_TAKEN', 'a coach number is given twice');
  const known = new Map(run.composition.map((coach) => [coach.coach, coach]));
  const differing = coaches.find((coach) => known.has(coach.coach) && !sameCoach(coach, known.get(coach.coach)));
  if (differing !== undefined)
    return refuse(
      'COACH_DIFFERS',
      `coach ${differing.coach} exists with another layout; a new coach needs a new number`,
    );
  const out = new Map<string, string>();
  for (const { withdrawalNo, reason } of await withdrawalsOf(deps.store, run)) {
    const [, coach] = COACH_WITHDRAWAL.exec(reason) ?? [];
    if (coach !== undefined) out.set(coach, withdrawalNo);
  }
  const withdrawn: Withdrawn[] = [];
  for (const coach of known.keys()) {
    const own = withdrawalOf(command, coach);
    // A repeated command also repeats its own withdrawals, so that it can return them if it is refused.
    if (wanted.has(coach) || (out.has(coach) && out.get(coach) !== withdrawalNoOf(own))) continue;
    const done = await withdrawSeats(deps, own);
    if (!done.ok) return putBack(deps, command, withdrawn, done);
    withdrawn.push({ coach, withdrawalNo: done.value.withdrawalNo });
  }
  const added = coaches.filter(({ coach }) => !known.has(coach));
  const addition = await addCoaches(deps, { ...command, coaches: added });
  if (!addition.ok) return putBack(deps, command, withdrawn, addition);
  const returned: string[] = [];
  for (const [coach, withdrawalNo] of out) {
    if (!wanted.has(coach)) continue;
    const back = await returnSeats(deps, { ...command, withdrawalNo });
    if (!back.ok) return back;
    returned.push(coach);
  }
  return accept({
    added: added.map(({ coach }) => coach),
    withdrawn: withdrawn.map(({ coach }) => coach),
    returned,
    position: await deps.store.lastPosition(),
  });
};

/** The command that withdraws a coach. The same change always gives the same command. */
export const withdrawalOf = (
  { coaches: _, reason, idempotencyKey, ...command }: ChangeComposition,
  coach: string,
): WithdrawSeats => ({
  ...command,
  coach,
  reason: `coach ${coach}: ${reason}`,
  idempotencyKey: `${idempotencyKey}/coach-${coach}`,
});

type Withdrawn = { readonly coach: string; readonly withdrawalNo: string };

/** Takes back a refused change. If a withdrawal cannot be returned, that is the refusal; a repeated command goes on. */
const putBack = async <Refused>(
  deps: InventoryDeps,
  command: ChangeComposition,
  withdrawn: readonly Withdrawn[],
  refused: Refused,
): Promise<Refused | Extract<Awaited<ReturnType<typeof returnSeats>>, { readonly ok: false }>> => {
  for (const { withdrawalNo } of withdrawn) {
    const back = await returnSeats(deps, { ...command, withdrawalNo });
    if (!back.ok) return back;
  }
  return refused;
};

const sameCoach = (a: Coach, b: Coach | undefined): boolean =>
  JSON.stringify([a.seatClass, a.layout, a.standing ?? 0]) ===
  JSON.stringify([b?.seatClass, b?.layout, b?.standing ?? 0]);
