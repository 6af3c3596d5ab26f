import type { Recorded } from '../kernel/event.ts';
import type { Fen } from '../kernel/money.ts';
import type { SeatClass } from '../kernel/seat-class.ts';
import { className } from '../train-run/stream.ts';
import type { WaitlistChoice, WaitlistEvent, WaitlistFailReason, WaitlistSubmitted } from './events.ts';

/**
 * `PENDING`: to be prepaid. `MATCHING`: it waits in the lines of its classes. `LOCKED`: it has seats. `AWAIT_PAY`: its order
 * is placed, and is being paid with the money that was prepaid.
 */
export type WaitlistStatus = 'ABSENT' | 'PENDING' | 'MATCHING' | 'LOCKED' | 'AWAIT_PAY' | 'SUCCESS' | 'FAIL';

export type Waitlist = {
  readonly status: WaitlistStatus;
  readonly request?: WaitlistSubmitted['data'];
  readonly submittedAt: string;
  readonly paymentNo?: string;
  readonly served?: ServedBy;
  readonly failReason?: WaitlistFailReason;
};

/** The choice by which it was served, and the lock that it got. */
export type ServedBy = { readonly choice: number; readonly seatClass: SeatClass; readonly lockId: string };

export const absentWaitlist: Waitlist = { status: 'ABSENT', submittedAt: '' };

/** A class in whose line a request waits. A choice has two where its travellers accept to stand. */
export type WaitingIn = {
  readonly choice: number;
  readonly seatClass: SeatClass;
  readonly of: WaitlistChoice;
};

export const waitingIn = ({ request }: Pick<Waitlist, 'request'>): readonly WaitingIn[] => {
  const lines = new Map<string, WaitingIn>();
  for (const [choice, of] of (request?.choices ?? []).entries()) {
    const places: WaitingIn[] = [{ choice, seatClass: of.seatClass, of }];
    if (of.standingFaresFen !== undefined) places.push({ choice, seatClass: 'standing', of });
    // Two choices of one train have its places to stand in common: the first has them.
    for (const place of places) if (!lines.has(lineOf(place))) lines.set(lineOf(place), place);
  }
  return [...lines.values()];
};

/** The name of the class in whose line that is. */
export const lineOf = ({ of, seatClass }: Pick<WaitingIn, 'of' | 'seatClass'>): string =>
  className({ train: of.train, date: of.date, seatClass });

/** The line in which it was served; undefined if it was not. */
export const servedLine = ({ request, served }: Waitlist): string | undefined => {
  const of = served === undefined ? undefined : request?.choices[served.choice];
  return served === undefined || of === undefined ? undefined : lineOf({ of, seatClass: served.seatClass });
};

/** What the seats cost in which it waits: those of the choice, or places to stand. */
export const faresIn = ({ of, seatClass }: Pick<WaitingIn, 'of' | 'seatClass'>): readonly Fen[] =>
  seatClass === of.seatClass ? of.faresFen : (of.standingFaresFen ?? of.faresFen);

/** Is this lock, in the book of this class, the one that served it? Two books may have locks of one id. */
export const isServedBy = (waitlist: Waitlist, line: string, lockId: string): boolean =>
  waitlist.served?.lockId === lockId && servedLine(waitlist) === line;

/** Has it come to its end, with tickets or without? */
export const isOver = ({ status }: Pick<Waitlist, 'status'>): boolean => status === 'SUCCESS' || status === 'FAIL';

export const evolve = (waitlist: Waitlist, event: Recorded<WaitlistEvent>): Waitlist => {
  switch (event.type) {
    case 'WaitlistSubmitted':
      return { ...waitlist, status: 'PENDING', request: event.data, submittedAt: event.meta.at };
    case 'WaitlistPrepaid':
      return { ...waitlist, status: 'MATCHING', paymentNo: event.data.paymentNo };
    case 'WaitlistSeatsLocked':
      return { ...waitlist, status: 'LOCKED', served: event.data };
    case 'WaitlistOrderPlaced':
      return { ...waitlist, status: 'AWAIT_PAY' };
    case 'WaitlistServed':
      return { ...waitlist, status: 'SUCCESS' };
    case 'WaitlistFailed':
      return { ...waitlist, status: 'FAIL', failReason: event.data.reason };
  }
};
