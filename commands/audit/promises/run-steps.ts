// A run is opened once and only goes forward: coaches while it runs, then cancelled, then settled.
import type { Recorded } from '@railhead/domain/kernel/event.ts';
import type { TrainRunEvent } from '@railhead/domain/train-run/events.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { runCategory, runName } from '@railhead/domain/train-run/stream.ts';
import { observing, type PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

export const runSteps: PromiseOf = (ledger) => {
  const violations = new Violations();
  return {
    ...observing(runCategory, (event, id) => {
      const name = runName(id);
      const wrong = defectOf(ledger.openedRun(name), event);
      if (wrong !== undefined) violations.add('RUN_BACKWARDS', `${event.type} of ${name}: ${wrong}`);
      if (event.type !== 'TrainRunOpened') return;
      const { train, date } = event.data;
      if (name !== runName({ train, date }))
        violations.add('STREAM_MISNAMED', `${event.stream} opens the run ${train} on ${date}`);
    }),
    findings: () => violations.list,
  };
};

const defectOf = (run: OpenedRun | undefined, event: Recorded<TrainRunEvent>): string | undefined => {
  if (event.type === 'TrainRunOpened') return run === undefined ? undefined : 'it was opened before';
  if (run === undefined) return 'it was never opened';
  switch (event.type) {
    case 'CoachesAdded': {
      const numbers = [...run.composition, ...event.data.coaches].map(({ coach }) => coach);
      if (new Set(numbers).size < numbers.length) return 'a coach number is given twice';
      return run.status === 'cancelled' ? 'it is cancelled' : undefined;
    }
    case 'CompositionChanged': {
      const known = new Set(run.composition.map(({ coach }) => coach));
      const unknown = event.data.coaches.find((coach) => !known.has(coach));
      if (unknown !== undefined) return `it has no coach ${unknown}`;
      if (event.meta.commandId === run.changedBy) return 'the same command changed it before';
      return run.status === 'cancelled' ? 'it is cancelled' : undefined;
    }
    case 'TrainRunCancelled':
      return run.status === 'cancelled' ? 'it was cancelled before' : undefined;
    case 'TrainRunCancellationSettled':
      if (run.settled) return 'it was settled before';
      return run.status === 'cancelled' ? undefined : 'it is not cancelled';
    case 'TrainRunSeatsAssigned':
      if (run.seatsAssigned) return 'its seats were given out before';
      return (run.lateAssignment ?? []).length > 0 ? undefined : 'no class of it is sold by count';
  }
};
