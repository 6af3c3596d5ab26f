// Which seats a lock takes, over which part of the way. The plan travels with every event of the lock.

/** Seats (indexes of the class's seats) from one stop to another; `seats[i]` is passenger i's. */
export type Leg = { readonly from: number; readonly to: number; readonly seats: readonly number[] };

/**
 * One leg, or several where the traveller changes seats on the way. `epoch` is the owner's when the seats were
 * chosen: a hold of an epoch that is over, without a commit record, will never get one.
 */
export type LockPlan = { readonly orderNo: string; readonly epoch: number; readonly legs: readonly Leg[] };

/** Seats the plan takes on one segment. */
export const seatsOnSegment = (plan: LockPlan, segment: number): readonly number[] =>
  plan.legs.find((leg) => leg.from <= segment && segment < leg.to)?.seats ?? [];

/** Segments the plan touches, in order. */
export const segmentsOf = (plan: LockPlan): readonly number[] =>
  plan.legs.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index));
