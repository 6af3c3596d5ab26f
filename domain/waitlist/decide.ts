// Decides the life of a waitlist request: PENDING, MATCHING, LOCKED, AWAIT_PAY, SUCCESS or FAIL; it never goes back.
// Whoever is first decides: a request is served once, or fails, never both.
import { type Decision, emit, type Refusal, refuse, unchanged } from '../kernel/decision.ts';
import type { Fen } from '../kernel/money.ts';
import type { Passenger } from '../order/events.ts';
import { comparedDocumentNo } from '../order/identity.ts';
import type { WaitlistChoice, WaitlistEvent, WaitlistFailReason, WaitlistSubmitted } from './events.ts';
import type { ServedBy, Waitlist, WaitlistStatus } from './fold.ts';

/** The sale's rules (ticketing-architecture 8): at most three travellers and five choices. */
export const MAX_WAITLIST_PASSENGERS = 3;
export const MAX_CHOICES = 5;

export type WaitlistCommand =
  | ({ readonly type: 'Submit' } & WaitlistSubmitted['data'])
  | { readonly type: 'Prepay'; readonly paymentNo: string; readonly amountFen: Fen }
  | ({ readonly type: 'LockSeats' } & ServedBy)
  | { readonly type: 'PlaceOrder' }
  | { readonly type: 'Serve' }
  | { readonly type: 'Fail'; readonly reason: WaitlistFailReason };

export type WaitlistRefusal =
  | 'WAITLIST_EXISTS'
  | 'WAITLIST_STATE'
  | 'PASSENGER_COUNT'
  | 'PASSENGER_TWICE'
  | 'CHOICE_COUNT'
  | 'CHOICE_TWICE'
  | 'DATES_APART'
  | 'AMOUNT_MISMATCH';

/** From which states a request may fail, for each reason that is its own; all others are the end of its order. */
const FAILS_FROM: Partial<Readonly<Record<WaitlistFailReason, readonly WaitlistStatus[]>>> = {
  UNPAID: ['PENDING'],
  DEADLINE: ['MATCHING'],
  GIVEN_UP: ['PENDING', 'MATCHING'],
  RUN_CANCELLED: ['PENDING', 'MATCHING', 'LOCKED', 'AWAIT_PAY'],
  SALE_CLOSED: ['PENDING', 'MATCHING', 'LOCKED', 'AWAIT_PAY'],
};
const ORDER_ENDS_FROM: readonly WaitlistStatus[] = ['LOCKED', 'AWAIT_PAY'];

const wrongState = (waitlist: Waitlist, wanted: string) =>
  refuse('WAITLIST_STATE', `waitlist request ${waitlist.request?.waitlistNo} is ${waitlist.status}, not ${wanted}`, {
    waitlistStatus: waitlist.status,
  });

export const decide = (waitlist: Waitlist, command: WaitlistCommand): Decision<WaitlistEvent, WaitlistRefusal> => {
  const { status } = waitlist;
  switch (command.type) {
    case 'Submit': {
      const { type: _, ...request } = command;
      if (status !== 'ABSENT') return refuse('WAITLIST_EXISTS', `waitlist request ${request.waitlistNo} exists`);
      return submitted(request);
    }
    case 'Prepay': {
      if (status !== 'PENDING') return wrongState(waitlist, 'PENDING');
      const { paymentNo, amountFen } = command;
      if (amountFen !== waitlist.request?.prepayFen)
        return refuse('AMOUNT_MISMATCH', `${amountFen} fen were paid, ${waitlist.request?.prepayFen} are due`);
      return emit({ type: 'WaitlistPrepaid', version: 1, data: { paymentNo, amountFen } });
    }
    case 'LockSeats': {
      const { choice, seatClass, lockId } = command;
      if (status === 'LOCKED' && waitlist.served?.lockId === lockId) return unchanged;
      if (status !== 'MATCHING') return wrongState(waitlist, 'MATCHING');
      return emit({ type: 'WaitlistSeatsLocked', version: 1, data: { choice, seatClass, lockId } });
    }
    case 'PlaceOrder':
      if (status === 'AWAIT_PAY') return unchanged;
      return status === 'LOCKED'
        ? emit({ type: 'WaitlistOrderPlaced', version: 1, data: {} })
        : wrongState(waitlist, 'LOCKED');
    case 'Serve':
      if (status === 'SUCCESS') return unchanged;
      return status === 'LOCKED' || status === 'AWAIT_PAY'
        ? emit({ type: 'WaitlistServed', version: 1, data: {} })
        : wrongState(waitlist, 'AWAIT_PAY');
    case 'Fail': {
      const { reason } = command;
      if (status === 'FAIL') return unchanged;
      const from = FAILS_FROM[reason] ?? ORDER_ENDS_FROM;
      return from.includes(status)
        ? emit({ type: 'WaitlistFailed', version: 1, data: { reason } })
        : wrongState(waitlist, from.join(' or '));
    }
  }
};

const DAY_MS = 86_400_000;

const submitted = (request: WaitlistSubmitted['data']): Decision<WaitlistEvent, SubmissionDefect> => {
  const defect = submissionDefect(request);
  return defect === undefined
    ? emit({ type: 'WaitlistSubmitted', version: 1, data: request })
    : { ok: false, refusal: defect };
};

export type SubmissionDefect = 'PASSENGER_COUNT' | 'PASSENGER_TWICE' | 'CHOICE_COUNT' | 'CHOICE_TWICE' | 'DATES_APART';

/** The first thing that is wrong with a request on its own, before any train is looked at; undefined if it is sound. */
export const submissionDefect = ({
  passengers,
  choices,
}: {
  readonly passengers: readonly Pick<Passenger, 'idType' | 'idNo'>[];
  readonly choices: readonly Pick<WaitlistChoice, 'train' | 'date' | 'seatClass'>[];
}): Refusal<SubmissionDefect> | undefined => {
  if (passengers.length < 1 || passengers.length > MAX_WAITLIST_PASSENGERS)
    return refuse(
      'PASSENGER_COUNT',
      `a waitlist request has 1 to ${MAX_WAITLIST_PASSENGERS} passengers, not ${passengers.length}`,
    ).refusal;
  const people = new Set(passengers.map(({ idType, idNo }) => `${idType}:${comparedDocumentNo(idNo)}`));
  if (people.size < passengers.length)
    return refuse('PASSENGER_TWICE', 'a passenger is named twice; each needs a document of their own').refusal;
  if (choices.length < 1 || choices.length > MAX_CHOICES)
    return refuse('CHOICE_COUNT', `a waitlist request has 1 to ${MAX_CHOICES} choices, not ${choices.length}`).refusal;
  const classes = new Set(choices.map(({ train, date, seatClass }) => `${train} ${date} ${seatClass}`));
  if (classes.size < choices.length) return refuse('CHOICE_TWICE', 'a class of a train is named twice').refusal;
  const days = choices.map(({ date }) => Date.parse(date));
  if (Math.max(...days) - Math.min(...days) > DAY_MS)
    return refuse('DATES_APART', 'the choices must be of one date, or of two that follow one another').refusal;
  return undefined;
};
