// Decides a run's life: opened for sale once, then extended by coaches or cancelled.

import type { Tariff } from '../fare/fare.ts';
import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import type { SeatClass } from '../kernel/seat-class.ts';
import { runsOn, type Train, timetableDefect } from '../timetable/timetable.ts';
import { type Coach, type Composition, classSizes } from './composition.ts';
import type { TrainRunEvent } from './events.ts';
import type { TrainRun } from './fold.ts';

export type OpenRun = {
  readonly type: 'OpenRun';
  readonly train: Train;
  readonly date: string;
  readonly zone: string;
  readonly composition: Composition;
  readonly tariff: Tariff;
  readonly lateAssignment?: readonly SeatClass[];
};

type Command<Type extends string, Fields = unknown> = { readonly id: string; readonly type: Type } & Fields;

export type RunCommand =
  | OpenRun
  | Command<'AddCoaches', { readonly coaches: readonly Coach[] }>
  | Command<'Cancel', { readonly reason: string }>
  | Command<'SettleCancellation', { readonly orders: number }>
  | Command<'FinishAssignment', { readonly orders: number }>;

type AddCoaches = Extract<RunCommand, { readonly type: 'AddCoaches' }>;
type Cancel = Extract<RunCommand, { readonly type: 'Cancel' }>;

export type AdditionRefusal =
  | 'TRAIN_NOT_FOUND'
  | 'RUN_CANCELLED'
  | 'COACH_NUMBER_TAKEN'
  | 'TOO_MANY_COACHES'
  | 'CLASS_WITHOUT_FARE';

export type RunRefusal = AdditionRefusal | 'TRAIN_INVALID' | 'NOT_SCHEDULED' | 'NO_SEATS' | 'RUN_NOT_CANCELLED';

/** Coach numbers have two digits. */
export const MAX_COACHES = 99;

export const decide = (run: TrainRun, command: RunCommand): Decision<TrainRunEvent, RunRefusal> => {
  if (command.type === 'OpenRun') return open(run, command);
  if (command.type === 'AddCoaches') return decideAddition(run, command);
  if (command.type === 'Cancel') return decideCancellation(run, command);
  if (run.status === 'absent') return notOpened;
  if (run.handled.includes(command.id)) return unchanged;
  switch (command.type) {
    case 'FinishAssignment':
      if (run.seatsAssigned) return unchanged;
      return emit({ type: 'TrainRunSeatsAssigned', version: 1, data: { orders: command.orders } });
    case 'SettleCancellation':
      if (run.status !== 'cancelled') return refuse('RUN_NOT_CANCELLED', `${run.train} on ${run.date} runs`);
      if (run.settled) return unchanged;
      return emit({ type: 'TrainRunCancellationSettled', version: 1, data: { orders: command.orders } });
  }
};

const notOpened = refuse('TRAIN_NOT_FOUND', 'the run was never opened');

export const decideAddition = (
  run: TrainRun,
  { id, coaches }: Omit<AddCoaches, 'type'>,
): Decision<TrainRunEvent, AdditionRefusal> => {
  if (run.status === 'absent') return notOpened;
  if (run.handled.includes(id)) return unchanged;
  if (run.status === 'cancelled') return refuse('RUN_CANCELLED', `${run.train} on ${run.date} is cancelled`);
  const numbers = [...run.composition, ...coaches].map(({ coach }) => coach);
  const twice = numbers.find((number, index) => numbers.indexOf(number) !== index);
  if (twice !== undefined) return refuse('COACH_NUMBER_TAKEN', `there is a coach ${twice} already`);
  if (numbers.length > MAX_COACHES) return refuse('TOO_MANY_COACHES', `a train has at most ${MAX_COACHES} coaches`);
  const unpriced = classSizes(coaches).find(({ seatClass }) => run.tariff.ratesMilliFenPerKm[seatClass] === undefined);
  if (unpriced !== undefined)
    return refuse('CLASS_WITHOUT_FARE', `the tariff ${run.tariff.name} has no fare for ${unpriced.seatClass}`);
  return coaches.length === 0 ? unchanged : emit({ type: 'CoachesAdded', version: 1, data: { coaches } });
};

/** New coaches join, and the train is made of `numbers` from here on. */
export const decideComposition = (
  run: TrainRun,
  { id, coaches, numbers }: Omit<AddCoaches, 'type'> & { readonly numbers: readonly string[] },
): Decision<TrainRunEvent, AdditionRefusal> => {
  const addition = decideAddition(run, { id, coaches });
  if (!addition.ok || (run.status !== 'absent' && run.handled.includes(id))) return addition;
  return emit(...addition.value, { type: 'CompositionChanged', version: 1, data: { coaches: numbers } });
};

export const decideCancellation = (
  run: TrainRun,
  { id, reason }: Omit<Cancel, 'type'>,
): Decision<TrainRunEvent, 'TRAIN_NOT_FOUND'> => {
  if (run.status === 'absent') return notOpened;
  if (run.handled.includes(id) || run.status === 'cancelled') return unchanged;
  return emit({ type: 'TrainRunCancelled', version: 1, data: { reason } });
};

const open = (
  run: TrainRun,
  { train, date, zone, composition, tariff, lateAssignment = [] }: OpenRun,
): Decision<TrainRunEvent, RunRefusal> => {
  if (run.status !== 'absent') return unchanged;
  const defect = timetableDefect(train);
  if (defect !== undefined) return refuse('TRAIN_INVALID', `${train.train}: ${defect}`);
  if (!runsOn(train.service, date)) return refuse('NOT_SCHEDULED', `${train.train} does not run on ${date}`);
  if (classSizes(composition).length === 0) return refuse('NO_SEATS', `${train.train} has no seats to sell`);
  const { train: number, type: trainType, stops } = train;
  const data = { train: number, date, zone, trainType, stops, composition, tariff };
  return emit({
    type: 'TrainRunOpened',
    version: 2,
    data: lateAssignment.length === 0 ? data : { ...data, lateAssignment },
  });
};
