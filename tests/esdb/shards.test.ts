// Railhead on two clusters: served, audited, a run moved, and served again.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect } from '@jest/globals';
import { closeAfterEach, testServer } from '../support/esdb-world.ts';
import { RailheadProcess, railhead } from '../support/railhead-process.ts';
import { testOfStandIn } from '../support/real-eventstore.ts';
import { ask, passenger, runDate, tokenFor } from '../support/shopper.ts';
import { smallRailway } from '../support/small-railway.ts';
import { tempFolder } from '../support/temp-folder.ts';

closeAfterEach();
const root = tempFolder();
const folder = join(root, 'data');
const date = runDate(2);
let server: RailheadProcess | undefined;
afterAll(() => server?.kill());

testOfStandIn('orders before and after their run has moved to another cluster', async () => {
  const [east, west] = [await testServer(), await testServer()];
  const file = join(root, 'shards.json');
  const shards = { east: east.connectionString, west: west.connectionString };
  writeFileSync(file, JSON.stringify({ shards, pinned: { G900: 'east' } }));
  const log = ['--data', folder, '--esdb-shards', file];
  const args = [...smallRailway(root, { rows: 4, letters: 'ABCDF', stops: 3 }), '--esdb-shards', file];
  const buy = async (url: string, buyer: string): Promise<string> => {
    const { status, body } = await ask(`${url}/v1/orders`, {
      token: await tokenFor(folder, buyer),
      headers: { Prefer: 'wait=20', 'Idempotency-Key': buyer },
      body: { train: 'G900', date, from: 'ST0', to: 'ST2', seatClass: 'second', passengers: [passenger()] },
    });
    expect(status).toBe(201);
    return body.items[0].seat;
  };
  const inventoryOf = (server: typeof east): number =>
    server.log.records.filter(({ stream }) => stream.startsWith(`segmentInventory-G900_${date}`)).length;
  server = await RailheadProcess.start(folder, args);
  const first = await buy(server.url, 'ann');
  await server.stop();
  expect([inventoryOf(east) > 0, inventoryOf(west)]).toEqual([true, 0]);
  const moved = await railhead('store', 'move', `G900_${date}`, 'west', ...log);
  expect(moved).toMatchObject({ code: 0, stdout: expect.stringContaining('moved to west') });
  const before = inventoryOf(east);
  expect(inventoryOf(west)).toBe(before);
  server = await RailheadProcess.start(folder, args);
  expect(await buy(server.url, 'bob')).not.toBe(first);
  const { body } = await ask(`${server.url}/v1/trains/G900/runs/${date}/availability?from=ST0&to=ST2`);
  expect(body.classes[0]).toMatchObject({ total: 20, available: 18 });
  const audit = JSON.parse((await railhead('verify', ...log, '--json')).stdout);
  expect(audit).toMatchObject({ ok: true, violations: [], orders: { WAIT_PAY: 2 } });
  await server.stop();
  expect([inventoryOf(east), inventoryOf(west) > before]).toEqual([before, true]);
});
