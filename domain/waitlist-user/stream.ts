import { category } from '../kernel/category.ts';
import type { WaitlistUserEvent } from './events.ts';
import { evolve, newWaitlistUser, type WaitlistUser } from './fold.ts';

/** A key may begin with a character with which the name of no stream may begin. */
const PREFIX = 'u';

/** One stream a user; the key stands for the user, who may be called anything. */
export const waitlistUserCategory = category<string, WaitlistUser, WaitlistUserEvent>({
  name: 'waitlistUser',
  nameOf: (key) => PREFIX + key,
  parse: (name) => (name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined),
  initial: () => newWaitlistUser,
  evolve,
  versions: { WaitlistOpened: 1, WaitlistEnded: 1 },
});
