// Free seats in a real Redis against the log.
import { afterAll, expect, test } from '@jest/globals';
import { sharedAvailability } from '@railhead/projections/availability/shared-availability.ts';
import { stockReconciliationContract } from '@railhead/tests/contract/stock-reconciliation.contract.ts';
import { REDIS } from '@railhead/tests/services/redis.ts';
import { describeOnServer } from '@railhead/tests/services/under-test.ts';
import type { AvailabilityPlace } from '@railhead/tests/support/availability-place.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { silentLogger } from '@railhead/tests/support/read-side.ts';
import { RedisStates } from './redis-states.ts';

describeOnServer(REDIS, (server) => {
  const opened: RedisStates[] = [];
  afterAll(() => Promise.all(opened.map((states) => states.close())));
  const newStates = async (): Promise<RedisStates> => {
    const { url, prefix } = await server.ownPart();
    const states = new RedisStates(`${url}/${prefix.slice(0, -1)}`, { clock: realClock, logger: silentLogger });
    opened.push(states);
    return states;
  };
  const newPlace = async (): Promise<AvailabilityPlace> => {
    const states = await newStates();
    return { open: (log) => sharedAvailability(states, log), close: () => states.close() };
  };
  stockReconciliationContract('in Redis', newPlace, 20);

  test('the names of thousands of states come page by page, each of them', async () => {
    const states = await newStates();
    await states.prepare('many', 1);
    const { place } = await states.read('many', []);
    if (place === undefined) throw new Error('it was prepared');
    await states.take('many', place);
    const fence = { version: 1, owner: states.shared.owner, epoch: place.epoch + 1, from: 0 };
    const names = Array.from({ length: 3_000 }, (_, n) => `name-${n}`);
    const written = new Map(names.map((name) => [name, Uint8Array.of(1)]));
    const stranger = { stream: 'numbers-1', type: 'Squared', version: 9, position: 5 };
    await states.move('many', fence, { position: 1, fingerprint: 'one' }, { states: written, strangers: [stranger] });
    const found = new Set<string>();
    let pages = 0;
    for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
      const page = await states.names('many', after);
      for (const name of page.names) found.add(name);
      after = page.next;
      pages += 1;
    }
    expect([...found].sort()).toEqual([...names].sort());
    expect(pages).toBeGreaterThan(1);
  });
});
