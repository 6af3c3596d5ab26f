// The commit of a batch where the store appends to one stream at a time: Try on the segments, then the commit records
// in the book, then the orders' events. Recovery finishes or aborts whatever a crash between two appends leaves.
//
// Why it is as it is:
// - No append covers two streams, so a single event has to decide a lock: its commit record, or its abort, in the book.
//   A hold on a segment is only a claim until the book has one of them.
// - Holds are written before the book, so that a commit record never lacks a hold. Endings are written the other way
//   round, book first, so that no seat is free while its lock still stands.
// - For this reason a lock that begins in a batch must end in a later one. No batch has two operations of an order.
// - A refused segment means that another writer was first there. The segment is read and decided again; only locks
//   whose seats are gone are lost. The book gets an abort for each of them, and their other holds are released.
// - A refused book means that another owner has opened it. This owner must not decide any more and takes over again.
//   Its holds without a commit record have an old epoch by then, so that or any later takeover aborts them.
// - The closing of the book comes after the commit records: whoever got a seat before the closing keeps it.
// - An order's own event comes last. If it is missing after a crash, the order's process asks for the seats again and
//   gets the lock that the book has.

import { leftovers, segmentAt } from '@railhead/domain/class-stock/class-stock.ts';
import { accept, refuse } from '@railhead/domain/kernel/decision.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import { decide as decideBook } from '@railhead/domain/seat-lock/decide.ts';
import { commitsOf } from '@railhead/domain/seat-lock/events.ts';
import { restoreLine } from '@railhead/domain/seat-lock/waiting.ts';
import { decide as decideSegment } from '@railhead/domain/segment-inventory/decide.ts';
import { type BatchContext, type BatchOutcome, servingIn } from './batch.ts';
import { type BookEntry, Draft, type Served } from './draft.ts';
import type { LockOutcome, Operation } from './operation.ts';
import { releaseOnSegments } from './recovery.ts';
import { servedAppend } from './served.ts';

/** Attempts of one batch on segments that others keep writing, before it takes over again. */
const MAX_SEGMENT_ATTEMPTS = 8;

const TAKE_OVER: BatchOutcome = { kind: 'takeOver' };

export const commitByTry = async (context: BatchContext, operations: readonly Operation[]): Promise<BatchOutcome> => {
  const draft = new Draft(context.stock, context.choosing(), servingIn(context));
  let isClosing = false;
  const outcomes = operations.map((operation): LockOutcome | 'again' => {
    // In the book, what ends locks comes first, then what begins them, then the closing. So what was decided after the
    // closing has to wait for the next batch.
    if (isClosing) return 'again';
    if (operation.kind === 'close') isClosing = true;
    return draft.decide(operation);
  });
  if (!isClosing) draft.serve();
  const acquired = draft.book.filter(({ event }) => commitsOf(event).length > 0);
  const closing = draft.book.filter(({ event }) => event.type === 'BookClosed' || event.type === 'SeatsAssigned');
  const ended = draft.book.filter((entry) => !acquired.includes(entry) && !closing.includes(entry));
  if (draft.book.length === 0 && !(await context.streams.isCurrent(context.stock))) return TAKE_OVER;
  if (!(await writeBook(context, ended))) return TAKE_OVER;
  const taken = await holdSegments(context, draft);
  if (taken === 'contended') return TAKE_OVER;
  const lost = withThoseBehind(acquired, draft.served, taken);
  // The closing comes last: whoever got a seat in this batch keeps it.
  if (!(await writeBook(context, [...decided(context, acquired, lost), ...closing]))) return TAKE_OVER;
  if (lost.size > 0) await releaseLost(context, lost, acquired);
  await writeServed(context, draft.served, lost);
  const answers = outcomes.map((outcome): LockOutcome | 'again' => {
    if (lost.size === 0 || outcome === 'again') return outcome;
    // Lost seats may be free for somebody who was told that none were.
    if (!outcome.ok) return outcome.refusal.code === 'SOLD_OUT' ? 'again' : outcome;
    return lost.has(outcome.value.lockId) ? 'again' : accept(outcome.value);
  });
  const servesAgain = draft.served.some(({ lockId }) => lost.has(lockId));
  return { kind: 'done', answers: await writeFollows(context, operations, answers), servesAgain };
};

/**
 * Whoever waited and lost their seats to another writer is served again before those who were served, or bought, after
 * them: these lose their seats too, and are decided again.
 */
const withThoseBehind = (
  acquired: readonly BookEntry[],
  served: readonly Served[],
  lost: ReadonlySet<string>,
): ReadonlySet<string> => {
  const first = acquired.findIndex(({ lockId }) => lost.has(lockId) && served.some((one) => one.lockId === lockId));
  return first < 0 ? lost : new Set([...lost, ...acquired.slice(first).map(({ lockId }) => lockId)]);
};

const writeBook = async ({ store, streams, stock }: BatchContext, entries: readonly BookEntry[]): Promise<boolean> => {
  if (entries.length === 0) return true;
  const append = streams.bookAppend(entries, stock.book.epoch);
  const [result] = await store.append([append]);
  if (result?.ok === true) streams.wroteBook(append.events.length, entries.length);
  return result?.ok === true;
};

/** Appends the draft to the segments. Where another writer was first, keeps what still fits. Returns the lost locks. */
const holdSegments = async (
  { store, stock, streams, metAnother }: BatchContext,
  draft: Draft,
): Promise<ReadonlySet<string> | 'contended'> => {
  const lost = new Set<string>();
  let pending = [...draft.segments];
  for (let attempt = 0; pending.length > 0; attempt += 1) {
    if (attempt === MAX_SEGMENT_ATTEMPTS) return 'contended';
    const { epoch } = stock.book;
    const appends = pending.map(([seq, entries]) => streams.segmentAppend(seq, entries, epoch));
    const results = await store.append(appends);
    const refused = pending.filter((_, index) => results[index]?.ok !== true);
    if (refused.length > 0) metAnother();
    for (const [index, [seq, entries]] of pending.entries())
      if (results[index]?.ok === true) streams.wroteSegment(seq, appends[index]?.events.length ?? 0, entries.length);
    for (const [seq, entries] of refused) {
      draft.undoSegment(seq);
      await streams.readSegment(stock, seq);
      const segment = segmentAt(stock, seq);
      for (const { lockId, event, meta } of entries) {
        if (event.type === 'SegmentOpened' || event.type === 'SegmentExtended') {
          const opened = decideSegment(segment, { type: 'Open', seats: event.data.seats });
          if (opened.ok) for (const again of opened.value) draft.onSegment(seq, lockId, again, meta);
        } else if (event.type === 'SeatsReleased') {
          draft.releaseSegments(lockId, [seq], meta);
        } else if (!lost.has(lockId)) {
          const fits = event.data.holds.every((hold) => decideSegment(segment, { type: 'Hold', ...hold }).ok);
          if (fits) draft.onSegment(seq, lockId, event, meta);
          else lost.add(lockId);
        }
      }
    }
    // A late hold of an earlier epoch has appeared: only a takeover ends it.
    if (leftovers(stock, epoch).toAbort.length > 0) return 'contended';
    pending = refused
      .flatMap(([seq]) => {
        const entries = draft.segments.get(seq);
        return entries === undefined ? [] : [[seq, entries] as const];
      })
      .map(([seq, entries]) => [seq, entries]);
  }
  return lost;
};

/** The commit records, with an abort in place of each lock that lost a seat. */
const decided = (
  { stock }: BatchContext,
  acquired: readonly BookEntry[],
  lost: ReadonlySet<string>,
): readonly BookEntry[] =>
  acquired.flatMap((entry): readonly BookEntry[] => {
    const { lockId, event, meta } = entry;
    if (!lost.has(lockId)) return [entry];
    stock.book.locks.delete(lockId);
    for (const { plan } of commitsOf(event)) stock.book.lockOf.delete(plan.orderNo);
    const decision = decideBook(stock.book, { type: 'Abort', lockId, reason: 'another writer took a seat first' });
    if (!decision.ok) throw new Error(decision.refusal.detail);
    for (const _ of decision.value) stock.book.locks.set(lockId, { status: 'aborted' });
    return decision.value.map((abort) => ({ lockId, event: abort, meta }));
  });

const releaseLost = async (
  context: BatchContext,
  lost: ReadonlySet<string>,
  acquired: readonly BookEntry[],
): Promise<void> => {
  const metas = new Map<string, EventMeta>(acquired.map(({ lockId, meta }) => [lockId, meta]));
  const toRelease = new Map<string, number[]>();
  for (const [seq, segment] of context.stock.segments.entries())
    for (const lockId of segment.holds.keys())
      if (lost.has(lockId)) toRelease.set(lockId, [...(toRelease.get(lockId) ?? []), seq]);
  const metaFor = (lockId: string): EventMeta => {
    const meta = metas.get(lockId);
    if (meta === undefined) throw new Error(`no meta for ${lockId}`);
    return { ...meta, commandId: `release-${lockId}` };
  };
  await releaseOnSegments(context, toRelease, metaFor);
};

/**
 * Tells each request that it has seats, unless it lost them to another writer. One that is over by now gives them back
 * when it leaves the line; after a crash it asks for its place again, and is told of the seats.
 */
const writeServed = async (
  { store, stock, streams }: BatchContext,
  served: readonly Served[],
  lost: ReadonlySet<string>,
): Promise<void> => {
  for (const { waiting, lockId } of served)
    if (lost.has(lockId)) restoreLine(stock.book.line, waiting.waitlistNo, waiting);
  const appends = served
    .filter(({ lockId }) => !lost.has(lockId))
    .map((one) => servedAppend(one, streams.key.seatClass));
  if (appends.length > 0) await store.append(appends);
};

/** Appends each order's own event. After a crash the order's process derives it again. */
const writeFollows = async (
  { store }: BatchContext,
  operations: readonly Operation[],
  answers: readonly (LockOutcome | 'again')[],
): Promise<readonly (LockOutcome | 'again')[]> => {
  const indexes: number[] = [];
  const appends = operations.flatMap((operation, index) => {
    const answer = answers[index];
    const follow = answer === undefined || answer === 'again' ? undefined : operation.order?.eventFor(answer);
    if (follow === undefined) return [];
    indexes.push(index);
    return [follow];
  });
  if (appends.length === 0) return answers;
  const results = await store.append(appends);
  const settled = [...answers];
  for (const [at, result] of results.entries()) {
    const index = indexes[at];
    if (!result.ok && index !== undefined)
      settled[index] = refuse('ORDER_MOVED', 'another decision about the order was written first');
  }
  return settled;
};
