// A segment stream holds a seat twice: the sale of that class of that run stops, and no other.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { SqliteEventStore } from '@railhead/infra/eventstore/sqlite/sqlite-event-store.ts';
import { testMeta } from '../support/events.ts';
import { RailheadProcess, railhead } from '../support/railhead-process.ts';
import { held, lockPartsOf } from '../support/seat-events.ts';
import { type Answer, ask, passenger, runDate, tokenFor } from '../support/shopper.ts';
import { smallRailway } from '../support/small-railway.ts';
import { tempFolder } from '../support/temp-folder.ts';

const root = tempFolder();
const folder = join(root, 'data');
const [damaged, sound] = [runDate(2), runDate(3)];
let server: RailheadProcess;
afterAll(() => server?.kill());

test('stops that sale loudly, and everything else goes on', async () => {
  const world = smallRailway(root, { rows: 2, letters: 'AC', stops: 3 });
  server = await RailheadProcess.start(folder, world);
  const token = await tokenFor(folder, 'alice');
  const order = (date: string): Promise<Answer> => {
    const body = { train: 'G900', date, from: 'ST0', to: 'ST2', seatClass: 'second', passengers: [passenger()] };
    return ask(`${server.url}/v1/orders`, { token, body, headers: { Prefer: 'wait=10' } });
  };
  const before = await order(damaged);
  expect(before.status).toBe(201);
  await server.stop();

  const store = await SqliteEventStore.open({ folder });
  const stream = segmentCategory.stream({ train: 'G900', date: damaged, seq: 0, seatClass: 'second' });
  const last = (await store.readStream(stream)).at(-1);
  const [hold] = last === undefined ? [] : lockPartsOf(last);
  if (hold?.seats === undefined) throw new Error('the order holds a seat');
  // No decision writes this: the same seat for another lock.
  const twice = { ...held('another.1.1', hold.seats), id: randomUUID(), meta: testMeta('damage') };
  await store.append([{ stream, expected: 'exists', events: [twice] }]);
  await store.close();

  server = await RailheadProcess.start(folder, world);
  const refused = await order(damaged);
  expect(refused).toMatchObject({ status: 409, body: { code: 'SALE_STOPPED' } });
  expect(refused.body.detail).toContain('segment 0');
  expect((await order(sound)).status).toBe(201);
  expect((await ask(`${server.url}/readyz`)).status).toBe(200);
  const stock = (date: string): Promise<Answer> =>
    ask(`${server.url}/v1/trains/G900/runs/${date}/availability?from=ST0&to=ST2`);
  expect((await stock(damaged)).body.classes[0]).toMatchObject({ available: 0 });
  expect((await stock(sound)).body.classes[0]).toMatchObject({ available: 3, held: 1 });
  const shown = await ask(`${server.url}/v1/orders/${before.body.orderNo}`, { token });
  expect(shown.body).toMatchObject({ status: 'WAIT_PAY' });
  const audit = await railhead('verify', '--data', folder, '--json');
  expect(audit.code).toBe(1);
  expect(JSON.parse(audit.stdout).violations).toEqual([expect.objectContaining({ code: 'SEAT_TWICE' })]);
});
