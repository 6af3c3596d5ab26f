// The database server of the read models dies, stops, comes back empty, keeps us out: the sale goes on, reads say so, and
// afterwards nothing is missing or there twice.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PARTS } from '@railhead/infra/composition/parts.ts';
import type { ReadDatabase } from '@railhead/projections/engine/read-database.ts';
import { MARIADB } from '@railhead/tests/services/mariadb.ts';
import { POSTGRES } from '@railhead/tests/services/postgres.ts';
import type { RunningServer } from '@railhead/tests/services/running-server.ts';
import { describeServerFaults } from '@railhead/tests/services/under-test.ts';
import { comparableRows, rowsOfLog } from '@railhead/tests/support/comparable-rows.ts';
import { ServedRailway } from '@railhead/tests/support/served-railway.ts';
import { ask, type Json } from '@railhead/tests/support/shopper.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { sql } from 'kysely';

let databases = 0;

for (const kind of [POSTGRES, MARIADB])
  describeServerFaults(kind, (server) => {
    let railway: ServedRailway;
    let url: string;
    let orderNos: string[];

    beforeEach(async () => {
      databases += 1;
      ({ url } = await kind.ownPart(server().url, `railhead_faults_${databases}`));
      railway = await ServedRailway.start({ rows: 90, letters: 'ABCDF', stops: 3 }, { readSql: url });
      orderNos = [];
    });
    afterEach(async () => {
      await railway.stop();
      const running: RunningServer = server();
      if (!running.isRunning) await running.restart();
    });

    const sell = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1) {
        const { status, body } = await railway.order();
        expect(status).toBe(201);
        orderNos.push(body.orderNo);
      }
    };
    const database = async (): Promise<ReadDatabase> =>
      (await railway.server.container.getAsync(PARTS.readDatabases)).sql;
    const readyOf = async (of: ServedRailway): Promise<Json> => (await ask(`${of.url}/readyz`)).body;
    const ready = (): Promise<Json> => readyOf(railway);
    const listed = async (): Promise<number> =>
      (await railway.ask('/v1/orders', { token: await railway.token('alice') })).status;
    const told = (model: string, words: RegExp, of = railway): Promise<unknown> =>
      waitUntil(`${model} to say ${words}`, async () => words.test((await readyOf(of)).parts[model]));
    const comesBackWhole = async (): Promise<void> => {
      await waitUntil('the models to be ready', async () => (await ready()).ready);
      await railway.shown();
      expect(await comparableRows(await database())).toEqual(await rowsOfLog(railway.store));
      expect(await listed()).toBe(200);
    };

    test('that is killed in the middle of writing', async () => {
      const selling = sell(30);
      await waitUntil('some orders', () => orderNos.length > 5);
      await server().kill();
      await selling;
      expect(await listed()).toBe(503);
      await sell(3);
      await told('orders', /catchingUp: the database of the read models cannot be used/);
      await server().restart();
      await comesBackWhole();
    });

    test('that stands still answers nobody, and goes on', async () => {
      await sell(3);
      await server().pause();
      await sell(3);
      expect(await listed()).toBe(503);
      server().resume();
      await comesBackWhole();
    });

    test('of which a table was dropped', async () => {
      await sell(3);
      await sql`drop table orders`.execute((await database()).db);
      await sell(3);
      await comesBackWhole();
    });

    test('of which everything was dropped', async () => {
      await sell(3);
      const { db } = await database();
      for (const { name } of await db.introspection.getTables()) await db.schema.dropTable(name).execute();
      await sell(3);
      await comesBackWhole();
    });

    test('of which some rows are gone is as it was only after its place is gone too', async () => {
      await sell(3);
      await railway.shown();
      const { db } = await database();
      await sql`delete from orders`.execute(db);
      await db.updateTable('model_places').set({ position: 0, fingerprint: '' }).execute();
      await sell(3);
      await comesBackWhole();
    });

    test('whose tables a newer program has made is left alone', async () => {
      await sell(3);
      const { db } = await database();
      await db
        .updateTable('model_places')
        .set((eb) => ({ version: eb('version', '+', 100) }))
        .execute();
      await sell(3);
      await told('orders', /the tables of read model orders are not of version/);
      await db
        .updateTable('model_places')
        .set((eb) => ({ version: eb('version', '-', 100) }))
        .execute();
      await comesBackWhole();
    });

    test('that keeps this process out', async () => {
      const stranger = new URL(url);
      stranger.username = 'nobody';
      stranger.password = 'wrong';
      const other = await ServedRailway.begin({ rows: 20, letters: 'A', stops: 3 }, { readSql: stranger.href });
      try {
        expect((await other.order()).status).toBe(201);
        await told('orders', /the database of the read models cannot be used/, other);
        expect(JSON.stringify(await readyOf(other))).not.toContain('wrong');
        expect((await other.ask('/v1/orders', { token: await other.token('alice') })).status).toBe(503);
      } finally {
        await other.stop();
      }
    });
  });
