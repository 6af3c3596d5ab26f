// Who waits for seats, as the log has it, by code of this test's own: nobody is served twice or past somebody who was
// first, and no seat stays free while somebody waits who could sit there.
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { JoinedWaiting } from '@railhead/domain/seat-lock/events.ts';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import type { WaitlistEvent } from '@railhead/domain/waitlist/events.ts';
import { Violation } from '../world/violation.ts';
import { type ClassTruth, freeSeats } from './class-truth.ts';

export type WaitlistTruth = { status: string; prepayFen: number; submittedAt: string };

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

  /** Requests that have not come to their end. */
  unfinished(): readonly string[] {
    return [...this.byNumber]
      .filter(([, { status }]) => status !== 'SUCCESS' && status !== 'FAIL')
      .map(([waitlistNo]) => waitlistNo);
  }

  add(waitlistNo: string, event: WaitlistEvent & RecordedEvent): void {
    const known = this.byNumber.get(waitlistNo) ?? { status: '', prepayFen: 0, submittedAt: '' };
    const [from, to] = FOLLOWS[event.type];
    if (!from.includes(known.status))
      throw new Violation('WAITLIST_BACKWARDS', `${event.type} for ${waitlistNo}, which is ${known.status}`);
    known.status = to;
    if (event.type === 'WaitlistSubmitted') {
      known.prepayFen = event.data.prepayFen;
      known.submittedAt = event.meta.at;
    }
    this.byNumber.set(waitlistNo, known);
  }

  /** Has it its place by when it was submitted? */
  assertPlace({ waitlistNo, since }: JoinedWaiting): void {
    const at = this.byNumber.get(waitlistNo)?.submittedAt;
    if (at !== since)
      throw new Violation('PLACE_WRONG', `${waitlistNo} was submitted at ${at}, and waits since ${since}`);
  }

  isMatching(waitlistNo: string): boolean {
    return this.byNumber.get(waitlistNo)?.status === 'MATCHING';
  }
}

const partyOf = ({ wants }: Pick<JoinedWaiting, 'wants'>): number => wants.length;

/** Had the one the place before the other? */
const isBefore = (a: JoinedWaiting, b: JoinedWaiting): boolean => {
  const [first, second] = [Date.parse(a.since), Date.parse(b.since)];
  return first < second || (first === second && a.waitlistNo < b.waitlistNo);
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
