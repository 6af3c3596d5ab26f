// Who waits for seats, as the log has it, by code of this test's own: nobody is served twice or past somebody who was
// first, by time or by the priorities of that time, and no seat stays free while somebody waits who could sit there.
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { JoinedWaiting } from '@railhead/domain/seat-lock/events.ts';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import type { WaitlistEvent, WaitlistSubmitted } from '@railhead/domain/waitlist/events.ts';
import type { WaitlistPrioritiesEvent } from '@railhead/domain/waitlist-priorities/events.ts';
import { levelOf } from '../world/plan.ts';
import { Violation } from '../world/violation.ts';
import { type ClassTruth, freeSeats } from './class-truth.ts';

/** `before`: what the request says of whom it goes before, as text. */
export type WaitlistTruth = { status: string; prepayFen: number; submittedAt: string; before: string };

/** Priorities, and until when by the clock of the world they were those of the railway. */
type Preferred = {
  readonly rules: readonly string[];
  readonly stepMs: number;
  readonly setMs: number;
  untilMs: number;
};

/** A request may be written so long after its priorities were read. */
const SLOWEST_SUBMISSION_MS = 5 * 60_000;

const FOLLOWS: Readonly<Record<WaitlistEvent['type'], readonly [from: readonly string[], to: string]>> = {
  WaitlistSubmitted: [[''], 'PENDING'],
  WaitlistPrepaid: [['PENDING'], 'MATCHING'],
  WaitlistSeatsLocked: [['MATCHING'], 'LOCKED'],
  WaitlistOrderPlaced: [['LOCKED'], 'AWAIT_PAY'],
  WaitlistServed: [['LOCKED', 'AWAIT_PAY'], 'SUCCESS'],
  WaitlistFailed: [['PENDING', 'MATCHING', 'LOCKED', 'AWAIT_PAY'], 'FAIL'],
};

export class WaitlistTruths {
  readonly byNumber = new Map<string, WaitlistTruth>();

  readonly #preferred: Preferred[] = [
    { rules: [], stepMs: 0, setMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY },
  ];

  prefer({ data, meta }: WaitlistPrioritiesEvent & RecordedEvent, nowMs: number): void {
    const last = this.#preferred.at(-1);
    if (last !== undefined) last.untilMs = nowMs;
    const { rules, sameTimeSeconds } = data;
    const until = { untilMs: Number.POSITIVE_INFINITY };
    this.#preferred.push({ rules, stepMs: sameTimeSeconds * 1000, setMs: Date.parse(meta.at), ...until });
  }

  /** Is the priority of a new request one that the railway had, for the level of its user and the number of travellers? */
  #assertPriority({ data, meta }: WaitlistSubmitted & RecordedEvent, nowMs: number): void {
    const atMs = Date.parse(meta.at);
    const expected = this.#preferred
      .filter(({ untilMs }) => untilMs >= nowMs - SLOWEST_SUBMISSION_MS)
      .map(({ rules, stepMs, setMs }) => {
        if (rules.length === 0 || atMs < setMs) return '';
        const begins = stepMs > 0 ? atMs - (atMs % stepMs) : atMs;
        const values = rules.map((by) => (by === 'party-size' ? data.passengers.length : levelOf(data.userId)));
        return [begins < setMs ? setMs : begins, ...values].join(' ');
      });
    const { priority } = data;
    const told =
      priority === undefined
        ? ''
        : [Date.parse(priority.countsFrom), ...priority.ranks.map(({ value }) => value)].join(' ');
    if (!expected.includes(told))
      throw new Violation('PRIORITY_WRONG', `${data.waitlistNo} has priority '${told}', not ${expected.join(' or ')}`);
  }

  /** Requests that have not come to their end. */
  unfinished(): readonly string[] {
    return [...this.byNumber]
      .filter(([, { status }]) => status !== 'SUCCESS' && status !== 'FAIL')
      .map(([waitlistNo]) => waitlistNo);
  }

  add(waitlistNo: string, event: WaitlistEvent & RecordedEvent, nowMs: number): void {
    const known = this.byNumber.get(waitlistNo) ?? { status: '', prepayFen: 0, submittedAt: '', before: '' };
    const [from, to] = FOLLOWS[event.type];
    if (!from.includes(known.status))
      throw new Violation('WAITLIST_BACKWARDS', `${event.type} for ${waitlistNo}, which is ${known.status}`);
    known.status = to;
    if (event.type === 'WaitlistSubmitted') {
      known.prepayFen = event.data.prepayFen;
      known.submittedAt = event.meta.at;
      known.before = JSON.stringify(event.data.priority ?? null);
      this.#assertPriority(event, nowMs);
    }
    this.byNumber.set(waitlistNo, known);
  }

  /** Has it its place by when it was submitted, and by what was said then? */
  assertPlace({ waitlistNo, since, priority }: JoinedWaiting): void {
    const { submittedAt: at, before } = this.byNumber.get(waitlistNo) ?? {};
    if (at !== since)
      throw new Violation('PLACE_WRONG', `${waitlistNo} was submitted at ${at}, and waits since ${since}`);
    const waits = JSON.stringify(priority ?? null);
    if (waits !== before)
      throw new Violation('PLACE_WRONG', `${waitlistNo} was given ${before}, and waits by ${waits}`);
  }

  isMatching(waitlistNo: string): boolean {
    return this.byNumber.get(waitlistNo)?.status === 'MATCHING';
  }
}

const partyOf = ({ wants }: Pick<JoinedWaiting, 'wants'>): number => wants.length;

/** Had the one the place before the other? */
const isBefore = (a: JoinedWaiting, b: JoinedWaiting): boolean => {
  const [first, second] = [placeOf(a), placeOf(b)];
  for (const [index, value] of first.entries()) {
    const other = second[index] ?? 0;
    if (value !== other) return value < other;
  }
  return a.waitlistNo < b.waitlistNo;
};

/** Numbers that are compared one after another, the smaller first. */
const placeOf = ({ since, priority }: JoinedWaiting): readonly number[] => {
  const [first = 0, second = 0] = priority?.ranks.map(({ value }) => value) ?? [];
  return [Date.parse(priority?.countsFrom ?? since), -first, -second, Date.parse(since)];
};

/** Nobody who asked for the same way for no more travellers may still wait when another of the line gets seats. */
export const assertNotOvertaken = (
  { line, key }: ClassTruth,
  { orderNo, legs }: LockPlan,
  { waits, untilMs }: { readonly waits: (no: string) => boolean; readonly untilMs: number },
): void => {
  const one = line.get(orderNo);
  const [from, to, party] = [legs[0]?.from, legs.at(-1)?.to, legs[0]?.seats.length ?? 0];
  if (one === undefined && legs.length > 1) return;
  for (const other of line.values()) {
    if (other.waitlistNo === orderNo || other.from !== from || other.to !== to || partyOf(other) > party) continue;
    if (one !== undefined && !isBefore(other, one)) continue;
    if (!waits(other.waitlistNo) || Date.parse(other.until) <= untilMs) continue;
    throw new Violation('OVERTAKEN', `${key}: ${orderNo} got what ${other.waitlistNo} had waited for before`);
  }
};

/** Somebody in the line could be seated now; undefined if nobody can. */
export const seatableInLine = (truth: ClassTruth, waits: (one: JoinedWaiting) => boolean): string | undefined => {
  if (truth.closed !== '' || truth.quotas.length > 0) return undefined;
  for (const one of truth.line.values()) {
    if (!waits(one)) continue;
    const { from, to, waitlistNo } = one;
    const party = partyOf(one);
    let fits = true;
    if (truth.counted) {
      for (let seq = from; seq < to; seq += 1) if (freeSeats(truth, seq, seq + 1) < party) fits = false;
    } else fits = freeSeats(truth, from, to) >= party;
    if (fits) return waitlistNo;
  }
  return undefined;
};
