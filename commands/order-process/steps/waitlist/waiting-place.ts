// The lines in which a request waits, by the names of their classes.
import { lineOf, type WaitingIn, type Waitlist, waitingIn } from '@railhead/domain/waitlist/fold.ts';
import type { KnownLines, TrackedWaitlist } from '../../../orders/tracked-order.ts';

export const linesOf = (waitlist: Pick<Waitlist, 'request'>): ReadonlyMap<string, WaitingIn> =>
  new Map(waitingIn(waitlist).map((place) => [lineOf(place), place]));

/** Those in which it may still be served, as far as is known. */
export const openLines = ({ waitlist }: TrackedWaitlist, { closed }: KnownLines): readonly string[] =>
  [...linesOf(waitlist).keys()].filter((line) => closed[line] === undefined);
