// Every lock is whole: its plan in the book is held on every segment of the way, and the book had ended whatever the
// segments released. Late assignment gives a seat to one traveller only.
import { assignedTwice } from '@railhead/domain/class-stock/class-stock.ts';
import { keptOnSegment, occupies } from '@railhead/domain/seat-lock/fold.ts';
import { seatsOnSegment, segmentsOf } from '@railhead/domain/seat-lock/plan.ts';
import type { AuditedClass } from '../ledger.ts';
import type { PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

export const locksWhole: PromiseOf = (ledger) => ({
  categories: [],
  observe() {
    // Some stores write segments and book one after another, so they are compared in `findings`.
  },
  findings() {
    const found = new Violations();
    for (const audited of ledger.classes.values()) {
      for (const wrong of brokenLocks(audited)) found.add('LOCK_BROKEN', `${audited.key}: ${wrong}`);
      const twice = assignedTwice(audited.stock);
      if (twice !== undefined) found.add('SEAT_TWICE', `${audited.key}: ${twice}`);
    }
    return found.list;
  },
});

function* brokenLocks({ stock, givenBack }: AuditedClass): Iterable<string> {
  const { book, segments } = stock;
  for (const [lockId, lock] of book.locks) {
    const { plan } = lock;
    if (plan === undefined || !occupies(lock)) continue;
    for (const seq of segmentsOf(plan)) {
      const segment = segments[seq];
      // A segment with a contradiction proves nothing any more.
      if (segment?.contradiction !== undefined) continue;
      // Those of travellers who gave theirs back are still to be released, or are.
      const seats = segment?.holds.get(lockId)?.seats ?? [];
      const kept = keptOnSegment(lock, seq);
      const isHeld = kept.every((seat) => seats.includes(seat));
      if (!isHeld || !seats.every((seat) => seatsOnSegment(plan, seq).includes(seat)))
        yield `${lockId} does not hold its seats on segment ${seq}`;
    }
  }
  for (const [seq, { holds, contradiction }] of segments.entries()) {
    if (contradiction !== undefined) continue;
    for (const lockId of holds.keys()) {
      const lock = book.locks.get(lockId);
      if (occupies(lock) && lock?.plan !== undefined && !segmentsOf(lock.plan).includes(seq))
        yield `${lockId} holds segment ${seq}, which is not on its way`;
    }
  }
  for (const lockId of givenBack)
    if (!book.locks.has(lockId)) yield `${lockId} gave seats back, the book never ended it`;
}
