// One document, one place: once on a run, on no two journeys at the same time, and on so many a day.
import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import type { JourneyReserved, TravellerEvent } from './events.ts';
import type { ReservedJourney, Traveller } from './fold.ts';

/** Tickets that are exchanged for those of the new order: both are reserved until one of them has ended. */
export type Replaced = { readonly orderNo: string; readonly itemNos: readonly number[] };

export type TravellerCommand =
  | {
      readonly type: 'Reserve';
      /** The day of the stream, `YYYY-MM-DD`. A ticket counts on the day on which its journey begins. */
      readonly day: string;
      readonly journey: Omit<JourneyReserved['data'], 'limit' | 'mayOverlap' | 'replaces'>;
      readonly limit?: number;
      readonly mayOverlap: boolean;
      readonly replaces?: Replaced;
    }
  | { readonly type: 'Release'; readonly orderNo: string };

export type TravellerRefusal = 'LIMIT_DOCUMENT' | 'JOURNEY_OVERLAPS' | 'ORDER_DIFFERS';

/** The day on which a journey begins, in the zone of its run. */
export const dayOf = ({ from }: Pick<ReservedJourney, 'from'>): string => from.slice(0, 'YYYY-MM-DD'.length);

/** A refusal names in `blockers` the journeys that are in the way. */
export const decide = (
  { journeys }: Traveller,
  command: TravellerCommand,
): Decision<TravellerEvent, TravellerRefusal> => {
  if (command.type === 'Release')
    return journeys.some(({ orderNo }) => orderNo === command.orderNo)
      ? emit({ type: 'JourneyReleased', version: 1, data: { orderNo: command.orderNo } })
      : unchanged;
  const { journey, day, limit, mayOverlap, replaces } = command;
  const own = journeys.find(({ orderNo }) => orderNo === journey.orderNo);
  if (own !== undefined && !isSame(own, journey))
    return refuse('ORDER_DIFFERS', `order ${journey.orderNo} has another journey reserved`);
  const replaced = journeys.find(
    ({ orderNo, itemNo }) => orderNo === replaces?.orderNo && replaces.itemNos.includes(itemNo),
  );
  const others = journeys.filter((one) => one !== own && one !== replaced);
  const inTheWay = mayOverlap ? [] : others.filter((other) => overlaps(other, journey));
  if (inTheWay.length > 0)
    return refuse('JOURNEY_OVERLAPS', 'the document has a journey at that time, or on that train', {
      blockers: inTheWay,
    });
  const counts = limit !== undefined && dayOf(journey) === day;
  const counted = counts ? ticketsOn(others, day) : [];
  if (counts && counted.length >= limit)
    return refuse('LIMIT_DOCUMENT', `the document has ${counted.length} tickets for ${day}; ${limit} are allowed`, {
      blockers: counted,
      tickets: counted.length,
      limit,
    });
  const data = {
    ...journey,
    ...(counts ? { limit } : {}),
    ...(mayOverlap ? { mayOverlap } : {}),
    ...(replaced === undefined ? {} : { replaces: replaced.orderNo }),
  };
  return emit({ type: 'JourneyReserved', version: 1, data });
};

/** Tickets that count on a day. One that is about to be exchanged for one of that day counts with it, as one. */
const ticketsOn = (journeys: readonly ReservedJourney[], day: string): readonly ReservedJourney[] => {
  const ofDay = journeys.filter((journey) => dayOf(journey) === day);
  const replaced = new Set(ofDay.map(({ replaces }) => replaces));
  return ofDay.filter(({ orderNo }) => !replaced.has(orderNo));
};

type Journey = Omit<JourneyReserved['data'], 'limit' | 'mayOverlap' | 'replaces'>;

/** Who alights as the other train leaves is on one of them only. */
const overlaps = (reserved: ReservedJourney, { train, date, from, to }: Journey): boolean =>
  (reserved.train === train && reserved.date === date) ||
  (reserved.fromMs < Date.parse(to) && Date.parse(from) < reserved.toMs);

const isSame = (a: Journey, b: Journey): boolean =>
  a.requestMark === b.requestMark &&
  a.itemNo === b.itemNo &&
  a.train === b.train &&
  a.date === b.date &&
  a.from === b.from &&
  a.to === b.to;
