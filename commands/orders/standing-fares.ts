// What it costs to stand, for who would if the class they asked for is sold out.
import type { PassengerKind } from '@railhead/domain/fare/fare.ts';
import type { Fen } from '@railhead/domain/kernel/money.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { type Journey, journeyFares, type PricedRoute } from '@railhead/domain/train-run/journey.ts';

type Standing = Journey & {
  readonly acceptStanding: boolean;
  /** The class that is asked for now. */
  readonly seatClass: SeatClass | undefined;
  readonly kinds: readonly PassengerKind[];
};

/** The fares for standing, if the buyer accepts it, it was not offered before, and the run sells it. */
export const standingFares = (
  { acceptStanding, seatClass, kinds, ...journey }: Standing,
  run: PricedRoute | undefined,
): readonly Fen[] | undefined => {
  if (!acceptStanding || seatClass === 'standing' || run === undefined) return undefined;
  const fares = journeyFares(run, journey, 'standing', kinds);
  return fares.ok ? fares.value : undefined;
};
