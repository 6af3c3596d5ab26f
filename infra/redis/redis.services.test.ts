// Shared states in a real Redis, and the model of free seats on them.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sharedAvailability } from '@railhead/projections/availability/shared-availability.ts';
import { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import { availabilityContract } from '@railhead/tests/contract/availability.contract.ts';
import { availabilityOperationsContract } from '@railhead/tests/contract/availability-operations.contract.ts';
import { type StoreSpace, stateStoreContract } from '@railhead/tests/contract/state-store.contract.ts';
import { closeRedis, REDIS } from '@railhead/tests/services/redis.ts';
import { describeOnServer } from '@railhead/tests/services/under-test.ts';
import type { AvailabilityPlace } from '@railhead/tests/support/availability-place.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { countOf, silentLogger } from '@railhead/tests/support/read-side.ts';
import { DATE, planOf, SEGMENTS, SeatLog, SIZE } from '@railhead/tests/support/seat-log.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { Redis } from 'ioredis';
import { MemoryEventStore } from '../eventstore/memory/memory-event-store.ts';
import { describeRedis } from './describe-redis.ts';
import { RedisStates } from './redis-states.ts';

describeOnServer(REDIS, (server) => {
  let address = '';
  let client: Redis;
  let opened: RedisStates[] = [];
  beforeAll(async () => {
    const { url, prefix } = await server.ownPart();
    address = `${url}/${prefix.slice(0, -1)}`;
    client = new Redis(url);
  });
  afterAll(() => closeRedis(client));

  let spaces = 0;
  const newSpace = async (): Promise<StoreSpace> => {
    spaces += 1;
    const url = `${address}.${spaces}`;
    return {
      open: () => {
        const states = new RedisStates(url, { clock: realClock, logger: silentLogger });
        opened.push(states);
        return states;
      },
      empty: async () => {
        const name = new URL(url).pathname.slice(1);
        await client.unlink(`${name}:numbers`, `${name}:letters`, `${name}:availability`);
      },
      close: async () => {
        await Promise.all(opened.map((states) => states.close()));
        opened = [];
      },
    };
  };
  stateStoreContract('Redis', newSpace);

  test('what Redis is, and where the keys are, is told', async () => {
    const told = await describeRedis(`${address}.told`);
    expect(told).toMatchObject({ answers: true, dropsKeys: false });
    expect(told.says).toMatch(/^Redis \d+\.\d+\.\d+, keys begin with .*\.told:$/);
    expect(await describeRedis('redis://127.0.0.1:1')).toMatchObject({
      answers: false,
      says: expect.stringMatching('ECONNREFUSED'),
    });
  });

  test('two processes feed one Redis in turns, and each shows what a fold of the log has', async () => {
    const space = await newSpace();
    const log = new MemoryEventStore();
    const written = new SeatLog();
    for (const train of ['G1', 'G2']) written.run(train);
    const workers = [0, 1].map(() => {
      const states = space.open();
      const { projection, queries } = sharedAvailability(states, log, { remembered: 2 });
      return { states, queries, runner: new ProjectionRunner(log, projection, silentLogger, realClock) };
    });
    for (const { runner } of workers) runner.start();
    const sell = async (train: string, seat: number): Promise<void> => {
      const plan = planOf(0, 2, seat);
      written.hold(train, 'second', `L${train}${seat}`, plan);
      written.acquire(train, 'second', `L${train}${seat}`, plan);
      for (const event of written.events.splice(0)) {
        const { stream, revision: _, position: __, ...one } = event;
        await log.append([{ stream, expected: 'any', events: [one] }]);
      }
    };
    const shown = async ({ runner, queries }: (typeof workers)[number], sold: number): Promise<void> => {
      const end = await log.lastPosition();
      await waitUntil('the position', () => runner.gate.waitFor(end, 100));
      const count = (train: string) => countOf(queries, { train, date: DATE, seatClass: 'second' }, SIZE, 0, SEGMENTS);
      const expected = { total: SIZE, available: SIZE - sold, held: sold, sold: 0 };
      const asked = async () => JSON.stringify(await Promise.all([count('G1'), count('G2')]).catch(String));
      await waitUntil('both trains', async () => (await asked()) === JSON.stringify([expected, expected]));
    };
    let gone: (typeof workers)[number] | undefined;
    for (let seat = 0; seat < 4; seat += 1) {
      for (const train of ['G1', 'G2']) await sell(train, seat);
      if (seat === 1) await space.empty();
      // Whoever feeds it goes away without a word.
      if (seat === 2) {
        gone = workers.find(({ runner }) => runner.state === 'live');
        await gone?.states.close();
      }
      for (const worker of workers) if (worker !== gone) await shown(worker, seat + 1);
    }
    await Promise.all(workers.map(({ runner }) => runner.stop()));
    await space.close();
  });

  /** Whoever feeds it remembers nothing from one batch to the next. */
  const newPlace = async (): Promise<AvailabilityPlace> => {
    const space = await newSpace();
    const states = space.open();
    return { open: (log) => sharedAvailability(states, log, { remembered: 0 }), close: () => space.close() };
  };
  availabilityContract('in Redis', newPlace, 30);
  availabilityOperationsContract('in Redis', newPlace, 30);
});
