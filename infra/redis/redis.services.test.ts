// Shared states in a real Redis, and the model of free seats on them.
import { afterAll, beforeAll } from '@jest/globals';
import { sharedAvailability } from '@railhead/projections/availability/shared-availability.ts';
import { availabilityContract } from '@railhead/tests/contract/availability.contract.ts';
import { availabilityOperationsContract } from '@railhead/tests/contract/availability-operations.contract.ts';
import { type StoreSpace, stateStoreContract } from '@railhead/tests/contract/state-store.contract.ts';
import { closeRedis, REDIS } from '@railhead/tests/services/redis.ts';
import { describeOnServer } from '@railhead/tests/services/under-test.ts';
import type { AvailabilityPlace } from '@railhead/tests/support/availability-place.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { silentLogger } from '@railhead/tests/support/read-side.ts';
import { Redis } from 'ioredis';
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

  /** Whoever feeds it remembers two names only. */
  const newPlace = async (): Promise<AvailabilityPlace> => {
    const space = await newSpace();
    const states = space.open();
    return { open: (log) => sharedAvailability(states, log, 2), close: () => space.close() };
  };
  availabilityContract('in Redis', newPlace, 30);
  availabilityOperationsContract('in Redis', newPlace, 30);
});
