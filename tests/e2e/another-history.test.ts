// A backup of the log is put back beside what was derived from its lost end. What was kept of positions is not believed:
// every new order is decided, and what is shown is what the log has.
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { RailheadServer } from '@railhead/infra/composition/server.ts';
import { loadConfig } from '@railhead/infra/config/load-config.ts';
import { signToken } from '@railhead/infra/http/tokens.ts';
import { openTimetable } from '@railhead/infra/timetable/open-source.ts';
import { LeapingClock } from '../support/leaping-clock.ts';
import { RUN_DATE, START_MS } from '../support/served-railway.ts';
import { type Answer, ask, passenger } from '../support/shopper.ts';
import { smallRailway } from '../support/small-railway.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const root = tempFolder();
const [data, backup] = [join(root, 'data'), join(root, 'backup')];
mkdirSync(data);
mkdirSync(backup);
const [, rollingStock = '', , timetable = ''] = smallRailway(root, { rows: 20, letters: 'ABCDF', stops: 3 });
const secrets = { authSecret: 'the-secret-of-the-test', gatewaySecret: 'the-gateway-of-the-test' };
const flags = { data, port: 0, rollingStock, logLevel: 'silent', ...secrets };
const { config } = loadConfig({ flags, env: {}, file: undefined });

let lives = 0;
/** Later than all lives before: what is written again is written at another time. */
const serving = async (work: (server: RailheadServer) => Promise<void>): Promise<void> => {
  lives += 1;
  const server = await RailheadServer.start(config, { clock: new LeapingClock(START_MS + lives * 60_000) });
  try {
    await server.importTimetable(openTimetable(timetable), () => {});
    await server.openSale();
    await server.caughtUp();
    await work(server);
  } finally {
    await server.stop();
  }
};

const order = async (server: RailheadServer, user: string): Promise<Answer> => {
  const body = {
    train: 'G900',
    date: RUN_DATE,
    from: 'ST0',
    to: 'ST2',
    seatClass: 'second',
    passengers: [passenger()],
  };
  const headers = { Prefer: 'wait=10', 'Idempotency-Key': 'once' };
  return ask(`${server.url}/v1/orders`, { token: await tokenOf(user), body, headers });
};
const tokenOf = (user: string): Promise<string> => signToken(secrets.authSecret, user, 'user', 24 * 30);
const users = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${name}${n}`);

const copyLog = (from: string, to: string): void => {
  for (const end of ['', '-wal', '-shm']) {
    rmSync(join(to, `events.db${end}`), { force: true });
    if (existsSync(join(from, `events.db${end}`)))
      copyFileSync(join(from, `events.db${end}`), join(to, `events.db${end}`));
  }
};

test.each([
  ['shorter than what was lost', 5],
  ['longer than what was lost', 40],
])('orders after a backup was put back, their history %s', async (_, count) => {
  await serving(async () => {});
  copyLog(data, backup);
  await serving(async (server) => {
    const answers = await Promise.all(users('lost', 20).map((user) => order(server, user)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
  });
  copyLog(backup, data);
  await serving(async (server) => {
    // Some ask again for what they had.
    const again = [...users('lost', 3), ...users('new', count)];
    for (const user of again) expect([user, (await order(server, user)).status]).toEqual([user, 201]);
    await waitUntil('what is shown', async () => {
      const lists = await Promise.all(
        [...again, 'lost9'].map(async (user) => ask(`${server.url}/v1/orders`, { token: await tokenOf(user) })),
      );
      return lists.map(({ body }) => body.orders?.length ?? -1).join() === [...again.map(() => 1), 0].join();
    });
    const stock = await ask(`${server.url}/v1/trains/G900/runs/${RUN_DATE}/availability?from=ST0&to=ST2`);
    expect(stock.body.classes[0]).toMatchObject({ held: again.length });
  });
  for (const name of ['events.db', 'read.db', 'processes.db', 'snapshots.db'])
    for (const end of ['', '-wal', '-shm']) rmSync(join(data, name + end), { force: true });
});
