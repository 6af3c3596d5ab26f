// The commit of a batch where the store appends to one stream at a time: Try on the segments, then the commit record
// in the book, then the orders. A crash between any two appends leaves what recovery can finish or abort.

import { leftovers, segmentAt } from '@railhead/domain/class-stock/class-stock.ts';
import { accept, refuse } from '@railhead/domain/kernel/decision.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import { decide as decideBook } from '@railhead/domain/seat-lock/decide.ts';
import { decide as decideSegment } from '@railhead/domain/segment-inventory/decide.ts';
import type { BatchContext, BatchOutcome } from './batch.ts';
import { type BookEntry, Draft, isCommitRecord } from './draft.ts';
import type { LockOutcome, Operation } from './operation.ts';
import { releaseOnSegments } from './recovery.ts';

/** How often one batch asks a segment that others keep moving, before it gives the whole batch up. */
const MAX_SEGMENT_ATTEMPTS = 8;

const TAKE_OVER: BatchOutcome = { kind: 'takeOver' };

export const commitByTry = async (context: BatchContext, operations: readonly Operation[]): Promise<BatchOutcome> => {
  const draft = new Draft(context.stock, context.choosing());
  const seen = new Set<string>();
  let isClosing = false;
  const outcomes = operations.map((operation): LockOutcome | 'again' => {
    // In the book, what ends locks comes first, then what begins them, then the closing. So a lock that begins here ends
    // in the next batch at the earliest, and what was decided after the closing has to wait for the next batch too.
    if (isClosing || seen.has(operation.orderNo)) return 'again';
    seen.add(operation.orderNo);
    if (operation.kind === 'close') isClosing = true;
    return draft.decide(operation);
  });
  const acquired = draft.book.filter(({ event }) => isCommitRecord(event));
  const closing = draft.book.filter(({ event }) => event.type === 'BookClosed' || event.type === 'SeatsAssigned');
  const ended = draft.book.filter((entry) => !acquired.includes(entry) && !closing.includes(entry));
  if (draft.book.length === 0 && !(await context.streams.isCurrent(context.stock))) return TAKE_OVER;
  if (!(await writeBook(context, ended))) return TAKE_OVER;
  const lost = await holdSegments(context, draft);
  if (lost === 'contended') return TAKE_OVER;
  // Whoever was given a seat before the book closed has it: the closing comes last.
  if (!(await writeBook(context, [...decided(context, acquired, lost), ...closing]))) return TAKE_OVER;
  if (lost.size > 0) await releaseLost(context, lost, acquired);
  const answers = outcomes.map((outcome): LockOutcome | 'again' => {
    if (lost.size === 0 || outcome === 'again') return outcome;
    // Seats that were lost may be free for those who were told there are none.
    if (!outcome.ok) return outcome.refusal.code === 'SOLD_OUT' ? 'again' : outcome;
    return lost.has(outcome.value.lockId) ? 'again' : accept(outcome.value);
  });
  return { kind: 'done', answers: await writeFollows(context, operations, answers) };
};

const writeBook = async ({ store, streams, stock }: BatchContext, entries: readonly BookEntry[]): Promise<boolean> => {
  if (entries.length === 0) return true;
  const [result] = await store.append([streams.bookAppend(entries, stock.book.epoch)]);
  if (result?.ok === true) streams.wroteBook(entries.length);
  return result?.ok === true;
};

/** Writes the draft to the segments; where another writer was first, keeps what still fits. Returns the locks lost. */
const holdSegments = async (
  { store, stock, streams, metAnother }: BatchContext,
  draft: Draft,
): Promise<ReadonlySet<string> | 'contended'> => {
  const lost = new Set<string>();
  let pending = [...draft.segments];
  for (let attempt = 0; pending.length > 0; attempt += 1) {
    if (attempt === MAX_SEGMENT_ATTEMPTS) return 'contended';
    const { epoch } = stock.book;
    const results = await store.append(pending.map(([seq, entries]) => streams.segmentAppend(seq, entries, epoch)));
    const refused = pending.filter((_, index) => results[index]?.ok !== true);
    if (refused.length > 0) metAnother();
    for (const [index, [seq, entries]] of pending.entries())
      if (results[index]?.ok === true) streams.wroteSegment(seq, entries.length);
    for (const [seq, entries] of refused) {
      draft.undoSegment(seq);
      await streams.readSegment(stock, seq);
      const segment = segmentAt(stock, seq);
      for (const { lockId, event, meta } of entries) {
        if (event.type === 'SegmentOpened' || event.type === 'SegmentExtended') {
          const opened = decideSegment(segment, { type: 'Open', seats: event.data.seats });
          if (opened.ok) for (const again of opened.value) draft.onSegment(seq, lockId, again, meta);
        } else if (event.type === 'SeatsReleased') {
          if (segment.holds.has(lockId)) draft.onSegment(seq, lockId, event, meta);
        } else if (!lost.has(lockId)) {
          if (decideSegment(segment, { type: 'Hold', ...event.data }).ok) draft.onSegment(seq, lockId, event, meta);
          else lost.add(lockId);
        }
      }
    }
    // A hold of a dead owner has arrived late: nobody but a takeover ends it.
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
    if (isCommitRecord(event)) stock.book.lockOf.delete(event.data.plan.orderNo);
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
  const metas = new Map<string, EventMeta>(acquired.map(({ lockId, meta }) => [`release-${lockId}`, meta]));
  const toRelease = new Map<string, number[]>();
  for (const [seq, segment] of context.stock.segments.entries())
    for (const lockId of segment.holds.keys())
      if (lost.has(lockId)) toRelease.set(lockId, [...(toRelease.get(lockId) ?? []), seq]);
  const metaOf = (commandId: string): EventMeta => {
    const meta = metas.get(commandId);
    if (meta === undefined) throw new Error(`no meta for ${commandId}`);
    return { ...meta, commandId };
  };
  await releaseOnSegments(context, toRelease, metaOf);
};

/** Each order's own event; it can be derived from the book again if this is cut short. */
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
      settled[index] = refuse('ORDER_MOVED', 'the order was decided otherwise meanwhile');
  }
  return settled;
};
