// What is shown of free seats against the log: in memory, kept on disk, and on a store that processes have together.
import { expect, test } from '@jest/globals';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { stockReconciliationContract } from '@railhead/tests/contract/stock-reconciliation.contract.ts';
import { type AvailabilityPlace, beginning } from '@railhead/tests/support/availability-place.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { MemoryStates, StatesDisk } from '@railhead/tests/support/memory-states.ts';
import { readSideOf } from '@railhead/tests/support/read-side.ts';
import { planOf, SeatLog } from '@railhead/tests/support/seat-log.ts';
import type { ReadDatabase } from '../engine/read-database.ts';
import { StatesAway } from '../engine/state-store.ts';
import { availabilityModel } from './availability.ts';
import { reconcileStock } from './reconcile-stock.ts';
import { sharedAvailability } from './shared-availability.ts';

const keptIn = async (keeping: Pick<ReadDatabase, 'keeping'>): Promise<AvailabilityPlace> => {
  const own = await readSideOf(availabilityModel);
  return { open: () => availabilityModel.open({ ...own, ...keeping }), close: () => own.db.destroy() };
};

const sharedBy = (remembered: number) => async (): Promise<AvailabilityPlace> => {
  const disk = new StatesDisk();
  return {
    open: (log) => sharedAvailability(new MemoryStates(disk, { owner: 'one', clock: realClock }), log, { remembered }),
    close: async () => {},
  };
};

stockReconciliationContract('in memory', () => keptIn({}), 60);
stockReconciliationContract(
  'kept on disk',
  () => keptIn({ keeping: { minEvents: 1, eventsPerState: 0, statesPerSlice: 1 } }),
  20,
);
stockReconciliationContract('in a store of several processes', sharedBy(5_000), 40);
stockReconciliationContract('in a store whose feeder remembers nothing', sharedBy(0), 20);

test('a process that does not feed the model finds what differs, and leaves it', async () => {
  const [disk, log] = [new StatesDisk(), new MemoryEventStore()];
  const opened = (owner: string) => sharedAvailability(new MemoryStates(disk, { owner, clock: realClock }), log);
  const place: AvailabilityPlace = { open: () => opened('one'), close: async () => {} };
  const written = new SeatLog(20);
  written.run('G1');
  written.hold('G1', 'second', 'L1', planOf(0, 1, 0));
  for (const { stream, revision: _, position: __, ...event } of written.events)
    await log.append([{ stream, expected: 'any', events: [event] }]);
  const model = await beginning(place, log);
  await model.apply(await log.readAll({ after: 0, limit: 100 }));
  disk.models.get('availability')?.states.delete('G1_2026-12-01_second');
  const before = JSON.stringify(disk.models.get('availability')?.place.epoch);

  const states = opened('two').queries.states;
  expect(states.isFedHere).toBe(false);
  const deps = { log, states, giveWay: async () => {}, timestamp: () => 'now' };
  const found = await reconcileStock(deps, {});
  expect(found).toMatchObject({ counts: { left: 1 }, details: [{ diff: 1, action: 'left', fix_time: '' }] });
  expect(disk.models.get('availability')?.states.has('G1_2026-12-01_second')).toBe(false);
  expect(JSON.stringify(disk.models.get('availability')?.place.epoch)).toBe(before);
  await model.end();
});

test('what a store refuses to write is left, and repaired the next time', async () => {
  const log = new MemoryEventStore();
  const store = new MemoryStates(new StatesDisk(), { owner: 'one', clock: realClock });
  const written = new SeatLog(20);
  written.run('G1');
  written.hold('G1', 'second', 'L1', planOf(0, 1, 0));
  for (const { stream, revision: _, position: __, ...event } of written.events)
    await log.append([{ stream, expected: 'any', events: [event] }]);
  const place = { open: () => sharedAvailability(store, log), close: async () => {} };
  const model = await beginning(place, log);
  await model.apply(await log.readAll({ after: 0, limit: 100 }));
  const { states } = model.queries;
  store.disk.models.get('availability')?.states.delete('G1_2026-12-01_second');
  const compare = () => reconcileStock({ log, states, giveWay: async () => {}, timestamp: () => 'now' }, {});
  const move = store.move.bind(store);
  store.move = () => Promise.reject(new StatesAway('OOM'));
  expect(await compare()).toMatchObject({ counts: { left: 1 }, details: [{ action: 'left' }] });
  // It was written, and nobody said so.
  store.move = async (...asked) => {
    await move(...asked);
    throw new StatesAway('no answer');
  };
  expect(await compare()).toMatchObject({ counts: { left: 1 } });
  store.move = move;
  expect(await compare()).toMatchObject({ counts: { auto_fixed: 0, left: 0 }, details: [] });
  await model.end();
});

test('a log that is seen less far than the model is not compared', async () => {
  const [disk, log, behind] = [new StatesDisk(), new MemoryEventStore(), new MemoryEventStore()];
  const opened = () => sharedAvailability(new MemoryStates(disk, { owner: 'one', clock: realClock }), log);
  const written = new SeatLog(20);
  written.run('G1');
  for (const { stream, revision: _, position: __, ...event } of written.events)
    await log.append([{ stream, expected: 'any', events: [event] }]);
  const model = await beginning({ open: opened, close: async () => {} }, log);
  await model.apply(await log.readAll({ after: 0, limit: 100 }));
  const deps = { log: behind, states: model.queries.states, giveWay: async () => {}, timestamp: () => 'now' };
  for (const asked of [{}, { run: { train: 'G1', date: '2026-12-01' } }])
    await expect(reconcileStock(deps, asked)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await model.end();
});

test('one that has lost the model without knowing it writes nothing', async () => {
  const [disk, log] = [new StatesDisk(), new MemoryEventStore()];
  const place = (owner: string): AvailabilityPlace => ({
    open: () => sharedAvailability(new MemoryStates(disk, { owner, clock: realClock }), log),
    close: async () => {},
  });
  const written = new SeatLog(20);
  written.run('G1');
  written.hold('G1', 'second', 'L1', planOf(0, 1, 0));
  for (const { stream, revision: _, position: __, ...event } of written.events)
    await log.append([{ stream, expected: 'any', events: [event] }]);
  const first = await beginning(place('one'), log);
  await first.apply(await log.readAll({ after: 0, limit: 100 }));
  const stored = disk.models.get('availability');
  if (stored === undefined) throw new Error('it was fed');
  stored.states.delete('G1_2026-12-01_second');
  stored.place = { ...stored.place, owner: 'another', epoch: stored.place.epoch + 1 };
  const { states } = first.queries;
  const found = await reconcileStock({ log, states, giveWay: async () => {}, timestamp: () => 'now' }, {});
  expect(found).toMatchObject({ counts: { left: 1 } });
  expect(stored.states.has('G1_2026-12-01_second')).toBe(false);
  await first.end();
});
