import { expect, test } from '@jest/globals';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvents } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import type { AllocatorPool } from '../allocation/allocator-pool.ts';
import { RunDirectory } from '../runs/run-directory.ts';
import { RunProcess } from './run-process.ts';

test('events that are nothing to runs do not each cost a checkpoint', async () => {
  const store = new MemoryEventStore();
  let saves = 0;
  const process = new RunProcess({
    store,
    checkpoints: {
      load: async () => ({ position: 0, unfinished: [] }),
      save: async () => {
        saves += 1;
        return true;
      },
      replace: async () => {},
    },
    // No run changes here, so no allocator is asked.
    pool: {} as AllocatorPool,
    runs: new RunDirectory(store),
    clock: new ManualClock(),
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    utcOffsetMinutes: 480,
    assignMinutes: 60,
  });
  await process.start();
  for (let n = 1; n <= 50; n += 1) {
    await store.append([{ stream: `order-${n}`, expected: 'noStream', events: newEvents(1) }]);
    await waitUntil('the event to be seen', () => process.position === n);
  }
  expect(saves).toBeLessThanOrEqual(2);
  await process.stop();
});
