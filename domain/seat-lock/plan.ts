// Which seats a lock takes, on which part of the way. The commit record in the book carries the plan.

/** Seats (indexes of the class's seats) from one stop to another; `seats[i]` is passenger i's. */
export type Leg = { readonly from: number; readonly to: number; readonly seats: readonly number[] };

/**
 * One leg, or several where the traveller changes seats on the way. `orderNo`: the order, or the operator's withdrawal,
 * that the seats are for. `epoch`: the owner's epoch when the seats were chosen. A hold of an earlier epoch that has no
 * commit record will never get one.
 */
export type LockPlan = {
  readonly orderNo: string;
  readonly epoch: number;
  readonly legs: readonly Leg[];
  /** What each passenger would like; only in plans that get their seats by late assignment. */
  readonly wants?: readonly (string | null)[];
};

/** The seats that the plan takes on one segment. */
export const seatsOnSegment = (plan: LockPlan, segment: number): readonly number[] =>
  plan.legs.find((leg) => leg.from <= segment && segment < leg.to)?.seats ?? [];

/** The legs of the travellers who are still there; `gone` counts from 0. */
export const withoutGone = (legs: readonly Leg[], gone: readonly number[]): readonly Leg[] =>
  gone.length === 0
    ? legs
    : legs.map((leg) => ({ ...leg, seats: leg.seats.filter((_, traveller) => !gone.includes(traveller)) }));

/** The plan of the travellers who are still there. */
export const stillTravelling = (plan: LockPlan, gone: readonly number[]): LockPlan => {
  if (gone.length === 0) return plan;
  const legs = withoutGone(plan.legs, gone);
  const { wants } = plan;
  return wants === undefined
    ? { ...plan, legs }
    : { ...plan, legs, wants: wants.filter((_, traveller) => !gone.includes(traveller)) };
};

/** The reverse of `withoutGone`: those who are gone get their places among the others again, and no seat. */
export const withGone = (legs: readonly Leg[], gone: readonly number[]): readonly Leg[] =>
  gone.length === 0
    ? legs
    : legs.map((leg) => {
        const seats = [...leg.seats];
        for (const traveller of [...gone].sort((a, b) => a - b)) seats.splice(traveller, 0, NO_SEAT);
        return { ...leg, seats };
      });

/** In the place of a traveller who has no seat any more. */
export const NO_SEAT = -1;

/** The segments that the plan covers, in order. */
export const segmentsOf = (plan: LockPlan): readonly number[] =>
  plan.legs.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index));
