// A server sends a subscriber the same event twice: each event is delivered once, and the subscription is not
// restarted.
import { expect } from '@jest/globals';
import { closeAfterEach, connected, take } from '../support/esdb-world.ts';
import { newEvents } from '../support/events.ts';
import { testOfStandIn } from '../support/real-eventstore.ts';

closeAfterEach();
const any = (stream: string, count: number) => ({ stream, expected: 'any' as const, events: newEvents(count) });

/** `watchedStreams: 0`: only the position shows that an event was received before. */
testOfStandIn.each([
  { where: 'live', watchedStreams: 50_000 },
  { where: 'live', watchedStreams: 0 },
  { where: 'in history', watchedStreams: 50_000 },
  { where: 'in history', watchedStreams: 0 },
])('$where, with $watchedStreams streams watched', async ({ where, watchedStreams }) => {
  // Silence is no reason to begin again here, however slow the machine is.
  const patient = { stallAfterMs: 600_000, readTimeoutMs: 600_000 };
  const { store, server, counts } = await connected({}, { ...patient, watchedStreams });
  const write = async (): Promise<void> => {
    for (let n = 0; n < 4; n += 1) await store.append([any(`a-${n % 2}`, 5)]);
  };
  if (where === 'in history') {
    await write();
    server.faults.set({ repeatedEvent: 7 });
  }
  const receiving = take(store, 25, { after: 0, batchSize: 4 });
  if (where === 'live') {
    await store.append([any('first-1', 5)]);
    server.faults.set({ repeatedEvent: 7 });
    await write();
  } else await store.append([any('last-1', 5)]);
  const events = await receiving;
  expect(events.map(({ id }) => id)).toEqual(
    (await store.readAll({ after: 0, limit: 100 })).events.map(({ id }) => id),
  );
  expect(server.faults.happened('repeatedEvent')).toBe(7);
  expect(counts).toMatchObject({ retried: 0, clientRenewed: 0 });
});
