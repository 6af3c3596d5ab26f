// A class's stock as text, with the revision of each of its streams up to which it was folded.
import {
  applyToSegment,
  type ClassStock,
  segmentAt,
  untouchedStock,
} from '@railhead/domain/class-stock/class-stock.ts';
import type { JoinedWaiting } from '@railhead/domain/seat-lock/events.ts';
import { keptOnSegment, type LockStatus, occupies, type SeatLock } from '@railhead/domain/seat-lock/fold.ts';
import { inOrder, isWaiting, joinLine, type Waiting } from '@railhead/domain/seat-lock/waiting.ts';
import type { SeatHold } from '@railhead/domain/segment-inventory/events.ts';
import type { Seat } from '@railhead/domain/train-run/composition.ts';

/** Raised when the stock or this form of it changes; a snapshot of another version is not used. */
const VERSION = 5;

/** The last folded event of a stream; `revision` -1 and an empty id before the first. */
export type StreamMark = { readonly revision: number; readonly id: string };

type SavedSegment = {
  readonly seats: number;
  /** Locks that hold just what they have in the book, in the order in which they were held. */
  readonly holds: readonly string[];
  /** Holds of other seats than the book gives their lock, or of a lock that has none. */
  readonly uncommitted: readonly SeatHold[];
};

type SavedState = {
  readonly version: number;
  readonly owner: string;
  readonly epoch: number;
  readonly closed: ClassStock['book']['closed'] | null;
  readonly held: readonly (readonly [lockId: string, lock: SeatLock])[];
  /** Locks that have ended: only their order is still needed. */
  readonly ended: readonly (readonly [lockId: string, status: LockStatus, orderNo: string | null, epoch: number])[];
  readonly waiting: readonly JoinedWaiting[];
  readonly segments: readonly SavedSegment[];
};

export type ClassSnapshot = SavedState & {
  readonly bookMark: StreamMark;
  readonly segmentMarks: readonly StreamMark[];
};

/** The present stock as text. With the marks of the last folded events it becomes a snapshot (`snapshotText`). */
export const stateText = (stock: ClassStock): string => JSON.stringify(stateOf(stock));

export const snapshotText = (state: string, marks: Pick<ClassSnapshot, 'bookMark' | 'segmentMarks'>): string =>
  `${state.slice(0, -1)},${JSON.stringify(marks).slice(1)}`;

const stateOf = ({ book, segments }: ClassStock): SavedState => {
  const held: [string, SeatLock][] = [];
  const ended: [string, LockStatus, string | null, number][] = [];
  for (const [lockId, lock] of book.locks)
    if (occupies(lock)) held.push([lockId, lock]);
    else ended.push([lockId, lock.status, lock.plan?.orderNo ?? null, lock.plan?.epoch ?? 0]);
  const { owner, epoch, closed = null } = book;
  return {
    version: VERSION,
    owner,
    epoch,
    closed,
    held,
    ended,
    waiting: inOrder(book.line)
      .filter((one) => isWaiting(book.line, one))
      .map(joinedOf),
    segments: segments.map((segment, seq) => {
      const holds: string[] = [];
      const uncommitted: SeatHold[] = [];
      for (const [lockId, hold] of segment.holds)
        if (isAsBooked(book.locks.get(lockId), seq, hold.seats)) holds.push(lockId);
        else uncommitted.push(hold);
      return { seats: segment.seats, holds, uncommitted };
    }),
  };
};

/** As the log has it. */
const joinedOf = ({ sinceMs: _, untilMs: __, kind: ___, countsFromMs: ____, rank: _____, ...joined }: Waiting) =>
  joined;

const isAsBooked = (lock: SeatLock | undefined, seq: number, held: readonly number[]): boolean =>
  lock !== undefined && occupies(lock) && (lock.gone === undefined || keptOnSegment(lock, seq).length === held.length);

/** The snapshot in a text; undefined if the text is none, or one of another version. */
export const parseSnapshot = (text: string | undefined): ClassSnapshot | undefined => {
  if (text === undefined) return undefined;
  try {
    // Safe cast: only `snapshotText` writes these texts, and the version below rejects those of another form.
    const snapshot = JSON.parse(text) as ClassSnapshot;
    return snapshot.version === VERSION ? snapshot : undefined;
  } catch {
    return undefined;
  }
};

/** The stock of a snapshot; undefined if it does not fit a run with so many segments. */
export const stockFrom = (
  snapshot: ClassSnapshot,
  seats: readonly Seat[],
  segments: number,
): ClassStock | undefined => {
  if (snapshot.segments.length !== segments) return undefined;
  const stock = untouchedStock(seats, segments);
  const { book } = stock;
  book.owner = snapshot.owner;
  book.epoch = snapshot.epoch;
  book.closed = snapshot.closed ?? undefined;
  for (const [lockId, status, orderNo, epoch] of snapshot.ended) {
    book.locks.set(lockId, orderNo === null ? { status } : { status, plan: { orderNo, epoch, legs: [] } });
    if (orderNo !== null) book.lockOf.set(orderNo, lockId);
  }
  for (const [lockId, lock] of snapshot.held) {
    book.locks.set(lockId, lock);
    if (lock.plan !== undefined) book.lockOf.set(lock.plan.orderNo, lockId);
  }
  for (const waiting of snapshot.waiting) joinLine(book.line, waiting);
  for (const [seq, saved] of snapshot.segments.entries()) {
    if (saved.seats < 0) continue;
    applyToSegment(stock, seq, { type: 'SegmentOpened', version: 1, data: { seats: saved.seats } });
    const holds: SeatHold[] = [];
    for (const lockId of saved.holds) {
      const lock = book.locks.get(lockId);
      if (lock?.plan === undefined) return undefined;
      holds.push({ lockId, seats: keptOnSegment(lock, seq) });
    }
    const all = [...holds, ...saved.uncommitted];
    applyToSegment(stock, seq, { type: 'SeatsHeld', version: 2, data: { holds: all } });
    if (segmentAt(stock, seq).contradiction !== undefined) return undefined;
  }
  return stock;
};
