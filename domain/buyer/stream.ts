import { category } from '../kernel/category.ts';
import { type DayId, dayName, parseDayName } from '../traveller/stream.ts';
import type { BuyerEvent } from './events.ts';
import { type Buyer, evolve, newBuyer } from './fold.ts';

/** One stream a user and day. `key` stands for the user: what they are called may be anything, also an address. */
export const buyerCategory = category<DayId, Buyer, BuyerEvent>({
  name: 'buyer',
  nameOf: dayName,
  parse: parseDayName,
  initial: () => newBuyer,
  evolve,
  versions: { TicketsReserved: 1, TicketsReleased: 1, UnpaidOrderEnded: 1 },
});
