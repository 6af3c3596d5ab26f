// What the configuration says of those who wait is in the log before a process serves.
import { expect, test } from '@jest/globals';
import type { Priorities } from '@railhead/domain/waitlist-priorities/events.ts';
import { RAILWAY, waitlistPrioritiesCategory } from '@railhead/domain/waitlist-priorities/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { type EventStore, EventStoreError } from '../ports/event-store.ts';
import { ConfiguredPriorities } from './waitlist-priorities.ts';

const NONE: Priorities = { rules: [], sameTimeSeconds: 0 };
const BOTH: Priorities = { rules: ['member-level', 'party-size'], sameTimeSeconds: 60 };
const PARTY: Priorities = { rules: ['party-size'], sameTimeSeconds: 5 };
const STREAM = waitlistPrioritiesCategory.stream(RAILWAY);

const configured = (store: EventStore, priorities: Priorities) => {
  const clock = new ManualClock(Date.parse('2026-12-01T00:00:00Z'));
  const lines: string[] = [];
  const note = (_: object, line: string): void => void lines.push(line);
  const logger = { debug: note, info: note, warn: note, error: note };
  return { part: new ConfiguredPriorities({ store, clock, logger, priorities }), clock, lines };
};
const start = (store: EventStore, priorities: Priorities): Promise<void> => configured(store, priorities).part.start();
const written = async (store: EventStore): Promise<readonly unknown[]> =>
  (await store.readStream(STREAM)).map(({ data }) => data);

test('nothing is written where nothing is configured; a change is written once, and taken back', async () => {
  const store = new MemoryEventStore();
  await start(store, NONE);
  expect(await written(store)).toEqual([]);
  for (const each of [BOTH, BOTH, PARTY, BOTH, NONE, NONE]) await start(store, each);
  expect(await written(store)).toEqual([BOTH, PARTY, BOTH, NONE]);
});

test('two processes that start together with the same write it once, with others each', async () => {
  const store = new MemoryEventStore();
  await Promise.all([start(store, BOTH), start(store, BOTH)]);
  expect(await written(store)).toEqual([BOTH]);
  const other = new MemoryEventStore();
  await Promise.all([start(other, BOTH), start(other, PARTY)]);
  expect(await written(other)).toHaveLength(2);
});

test('a start waits for a log that is away, and ends when it is asked to', async () => {
  const store = new MemoryEventStore();
  let isAway = true;
  const seen = new Proxy(store, {
    get: (of, name) =>
      name === 'append' && isAway
        ? () => Promise.reject(new EventStoreError('STORE_UNAVAILABLE', 'injected'))
        : Reflect.get(of, name).bind(of),
  });
  const { part, clock, lines } = configured(seen, BOTH);
  let hasStarted = false;
  const starting = part.start().then(() => {
    hasStarted = true;
  });
  await clock.advance(3_000);
  expect([hasStarted, await written(store)]).toEqual([false, []]);
  expect(lines).toContain('the priorities of who waits cannot be written into the log');
  isAway = false;
  await clock.advance(1_000);
  await starting;
  expect(await written(store)).toEqual([BOTH]);
  isAway = true;
  const other = configured(seen, PARTY);
  const ending = other.part.start();
  await other.clock.advance(1_000);
  await other.part.stop();
  await ending;
});

test('priorities of a newer version do not keep the process from starting, and are told', async () => {
  const store = new MemoryEventStore();
  const event = { ...newEvent({ rules: ['age'] }, 'WaitlistPrioritiesSet'), version: 2 };
  await store.append([{ stream: STREAM, expected: 'noStream', events: [event] }]);
  const { part, lines } = configured(store, BOTH);
  await part.start();
  expect(lines).toEqual(['nobody can begin to wait for seats: the priorities are of a newer version']);
});

test('a step without priorities has no effect, which is told', async () => {
  const store = new MemoryEventStore();
  const { part, lines } = configured(store, { rules: [], sameTimeSeconds: 60 });
  await part.start();
  expect(lines).toEqual(['waitlistSameTimeSeconds has no effect without waitlistPriorities']);
  expect(await written(store)).toEqual([]);
});
