import type { Recorded } from '../kernel/event.ts';
import type { TrainRunEvent, TrainRunOpened } from './events.ts';

/**
 * A `cancelled` run is `settled` once every order that held seats has been closed. `seatsAssigned`: late assignment is
 * done in its classes.
 */
export type OpenedRun = TrainRunOpened['data'] & {
  readonly status: 'open' | 'cancelled';
  /** Why it was cancelled; the first reason stands. */
  readonly cancelReason?: string;
  readonly settled: boolean;
  readonly seatsAssigned: boolean;
  readonly handled: readonly string[];
  /** The command that changed the composition last. */
  readonly changedBy?: string;
  /** Numbers of the coaches that it left in the train, and of those that came since; all, before the first change. */
  readonly inUse?: readonly string[];
};

export type TrainRun = { readonly status: 'absent' } | OpenedRun;

export const absentRun: TrainRun = { status: 'absent' };

const apply = (run: TrainRun, event: Recorded<TrainRunEvent>): TrainRun => {
  if (event.type === 'TrainRunOpened')
    return { ...event.data, status: 'open', settled: false, seatsAssigned: false, handled: [] };
  if (run.status === 'absent') return run;
  switch (event.type) {
    case 'CoachesAdded':
      return {
        ...run,
        composition: [...run.composition, ...event.data.coaches],
        ...(run.inUse === undefined ? {} : { inUse: [...run.inUse, ...event.data.coaches.map(({ coach }) => coach)] }),
      };
    case 'CompositionChanged':
      return { ...run, changedBy: event.meta.commandId, inUse: event.data.coaches };
    case 'TrainRunCancelled':
      return { ...run, status: 'cancelled', cancelReason: event.data.reason };
    case 'TrainRunCancellationSettled':
      return { ...run, settled: true };
    case 'TrainRunSeatsAssigned':
      return { ...run, seatsAssigned: true };
  }
};

export const evolve = (run: TrainRun, event: Recorded<TrainRunEvent>): TrainRun => {
  const next = apply(run, event);
  return next.status === 'absent' ? next : { ...next, handled: [...next.handled, event.meta.commandId] };
};
