// A ticket of a cancelled train is void, whether its order has been closed or not.
import { expect, test } from '@jest/globals';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { openedRun } from '@railhead/tests/support/opened-run.ts';
import { livesOf, statusAfter, writeOrder } from '@railhead/tests/support/order-life.ts';
import { RunDirectory } from '../runs/run-directory.ts';
import { checkIn } from './check-in.ts';

const ORDER = 'N1';

test.each([
  ['runs', false, 'USED'],
  ['is cancelled', true, 'TICKET_VOID'],
])('of a train that %s', async (_, isCancelled, expected) => {
  const store = new MemoryEventStore();
  const run = openedRun();
  const clock = new ManualClock(Date.parse(`${run.date}T00:00:00+08:00`));
  const opened = { ...newEvent(run, 'TrainRunOpened'), version: 2 };
  const cancelled = isCancelled ? [newEvent({ reason: 'snow' }, 'TrainRunCancelled')] : [];
  await store.append([{ stream: runCategory.stream(run), expected: 'noStream', events: [opened, ...cancelled] }]);
  const life = livesOf(ORDER)
    .filter((events) => statusAfter(events) === 'SUCCESS')
    .flat()
    .map((event) =>
      event.type === 'OrderTicketed' ? { ...event, data: { tickets: [{ itemNo: 1, ticketNo: `${ORDER}T1` }] } } : event,
    );
  await writeOrder(store, ORDER, life);
  const deps = { store, clock, runs: new RunDirectory(store), checkInMinutes: 60 };
  const done = await checkIn(deps, { ticketNo: `${ORDER}T1`, operator: 'olga', correlationId: 'c' });
  expect(done.ok ? 'USED' : done.refusal.code).toBe(expected);
});
