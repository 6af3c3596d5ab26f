// Recognises a repeated append: its events are in the stream already, with the same ids.
import type { ExpectedRevision } from '@railhead/commands/ports/event-store.ts';

/** Where no exact revision is expected, a repeat is looked for among so many of the newest events. */
const TAIL = 256;

/**
 * The revision of the last of `ids`, if all of them are in the stream where the append would have put them; otherwise
 * undefined. An exact expectation gives one place; for `any` and `exists` the last 256 events are searched.
 * `idsFrom(revision, limit)` gives the stream's ids in order.
 */
export const repeatRevision = (
  expected: ExpectedRevision,
  actual: number,
  ids: readonly string[],
  idsFrom: (revision: number, limit: number) => readonly string[],
): number | undefined => {
  const exact = typeof expected === 'number' ? expected : expected === 'noStream' ? -1 : undefined;
  if (exact !== undefined) {
    if (actual < exact + ids.length) return undefined;
    const there = idsFrom(exact + 1, ids.length);
    return ids.every((id, index) => there[index] === id) ? exact + ids.length : undefined;
  }
  if (actual < 0) return undefined;
  const start = Math.max(0, actual - TAIL - ids.length + 1);
  const tail = idsFrom(start, actual - start + 1);
  const first = tail.lastIndexOf(ids[0] ?? '');
  if (first < 0 || !ids.every((id, index) => tail[first + index] === id)) return undefined;
  return start + first + ids.length - 1;
};
