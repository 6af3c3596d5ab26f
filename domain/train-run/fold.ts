import type { TrainRunEvent, TrainRunOpened } from './events.ts';

export type TrainRun = { readonly status: 'absent' } | ({ readonly status: 'open' } & TrainRunOpened['data']);

export const absentRun: TrainRun = { status: 'absent' };

export const evolve = (_run: TrainRun, event: TrainRunEvent): TrainRun => {
  switch (event.type) {
    case 'TrainRunOpened':
      return { status: 'open', ...event.data };
  }
};
