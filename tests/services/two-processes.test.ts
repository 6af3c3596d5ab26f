// Two processes sell from one log and have their read models on one database server. The one that feeds them is killed, or
// stands still: the other goes on within seconds, and nothing is missing or there twice.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { signToken } from '@railhead/infra/http/tokens.ts';
import { DevEventStore } from '../support/dev-eventstore.ts';
import { RailheadProcess } from '../support/railhead-process.ts';
import { type Answer, ask, type Json, passenger, runDate } from '../support/shopper.ts';
import { smallRailway } from '../support/small-railway.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';
import { MARIADB } from './mariadb.ts';
import { POSTGRES } from './postgres.ts';
import { REDIS } from './redis.ts';
import { describeOnServer } from './under-test.ts';

const SECRETS = {
  RAILHEAD_AUTH_SECRET: 'the secret of both processes',
  RAILHEAD_ORDER_SECRET: 'the orders of both processes',
  RAILHEAD_GATEWAY_SECRET: 'the gateway of both processes',
};

const all = tempFolder();
let railways = 0;

/** A kind of server, the setting that names it, and one of the models that it then has. */
const SHARED = [
  { kind: POSTGRES, setting: '--read-sql', model: 'orders' },
  { kind: MARIADB, setting: '--read-sql', model: 'orders' },
  { kind: REDIS, setting: '--read-cache', model: 'availability' },
];

for (const { kind, setting, model } of SHARED)
  describeOnServer(kind, (server) => {
    let eventStore: DevEventStore;
    let processes: RailheadProcess[];
    let placed: string[];

    beforeEach(async () => {
      railways += 1;
      const root = join(all, String(railways));
      mkdirSync(root);
      eventStore = await DevEventStore.start();
      const { url, prefix } = await server.ownPart();
      // In Redis a part is a prefix of keys.
      const address = kind === REDIS ? `${url}/${prefix.replace(/:$/, '')}` : url;
      const args = [...smallRailway(root, { rows: 80, letters: 'ABCDF', stops: 3 })];
      const settings = [...args, '--store', 'esdb', '--esdb-url', eventStore.url, setting, address];
      processes = [];
      placed = [];
      for (const name of ['one', 'other'])
        processes.push(await RailheadProcess.start(join(root, name), settings, SECRETS, { mayDie: true }));
    });
    afterEach(async () => {
      for (const railhead of processes) await railhead.kill();
      await eventStore.stop();
    });

    const request = (railhead: RailheadProcess, path: string, more: object = {}): Promise<Answer> =>
      signToken(SECRETS.RAILHEAD_AUTH_SECRET, 'alice', 'user', 1).then((token) =>
        ask(`${railhead.url}${path}`, { token, ...more }),
      );
    const order = async (railhead: RailheadProcess): Promise<Answer> => {
      const journey = { train: 'G900', date: runDate(2), from: 'ST0', to: 'ST2', seatClass: 'second' };
      const body = { ...journey, passengers: [passenger()] };
      const answer = await request(railhead, '/v1/orders', { body, headers: { Prefer: 'wait=10' } });
      if (answer.status === 201) placed.push(answer.body.orderNo);
      return answer;
    };
    const ready = async (railhead: RailheadProcess): Promise<Json> => (await ask(`${railhead.url}/readyz`)).body;
    const stateOf = async (railhead: RailheadProcess): Promise<string> => (await ready(railhead)).models[model].state;
    const listed = async (railhead: RailheadProcess, position: string): Promise<readonly string[]> => {
      const found: string[] = [];
      for (let cursor = ''; ; ) {
        const headers = { 'Railhead-Min-Position': position };
        const { status, body } = await request(railhead, `/v1/orders?limit=50${cursor}`, { headers });
        expect(status).toBe(200);
        found.push(...body.orders.map(({ orderNo }: Json) => orderNo));
        if (body.nextCursor === undefined) return found;
        cursor = `&cursor=${body.nextCursor}`;
      }
    };
    const taken = async (railhead: RailheadProcess, position: string): Promise<Json> => {
      const path = `/v1/trains/G900/runs/${runDate(2)}/availability?from=ST0&to=ST2`;
      const { status, body } = await request(railhead, path, { headers: { 'Railhead-Min-Position': position } });
      return [status, body.classes?.[0].held];
    };
    const owners = async (): Promise<readonly [RailheadProcess, RailheadProcess]> => {
      const [one, other] = processes as [RailheadProcess, RailheadProcess];
      await waitUntil('both to be ready', async () => (await ready(one)).ready && (await ready(other)).ready);
      return (await stateOf(one)) === 'live' ? [one, other] : [other, one];
    };

    test.each(['SIGKILL', 'SIGSTOP'] as const)('the one that feeds the models gets %s', async (signal) => {
      const [owner, standby] = await owners();
      expect(await stateOf(standby)).toBe('standby');
      for (let n = 0; n < 6; n += 1) expect((await order(n % 2 === 0 ? owner : standby)).status).toBe(201);
      // What one has written the other shows.
      const { headers } = await order(owner);
      const seen = await listed(standby, headers.get('Railhead-Position') ?? '');
      expect([...seen].sort()).toEqual([...placed].sort());
      process.kill(owner.pid ?? 0, signal);
      await waitUntil('the other to feed the models', async () => (await stateOf(standby)) === 'live');
      const last = await waitUntil('the other to sell', async () => {
        const answer = await order(standby);
        return answer.status === 201 ? answer : undefined;
      });
      if (signal === 'SIGSTOP') {
        process.kill(owner.pid ?? 0, 'SIGCONT');
        await waitUntil('the first to stand by', async () => (await stateOf(owner)) === 'standby');
      }
      const position = last.headers.get('Railhead-Position') ?? '';
      const all = await listed(standby, position);
      expect(all).toHaveLength(new Set(all).size);
      expect(all).toEqual(expect.arrayContaining(placed));
      // Each order has one seat, and none of them has ended.
      expect(await taken(standby, position)).toEqual([200, all.length]);
    });
  });
