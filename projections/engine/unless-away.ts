// A repair that a store refuses, or a log that is away, is left for the next time.
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';

/** False: what was to be written could not be. */
export const unlessAway = async (work: () => Promise<boolean>): Promise<boolean> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EventStoreError) return false;
    throw error;
  }
};
