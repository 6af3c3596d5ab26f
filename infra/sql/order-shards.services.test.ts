// Orders over four databases of four tables each, on two servers of two kinds.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { shardOfOrderNo } from '@railhead/commands/orders/order-number.ts';
import { PARTS } from '@railhead/infra/composition/parts.ts';
import { layoutName, placeOf } from '@railhead/projections/orders/order-layout.ts';
import type { LayoutDatabases, OrderDatabases } from '@railhead/projections/orders/sharded-orders.ts';
import { MARIADB } from '@railhead/tests/services/mariadb.ts';
import { POSTGRES } from '@railhead/tests/services/postgres.ts';
import { describeServerFaults } from '@railhead/tests/services/under-test.ts';
import { Readers } from '@railhead/tests/support/readers.ts';
import { Rebuilding, sellingWhile } from '@railhead/tests/support/rebuilding.ts';
import { ServedRailway } from '@railhead/tests/support/served-railway.ts';
import { type Answer, ask, type Json, passenger } from '@railhead/tests/support/shopper.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { sql } from 'kysely';

const USERS = Array.from({ length: 40 }, (_, user) => `user-${user}`);
const folder = tempFolder();
let parts = 0;

type Order = { readonly user: string; readonly orderNo: string };

describeServerFaults(POSTGRES, (postgres) =>
  describeServerFaults(MARIADB, (mariadb) => {
    let railway: ServedRailway;
    let file: string;
    let placed: Order[];

    const ownDatabases = async (each: number): Promise<readonly string[]> => {
      const urls: string[] = [];
      for (let n = 0; n < each; n += 1)
        for (const [kind, server] of [[POSTGRES, postgres()] as const, [MARIADB, mariadb()] as const]) {
          parts += 1;
          urls.push((await kind.ownPart(server.url, `railhead_shard_${parts}`)).url);
        }
      return urls;
    };
    const start = (layout: object): Promise<ServedRailway> => {
      file = join(folder, `shards-${parts}.json`);
      writeFileSync(file, JSON.stringify(layout));
      return ServedRailway.begin({ rows: 90, letters: 'ABCDF', stops: 3 }, { readSqlShards: file });
    };

    beforeEach(() => {
      placed = [];
    });
    afterEach(async () => {
      await railway.stop();
      for (const server of [postgres(), mariadb()]) if (!server.isRunning) await server.restart();
    });

    const orderOf = async (user: string): Promise<Answer> => {
      const journey = { train: 'G900', date: '2026-12-02', from: 'ST0', to: 'ST2', seatClass: 'second' };
      const body = { ...journey, passengers: [passenger()] };
      const answer = await railway.ask('/v1/orders', {
        token: await railway.token(user),
        headers: { Prefer: 'wait=10' },
        body,
      });
      expect(answer.status).toBe(201);
      placed.push({ user, orderNo: answer.body.orderNo });
      return answer;
    };
    const sell = async (users: readonly string[]): Promise<void> => {
      for (const user of users) await orderOf(user);
    };
    const asOfNow = async (path: string, user: string): Promise<Answer> => {
      const headers = { 'Railhead-Min-Position': String(await railway.store.lastPosition()) };
      return railway.ask(path, { token: await railway.token(user), headers });
    };
    const ready = async (): Promise<Json> => (await ask(`${railway.url}/readyz`)).body;
    const databases = async (): Promise<OrderDatabases> => {
      const { orders } = await railway.server.container.getAsync(PARTS.readDatabases);
      if (orders === undefined) throw new Error('orders are not spread');
      return orders;
    };
    const tablesOf = ({ layout, databases }: LayoutDatabases) =>
      databases.flatMap(({ db }, database) =>
        Array.from({ length: layout.tables }, (_, table) => ({
          db,
          database,
          table,
          name: `orders_${layoutName(layout)}_${database}_${table}`,
        })),
      );
    const allIsShown = async (): Promise<void> => {
      for (const { user, orderNo } of placed) {
        const { status, body } = await asOfNow(`/v1/orders/${orderNo}`, user);
        expect([status, body.orderNo]).toEqual([200, orderNo]);
      }
      for (const user of new Set(placed.map((order) => order.user))) {
        const { body } = await asOfNow('/v1/orders?limit=100', user);
        const wanted = placed.filter((order) => order.user === user).map(({ orderNo }) => orderNo);
        expect(body.orders.map(({ orderNo }: Json) => orderNo)).toEqual(wanted.reverse());
      }
    };
    const placesIn = async (of: LayoutDatabases): Promise<ReadonlyMap<string, readonly string[]>> => {
      const found = new Map<string, string[]>();
      for (const { db, database, table, name } of tablesOf(of)) {
        const { rows } = await sql<{ order_no: string }>`select order_no from ${sql.table(name)}`.execute(db);
        for (const { order_no } of rows) found.set(order_no, [...(found.get(order_no) ?? []), `${database} ${table}`]);
      }
      return found;
    };

    test('are each in the one table of their number, and found by number and by user', async () => {
      railway = await start({ databases: await ownDatabases(2), tables: 4 });
      await sell(USERS);
      await sell(USERS.slice(0, 10));
      await allIsShown();
      const { current } = await databases();
      const found = await placesIn(current);
      expect(found.size).toBe(placed.length);
      for (const { orderNo } of placed) {
        const { database, table } = placeOf(current.layout, shardOfOrderNo(orderNo));
        expect(found.get(orderNo)).toEqual([`${database} ${table}`]);
      }
      expect(new Set([...found.values()].flat()).size).toBeGreaterThan(8);
      const { models } = await ready();
      expect(Object.keys(models).filter((name) => name.startsWith('orders'))).toEqual([
        'orders@4x4.0',
        'orders@4x4.1',
        'orders@4x4.2',
        'orders@4x4.3',
      ]);
    });

    test('of a server that is killed are away, and no others; the sale goes on', async () => {
      railway = await start({ databases: await ownDatabases(2), tables: 4 });
      await sell(USERS);
      await allIsShown();
      await mariadb().kill();
      await sell(USERS.slice(0, 20));
      const { current } = await databases();
      for (const { user, orderNo } of placed) {
        const { database } = placeOf(current.layout, shardOfOrderNo(orderNo));
        const path = `/v1/orders/${orderNo}`;
        const isAway = database % 2 === 1;
        const { status } = isAway
          ? await railway.ask(path, { token: await railway.token(user) })
          : await asOfNow(path, user);
        expect([orderNo, status]).toEqual([orderNo, isAway ? 503 : 200]);
      }
      expect((await ready()).ready).toBe(true);
      await mariadb().restart();
      await waitUntil('all databases to be fed', async () => {
        const models: Record<string, Json> = (await ready()).models;
        return Object.entries(models).every(([, { lagEvents }]) => lagEvents === 0);
      });
      await allIsShown();
    });

    test('are compared with the log, each in its own table, and written anew where a few differ', async () => {
      railway = await start({ databases: await ownDatabases(2), tables: 4 });
      await sell(USERS);
      await allIsShown();
      const compared = async (): Promise<Json> => {
        const token = await railway.token('olga', { role: 'operator' });
        return (await railway.ask('/v1/admin/reconciliations', { token, body: { kind: 'orders' } })).body;
      };
      expect(await compared()).toMatchObject({ total_checked: placed.length, inconsistent_count: 0 });
      const { current } = await databases();
      const before = await placesIn(current);
      const gone = placed.slice(0, 4).map(({ orderNo }) => orderNo);
      for (const { db, name } of tablesOf(current))
        await sql`delete from ${sql.table(name)} where order_no in (${sql.join(gone)})`.execute(db);
      const found = await compared();
      expect(found).toMatchObject({ inconsistent_count: 4, auto_fixed_count: 4 });
      expect(new Set(found.inconsistent_details.map((one: Json) => one.order_no))).toEqual(new Set(gone));
      expect(await placesIn(current)).toEqual(before);
      await allIsShown();
    });

    test('are built again in each database while they are sold, and nobody who asks is refused or sees older rows', async () => {
      railway = await start({ databases: await ownDatabases(2), tables: 4 });
      const rebuilding = new Rebuilding(railway);
      await sell(USERS.slice(0, 20));
      await allIsShown();
      const shards = ['orders@4x4.0', 'orders@4x4.1', 'orders@4x4.2', 'orders@4x4.3'];
      const whole = await rebuilding.start('orders');
      expect([whole.status, whole.body.code]).toEqual([404, 'READ_MODEL_UNKNOWN']);
      expect(whole.body.detail).toContain(shards.join(', '));
      const { body } = await rebuilding.start('orders@4x4.0', { workers: 2 });
      expect(body).toMatchObject({ code: 'REPLAY_NOT_PARALLEL', detail: expect.stringContaining('a part already') });
      await sellingWhile(railway, new Readers(railway), async () => {
        await Promise.all(shards.map((model) => rebuilding.rebuildAndMove(model, () => railway.order())));
      });
      await railway.allShown();
      await allIsShown();
      for (const [number, model] of shards.entries())
        expect(await rebuilding.stateOf(model)).toMatchObject({
          store: number % 2 === 0 ? 'PostgreSQL' : 'MySQL',
          serving: { generation: 2, lagEvents: 0 },
        });
      // What is compared with the log and written anew is what is read.
      const token = await railway.token('olga', { role: 'operator' });
      const { current } = await databases();
      for (const { db, name } of tablesOf(current))
        await sql`delete from ${sql.table(`${name}_g2`)} where order_no = ${placed[0]?.orderNo}`.execute(db);
      const found = (await railway.ask('/v1/admin/reconciliations', { token, body: { kind: 'orders' } })).body;
      expect(found).toMatchObject({ inconsistent_count: 1, auto_fixed_count: 1 });
      await allIsShown();
    });

    test('move into another layout while they are sold, and then need the old one no more', async () => {
      const [next, current] = [await ownDatabases(1), await ownDatabases(2)];
      railway = await start({ databases: current, tables: 4, next: { databases: next, tables: 8 } });
      await sell(USERS);
      await allIsShown();
      await waitUntil('the next layout to be there', async () => {
        const models: Record<string, Json> = (await ready()).models;
        return ['orders@2x8.0', 'orders@2x8.1'].every((name) => models[name].lagEvents === 0);
      });
      await allIsShown();
      // Also where databases of the old and of the next layout were built again.
      const rebuilding = new Rebuilding(railway);
      await Promise.all(
        ['orders@4x4.1', 'orders@2x8.1'].map((model) => rebuilding.rebuildAndMove(model, () => allIsShown())),
      );
      const old = (await databases()).current;
      for (const { db, database, name } of tablesOf(old))
        await db.schema.dropTable(database === 1 ? `${name}_g2` : name).execute();
      await sell(USERS.slice(0, 5));
      await allIsShown();
    });
  }),
);
