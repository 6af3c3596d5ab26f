import { expect, test } from '@jest/globals';
import { accept } from '@railhead/domain/kernel/decision.ts';
import type { TrainRunEvent } from '@railhead/domain/train-run/events.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent, newEvents } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { MemoryCheckpoints } from '@railhead/tests/support/memory-checkpoints.ts';
import { NO_ALLOCATORS } from '@railhead/tests/support/no-allocators.ts';
import { openedRun } from '@railhead/tests/support/opened-run.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import type { Operation } from '../allocation/operation.ts';
import { RunDirectory } from '../runs/run-directory.ts';
import { RunProcess } from './run-process.ts';

test('events of other categories do not each cost a checkpoint', async () => {
  const store = new MemoryEventStore();
  let saves = 0;
  const process = new RunProcess({
    store,
    checkpoints: {
      load: async () => ({ position: 0, fingerprint: '', unfinished: [] }),
      save: async () => {
        saves += 1;
        return true;
      },
      replace: async () => {},
    },
    pool: NO_ALLOCATORS,
    runs: new RunDirectory(store),
    clock: new ManualClock(),
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
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

const name = 'G1_2026-11-21';
const opened: TrainRunEvent = {
  type: 'TrainRunOpened',
  version: 2,
  data: openedRun({ date: '2026-11-21', lateAssignment: ['second'] }),
};

test('a run cancelled during late assignment stays unfinished until it is settled', async () => {
  const store = new MemoryEventStore();
  const write = ({ type, data }: TrainRunEvent) =>
    store.append([
      {
        stream: runCategory.stream({ train: 'G1', date: '2026-11-21' }),
        expected: 'any',
        events: [newEvent(data, type)],
      },
    ]);
  const has = async (type: string): Promise<boolean> =>
    (await store.readAll({ after: 0, limit: 100 })).events.some((event) => event.type === type);
  /** The closings of the books, by reason; each waits until the test continues it. */
  const waiting = new Map<string, () => void>();
  const pool = {
    submit: async (_: unknown, operation: Operation) => {
      await new Promise<void>((go) => waiting.set(operation.kind === 'close' ? operation.reason : operation.kind, go));
      return accept({ lockId: '', plan: { orderNo: '', epoch: 0, legs: [] } });
    },
    extend: async () => {},
  };
  const checkpoints = new MemoryCheckpoints();
  const clock = new ManualClock(Date.parse('2026-11-21T00:00:00+08:00'));
  const process = new RunProcess({
    store,
    checkpoints,
    pool,
    runs: new RunDirectory(store),
    clock,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    assignMinutes: 60,
  });
  await write(opened);
  await process.start();
  await waitUntil('the seats to be given out', () => waiting.has('SEATS_ASSIGNED'));
  await write({ type: 'TrainRunCancelled', version: 1, data: { reason: 'snow' } });
  await waitUntil('the cancellation to be heard', () => process.position === 2);
  waiting.get('SEATS_ASSIGNED')?.();
  await waitUntil('the settlement to begin', () => waiting.has('RUN_CANCELLED'));
  expect(await has('TrainRunSeatsAssigned')).toBe(true);
  // If the process dies here, just after a checkpoint, the next one must know what is left to do.
  await clock.advance(2_000);
  await store.append([{ stream: 'order-1', expected: 'noStream', events: newEvents(1) }]);
  await waitUntil('a checkpoint behind it', () => checkpoints.current.position >= 3);
  expect(checkpoints.current.unfinished).toEqual([name]);
  waiting.get('RUN_CANCELLED')?.();
  await waitUntil('the run to be settled', () => has('TrainRunCancellationSettled'));
  await waitUntil('nothing to be left', () => process.unfinished === 0);
  await process.stop();
  expect(checkpoints.current.unfinished).toEqual([]);
});
