// When a run may be sold. It is opened once; what it sells is fixed from then on.

import type { Tariff } from '../fare/fare.ts';
import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import { runsOn, type Train, timetableDefect } from '../timetable/timetable.ts';
import { type Composition, classSizes } from './composition.ts';
import type { TrainRunEvent } from './events.ts';
import type { TrainRun } from './fold.ts';

export type OpenRun = {
  readonly type: 'OpenRun';
  readonly train: Train;
  readonly date: string;
  readonly composition: Composition;
  readonly tariff: Tariff;
};

export const decide = (
  run: TrainRun,
  { train, date, composition, tariff }: OpenRun,
): Decision<TrainRunEvent, 'TRAIN_INVALID' | 'NOT_SCHEDULED' | 'NO_SEATS'> => {
  if (run.status === 'open') return unchanged;
  const defect = timetableDefect(train);
  if (defect !== undefined) return refuse('TRAIN_INVALID', `${train.train}: ${defect}`);
  if (!runsOn(train.service, date)) return refuse('NOT_SCHEDULED', `${train.train} does not run on ${date}`);
  if (classSizes(composition).length === 0) return refuse('NO_SEATS', `${train.train} has no seats to sell`);
  const { train: number, type: trainType, stops } = train;
  return emit({
    type: 'TrainRunOpened',
    version: 1,
    data: { train: number, date, trainType, stops, composition, tariff },
  });
};
