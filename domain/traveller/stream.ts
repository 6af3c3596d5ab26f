import { category } from '../kernel/category.ts';
import type { TravellerEvent } from './events.ts';
import { evolve, freeTraveller, type Traveller } from './fold.ts';

/** `key` stands for a document, so that its number is in no stream's name; `date`: a day, `YYYY-MM-DD`. */
export type DayId = { readonly key: string; readonly date: string };

export const dayName = ({ key, date }: DayId): string => `${date}_${key}`;

const DAY_NAME = /^(\d{4}-\d{2}-\d{2})_([\w-]+)$/;

export const parseDayName = (name: string): DayId | undefined => {
  const [, date, key] = DAY_NAME.exec(name) ?? [];
  return key === undefined || date === undefined ? undefined : { key, date };
};

/**
 * One stream a document and day. A journey stands in the stream of its run date and in those of all days that it touches,
 * so that any two that overlap, or are on one run, meet in one.
 */
export const travellerCategory = category<DayId, Traveller, TravellerEvent>({
  name: 'traveller',
  nameOf: dayName,
  parse: parseDayName,
  initial: () => freeTraveller,
  evolve,
  versions: { JourneyReserved: 1, JourneyReleased: 1 },
});
