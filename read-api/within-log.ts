// Feeds by position: whoever follows the log may come back after an older log was put in its place.
import type { EventStore, Position } from '@railhead/commands/ports/event-store.ts';
import { Problem } from '@railhead/http/problem.ts';

/** Throws `Problem` MOMENT_IN_FUTURE: nothing is told as delivered that the log does not have yet. */
export const assertWithinLog = async (store: Pick<EventStore, 'lastPosition'>, after: Position): Promise<void> => {
  if (after === 0) return;
  const end = await store.lastPosition();
  if (after > end) throw new Problem('MOMENT_IN_FUTURE', `the log ends at position ${end}`, { position: end });
};
