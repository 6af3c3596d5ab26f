// A coach leaves the composition: whatever of it is not withdrawn yet is, class by class. What operators withdrew before
// stays theirs, so that a broken seat is still broken when the coach comes back.
import { hash } from 'node:crypto';
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { metaOf } from '../streams/append.ts';
import { classesOf, type Withdrawal, withdrawalsOf } from './lock-books.ts';
import { commandIdOf, type InventoryDeps, type OperatorCommand, originOf, told } from './operator.ts';
import { LOCK_REFUSALS, type LockRefusal } from './withdraw-seats.ts';

/** The command by which coaches leave. */
type Leaving = OperatorCommand & { readonly reason: string };

/** Seats of one class that may be withdrawn together, from one stop to another. */
type Part = {
  readonly seatClass: SeatClass;
  readonly from: number;
  readonly to: number;
  readonly seats: readonly number[];
};

/** An operator may put seats back while the coach leaves, but no more once some of it has left. */
const MAX_PASSES = 5;

/** Is it one by which this very command took the coach out? */
export const isOwn = (command: Leaving, { withdrawalNo, coach }: Withdrawal): boolean =>
  coach !== undefined && withdrawalNo.startsWith(leavingNoOf(command, coach));

/** What the numbers of the withdrawals begin with; asked again, they are the same. */
export const leavingNoOf = ({ reason, ...command }: Leaving, coach: string): string =>
  `W${commandIdOf(command, ['coach leaves', coach, reason])}`;

/** Refused where a traveller has one of its seats; then part of it may be out, which is the caller's to put back. */
export const takeOut = async (
  deps: InventoryDeps,
  command: Leaving,
  run: OpenedRun,
  coach: string,
): Promise<Result<undefined, LockRefusal>> => {
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const parts = await partsOnSale(deps, run, coach);
    if (parts.length === 0) return accept(undefined);
    for (const part of parts) {
      const withdrawalNo = `${leavingNoOf(command, coach)}p${hash('sha256', JSON.stringify(part), 'hex').slice(0, 8)}`;
      const { seatClass, from, to, seats } = part;
      const meta = metaOf(deps.clock, originOf(command, withdrawalNo));
      const outcome = await deps.pool.submit(
        { train: run.train, date: run.date, seatClass },
        { kind: 'withdraw', orderNo: withdrawalNo, from, to, seats, reason: command.reason, coach, meta },
      );
      if (!outcome.ok) return told(outcome.refusal, LOCK_REFUSALS);
    }
  }
  return refuse('CONTENDED', `seats of coach ${coach} keep changing; try again`);
};

/** Everything of the coach that nobody has withdrawn, as few parts as there are ways that are free of withdrawals. */
const partsOnSale = async ({ store, runs }: InventoryDeps, run: OpenedRun, coach: string): Promise<readonly Part[]> => {
  const withdrawals = await withdrawalsOf(store, run);
  const segments = run.stops.length - 1;
  const parts = new Map<string, Part & { readonly seats: number[] }>();
  for (const seatClass of classesOf(run)) {
    const legs = withdrawals.filter((one) => one.seatClass === seatClass).flatMap((one) => one.legs);
    for (const [index, seat] of runs.seatsOf(run, seatClass).entries()) {
      if (seat.coach !== coach) continue;
      const isOut = (seq: number): boolean =>
        legs.some(({ from, to, seats }) => from <= seq && seq < to && seats.includes(index));
      for (let from = 0; from < segments; from += 1) {
        if (isOut(from)) continue;
        let to = from + 1;
        while (to < segments && !isOut(to)) to += 1;
        const key = `${seatClass}/${from}/${to}`;
        const part = parts.get(key) ?? { seatClass, from, to, seats: [] };
        part.seats.push(index);
        parts.set(key, part);
        from = to;
      }
    }
  }
  return [...parts.values()];
};
