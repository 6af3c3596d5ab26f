// A read model is built again beside the one that is read, and takes over. Which generation of a model is read, and which
// stands beside it, is decided in the log: so every process, with whatever stores, comes to the same, and everybody can see
// who decided it.
import type { DomainEvent } from '../kernel/event.ts';

/** Only a part of the log is taken: such a generation is looked at, and never read in place of the whole. */
export type Part = {
  /** The first position that is taken. */
  readonly from?: number;
  /** The last one. */
  readonly until?: number;
  /** Categories of streams. */
  readonly streams?: readonly string[];
};

type OfGeneration<More = unknown> = { readonly generation: number } & More;

/** `eventsPerSecond` 0: as fast as it goes. `workers`: so many build it up to the end of the log; absent: one. */
export type ReplayStarted = DomainEvent<
  'ReplayStarted',
  OfGeneration<{ eventsPerSecond: number; part: Part; workers?: number }>
>;
export type ReplayPaused = DomainEvent<'ReplayPaused', OfGeneration>;
export type ReplayResumed = DomainEvent<'ReplayResumed', OfGeneration>;
export type ReplayThrottled = DomainEvent<'ReplayThrottled', OfGeneration<{ readonly eventsPerSecond: number }>>;
/** It was compared with the log, and with the one that was read: so many rows were otherwise. */
export type GenerationVerified = DomainEvent<
  'GenerationVerified',
  OfGeneration<{
    readonly position: number;
    readonly rows: number;
    readonly checksum: string;
    /** Undefined: it was not compared with the log. */
    readonly unlikeLog?: number;
    readonly unlikeServing: number;
  }>
>;
/** It could not be compared: what was found before counts no more. */
export type VerificationFailed = DomainEvent<'VerificationFailed', OfGeneration>;
/** From now on this generation is read; the other one is kept. `unverified`: somebody wanted it without a check. */
export type ModelSwapped = DomainEvent<'ModelSwapped', OfGeneration<{ readonly unverified?: true }>>;
/** The one that was kept is read again. */
export type ModelRolledBack = DomainEvent<'ModelRolledBack', OfGeneration>;
/** The generation beside is thrown away: a replay that was cancelled, or one that was kept. */
export type GenerationDropped = DomainEvent<'GenerationDropped', OfGeneration>;

export type ReplayEvent =
  | ReplayStarted
  | ReplayPaused
  | ReplayResumed
  | ReplayThrottled
  | GenerationVerified
  | VerificationFailed
  | ModelSwapped
  | ModelRolledBack
  | GenerationDropped;
