// What becomes of queues while the log cannot be written or read, when clocks jump, and when strangers come.
import { afterEach, describe, expect, test } from '@jest/globals';
import type { EventStore, EventStoreErrorCode, StreamAppend } from '@railhead/commands/ports/event-store.ts';
import type { Config } from '@railhead/infra/config/settings.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '../support/events.ts';
import { LastingStore } from '../support/lasting-store.ts';
import { join, opensLater, orderOf, placeOf } from '../support/queue-shopper.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import type { Answer } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let open: ServedRailway[] = [];
afterEach(async () => {
  await Promise.all(open.map((railway) => railway.stop()));
  open = [];
});

const served = async (settings: Partial<Config> = {}, log?: EventStore): Promise<ServedRailway> => {
  const railway = await ServedRailway.start(
    { rows: 3, letters: 'ABCD', stops: 3 },
    { queueFirst: 0, ...settings },
    log,
  );
  open.push(railway);
  return railway;
};
const ofQueue = (appends: readonly StreamAppend[]): boolean =>
  appends.some(({ stream }) => stream.startsWith('runQueue-'));

describe('while the log', () => {
  test.each<EventStoreErrorCode>(['STORE_FULL', 'STORE_UNAVAILABLE', 'STORE_OVERLOADED', 'OUTCOME_UNKNOWN'])(
    'fails with %s nobody is told a place that they may not have, and afterwards it goes on by itself',
    async (code) => {
      const railway = await served();
      await railway.operate('POST', '/queue', { mode: 'PAUSED' });
      const before = await join(railway, 'before');
      railway.store.failure = code;
      const during = await join(railway, 'during');
      expect([503, 507]).toContain(during.status);
      // Who waits is still told, from memory.
      expect((await placeOf(railway, before)).phase).toBe('QUEUED');
      railway.store.failure = undefined;
      await railway.operate('POST', '/queue', { mode: 'QUEUED' });
      railway.store.failure = code;
      railway.clock.leap(10_000);
      railway.store.failure = undefined;
      await waitUntil('the admission', async () => {
        railway.clock.leap(1_000);
        return (await placeOf(railway, before)).phase === 'ADMITTED';
      });
      const after = await join(railway, 'during');
      expect(after.status).toBe(201);
      await waitUntil('the other one', async () => {
        railway.clock.leap(1_000);
        return (await placeOf(railway, after)).phase === 'ADMITTED';
      });
    },
  );

  test('hangs, joins wait for it, and each gets a place of its own afterwards', async () => {
    const railway = await served();
    await railway.operate('POST', '/queue', { mode: 'PAUSED' });
    railway.store.appends.shut(ofQueue);
    const users = Array.from({ length: 30 }, (_, n) => `u${n}`);
    const joining: Promise<Answer>[] = [];
    for (const user of users) joining.push(join(railway, user));
    await waitUntil('the first of them', () => railway.store.appends.waiting > 0);
    railway.store.appends.open();
    const positions = (await Promise.all(joining)).map(({ body }) => body.position);
    expect([...positions].sort((a, b) => a - b)).toEqual(users.map((_, index) => index + 1));
  });

  test('is out of reach at the start of a process, an order is not let in without its place', async () => {
    const log = new MemoryEventStore();
    const first = await served({}, new LastingStore(log));
    await first.operate('POST', '/queue', { mode: 'PAUSED' });
    await first.stop();
    open = [];
    // Its followers get nothing: it has not read that there is a queue.
    let readOn = (): void => {};
    const gate = new Promise<void>((resolve) => {
      readOn = resolve;
    });
    const second = await ServedRailway.begin(
      { rows: 3, letters: 'ABCD', stops: 3 },
      {},
      new LastingStore(log, { gate }),
    );
    open.push(second);
    expect((await orderOf(second, 'alice', '')).body.code).toMatch(/^QUEUE_/);
    readOn();
  });
});

test('an event that this version does not understand stops that queue, and no other', async () => {
  const railway = await served();
  await railway.operate('POST', '/queue', { mode: 'PAUSED' });
  const joined = await join(railway, 'alice');
  const stream = `runQueue-G900_${RUN_DATE}`;
  await railway.store.append([{ stream, expected: 'any', events: [newEvent({}, 'QueueFolded', 1)] }]);
  await waitUntil('it to be noticed', async () => {
    const { body } = await railway.ask('/readyz');
    return Object.keys(body.streamsSetAside).includes(stream);
  });
  expect((await placeOf(railway, joined)).phase).toBe('QUEUED');
  expect((await join(railway, 'bob')).body.code).toBe('INTERNAL');
  const body = { train: 'G900', date: '2026-12-03', from: 'ST0', to: 'ST2', seatClass: 'second' };
  expect((await railway.order(body)).status).toBe(201);
});

test('a clock that is set back an hour keeps nobody waiting, and lets nobody order longer than told', async () => {
  const railway = await served();
  await railway.operate('POST', '/queue', { mode: 'QUEUED' });
  const [one, two] = [await join(railway, 'u1'), await join(railway, 'u2')];
  await waitUntil('the first', async () => (await placeOf(railway, one)).phase === 'ADMITTED');
  railway.clock.leap(-3_600_000);
  await waitUntil('the second', async () => {
    railway.clock.leap(1_000);
    return (await placeOf(railway, two)).phase === 'ADMITTED';
  });
  expect((await orderOf(railway, 'u2', two.body.queueToken)).status).toBe(201);
});

test('a clock that is set back admits nobody before an opening that was put off', async () => {
  const railway = await served({ queueFirst: 1 });
  await railway.operate('POST', '/queue', { mode: 'QUEUED', ratePerSecond: 0.1 });
  for (const user of ['u1', 'u2']) await join(railway, user);
  await opensLater(railway, '2026-11-30T09:00:00.000+08:00');
  railway.clock.leap(-3_600_000);
  for (let n = 0; n < 10; n += 1) {
    railway.clock.leap(5_000);
    expect((await railway.operate('GET', '/queue')).body).toMatchObject({ admitted: 1, waiting: 1 });
  }
});

test('tokens of strangers are refused before anything is read for them', async () => {
  const railway = await served();
  await railway.operate('POST', '/queue', { mode: 'QUEUED' });
  const { queueToken } = (await join(railway, 'alice')).body;
  const read = railway.store.read.length;
  const strange = [
    '',
    'Q',
    'Q.',
    queueToken.slice(0, -1),
    `${queueToken}A`,
    queueToken.replace('.1.', '.2.'),
    queueToken.replace('G900', 'G901'),
    queueToken.toLowerCase(),
    `Q.G900.${RUN_DATE}.999999999.aaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaa`,
    'x'.repeat(5_000),
    '%00',
  ];
  for (const token of strange) {
    expect((await orderOf(railway, 'alice', token)).body).toMatchObject({
      code: 'QUEUE_TOKEN_INVALID',
      reason: 'FORGED',
    });
    const shown = await railway.ask(`/v1/queue/${encodeURIComponent(token)}`);
    expect([404, 400, 405]).toContain(shown.status);
  }
  // The orders ask whether they are repeats, and no queue is read.
  expect(railway.store.read.slice(read).filter((stream) => !stream.startsWith('order-'))).toEqual([]);
});

test('a user who joins a thousand times is counted like for every other write', async () => {
  const railway = await served({ accountWritesPerSecond: 3 });
  await railway.operate('POST', '/queue', { mode: 'PAUSED' });
  const answers = await Promise.all(Array.from({ length: 40 }, () => join(railway, 'alice')));
  expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(20);
});
