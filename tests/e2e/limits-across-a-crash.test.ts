// Limits hold in the log, and not in a process: it is killed among fifty requests, and the next one goes on counting where
// it stopped.
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { RailheadProcess, railhead } from '../support/railhead-process.ts';
import { type Answer, ask, passenger, runDate, tokenFor } from '../support/shopper.ts';
import { smallRailway } from '../support/small-railway.ts';
import { tempFolder } from '../support/temp-folder.ts';

const root = tempFolder();
const date = runDate(3);
const LIMITS = {
  RAILHEAD_TICKETS_PER_TRAIN_LIMIT: '5',
  RAILHEAD_TICKETS_PER_DOCUMENT_LIMIT: '10',
  RAILHEAD_JOURNEYS_AT_ONCE_LIMIT: '1',
  RAILHEAD_CANCELLED_ORDERS_LIMIT: '3',
};

test('fifty requests of a user, and fifty for a document, are as many tickets as may be, whenever the process dies', async () => {
  const folder = join(root, 'data');
  const railway = smallRailway(root, { rows: 60, letters: 'ACDF', stops: 3 });
  let server = await RailheadProcess.start(folder, railway, LIMITS);
  try {
    const ada = passenger();
    const people = Array.from({ length: 50 }, () => passenger());
    const alice = await tokenFor(folder, 'alice');
    const users = await Promise.all(people.map((_, n) => tokenFor(folder, `user${n}`)));
    const order = (token: string, key: string, one: object | undefined): Promise<Answer> =>
      ask(`${server.url}/v1/orders`, {
        token,
        headers: { 'Idempotency-Key': key, Prefer: 'wait=10' },
        body: { train: 'G900', date, from: 'ST0', to: 'ST2', seatClass: 'second', passengers: [one] },
      });
    const all = (): readonly Promise<Answer>[] =>
      people.flatMap((one, n) => [order(alice, `a${n}`, one), order(users[n] ?? '', `b${n}`, ada)]);

    const first = all().map((answer) => answer.then(({ status }) => status).catch(() => 'no answer'));
    await Promise.race(first);
    await server.kill();
    await Promise.all(first);
    server = await RailheadProcess.start(folder, railway, LIMITS);
    // Everybody asks again, under the same keys.
    const again = await Promise.all(all());
    const answers = Map.groupBy(again, ({ status, body }) => `${status} ${body.code ?? body.status}`);
    expect(Object.fromEntries([...answers].map(([name, list]) => [name, list.length]))).toEqual({
      '201 WAIT_PAY': 6,
      '409 LIMIT_TRAIN': 45,
      '409 JOURNEY_OVERLAPS': 49,
    });
    expect(await server.stop()).toBe(0);
    const verified = await railhead('verify', '--data', folder, '--json');
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, pending: { reservations: 0, unclaimed: 0 } });
  } finally {
    await server.kill();
  }
});
