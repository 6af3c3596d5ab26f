import type { Recorded } from '../kernel/event.ts';
import type { Part, ReplayEvent } from './events.ts';

/** Made at the beginning, without a replay. */
export const FIRST_GENERATION = 1;

export type Verified = {
  readonly position: number;
  readonly rows: number;
  readonly checksum: string;
  readonly unlikeLog?: number;
  readonly unlikeServing: number;
  readonly at: string;
};

/** The generation that is not read. With a lower number than the one that is read it is kept to go back to. */
export type Beside = {
  readonly generation: number;
  /** Was it read before? */
  readonly wasRead: boolean;
  readonly isPaused: boolean;
  readonly eventsPerSecond: number;
  readonly part: Part;
  /** So many build it. */
  readonly workers: number;
  readonly verified?: Verified;
  readonly by: string;
  readonly startedAt: string;
};

/** The generations of one model: the one that is read, and at most one beside it. */
export type Generations = {
  readonly serving: number;
  readonly beside?: Beside;
  /** The highest number that any had. */
  readonly last: number;
  /** When another one took over, for the last time. */
  readonly movedAt?: string;
};

export const onlyTheFirst: Generations = { serving: FIRST_GENERATION, last: FIRST_GENERATION };

export const isPartial = ({ from, until, streams }: Part): boolean =>
  from !== undefined || until !== undefined || streams !== undefined;

export const evolve = (before: Generations, event: Recorded<ReplayEvent>): Generations => {
  const { beside } = before;
  const { meta } = event;
  const changed = (change: Partial<Beside>): Generations =>
    beside === undefined ? before : { ...before, beside: { ...beside, ...change } };
  switch (event.type) {
    case 'ReplayStarted': {
      const { generation, eventsPerSecond, part, workers = 1 } = event.data;
      const begun = {
        workers,
        generation,
        wasRead: false,
        eventsPerSecond,
        part,
        isPaused: false,
        by: meta.actor,
        startedAt: meta.at,
      };
      return { ...before, last: generation, beside: begun };
    }
    case 'ReplayPaused':
      return changed({ isPaused: true });
    case 'ReplayResumed':
      return changed({ isPaused: false });
    case 'ReplayThrottled':
      return changed({ eventsPerSecond: event.data.eventsPerSecond });
    case 'GenerationVerified': {
      const { generation: _, ...verified } = event.data;
      return changed({ verified: { ...verified, at: meta.at } });
    }
    case 'VerificationFailed': {
      if (beside === undefined) return before;
      const { verified: _, ...unverified } = beside;
      return { ...before, beside: unverified };
    }
    case 'ModelSwapped':
    case 'ModelRolledBack': {
      const { generation: serving } = event.data;
      // It follows the log, so that it can be read at once.
      const kept = {
        generation: before.serving,
        wasRead: true,
        isPaused: false,
        eventsPerSecond: 0,
        part: {},
        workers: 1,
      };
      const { last } = before;
      return { serving, last, movedAt: meta.at, beside: { ...kept, by: meta.actor, startedAt: meta.at } };
    }
    case 'GenerationDropped': {
      const { beside: _, ...others } = before;
      return others;
    }
  }
};
