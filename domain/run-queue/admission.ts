// How fast a queue is admitted: so many a second that the seats which are left are sold calmly.
import type { RunQueue } from './fold.ts';

export type AdmissionRules = {
  /** The first so many of a queue are admitted at once. */
  readonly first: number;
  /** A second, this share of the seats left … */
  readonly share: number;
  /** … at most so many, */
  readonly mostPerSecond: number;
  /** and at least so many, also when no seat is left: everybody shall get an answer. */
  readonly leastPerSecond: number;
};

/** An operator's rate is a limit: it goes before the least rate as well. */
export const admissionRate = (
  { share, mostPerSecond, leastPerSecond }: AdmissionRules,
  { ratePerSecond }: Pick<RunQueue, 'ratePerSecond'>,
  seatsLeft: number | undefined,
): number => {
  const calm = Math.max(leastPerSecond, Math.min(share * (seatsLeft ?? 0), mostPerSecond));
  return Math.min(ratePerSecond ?? Number.POSITIVE_INFINITY, calm);
};

const SECOND_MS = 1_000;

/** Whole places are admitted: as many as come in a second at most, or one. Undefined: nobody is admitted at this rate. */
export const stepOf = (ratePerSecond: number): { readonly places: number; readonly everyMs: number } | undefined => {
  if (ratePerSecond <= 0) return undefined;
  const places = Math.max(1, Math.floor(ratePerSecond));
  return { places, everyMs: (places / ratePerSecond) * SECOND_MS };
};

/** A late timer is made up for, up to so many steps: after a long pause nobody is flooded. */
const MOST_STEPS = 2;

/**
 * How many may be admitted now. A clock that was set back does not stop the queue: time that cannot have passed counts as
 * one step.
 */
export const admissible = (ratePerSecond: number, sinceMs: number): number => {
  const step = stepOf(ratePerSecond);
  if (step === undefined) return 0;
  if (sinceMs < 0) return step.places;
  const passedMs = Math.min(sinceMs, MOST_STEPS * step.everyMs);
  // Whole steps are compared with what was computed from them.
  return passedMs + 1e-6 < step.everyMs ? 0 : Math.floor((passedMs * ratePerSecond) / SECOND_MS + 1e-6);
};
