// The read model of free seats in memory, with what it keeps, and on a store that processes have together.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { availabilityContract } from '@railhead/tests/contract/availability.contract.ts';
import { availabilityOperationsContract } from '@railhead/tests/contract/availability-operations.contract.ts';
import { ANY, type AvailabilityPlace, beginning } from '@railhead/tests/support/availability-place.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { MemoryStates, StatesDisk } from '@railhead/tests/support/memory-states.ts';
import { readSideOf } from '@railhead/tests/support/read-side.ts';
import { DATE, planOf, SeatLog, SIZE } from '@railhead/tests/support/seat-log.ts';
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

/** Whoever feeds it remembers nothing from one batch to the next. */
const shared = async (): Promise<AvailabilityPlace> => {
  const disk = new StatesDisk();
  return {
    open: (log) =>
      sharedAvailability(new MemoryStates(disk, { owner: 'one', clock: realClock }), log, { remembered: 0 }),
    close: async () => {},
  };
};

availabilityContract('in memory', inMemory);
availabilityContract('kept on disk', kept, 50);
availabilityContract('in a store of several processes', shared, 100);
availabilityOperationsContract('kept on disk', kept);
availabilityOperationsContract('in a store of several processes', shared);

test('a batch writes what it changed and nothing else, and reads what is not remembered', async () => {
  const states = new MemoryStates(new StatesDisk(), { owner: 'one', clock: realClock });
  const [written, read]: [string[][], string[][]] = [[], []];
  const [move, readStates] = [states.move.bind(states), states.read.bind(states)];
  states.move = (...asked) => {
    written.push([...(asked[3]?.states.keys() ?? [])]);
    return move(...asked);
  };
  states.read = (model, names) => {
    if (names.length > 0) read.push([...names]);
    return readStates(model, names);
  };
  const model = await beginning(
    { open: (log) => sharedAvailability(states, log, { remembered: 4 }), close: async () => {} },
    ANY,
  );
  const log = new SeatLog();
  const next = async (): Promise<void> => {
    const position = log.events.length;
    await model.apply({ events: log.events, position, caughtUp: true });
  };
  const [one, other] = [`G1_${DATE}`, `G2_${DATE}`];
  for (const train of ['G1', 'G2']) log.run(train);
  await next();
  for (const train of ['G1', 'G1', 'G2', 'G1']) {
    const lockId = `L${log.events.length}`;
    const plan = planOf(0, 1, log.events.length % SIZE);
    log.hold(train, 'second', lockId, plan);
    log.acquire(train, 'second', lockId, plan);
    await next();
  }
  const ofClass = (run: string): readonly string[] => [`${run}_second`, `${run}_second+`];
  expect(written).toEqual([[one, other], ...[one, one, other, one].map((run) => [...ofClass(run)])]);
  // Four names are remembered: those of one class with its run, and one more.
  expect(read).toEqual([[one, other], [...ofClass(one)], [...ofClass(other)], [one, ...ofClass(one)]]);
  await model.end();
});
