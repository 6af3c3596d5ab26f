// Submits a waitlist request: checks what an order is checked for, and that there is something to wait for. It waits once
// it is prepaid.
import { hash } from 'node:crypto';
import { accept, type Refusal, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import { type Fen, sumFen } from '@railhead/domain/kernel/money.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { Passenger } from '@railhead/domain/order/events.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { decide, submissionDefect, type WaitlistRefusal } from '@railhead/domain/waitlist/decide.ts';
import type { WaitlistChoice, WaitlistSubmitted } from '@railhead/domain/waitlist/events.ts';
import { absentWaitlist, type Waitlist, waitingIn } from '@railhead/domain/waitlist/fold.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import { priorityOf } from '@railhead/domain/waitlist-priorities/priority.ts';
import { RAILWAY, waitlistPrioritiesCategory } from '@railhead/domain/waitlist-priorities/stream.ts';
import type { Allocators } from '../allocation/operation.ts';
import { userKey } from '../limits/keys.ts';
import type { PlacingRefusal } from '../limits/placing.ts';
import type { Reservations } from '../limits/reservations.ts';
import { type OrderNumbering, orderNoOf } from '../orders/order-number.ts';
import { standingFares } from '../orders/standing-fares.ts';
import { type JourneyDeps, type JourneyRefusal, offeredJourney } from '../orders/wanted-journey.ts';
import { timestampOf } from '../ports/clock.ts';
import type { EventStore, Position } from '../ports/event-store.ts';
import { boardingMs } from '../runs/sale-window.ts';
import { appendOf, metaOf } from '../streams/append.ts';
import { load } from '../streams/load.ts';
import { loadWaitlist } from './load-waitlist.ts';
import { WAITLIST_LAST_MINUTES, WAITLIST_LONGEST_DAYS } from './rules.ts';
import { openPlace } from './waitlist-places.ts';

export type SubmitWaitlistDeps = JourneyDeps & {
  readonly store: EventStore;
  readonly pool: Pick<Allocators, 'submit'>;
  readonly reservations: Pick<Reservations, 'check'>;
  readonly numbering: OrderNumbering;
  /** How long it may take to prepay. */
  readonly paymentMinutes: number;
};

/** Station codes. */
export type AskedChoice = {
  readonly train: string;
  readonly date: string;
  readonly from: string;
  readonly to: string;
  readonly seatClass: SeatClass;
};

export type SubmitWaitlist = {
  readonly userId: string;
  /** 0 to `MOST_LEVEL`, as whoever signs the user's tokens says; no part of what the user asks for. */
  readonly memberLevel: number;
  readonly idempotencyKey: string;
  readonly correlationId: string;
  readonly choices: readonly AskedChoice[];
  readonly passengers: readonly Passenger[];
  /** RFC 3339. */
  readonly deadline?: string;
  readonly acceptStanding: boolean;
};

/** `position` is 0 if it was submitted before. */
export type SubmittedWaitlist = { readonly waitlist: Waitlist; readonly position: Position };

export type SubmitRefusal =
  | JourneyRefusal
  | Exclude<PlacingRefusal, 'QUEUE_TOKEN_INVALID'>
  | Exclude<WaitlistRefusal, 'WAITLIST_EXISTS' | 'WAITLIST_STATE' | 'AMOUNT_MISMATCH'>
  | 'SEATS_FREE'
  | 'SALE_STOPPED'
  | 'DEADLINE_INVALID'
  | 'WAITLIST_LIMIT';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export const submitWaitlist = async (
  deps: SubmitWaitlistDeps,
  command: SubmitWaitlist,
): Promise<Result<SubmittedWaitlist, SubmitRefusal>> => {
  const { userId, idempotencyKey } = command;
  // No key that a client sends has a space in it, so no order of a client's own has this number.
  const waitlistNo = orderNoOf(deps.numbering.secret, userId, `waitlist ${idempotencyKey}`, 0);
  const requestHash = hashOf(command);
  const { state: known } = await loadWaitlist(deps.store, waitlistNo);
  if (known.status !== 'ABSENT') return repeated(known, requestHash);
  const defect = submissionDefect(command);
  if (defect !== undefined) return { ok: false, refusal: defect };
  // The instant of which its times are, and by which it has its place.
  const nowMs = deps.clock.now();
  const request = await checked(deps, command, { waitlistNo, requestHash, nowMs });
  if (!request.ok) return request;
  const decided = decide(absentWaitlist, { type: 'Submit', ...request.value });
  if (!decided.ok) {
    const { code, detail, extra } = decided.refusal;
    if (code === 'WAITLIST_EXISTS' || code === 'WAITLIST_STATE' || code === 'AMOUNT_MISMATCH')
      throw new Error(`${code}: ${detail}`);
    return refuse(code, detail, extra);
  }
  const place = await openPlace(deps, request.value, command);
  if (!place.ok) return place;
  const origin = { commandId: `${waitlistNo}/submit`, actor: userId, correlationId: command.correlationId };
  const meta = { ...metaOf(deps.clock, origin), at: timestampOf(deps.clock, nowMs) };
  const append = appendOf(waitlistCategory.stream(waitlistNo), -1, decided.value, meta);
  const [written] = await deps.store.append([append]);
  const { state } = await loadWaitlist(deps.store, waitlistNo);
  if (written?.ok === true && !written.repeated) return accept({ waitlist: state, position: written.position });
  return repeated(state, requestHash);
};

const repeated = (waitlist: Waitlist, requestHash: string): Result<SubmittedWaitlist, 'IDEMPOTENCY_KEY_REUSED'> =>
  waitlist.request?.requestHash === requestHash
    ? accept({ waitlist, position: 0 })
    : refuse('IDEMPOTENCY_KEY_REUSED', 'this idempotency key belongs to another request');

type Named = { readonly waitlistNo: string; readonly requestHash: string; readonly nowMs: number };
type Offered = { readonly run: OpenedRun; readonly choice: Omit<WaitlistChoice, 'until'>; readonly lastMs: number };

const checked = async (
  deps: SubmitWaitlistDeps,
  command: SubmitWaitlist,
  { waitlistNo, requestHash, nowMs }: Named,
): Promise<Result<WaitlistSubmitted['data'], SubmitRefusal>> => {
  const { clock } = deps;
  const { userId, passengers, acceptStanding, memberLevel } = command;
  const offers: Offered[] = [];
  for (const [index, asked] of command.choices.entries()) {
    const offered = await offeredChoice(deps, command, asked);
    if (!offered.ok) return inChoice(offered.refusal, index);
    offers.push(offered.value);
  }
  const lastMs = Math.min(nowMs + WAITLIST_LONGEST_DAYS * DAY_MS, Math.max(...offers.map((offer) => offer.lastMs)));
  const deadlineMs = command.deadline === undefined ? lastMs : Date.parse(command.deadline);
  if (!(deadlineMs > nowMs && deadlineMs <= lastMs)) {
    const latest = timestampOf(clock, lastMs);
    const detail = `the deadline must be after now, and no later than ${latest}`;
    return refuse('DEADLINE_INVALID', detail, { latest });
  }
  const choices = offers.map(({ choice, lastMs: until }) => ({
    ...choice,
    until: timestampOf(clock, Math.min(until, deadlineMs)),
  }));
  const asked: WaitlistSubmitted['data'] = {
    waitlistNo,
    requestHash,
    userId,
    userKey: userKey(deps.numbering.secret, userId),
    passengers,
    choices,
    currency: 'CNY',
    prepayFen: prepayOf(choices),
    payBefore: timestampOf(clock, Math.min(deadlineMs, nowMs + deps.paymentMinutes * MINUTE_MS)),
    deadline: timestampOf(clock, deadlineMs),
    acceptStanding,
  };
  const { state: priorities } = await load(deps.store, waitlistPrioritiesCategory, RAILWAY);
  const submission = { submittedAt: timestampOf(clock, nowMs), travellers: passengers.length, memberLevel };
  const priority = priorityOf(priorities, submission);
  const request = priority === undefined ? asked : { ...asked, priority };
  return (await refusalOf(deps, command, request, offers)) ?? accept(request);
};

/** Where seats are free there is nothing to wait for; and whoever may not order may not wait. */
const refusalOf = async (
  deps: SubmitWaitlistDeps,
  { correlationId }: SubmitWaitlist,
  request: WaitlistSubmitted['data'],
  offers: readonly Offered[],
): Promise<Result<never, SubmitRefusal> | undefined> => {
  const { waitlistNo, requestHash, userId, passengers, currency } = request;
  const origin = { commandId: `${waitlistNo}/check`, actor: userId, correlationId };
  const meta = metaOf(deps.clock, origin);
  for (const { of, seatClass, choice } of waitingIn({ request })) {
    const { train, date, from, to } = of;
    const wants = passengers.map(() => undefined);
    const outcome = await deps.pool.submit(
      { train, date, seatClass },
      { kind: 'ask', orderNo: waitlistNo, from, to, wants, meta },
    );
    if (outcome.ok)
      return refuse(
        'SEATS_FREE',
        `${train} on ${date} has seats in ${seatClass}: order them, by the queue of the run if it has one`,
        { choice, seatClass },
      );
    const { code, detail } = outcome.refusal;
    if (code === 'SOLD_OUT') continue;
    if (code === 'RUN_CANCELLED' || code === 'SALE_CLOSED' || code === 'SALE_STOPPED')
      return refuse(code, detail, { choice });
    return refuse('CONTENDED', detail);
  }
  for (const [index, { run, choice }] of offers.entries()) {
    const { standingFaresFen: _, ...journey } = choice;
    const terms = { userId, passengers, currency, acceptStanding: false, acceptSeatChange: false };
    const order = { orderNo: waitlistNo, requestHash, request: { ...journey, ...terms }, run };
    const may = await deps.reservations.check(order, meta);
    if (may.ok) continue;
    const { code, detail, extra } = may.refusal;
    // Nobody has to queue to wait.
    if (code === 'QUEUE_TOKEN_INVALID') throw new Error(`${code}: ${detail}`);
    return refuse(code, detail, { ...extra, choice: index });
  }
  return undefined;
};

const inChoice = <Code extends string>({ code, detail, extra }: Refusal<Code>, choice: number): Result<never, Code> =>
  refuse(code, detail, { ...extra, choice });

const offeredChoice = async (
  deps: SubmitWaitlistDeps,
  { passengers, acceptStanding }: SubmitWaitlist,
  asked: AskedChoice,
): Promise<Result<Offered, SubmitRefusal>> => {
  const offered = await offeredJourney(deps, { ...asked, passengers });
  if (!offered.ok) return offered;
  const { run, stops, faresFen } = offered.value;
  const lastMs = boardingMs(run, stops.from) - WAITLIST_LAST_MINUTES * MINUTE_MS;
  if (lastMs <= deps.clock.now())
    return refuse(
      'SALE_CLOSED',
      `${asked.train} leaves in less than ${WAITLIST_LAST_MINUTES} minutes; nobody waits for it now`,
    );
  const { train, date, seatClass } = asked;
  const kinds = passengers.map(({ kind }) => kind);
  const standing = standingFares({ acceptStanding, seatClass, kinds, from: stops.from, to: stops.to }, run);
  const choice = { train, date, ...stops, seatClass, faresFen };
  return accept({ run, choice: standing === undefined ? choice : { ...choice, standingFaresFen: standing }, lastMs });
};

/** The highest price among the choices. */
const prepayOf = (choices: readonly WaitlistChoice[]): Fen =>
  Math.max(...choices.flatMap(({ faresFen, standingFaresFen = [] }) => [sumFen(faresFen), sumFen(standingFaresFen)]));

/** A hash of everything the client asked for, and of nothing else. */
const hashOf = ({ correlationId: _, idempotencyKey: __, ...asked }: SubmitWaitlist): string =>
  hash(
    'sha256',
    JSON.stringify([
      asked.userId,
      asked.choices.map(({ train, date, from, to, seatClass }) => [train, date, from, to, seatClass]),
      asked.passengers.map(({ name, idType, idNo, kind, wants }) => [name, idType, idNo, kind, wants]),
      asked.deadline ?? null,
      asked.acceptStanding,
    ]),
    'base64url',
  );
