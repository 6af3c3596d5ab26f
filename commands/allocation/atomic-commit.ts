// The commit of a batch where the store writes several streams atomically: every stream or none, orders included.
import { refuse } from '@railhead/domain/kernel/decision.ts';
import type { AppendResult, StreamAppend } from '../ports/event-store.ts';
import { type BatchContext, type BatchOutcome, servingIn } from './batch.ts';
import { Draft } from './draft.ts';
import type { LockOutcome, Operation } from './operation.ts';
import { servedAppend } from './served.ts';

type Place =
  | { readonly kind: 'segment'; readonly seq: number }
  | { readonly kind: 'book' }
  | { readonly kind: 'follow'; readonly index: number }
  | { readonly kind: 'served'; readonly waitlistNo: string };

/** A batch decided on the stock in memory, with every append that makes it true. */
export type PreparedBatch = {
  readonly operations: readonly Operation[];
  readonly outcomes: readonly LockOutcome[];
  readonly appends: readonly StreamAppend[];
  readonly places: readonly Place[];
  /** Does the batch write to the book? Only such an append proves that no other owner decides meanwhile. */
  readonly fenced: boolean;
  /** Takes the decisions back. Several prepared batches must be rolled back in reverse order. */
  rollBack(): void;
};

/** Decides the operations in order. From here on the streams count as written, unless the batch is rolled back. */
export const prepareBatch = (context: BatchContext, operations: readonly Operation[]): PreparedBatch => {
  const { choosing, stock, streams } = context;
  const draft = new Draft(stock, choosing(), servingIn(context));
  /** How many had been served when each operation was decided. */
  const servedBy: number[] = [];
  const outcomes = operations.map((operation) => {
    const outcome = draft.decide(operation);
    servedBy.push(draft.served.length);
    return outcome;
  });
  draft.serve();
  const { epoch } = stock.book;
  const appends: StreamAppend[] = [];
  const places: Place[] = [];
  const undone: (() => void)[] = [];
  for (const [seq, entries] of draft.segments) {
    const append = streams.segmentAppend(seq, entries, epoch);
    const [events, decisions] = [append.events.length, entries.length];
    appends.push(append);
    places.push({ kind: 'segment', seq });
    streams.wroteSegment(seq, events, decisions);
    undone.push(() => streams.wroteSegment(seq, -events, -decisions));
  }
  const fenced = draft.book.length > 0;
  if (fenced) {
    const append = streams.bookAppend(draft.book, epoch);
    const [events, decisions] = [append.events.length, draft.book.length];
    appends.push(append);
    places.push({ kind: 'book' });
    streams.wroteBook(events, decisions);
    undone.push(() => streams.wroteBook(-events, -decisions));
  }
  // In the order in which they were decided.
  let told = 0;
  const tellServed = (upTo: number): void => {
    for (const served of draft.served.slice(told, upTo)) {
      appends.push(servedAppend(served, streams.key.seatClass));
      places.push({ kind: 'served', waitlistNo: served.waiting.waitlistNo });
    }
    told = Math.max(told, upTo);
  };
  for (const [index, operation] of operations.entries()) {
    tellServed(servedBy[index] ?? 0);
    const outcome = outcomes[index];
    const follow = outcome === undefined ? undefined : operation.order?.eventFor(outcome);
    if (follow === undefined) continue;
    appends.push(follow);
    places.push({ kind: 'follow', index });
  }
  tellServed(draft.served.length);
  const rollBack = (): void => {
    draft.undo();
    for (const undo of undone) undo();
  };
  return { operations, outcomes, appends, places, fenced, rollBack };
};

export const isWritten = (results: readonly AppendResult[]): boolean => results.every((result) => result.ok);

/** Takes one batch from decision to answer. */
export const commitAtomically = async (
  context: BatchContext,
  operations: readonly Operation[],
): Promise<BatchOutcome> => {
  const batch = prepareBatch(context, operations);
  if (!batch.fenced && !(await context.streams.isCurrent(context.stock))) {
    batch.rollBack();
    await context.streams.readAll(context.stock);
    return { kind: 'conflict' };
  }
  if (batch.appends.length === 0) return { kind: 'done', answers: batch.outcomes };
  let results: readonly AppendResult[];
  try {
    results = await context.store.append(batch.appends, { atomic: true });
  } catch (error) {
    batch.rollBack();
    throw error;
  }
  if (isWritten(results)) return { kind: 'done', answers: batch.outcomes };
  batch.rollBack();
  return resolveConflict(context, batch, results);
};

/** Reads what other writers wrote. Operations whose order has moved on are refused; the others are decided again. */
const resolveConflict = async (
  { stock, streams, gone }: BatchContext,
  { operations, places }: PreparedBatch,
  results: readonly AppendResult[],
): Promise<BatchOutcome> => {
  const answers: (LockOutcome | 'again')[] = operations.map(() => 'again');
  let moved = false;
  let stale = false;
  for (const [index, result] of results.entries()) {
    const place = places[index];
    if (result.ok || result.code !== 'WRONG_REVISION' || place === undefined) continue;
    if (place.kind === 'follow') {
      answers[place.index] = refuse('ORDER_MOVED', 'another decision about the order was written first');
      moved = true;
    } else if (place.kind === 'served') gone.add(place.waitlistNo);
    else stale = true;
  }
  // All segments, not just the refused ones: the other owner may have committed locks with holds on any of them.
  if (stale) await streams.readAll(stock);
  return moved ? { kind: 'done', answers } : { kind: 'conflict' };
};
