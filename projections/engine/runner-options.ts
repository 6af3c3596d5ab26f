// How a model is fed, as whoever starts it says.
import type { ReplayPace } from './generations/replay-pace.ts';

/** `standby`: another process feeds the model; this one shows what is there, and takes over when the other is gone. */
export type ProjectionState = 'stopped' | 'standby' | 'catchingUp' | 'live' | 'failed';

export type RunnerOptions = {
  /** Has the process no time to spare at the moment? */
  readonly isBusy?: () => boolean;
  /** What becomes of an event that the model refuses: its stream is set aside, or else the model stops. */
  readonly setsAside?: boolean;
  /** Of a generation of the model. */
  readonly generation?: RunnerOfGeneration;
};

export type RunnerOfGeneration = {
  /** The name under which it is told: that of the model, where it is the generation that is read. */
  readonly name: () => string;
  /** Is it the generation that is read? Nobody needs the other one. */
  readonly isRead: () => boolean;
  /** Is it to be read as soon as it has what the other one has? Then it gives way to nothing. Absent: never. */
  readonly isNext?: () => boolean;
  readonly pace: ReplayPace;
  /** Makes its tables, where they are not made with the others. */
  readonly prepare?: () => Promise<void>;
};
