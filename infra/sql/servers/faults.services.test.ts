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
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { silentLogger } from '@railhead/tests/support/read-side.ts';
import { ServedRailway } from '@railhead/tests/support/served-railway.ts';
import { ask, type Json } from '@railhead/tests/support/shopper.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { sql } from 'kysely';
import { openSqlServer } from './open-server.ts';

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
    const listed = async (): Promise<number> =>
      (await railway.ask('/v1/orders', { token: await railway.token('alice') })).status;
    const told = (model: string, words: RegExp, of = railway): Promise<unknown> =>
      waitUntil(`${model} to say ${words}`, async () => words.test((await readyOf(of)).parts[model]));
    const comesBackWhole = async (): Promise<void> => {
      await railway.allShown();
      const wanted = await rowsOfLog(railway.store);
      // A table that is gone is noticed by the model's next beat.
      const areThere = async (): Promise<boolean> =>
        Object.keys(await comparableRows(await database()).catch(() => ({}))).length === Object.keys(wanted).length;
      await waitUntil('all tables', areThere);
      expect(await comparableRows(await database())).toEqual(wanted);
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

    test('that another railway has: nothing of it is shown, until it is gone', async () => {
      await sell(3);
      await railway.shown();
      const other = await ServedRailway.begin({ rows: 20, letters: 'A', stops: 3 }, { readSql: url });
      try {
        const asked = async (path: string): Promise<number> =>
          (await other.ask(path, { token: await other.token('alice') })).status;
        for (const path of [
          '/v1/orders',
          `/v1/orders/${orderNos[0]}`,
          '/v1/stations?q=ST0',
          '/v1/trains/G900?date=2026-12-02',
        ])
          expect([path, await asked(path)]).toEqual([path, 503]);
        await told('orders', /its rows (are of another log|go further than this log)/, other);
        const { orderNo } = (await other.order()).body;
        expect(await asked(`/v1/orders/${orderNo}`)).toBe(503);
        await railway.stop();
        await waitUntil('its own rows', async () => (await readyOf(other)).ready);
        expect([await asked(`/v1/orders/${orderNo}`), await asked(`/v1/orders/${orderNos[0]}`)]).toEqual([200, 404]);
      } finally {
        await other.stop();
      }
    });

    test('that has a table of another program under the name of ours: it is not touched', async () => {
      databases += 1;
      const theirs = (await kind.ownPart(server().url, `railhead_faults_${databases}`)).url;
      const { db } = openSqlServer(theirs, [], { clock: realClock, logger: silentLogger });
      await sql`create table payments (invoice varchar(20))`.execute(db);
      await sql`insert into payments values ('theirs')`.execute(db);
      const other = await ServedRailway.begin({ rows: 20, letters: 'A', stops: 3 }, { readSql: theirs });
      try {
        await told('orders', /has a table payments that Railhead did not make/, other);
        expect((await other.order()).status).toBe(201);
        expect((await sql`select invoice from payments`.execute(db)).rows).toEqual([{ invoice: 'theirs' }]);
        await sql`drop table payments`.execute(db);
        await waitUntil('the models to be ready', async () => (await readyOf(other)).ready);
      } finally {
        await other.stop();
        await db.destroy();
      }
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
