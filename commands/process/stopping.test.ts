// A place that cannot be saved costs reading at the next start, and never keeps a process from ending in order.

import { expect, test } from '@jest/globals';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvents } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { NO_ALLOCATORS } from '@railhead/tests/support/no-allocators.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { OrderProcess } from '../order-process/order-process.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { Logger } from '../ports/logger.ts';
import type { ProcessCheckpoints } from '../ports/process-checkpoints.ts';
import { RunProcess } from '../run-process/run-process.ts';
import { RunDirectory } from '../runs/run-directory.ts';

type Parts = { readonly store: EventStore; readonly checkpoints: ProcessCheckpoints; readonly logger: Logger };

const PROCESSES = [
  [
    'the order process',
    (parts: Parts) =>
      // No order arrives, so no step is run.
      new OrderProcess({ ...parts, steps: [], clock: new ManualClock(), checkpointEveryMs: 60_000 }),
  ],
  [
    'the run process',
    (parts: Parts) =>
      new RunProcess({
        ...parts,
        pool: NO_ALLOCATORS,
        runs: new RunDirectory(parts.store),
        clock: new ManualClock(),
        assignMinutes: 60,
      }),
  ],
] as const;

test.each(PROCESSES)('%s stops although its checkpoint cannot be saved, and logs that', async (_, processOf) => {
  const store = new MemoryEventStore();
  let isFull = false;
  const warnings: unknown[] = [];
  const save = async (): Promise<void> => {
    if (isFull) throw new Error('the disk is full');
  };
  const process = processOf({
    store,
    checkpoints: {
      load: async () => ({ position: 0, fingerprint: '', unfinished: [] }),
      save: () => save().then(() => true),
      replace: save,
    },
    logger: { debug: () => {}, info: () => {}, warn: (fields) => warnings.push(fields), error: () => {} },
  });
  await process.start();
  await store.append([{ stream: 'other-1', expected: 'noStream', events: newEvents(1) }]);
  await waitUntil('the log to be followed', () => process.position === 1);
  isFull = true;
  await process.stop();
  expect(warnings).toEqual([expect.objectContaining({ err: new Error('the disk is full') })]);
});
