// The commit of a batch where the store writes several streams at once: every stream or none, orders included.
import { refuse } from '@railhead/domain/kernel/decision.ts';
import type { AppendResult, StreamAppend } from '../ports/event-store.ts';
import type { BatchContext, BatchOutcome } from './class-allocator.ts';
import { Draft } from './draft.ts';
import type { LockOutcome, Operation } from './operation.ts';

type Place =
  | { readonly kind: 'segment'; readonly seq: number }
  | { readonly kind: 'book' }
  | { readonly kind: 'follow'; readonly index: number };

export const commitAtomically = async (
  { store, policy, stock, streams }: BatchContext,
  operations: readonly Operation[],
): Promise<BatchOutcome> => {
  const draft = new Draft(stock, policy);
  const outcomes = operations.map((operation) => draft.decide(operation));
  const { epoch } = stock.book;
  const appends: StreamAppend[] = [];
  const places: Place[] = [];
  for (const [seq, entries] of draft.segments) {
    appends.push(streams.segmentAppend(seq, entries, epoch));
    places.push({ kind: 'segment', seq });
  }
  if (draft.book.length > 0) {
    appends.push(streams.bookAppend(draft.book, epoch));
    places.push({ kind: 'book' });
  }
  for (const [index, operation] of operations.entries()) {
    const outcome = outcomes[index];
    const follow = outcome === undefined ? undefined : operation.follow?.(outcome);
    if (follow === undefined) continue;
    appends.push(follow);
    places.push({ kind: 'follow', index });
  }
  if (appends.length === 0) return { kind: 'done', answers: outcomes };
  let results: readonly AppendResult[];
  try {
    results = await store.append(appends, { atomic: true });
  } catch (error) {
    draft.undo();
    throw error;
  }
  if (results.every((result) => result.ok)) {
    for (const [seq, entries] of draft.segments) streams.wroteSegment(seq, entries.length);
    streams.wroteBook(draft.book.length);
    return { kind: 'done', answers: outcomes };
  }
  draft.undo();
  return resolveConflict({ stock, streams }, operations, places, results);
};

/** Reads what other writers wrote; an order that moved on meanwhile leaves the batch, the rest is decided again. */
const resolveConflict = async (
  { stock, streams }: Pick<BatchContext, 'stock' | 'streams'>,
  operations: readonly Operation[],
  places: readonly Place[],
  results: readonly AppendResult[],
): Promise<BatchOutcome> => {
  const answers: (LockOutcome | 'again')[] = operations.map(() => 'again');
  let moved = false;
  for (const [index, result] of results.entries()) {
    const place = places[index];
    if (result.ok || result.code !== 'WRONG_REVISION' || place === undefined) continue;
    if (place.kind === 'segment') await streams.readSegment(stock, place.seq);
    else if (place.kind === 'follow') {
      answers[place.index] = refuse('ORDER_MOVED', 'the order was decided otherwise meanwhile');
      moved = true;
    }
  }
  // After the segments, so that of every hold read its decision is read too.
  await streams.readBook(stock);
  return moved ? { kind: 'done', answers } : { kind: 'conflict' };
};
