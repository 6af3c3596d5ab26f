import { category } from '../kernel/category.ts';
import type { WaitlistEvent } from './events.ts';
import { absentWaitlist, evolve, type Waitlist } from './fold.ts';

/** One stream for each waitlist request, named by its number, which is also that of the order it becomes. */
export const waitlistCategory = category<string, Waitlist, WaitlistEvent>({
  name: 'waitlist',
  nameOf: (waitlistNo) => waitlistNo,
  parse: (name) => name,
  initial: () => absentWaitlist,
  evolve,
  versions: {
    WaitlistSubmitted: 1,
    WaitlistPrepaid: 1,
    WaitlistSeatsLocked: 1,
    WaitlistOrderPlaced: 1,
    WaitlistServed: 1,
    WaitlistFailed: 1,
  },
});
