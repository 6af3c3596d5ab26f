import type { Recorded } from '../kernel/event.ts';
import type { JourneyReserved, TravellerEvent } from './events.ts';

/** `since`: when it was reserved last, RFC 3339. */
export type ReservedJourney = JourneyReserved['data'] & {
  readonly fromMs: number;
  readonly toMs: number;
  readonly since: string;
};

/** The journeys of one document on one day that are reserved now, in the order in which they were. */
export type Traveller = { readonly journeys: readonly ReservedJourney[] };

export const freeTraveller: Traveller = { journeys: [] };

export const evolve = ({ journeys }: Traveller, { type, data, meta }: Recorded<TravellerEvent>): Traveller => {
  const others = journeys.filter(({ orderNo }) => orderNo !== data.orderNo);
  if (type === 'JourneyReleased') return { journeys: others };
  const journey = { ...data, fromMs: Date.parse(data.from), toMs: Date.parse(data.to), since: meta.at };
  return { journeys: [...others, journey] };
};
