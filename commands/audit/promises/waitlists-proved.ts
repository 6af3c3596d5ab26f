// A waitlist request says what its run says: journeys, fares, the price that is prepaid and the instants between which it
// waits. Its payment is there, its place among those of its user, its lock in the book, and its order is what it asked for.
import { isDeepStrictEqual } from 'node:util';
import { sumFen } from '@railhead/domain/kernel/money.ts';
import type { Order } from '@railhead/domain/order/fold.ts';
import { journeyFares } from '@railhead/domain/train-run/journey.ts';
import { runName } from '@railhead/domain/train-run/stream.ts';
import { submissionDefect } from '@railhead/domain/waitlist/decide.ts';
import type { WaitlistChoice, WaitlistSubmitted } from '@railhead/domain/waitlist/events.ts';
import { faresIn, servedLine, type Waitlist } from '@railhead/domain/waitlist/fold.ts';
import { boardingMs } from '../../runs/sale-window.ts';
import { WAITLIST_LAST_MINUTES, WAITLIST_LONGEST_DAYS } from '../../waitlist/rules.ts';
import type { Ledger } from '../ledger.ts';
import type { PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export const waitlistsProved: PromiseOf = (ledger) => ({
  categories: [],
  observe() {
    // Requests, runs, payments and orders are in different streams, so they are compared in `findings`.
  },
  findings() {
    const found = new Violations();
    for (const [waitlistNo, waitlist] of ledger.waitlists) {
      const { request } = waitlist;
      if (request === undefined) continue;
      const wrong = requestDefect(waitlist, request) ?? linkDefect(ledger, waitlistNo, waitlist, request);
      if (wrong !== undefined) found.add('WAITLIST_DIFFERS', `${waitlistNo} ${wrong}`);
      for (const choice of request.choices) checkChoice(found, ledger, waitlistNo, request, choice);
    }
    return found.list;
  },
});

const requestDefect = ({ submittedAt }: Waitlist, request: WaitlistSubmitted['data']): string | undefined => {
  const { choices, prepayFen, payBefore, deadline, acceptStanding } = request;
  const defect = submissionDefect(request);
  if (defect !== undefined) return `could not be submitted: ${defect.detail}`;
  const sums = choices.flatMap(({ faresFen, standingFaresFen = [] }) => [sumFen(faresFen), sumFen(standingFaresFen)]);
  if (prepayFen !== Math.max(...sums)) return `prepays ${prepayFen} fen, its dearest choice costs ${Math.max(...sums)}`;
  const [since, pay, end] = [submittedAt, payBefore, deadline].map((at) => Date.parse(at));
  if (since === undefined || pay === undefined || end === undefined) return 'has no times';
  if (!(since <= pay && pay <= end && end <= since + WAITLIST_LONGEST_DAYS * DAY_MS + MINUTE_MS))
    return `is to be paid by ${payBefore} and waits until ${deadline}, and was submitted at ${submittedAt}`;
  if (!acceptStanding && choices.some(({ standingFaresFen }) => standingFaresFen !== undefined))
    return 'waits to stand, which was not accepted';
  return undefined;
};

const checkChoice = (
  found: Violations,
  ledger: Ledger,
  waitlistNo: string,
  { deadline, passengers }: WaitlistSubmitted['data'],
  choice: WaitlistChoice,
): void => {
  const { train, date, from, to, fromStation, toStation, seatClass, until, faresFen, standingFaresFen } = choice;
  const run = ledger.openedRun(runName(choice));
  if (run === undefined) {
    found.add('RUN_UNKNOWN', `${waitlistNo} waits for ${train} on ${date}, which was never opened`);
    return;
  }
  const isOnWay = from >= 0 && from < to && to < run.stops.length;
  const calls = [from, to].map((seq) => ({ code: run.stops[seq]?.code, name: run.stops[seq]?.name }));
  const lastMs = Math.min(Date.parse(deadline), boardingMs(run, from) - WAITLIST_LAST_MINUTES * MINUTE_MS);
  if (!isOnWay || !isDeepStrictEqual(calls, [fromStation, toStation]) || Date.parse(until) !== lastMs)
    found.add(
      'WAITLIST_DIFFERS',
      `${waitlistNo} waits for ${train} on ${date} on a way, or until a time, that it has not`,
    );
  const kinds = passengers.map(({ kind }) => kind);
  for (const [of, fares] of [
    [seatClass, faresFen],
    ['standing', standingFaresFen],
  ] as const) {
    if (fares === undefined || !isOnWay) continue;
    const due = journeyFares(run, { from, to }, of, kinds);
    if (!due.ok || !isDeepStrictEqual(due.value, fares))
      found.add('FARE_WRONG', `${waitlistNo} waits in ${of} for ${fares.join()} fen, the tariff says otherwise`);
  }
};

/** What the request names in other streams, and what these say of it. */
const linkDefect = (
  ledger: Ledger,
  waitlistNo: string,
  waitlist: Waitlist,
  request: WaitlistSubmitted['data'],
): string | undefined => {
  if (ledger.waitlistPlaces.get(waitlistNo) !== request.userKey) return 'has no place among those of its user';
  const { paymentNo, served, failReason } = waitlist;
  const payment = paymentNo === undefined ? undefined : ledger.payments.get(paymentNo);
  if (paymentNo !== undefined && (payment?.orderNo !== waitlistNo || !HAS_MONEY.includes(payment.status)))
    return `was prepaid by ${paymentNo}, which has no money of it`;
  if (failReason === 'UNPAID' && paymentNo !== undefined) return 'ended unpaid, and was paid';
  if (failReason !== undefined && served === undefined && paymentNo === undefined && !ENDS_UNPAID.includes(failReason))
    return `ended for ${failReason}, and was never paid`;
  const order = ledger.orders.get(waitlistNo);
  if (failReason !== undefined && served === undefined && !OWN_ENDS.includes(failReason))
    return `ended for ${failReason}, which no request of its own does`;
  if (failReason !== undefined && order !== undefined && order.closeReason !== failReason)
    return `ended for ${failReason}, its order for ${order.closeReason}`;
  if (served === undefined) return undefined;
  const choice = request.choices[served.choice];
  const lock = ledger.classes.get(servedLine(waitlist) ?? '')?.stock.book.locks.get(served.lockId);
  const [first, last] = [lock?.plan?.legs[0], lock?.plan?.legs.at(-1)];
  if (choice === undefined || first?.from !== choice.from || last?.to !== choice.to)
    return `was served by ${served.lockId}, which goes another way`;
  if (first.seats.length !== request.passengers.length) return `was served with ${first.seats.length} seats`;
  return order === undefined ? undefined : orderDefect(order, request, choice, served.seatClass, paymentNo);
};

const HAS_MONEY: readonly string[] = ['SUCCEEDED', 'REFUNDING', 'REFUNDED'];
const ENDS_UNPAID: readonly string[] = ['UNPAID', 'GIVEN_UP'];
const OWN_ENDS: readonly string[] = ['UNPAID', 'GIVEN_UP', 'DEADLINE', 'RUN_CANCELLED', 'SALE_CLOSED'];

const orderDefect = (
  { request: placed }: Order,
  { userId, passengers, currency, prepayFen }: WaitlistSubmitted['data'],
  choice: WaitlistChoice,
  seatClass: WaitlistChoice['seatClass'],
  paymentNo: string | undefined,
): string | undefined => {
  if (placed === undefined) return 'has an order without a request';
  const { standingFaresFen: _, until: __, ...way } = choice;
  const { channel: ___, ...prepaid } = placed.waitlist ?? { channel: '' };
  const asked = { ...way, seatClass, faresFen: faresIn({ of: choice, seatClass }), userId, passengers, currency };
  const { acceptStanding: ____, acceptSeatChange: _____, waitlist: ______, ...ordered } = placed;
  return isDeepStrictEqual(asked, ordered) && isDeepStrictEqual(prepaid, { paymentNo, prepaidFen: prepayFen })
    ? undefined
    : 'became an order of something else';
};
