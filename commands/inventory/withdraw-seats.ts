// Takes seats or a whole coach out of sale. A seat that a traveller has is never taken: the refusal names the orders.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { journeyBetween } from '@railhead/domain/train-run/journey.ts';
import type { Position } from '../ports/event-store.ts';
import { metaOf } from '../streams/append.ts';
import { classesOf } from './lock-books.ts';
import { commandIdOf, type InventoryDeps, type OperatorCommand, originOf, told } from './operator.ts';

export type WithdrawSeats = OperatorCommand & {
  /** The number on the door. */
  readonly coach: string;
  /** Seat names of the coach. If none are given: all its seats, and its places to stand. */
  readonly seats?: readonly string[];
  /** Station codes. The withdrawal is limited to this part of the way; without them it covers the whole route. */
  readonly from?: string;
  readonly to?: string;
  readonly reason: string;
};

export const LOCK_REFUSALS = [
  'SEATS_SOLD',
  'NO_SUCH_SEAT',
  'LOCK_ENDED',
  'SALE_STOPPED',
  'SALE_CLOSED',
  'RUN_CANCELLED',
  'CONTENDED',
] as const;
export type LockRefusal = (typeof LOCK_REFUSALS)[number];

export type WithdrawRefusal =
  | LockRefusal
  | 'TRAIN_NOT_FOUND'
  | 'STATION_NOT_ON_ROUTE'
  | 'JOURNEY_BACKWARDS'
  | 'COACH_NOT_ON_TRAIN';

/** `returned`: a repeat of a request whose seats have been put back on sale since; it takes none. */
export type Withdrawn = {
  readonly withdrawalNo: string;
  readonly seats: number;
  readonly status: 'withdrawn' | 'returned';
  readonly position: Position;
};

/** The same command always has the same number. */
export const withdrawalNoOf = (command: WithdrawSeats): string => {
  const { coach, seats, from, to, reason } = command;
  return `W${commandIdOf(command, [coach, seats, from, to, reason])}`;
};

type Part = { readonly seatClass: SeatClass; readonly seats: readonly number[] };

export const withdrawSeats = async (
  deps: InventoryDeps,
  command: WithdrawSeats,
): Promise<Result<Withdrawn, WithdrawRefusal>> => {
  const { train, date, from, to } = command;
  const run = await deps.runs.findNow(train, date);
  if (run === undefined) return refuse('TRAIN_NOT_FOUND', `${train} is not on sale for ${date}`);
  const first = from ?? run.stops[0]?.code ?? '';
  const last = to ?? run.stops.at(-1)?.code ?? '';
  const journey = from === undefined && to === undefined ? wholeWay(run) : journeyBetween(run, first, last);
  if (!journey.ok) return journey;
  const parts = partsOf(deps, run, command);
  if (!parts.ok) return parts;
  const withdrawalNo = withdrawalNoOf(command);
  return withdrawParts(deps, command, withdrawalNo, { parts: parts.value, ...journey.value });
};

const wholeWay = ({ stops }: OpenedRun): { ok: true; value: { from: number; to: number } } =>
  accept({ from: 0, to: stops.length - 1 });

/** The withdrawn places by class: the coach's own seats, and its places to stand where the whole coach is withdrawn. */
const partsOf = (
  { runs }: InventoryDeps,
  run: OpenedRun,
  { coach, seats: names }: Pick<WithdrawSeats, 'coach' | 'seats'>,
): Result<readonly Part[], 'COACH_NOT_ON_TRAIN' | 'NO_SUCH_SEAT'> => {
  const seatClass = run.composition.find((candidate) => candidate.coach === coach)?.seatClass;
  if (seatClass === undefined) return refuse('COACH_NOT_ON_TRAIN', `${run.train} has no coach ${coach}`);
  const inCoach = (of: SeatClass): ReadonlyMap<string, number> =>
    new Map(
      runs.seatsOf(run, of).flatMap((seat, index) => (seat.coach === coach ? [[seat.seat, index] as const] : [])),
    );
  const own = inCoach(seatClass);
  if (names !== undefined) {
    const unknown = names.find((name) => !own.has(name));
    if (unknown !== undefined) return refuse('NO_SUCH_SEAT', `coach ${coach} has no seat ${unknown}`);
    return accept([{ seatClass, seats: [...new Set(names.map((name) => own.get(name) ?? -1))] }]);
  }
  const standing = [...inCoach('standing').values()];
  const all: Part[] = [{ seatClass, seats: [...own.values()] }];
  return accept(standing.length === 0 ? all : [...all, { seatClass: 'standing', seats: standing }]);
};

/** Withdraws class by class. If one is refused, the classes withdrawn before it are returned. */
const withdrawParts = async (
  deps: InventoryDeps,
  command: WithdrawSeats,
  withdrawalNo: string,
  { parts, from, to }: { readonly parts: readonly Part[]; readonly from: number; readonly to: number },
): Promise<Result<Withdrawn, LockRefusal>> => {
  const { train, date, reason } = command;
  const meta = metaOf(deps.clock, originOf(command, withdrawalNo));
  let taken = 0;
  for (const { seatClass, seats } of parts) {
    const operation = { kind: 'withdraw', orderNo: withdrawalNo, from, to, seats, reason, meta } as const;
    const outcome = await deps.pool.submit({ train, date, seatClass }, operation);
    if (outcome.ok) {
      // Those that are withdrawn, whatever was asked for.
      taken += outcome.value.plan.legs[0]?.seats.length ?? 0;
      continue;
    }
    const { code, extra } = outcome.refusal;
    if (code === 'LOCK_ENDED' && extra?.lockStatus === 'returned')
      return accept({ withdrawalNo, seats: 0, status: 'returned', position: await deps.store.lastPosition() });
    for (const done of parts.slice(
      0,
      parts.findIndex((part) => part.seatClass === seatClass),
    ))
      await returnFrom(deps, command, withdrawalNo, done.seatClass);
    return told(outcome.refusal, LOCK_REFUSALS);
  }
  return accept({ withdrawalNo, seats: taken, status: 'withdrawn', position: await deps.store.lastPosition() });
};

const returnFrom = (
  deps: InventoryDeps,
  command: OperatorCommand,
  withdrawalNo: string,
  seatClass: SeatClass,
): ReturnType<InventoryDeps['pool']['submit']> => {
  const meta = metaOf(deps.clock, originOf(command, `${withdrawalNo}/return`));
  const { train, date } = command;
  return deps.pool.submit({ train, date, seatClass }, { kind: 'return', orderNo: withdrawalNo, meta });
};

export type ReturnSeats = OperatorCommand & { readonly withdrawalNo: string };

const RETURN_REFUSALS = ['SALE_STOPPED', 'CONTENDED', 'COACH_WITHDRAWN'] as const;
export type ReturnRefusal = (typeof RETURN_REFUSALS)[number] | 'TRAIN_NOT_FOUND' | 'WITHDRAWAL_NOT_FOUND';

/** Puts the seats of a withdrawal back on sale. A repeat changes nothing. */
export const returnSeats = async (
  deps: InventoryDeps,
  command: ReturnSeats,
): Promise<Result<{ readonly position: Position }, ReturnRefusal>> => {
  const { train, date, withdrawalNo } = command;
  const run = await deps.runs.findNow(train, date);
  if (run === undefined) return refuse('TRAIN_NOT_FOUND', `${train} is not on sale for ${date}`);
  let found = false;
  for (const seatClass of classesOf(run)) {
    const outcome = await returnFrom(deps, command, withdrawalNo, seatClass);
    if (outcome.ok) found = true;
    else if (outcome.refusal.code !== 'LOCK_NOT_HELD') return told(outcome.refusal, RETURN_REFUSALS);
  }
  if (!found) return refuse('WITHDRAWAL_NOT_FOUND', `${train} on ${date} has no withdrawal ${withdrawalNo}`);
  return accept({ position: await deps.store.lastPosition() });
};
