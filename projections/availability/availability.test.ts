// The read model of free seats in memory, with what it keeps, and on a store that processes have together.
import { afterAll, beforeAll } from '@jest/globals';
import { availabilityContract } from '@railhead/tests/contract/availability.contract.ts';
import { availabilityOperationsContract } from '@railhead/tests/contract/availability-operations.contract.ts';
import type { AvailabilityPlace } from '@railhead/tests/support/availability-place.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { MemoryStates, StatesDisk } from '@railhead/tests/support/memory-states.ts';
import { readSideOf } from '@railhead/tests/support/read-side.ts';
import type { ReadDatabase } from '../engine/read-database.ts';
import { availabilityModel } from './availability.ts';
import { sharedAvailability } from './shared-availability.ts';

/** States are written as often as that can be. */
const OFTEN = { minEvents: 1, eventsPerState: 0, statesPerSlice: 1 };

let database: ReadDatabase;
beforeAll(async () => {
  database = await readSideOf(availabilityModel);
});
afterAll(() => database.db.destroy());

/** Keeps nothing before its end. */
const inMemory = async (): Promise<AvailabilityPlace> => ({
  open: () => availabilityModel.open(database),
  close: async () => {},
});

const kept = async (): Promise<AvailabilityPlace> => {
  const own = await readSideOf(availabilityModel);
  return { open: () => availabilityModel.open({ ...own, keeping: OFTEN }), close: () => own.db.destroy() };
};

/** Whoever feeds it remembers two names only. */
const shared = async (): Promise<AvailabilityPlace> => {
  const disk = new StatesDisk();
  return {
    open: (log) => sharedAvailability(new MemoryStates(disk, { owner: 'one', clock: realClock }), log, 2),
    close: async () => {},
  };
};

availabilityContract('in memory', inMemory);
availabilityContract('kept on disk', kept, 50);
availabilityContract('in a store of several processes', shared, 100);
availabilityOperationsContract('kept on disk', kept);
availabilityOperationsContract('in a store of several processes', shared);
