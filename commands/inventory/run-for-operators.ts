// A run as operators see it: its coaches, its classes, and what is withdrawn from sale.
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { Composition, Seat } from '@railhead/domain/train-run/composition.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { classesOf, type Withdrawal } from './lock-books.ts';

export type ShownWithdrawal = {
  readonly withdrawalNo: string;
  readonly seatClass: SeatClass;
  readonly reason: string;
  readonly coach?: string;
  /** Codes of stations. */
  readonly from: string;
  readonly to: string;
  readonly seats: readonly { readonly coach: string; readonly seat: string }[];
};

export type RunForOperators = {
  readonly train: string;
  readonly date: string;
  readonly status: 'open' | 'cancelled';
  readonly settled: boolean;
  readonly seatsAssigned: boolean;
  readonly classes: readonly SeatClass[];
  readonly coaches: Composition;
  readonly withdrawals: readonly ShownWithdrawal[];
};

/** `seatsOf`: the seats of a class in index order. */
export const runForOperators = (
  run: OpenedRun,
  withdrawals: readonly Withdrawal[],
  seatsOf: (run: OpenedRun, seatClass: SeatClass) => readonly Seat[],
): RunForOperators => {
  const { train, date, status, settled, seatsAssigned, composition } = run;
  return {
    train,
    date,
    status,
    settled,
    seatsAssigned,
    classes: classesOf(run),
    coaches: composition,
    withdrawals: withdrawals.map(({ withdrawalNo, seatClass, reason, legs, coach }) => {
      const named = seatsOf(run, seatClass);
      return {
        withdrawalNo,
        seatClass,
        reason,
        ...(coach === undefined ? {} : { coach }),
        from: run.stops[legs[0]?.from ?? 0]?.code ?? '',
        to: run.stops[legs.at(-1)?.to ?? 0]?.code ?? '',
        seats: (legs[0]?.seats ?? []).flatMap((index) => {
          const seat = named[index];
          return seat === undefined ? [] : [{ coach: seat.coach, seat: seat.seat }];
        }),
      };
    }),
  };
};
