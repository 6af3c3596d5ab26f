// Real replicas behind a railway: their replay stands still, they are killed, paused and started again, the primary is
// killed or built again. What a client has written it sees, whoever answers.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { PARTS } from '@railhead/infra/composition/parts.ts';
import { SQL_MODELS } from '@railhead/projections/read-models.ts';
import { MARIADB } from '@railhead/tests/services/mariadb.ts';
import { POSTGRES } from '@railhead/tests/services/postgres.ts';
import { replayOf } from '@railhead/tests/services/replay.ts';
import type { RunningServer } from '@railhead/tests/services/running-server.ts';
import { describeServerFaults } from '@railhead/tests/services/under-test.ts';
import { comparableRows } from '@railhead/tests/support/comparable-rows.ts';
import { RailheadProcess } from '@railhead/tests/support/railhead-process.ts';
import { RUN_DATE, ServedRailway } from '@railhead/tests/support/served-railway.ts';
import { type Answer, ask, type Json } from '@railhead/tests/support/shopper.ts';
import { smallRailway } from '@railhead/tests/support/small-railway.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { sql } from 'kysely';

const folders = tempFolder();
let databases = 0;

for (const kind of [POSTGRES, MARIADB])
  describeServerFaults(kind, (server) => {
    let replica: RunningServer;
    let railway: ServedRailway;
    let token: string;
    let orderNos: string[];

    beforeAll(async () => {
      replica = await server().replica();
    });
    afterAll(() => replica.discard());

    /** The same database on the replica. */
    const onReplica = (url: string, { place } = replica): string => {
      const own = new URL(url);
      own.port = String(place.port);
      return own.href;
    };
    const serve = async (more: object = {}): Promise<string> => {
      databases += 1;
      const { url } = await kind.ownPart(server().url, `railhead_replicas_${databases}`);
      const settings = { readSql: url, readSqlReplica: onReplica(url), ...more };
      railway = await ServedRailway.start({ rows: 90, letters: 'ABCDF', stops: 3 }, settings);
      token = await railway.token('alice');
      orderNos = [];
      return url;
    };
    beforeEach(async () => {
      if (!server().isRunning) await server().restart();
      if (!replica.isRunning) await replica.restart();
    });
    afterEach(async () => {
      for (const each of [server(), replica]) each.resume();
      await railway.stop();
    });

    /** Orders, and gives the position of what was written. */
    const sell = async (count: number): Promise<string> => {
      let position = '';
      for (let n = 0; n < count; n += 1) {
        const { status, body, headers } = await railway.order();
        expect(status).toBe(201);
        orderNos.push(body.orderNo);
        position = headers.get('Railhead-Position') ?? '';
      }
      return position;
    };
    const list = (position?: string): Promise<Answer> =>
      railway.ask('/v1/orders?limit=100', {
        token,
        headers: position === undefined ? {} : { 'Railhead-Min-Position': position },
      });
    const listed = async (position?: string): Promise<readonly string[]> => {
      const { status, body } = await list(position);
      expect(status).toBe(200);
      return body.orders.map(({ orderNo }: Json) => orderNo);
    };
    const reads = async (model = 'orders'): Promise<Readonly<Record<string, number>>> => {
      const replicas = await railway.server.container.getAsync(PARTS.replicas);
      const ofModel = replicas.reads().filter((each) => each.model === model);
      return { primary: 0, replica1: 0, ...Object.fromEntries(ofModel.map(({ from, value }) => [from, value])) };
    };
    /** Where the reads go that this does. */
    const going = async (work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> => {
      const before = await reads();
      await work();
      const after = await reads();
      return Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]));
    };
    /** Each names the position of its own write. */
    const writesAreRead = async (rounds: number): Promise<void> => {
      for (let n = 0; n < rounds; n += 1) {
        const position = await sell(1);
        const all = await listed(position);
        expect([...all].sort()).toEqual([...orderNos].sort());
      }
    };
    const replicaAnswers = async (): Promise<unknown> => {
      const position = await sell(1);
      return waitUntil('the replica to answer', async () => {
        const went = await going(async () => expect(await listed(position)).toContain(orderNos.at(-1)));
        return went.replica1 === 1;
      });
    };
    const ready = async (): Promise<Json> => (await ask(`${railway.url}/readyz`)).body;
    const told = (state: string): Promise<unknown> =>
      waitUntil(`the replica to be ${state}`, async () => {
        await list();
        return (await ready()).replicas.replica1.orders.state === state;
      });

    test('a replica answers, readiness and metrics name it, and nobody is told where it is', async () => {
      await serve();
      await writesAreRead(5);
      await replicaAnswers();
      await told('used');
      const state = await ready();
      expect(state.ready).toBe(true);
      expect(Object.keys(state.replicas)).toEqual(['replica1']);
      expect(state.replicas.replica1).toEqual(
        Object.fromEntries(
          SQL_MODELS.map(({ name }) => [name, expect.objectContaining({ state: expect.any(String) })]),
        ),
      );
      expect(state.replicas.replica1.orders).toMatchObject({
        position: expect.any(Number),
        lagSeconds: expect.any(Number),
      });
      const metrics = await (await fetch(`${railway.url}/metrics`)).text();
      expect(metrics).toMatch(/^railhead_replica_lag_events\{replica="replica1",model="orders"\} \d+$/m);
      expect(metrics).toMatch(/^railhead_reads_total\{model="orders",from="replica1"\} [1-9]\d*$/m);
      expect(JSON.stringify(state) + metrics).not.toMatch(
        new RegExp(`:${replica.place.port}\\b|127\\.0\\.0\\.1|localhost`),
      );
      // Questions about trains go there too.
      const trains = `/v1/trains?from=ST0&to=ST2&date=${RUN_DATE}`;
      await waitUntil('trains from the replica', async () => {
        const { status, body } = await railway.ask(trains);
        expect([status, body.trains.length]).toEqual([200, 1]);
        return ((await reads('timetable')).replica1 ?? 0) > 0;
      });
    });

    test('while its replay stands still, what was written is read from the primary, and afterwards from the replica', async () => {
      await serve();
      await sell(2);
      await replicaAnswers();
      const replay = replayOf(kind, replica);
      await replay.pause();
      const went = await going(() => writesAreRead(8));
      expect(went).toEqual({ primary: 8, replica1: 0 });
      // Who names no position may see what was there, within the bound, and then no more.
      railway.clock.leap(60_000);
      await told('behind');
      expect(await listed()).toHaveLength(orderNos.length);
      await replay.resume();
      await replicaAnswers();
      await told('used');
      expect(await listed()).toHaveLength(orderNos.length);
    });

    test.each(['is killed', 'stands still'] as const)('a replica that %s costs nobody an answer', async (fault) => {
      await serve();
      await replicaAnswers();
      await Promise.all(Array.from({ length: 20 }, () => list()));
      if (fault === 'is killed') await replica.kill();
      else await replica.pause();
      await Promise.all([
        writesAreRead(6),
        ...Array.from({ length: 200 }, () => list().then(({ status }) => expect(status).toBe(200))),
      ]);
      await told('does not answer');
      expect((await ready()).ready).toBe(true);
      expect(await going(() => writesAreRead(3))).toEqual({ primary: 3, replica1: 0 });
      if (fault === 'is killed') await replica.restart();
      else replica.resume();
      await replicaAnswers();
      await told('used');
    });

    test('while the primary is away, a replica answers what names no position, as far as the bound allows', async () => {
      await serve({ readReplicaLagSeconds: 60 });
      const position = await sell(3);
      await replicaAnswers();
      await server().kill();
      const end = await sell(2);
      await waitUntil('the process to notice', async () => !(await ready()).ready);
      expect(await listed()).toHaveLength(orderNos.length - 2);
      expect(await listed(position)).toHaveLength(orderNos.length - 2);
      const asked = list(end);
      let isOver = false;
      void asked.then(() => {
        isOver = true;
      });
      await waitUntil('an answer', () => {
        if (!isOver) railway.clock.leap(1_000);
        return isOver;
      });
      expect((await asked).status).toBe(503);
      railway.clock.leap(120_000);
      expect((await list()).status).toBe(503);
      await server().restart();
      await waitUntil('the primary to be used again', async () => {
        railway.clock.leap(1_000);
        return (await ready()).ready;
      });
      await replicaAnswers();
      expect([...(await listed(end))].sort()).toEqual([...orderNos].sort());
    });

    test('tables that are built again on the primary are shown when they are whole', async () => {
      await serve();
      await sell(5);
      await replicaAnswers();
      const { sql: primary, replicas } = await railway.server.container.getAsync(PARTS.readDatabases);
      await sql`drop table orders`.execute(primary.db);
      const position = await sell(3);
      // Until it is noticed the primary answers 500 or 503, as it does without replicas.
      await waitUntil('the orders', async () => (await list(position)).status === 200);
      expect([...(await listed(position))].sort()).toEqual([...orderNos].sort());
      await replicaAnswers();
      await writesAreRead(3);
      const [copy] = replicas?.databases ?? [];
      if (copy === undefined) throw new Error('there is a replica');
      await waitUntil('the same rows', async () => {
        const [here, there] = [await comparableRows(primary), await comparableRows({ ...primary, ...copy })];
        return JSON.stringify(here) === JSON.stringify(there);
      });
    });

    test('a replica of another railway is never shown', async () => {
      const theirs = await serve();
      await sell(5);
      await replicaAnswers();
      await railway.stop();
      await serve({ readSqlReplica: onReplica(theirs) });
      await writesAreRead(3);
      await told('is not known to be of this log');
      expect((await reads()).replica1).toBe(0);
      expect((await ready()).ready).toBe(true);
    });

    test('of two replicas, the one that goes on answers who names what it has written', async () => {
      const other = await server().replica();
      try {
        const url = await serve();
        await railway.stop();
        await serve({ readSql: url, readSqlReplica: `${onReplica(url)},${onReplica(url, other)}` });
        await replicaAnswers();
        const replay = replayOf(kind, replica);
        await replay.pause();
        const position = await sell(3);
        await waitUntil('the other to answer', async () => {
          const before = (await reads()).replica2 ?? 0;
          expect(await listed(position)).toContain(orderNos.at(-1));
          return ((await reads()).replica2 ?? 0) > before;
        });
        const went = await going(async () => {
          for (let n = 0; n < 10; n += 1) expect(await listed(position)).toContain(orderNos.at(-1));
        });
        expect(went).toEqual({ primary: 0, replica1: 0, replica2: 10 });
        await replay.resume();
        await replicaAnswers();
      } finally {
        await other.discard();
      }
    });

    test('while a replica goes wrong again and again, every client sees what it has written', async () => {
      await serve();
      await replicaAnswers();
      const replay = replayOf(kind, replica);
      let isOver = false;
      const client = async (): Promise<number> => {
        const own: { readonly orderNo: string; readonly position: string }[] = [];
        while (!isOver) {
          const { body, headers } = await railway.order();
          own.push({ orderNo: body.orderNo, position: headers.get('Railhead-Position') ?? '' });
          // The last one is new to a replica; one before may have arrived there.
          for (const ago of [1, 4]) {
            const known = own.slice(-20, own.length - ago + 1);
            const seen = await listed(known.at(-1)?.position);
            expect(seen).toEqual(expect.arrayContaining(known.map(({ orderNo }) => orderNo)));
          }
        }
        return own.length;
      };
      const answeredBefore = (await reads()).replica1 ?? 0;
      const clients = [client(), client(), client()];
      const some = async (): Promise<unknown> => {
        const before = await reads();
        return waitUntil('some reads', async () => {
          const after = await reads();
          return (after.primary ?? 0) + (after.replica1 ?? 0) > (before.primary ?? 0) + (before.replica1 ?? 0) + 20;
        });
      };
      for (const wrong of [
        { begin: replay.pause, end: replay.resume },
        { begin: () => replica.pause(), end: async () => replica.resume() },
        { begin: () => replica.kill(), end: () => replica.restart() },
      ]) {
        await wrong.begin();
        await some();
        await wrong.end();
        await some();
      }
      isOver = true;
      for (const count of await Promise.all(clients)) expect(count).toBeGreaterThan(0);
      expect((await reads()).replica1).toBeGreaterThan(answeredBefore);
    });

    test('a process ends while its replica stands still', async () => {
      const url = await serve();
      await railway.stop();
      const folder = join(folders, String(databases));
      mkdirSync(folder);
      const args = smallRailway(folder, { rows: 2, letters: 'A', stops: 2 });
      const urls = ['--read-sql', url, '--read-sql-replica', onReplica(url)];
      const railhead = await RailheadProcess.start(join(folder, 'data'), [...args, ...urls]);
      const stations = (): Promise<Answer> => ask(`${railhead.url}/v1/stations?q=ST`);
      try {
        for (let n = 0; n < 20; n += 1) expect((await stations()).status).toBe(200);
        await replica.pause();
        for (const { status } of await Promise.all([1, 2, 3, 4, 5].map(stations))) expect(status).toBe(200);
        await railhead.stop();
      } finally {
        await railhead.kill();
      }
    });
  });
