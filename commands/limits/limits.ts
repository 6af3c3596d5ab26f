// What a user, and a document, may have.

export type Limits = {
  /** Tickets of a user for one train and run date; `Infinity`: not limited. */
  readonly ticketsPerTrain: (userId: string) => number;
  /** Tickets of a document for journeys that begin on one day; `Infinity`: not limited. */
  readonly ticketsPerDocument: number;
  /** May a document be on two journeys at one time, or twice on a run? */
  readonly mayOverlap: boolean;
  /** Orders of a user that end unpaid on a day; with so many no more are taken that day. `Infinity`: not limited. */
  readonly unpaidEndsPerDay: (userId: string) => number;
  /**
   * How long a reservation stands whose order never came, because somebody died between the two. Longer than any append
   * is on its way, and than clocks differ.
   */
  readonly unclaimedMinutes: number;
};

const unlimited = (): number => Number.POSITIVE_INFINITY;

export const NO_LIMITS: Limits = {
  ticketsPerTrain: unlimited,
  ticketsPerDocument: unlimited(),
  mayOverlap: true,
  unpaidEndsPerDay: unlimited,
  unclaimedMinutes: 30,
};
