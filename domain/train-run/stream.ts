import { category, remembered } from '../kernel/category.ts';
import { isSeatClass, type SeatClass } from '../kernel/seat-class.ts';
import type { TrainRunEvent } from './events.ts';
import { absentRun, evolve, type TrainRun } from './fold.ts';

/** `date` is the run date, `YYYY-MM-DD`. */
export type RunId = { readonly train: string; readonly date: string };

/** One class of a run. */
export type ClassId = RunId & { readonly seatClass: SeatClass };

/** The run's name in stream names and map keys: `G1_2026-12-01`. */
export const runName = ({ train, date }: RunId): string => `${train}_${date}`;

/** The name of a class of a run: `G1_2026-12-01_second`. */
export const className = ({ train, date, seatClass }: ClassId): string => `${train}_${date}_${seatClass}`;

export const parseRunName = (name: string): RunId | undefined => {
  const [train, date, ...rest] = name.split('_');
  return train === undefined || date === undefined || rest.length > 0 ? undefined : { train, date };
};

export const parseClassName = (name: string): ClassId | undefined => {
  const [train, date, seatClass, ...rest] = name.split('_');
  if (train === undefined || date === undefined || !isSeatClass(seatClass) || rest.length > 0) return undefined;
  return { train, date, seatClass };
};

export const runCategory = category<RunId, TrainRun, TrainRunEvent>({
  name: 'trainRun',
  nameOf: runName,
  parse: remembered(parseRunName),
  initial: () => absentRun,
  evolve,
  versions: {
    TrainRunOpened: 2,
    CoachesAdded: 1,
    CompositionChanged: 1,
    TrainRunCancelled: 1,
    TrainRunCancellationSettled: 1,
    TrainRunSeatsAssigned: 1,
  },
});
