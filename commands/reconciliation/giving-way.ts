// Lets the sale go first: between two pages of its work a comparison waits while the process has no time to spare.
import { type Clock, pause } from '../ports/clock.ts';

/** How often it looks whether the rush is over, and how long one page waits at most. */
const LOOKS_EVERY_MS = 100;
const WAITS_AT_MOST_MS = 2_000;

/** `waitsAtMostMs`: one page. `breathe` lets everything else that waits for the thread go first. Rejects with what the signal was aborted with. */
export const givingWay =
  (
    clock: Pick<Clock, 'after'>,
    isBusy: () => boolean,
    breathe: () => Promise<unknown>,
    waitsAtMostMs = WAITS_AT_MOST_MS,
  ) =>
  async (signal: AbortSignal): Promise<void> => {
    await breathe();
    for (let waitedMs = 0; waitedMs < waitsAtMostMs && isBusy(); waitedMs += LOOKS_EVERY_MS) {
      signal.throwIfAborted();
      await pause(clock, LOOKS_EVERY_MS);
    }
    signal.throwIfAborted();
  };
