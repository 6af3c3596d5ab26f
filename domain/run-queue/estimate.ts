// How long somebody will wait. The rate falls with the seats, and the seats fall with those who are admitted and buy: both
// are followed until the place is reached. Nothing is simulated, since every question of fifty thousand people asks it.
import { type AdmissionRules, admissionRate } from './admission.ts';
import { type Admission, isRoomShut, type RunQueue } from './fold.ts';

/** Whoever was admitted within this time may still buy: their seats are not gone yet. */
const BUYING_MS = 30_000;
/** Seats are counted over this time before it: long enough to tell, and short enough to change. */
const COUNTED_MS = 120_000;
/** Fewer tell nothing. */
const FEWEST_ADMITTED = 20;
/** An order has up to five travellers. */
const MOST_SEATS = 5;

export type Demand = {
  /** Seats that go for each who is admitted; one, while there is too little to tell. */
  readonly eachSeats: number;
  /** How many were admitted and may still buy. */
  readonly buying: number;
};

/** The last admission that is not after this instant; the first one there is, if all are. */
const lastBy = (admissions: readonly Admission[], atMs: number): Admission | undefined => {
  for (let index = admissions.length - 1; index > 0; index -= 1) {
    const one = admissions[index];
    if (one !== undefined && one.atMs <= atMs) return one;
  }
  return admissions[0];
};

/** What the last admissions and the seats that were left tell of those who are admitted. */
export const demandOf = (admissions: readonly Admission[]): Demand => {
  const last = admissions.at(-1);
  if (last === undefined) return { eachSeats: 1, buying: 0 };
  const settled = lastBy(admissions, last.atMs - BUYING_MS);
  const buying = last.upTo - (settled?.upTo ?? 0);
  // The seats that are gone at the one were bought by those who had been admitted before the other.
  const before = lastBy(admissions, last.atMs - BUYING_MS - COUNTED_MS);
  const counted = lastBy(admissions, last.atMs - COUNTED_MS);
  const admitted = (settled?.upTo ?? 0) - (before?.upTo ?? 0);
  if (counted?.seatsLeft === undefined || last.seatsLeft === undefined || admitted < FEWEST_ADMITTED)
    return { eachSeats: 1, buying };
  const eachSeats = Math.min(MOST_SEATS, Math.max(0, (counted.seatsLeft - last.seatsLeft) / admitted));
  return { eachSeats, buying };
};

/** A cache: everybody who waits asks, and the answer is the same until the next admission. */
const demands = new WeakMap<readonly Admission[], { readonly admissions: number; readonly demand: Demand }>();

const demandNow = (admissions: readonly Admission[]): Demand => {
  const known = demands.get(admissions);
  if (known?.admissions === admissions.length) return known.demand;
  const demand = demandOf(admissions);
  demands.set(admissions, { admissions: admissions.length, demand });
  return demand;
};

/** Below this the seats do not change while one waits. */
const NONE = 1e-3;

/**
 * Seconds until so many more are admitted, as the rate is now and will fall; undefined: never, as it is now. `eachSeats`: as
 * `demandOf` tells it.
 */
export const secondsUntil = (
  rules: AdmissionRules,
  queue: Pick<RunQueue, 'ratePerSecond'>,
  { ahead, seatsLeft, eachSeats }: { readonly ahead: number; readonly seatsLeft: number; readonly eachSeats: number },
): number | undefined => {
  const [fastest, slowest] = [Number.POSITIVE_INFINITY, 0].map((seats) => admissionRate(rules, queue, seats));
  if (fastest === undefined || slowest === undefined) return undefined;
  let [left, seats, seconds] = [ahead, seatsLeft, 0];
  const rate = admissionRate(rules, queue, seats);
  if (eachSeats < NONE || rules.share === 0) return rate > 0 ? left / rate : undefined;
  // As fast as it may be, until the share of the seats is less than that.
  const ofFastest = Math.max(0, (seats - fastest / rules.share) / eachSeats);
  if (left <= ofFastest) return left / fastest;
  left -= ofFastest;
  seats -= ofFastest * eachSeats;
  seconds += ofFastest / fastest;
  // Then by the share, which falls with the seats.
  const ofShare = Math.max(0, (seats - slowest / rules.share) / eachSeats);
  const byShare = Math.min(left, slowest === 0 ? Math.max(0, ofShare - NONE) : ofShare);
  if (byShare > 0) seconds += Math.log(seats / (seats - byShare * eachSeats)) / (rules.share * eachSeats);
  left -= byShare;
  if (left <= 0) return seconds;
  return slowest > 0 ? seconds + left / slowest : undefined;
};

/** For people: whole seconds, and one for the step in which they are admitted. Undefined while nobody can tell. */
export const etaSecondsOf = (
  rules: AdmissionRules,
  queue: RunQueue,
  position: number,
  seatsLeft: number | undefined,
): number | undefined => {
  if (queue.mode !== 'QUEUED' || isRoomShut(queue)) return undefined;
  const known = seatsLeft ?? queue.admissions.at(-1)?.seatsLeft ?? 0;
  const { eachSeats, buying } = demandNow(queue.admissions);
  // Half of those who may still buy have done so.
  const seats = Math.max(0, known - (eachSeats * buying) / 2);
  const seconds = secondsUntil(rules, queue, { ahead: position, seatsLeft: seats, eachSeats });
  return seconds === undefined ? undefined : Math.ceil(seconds) + 1;
};
