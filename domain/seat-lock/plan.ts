// Which seats a lock takes, over which part of the way. The plan travels with every event of the lock.

/** Seats (indexes of the class's seats) from one stop to another; `seats[i]` is passenger i's. */
export type Leg = { readonly from: number; readonly to: number; readonly seats: readonly number[] };

/**
 * One leg, or several where the traveller changes seats on the way. `orderNo`: whose seats they are, an order's or an
 * operator's (the number of a withdrawal). `epoch` is the owner's when the seats were
 * chosen: a hold of an epoch that is over, without a commit record, will never get one.
 */
export type LockPlan = {
  readonly orderNo: string;
  readonly epoch: number;
  readonly legs: readonly Leg[];
  /** What each passenger would like, where seats are given out later and the choice is still to come. */
  readonly wants?: readonly (string | null)[];
};

/** Seats the plan takes on one segment. */
export const seatsOnSegment = (plan: LockPlan, segment: number): readonly number[] =>
  plan.legs.find((leg) => leg.from <= segment && segment < leg.to)?.seats ?? [];

/** Segments the plan touches, in order. */
export const segmentsOf = (plan: LockPlan): readonly number[] =>
  plan.legs.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index));
