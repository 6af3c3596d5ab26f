// A model that the sale does not need lets it go first.
import { type Clock, pause } from '@railhead/commands/ports/clock.ts';

/** How often a model that gives way looks whether the rush is over, and how long it waits at most for a batch. */
const GIVES_WAY_MS = 100;
const GIVES_WAY_AT_MOST_MS = 60_000;

/** Resolves when the process has time to spare, when somebody waits for the model, or after a minute. */
export const giveWay = async (
  isBusy: () => boolean,
  clock: Clock,
  isAwaited: () => boolean,
  ending: AbortSignal,
): Promise<void> => {
  for (let waitedMs = 0; waitedMs < GIVES_WAY_AT_MOST_MS; waitedMs += GIVES_WAY_MS) {
    if (!isBusy() || isAwaited() || ending.aborted) return;
    await pause(clock, GIVES_WAY_MS);
  }
};
