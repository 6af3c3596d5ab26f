// A new owner takes over a class of a run. It opens the book under the next epoch, aborts locks that were never
// committed, and releases holds of locks that have ended. Afterwards every lock holds all its segments or none.
import { leftovers } from '@railhead/domain/class-stock/class-stock.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import { decide as decideBook } from '@railhead/domain/seat-lock/decide.ts';
import type { Clock } from '../ports/clock.ts';
import { metaOf } from '../streams/append.ts';
import type { BatchContext } from './batch.ts';
import { Draft } from './draft.ts';

export type NewOwner = { readonly owner: string; readonly clock: Clock };

/** Attempts of a takeover that meets other writers. */
const MAX_ATTEMPTS = 20;

/**
 * The streams must just have been read into the stock. False: another owner took the book meanwhile. A hold made now
 * might carry that owner's epoch, so read everything again and take over again.
 */
export const takeOver = async (context: BatchContext, { owner, clock }: NewOwner): Promise<boolean> => {
  const meta = (commandId: string): EventMeta => metaOf(clock, { commandId, actor: owner, correlationId: commandId });
  await openBook(context, owner, meta);
  if (context.stock.book.owner === owner) await mend(context, meta);
  return context.stock.book.owner === owner;
};

const openBook = async (
  { store, stock, streams, choosing }: BatchContext,
  owner: string,
  meta: (commandId: string) => EventMeta,
): Promise<void> => {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const decision = decideBook(stock.book, { type: 'OpenBook', owner });
    if (!decision.ok) throw new Error(decision.refusal.detail);
    const epoch = stock.book.epoch + 1;
    const entries = decision.value.map((event) => ({ lockId: '', event, meta: meta(`open-${owner}-${epoch}`) }));
    const append = streams.bookAppend(entries, epoch);
    const [result] = await store.append([append]);
    if (result?.ok === true) {
      const draft = new Draft(stock, choosing());
      for (const entry of entries) draft.onBook(entry.lockId, entry.event, entry.meta);
      streams.wroteBook(append.events.length, entries.length);
      // This finds the holds that were written before the book was taken. A later one fails at its segment's revision.
      await streams.readAll(stock);
      return;
    }
    await streams.readBook(stock);
  }
  throw new Error(`the book ${streams.bookName} changed hands ${MAX_ATTEMPTS} times in a row`);
};

/** The book gets the aborts first, then the segments get the releases. Safe to repeat after a crash at any point. */
const mend = async (context: BatchContext, meta: (commandId: string) => EventMeta): Promise<void> => {
  const { store, stock, streams, choosing } = context;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const { epoch } = stock.book;
    const { toAbort, toRelease } = leftovers(stock, epoch);
    if (toRelease.size === 0) return;
    const draft = new Draft(stock, choosing());
    for (const lockId of toAbort) {
      const decision = decideBook(stock.book, { type: 'Abort', lockId, reason: 'held without a commit record' });
      if (decision.ok) for (const event of decision.value) draft.onBook(lockId, event, meta(`abort-${lockId}`));
    }
    if (draft.book.length > 0) {
      const append = streams.bookAppend(draft.book, epoch);
      const [booked] = await store.append([append]);
      if (booked?.ok !== true) {
        draft.undo();
        await streams.readAll(stock);
        continue;
      }
      streams.wroteBook(append.events.length, draft.book.length);
    }
    const releasing = meta(`release-${stock.book.owner}-${epoch}`);
    await releaseOnSegments(context, toRelease, () => releasing);
  }
};

/**
 * Appends the releases to each segment. Where another writer was first, reads the segment and releases what is left.
 */
export const releaseOnSegments = async (
  { store, stock, streams, choosing }: BatchContext,
  toRelease: ReadonlyMap<string, readonly number[]>,
  metaFor: (lockId: string) => EventMeta,
): Promise<void> => {
  let wanted = new Map([...toRelease].map(([lockId, segments]) => [lockId, new Set(segments)]));
  for (let attempt = 0; wanted.size > 0 && attempt < MAX_ATTEMPTS; attempt += 1) {
    const draft = new Draft(stock, choosing());
    for (const [lockId, segments] of wanted) draft.releaseSegments(lockId, segments, metaFor(lockId));
    const pending = [...draft.segments];
    const { epoch } = stock.book;
    const appends = pending.map(([seq, entries]) => streams.segmentAppend(seq, entries, epoch));
    const results = await store.append(appends);
    const rest = new Map<string, Set<number>>();
    for (const [index, [seq, entries]] of pending.entries()) {
      if (results[index]?.ok === true) {
        streams.wroteSegment(seq, appends[index]?.events.length ?? 0, entries.length);
        continue;
      }
      draft.undoSegment(seq);
      await streams.readSegment(stock, seq);
      for (const { lockId } of entries) rest.set(lockId, (rest.get(lockId) ?? new Set()).add(seq));
    }
    wanted = rest;
  }
};
