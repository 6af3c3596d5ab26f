// Several workers build a model beside the one that is read, on a real database server.
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SqliteEventStore } from '@railhead/infra/eventstore/sqlite/sqlite-event-store.ts';
import { openSqlServer } from '@railhead/infra/sql/servers/open-server.ts';
import { ordersModel } from '@railhead/projections/orders/orders-model.ts';
import { MARIADB } from '@railhead/tests/services/mariadb.ts';
import { POSTGRES } from '@railhead/tests/services/postgres.ts';
import { describeOnServer, describeServerFaults } from '@railhead/tests/services/under-test.ts';
import { startChild } from '@railhead/tests/support/children.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { livesOf, writeOrder } from '@railhead/tests/support/order-life.ts';
import { silentLogger } from '@railhead/tests/support/read-side.ts';
import { Readers } from '@railhead/tests/support/readers.ts';
import { Rebuilding, sellingWhile } from '@railhead/tests/support/rebuilding.ts';
import { ServedRailway } from '@railhead/tests/support/served-railway.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';

const all = tempFolder();
let folders = 0;
const newFolder = (): string => {
  folders += 1;
  const folder = join(all, String(folders));
  mkdirSync(folder);
  return folder;
};

const BUILD = fileURLToPath(new URL('../../../tests/support/build-in-parts.ts', import.meta.url));
const WORKERS = 3;
const LIVES = 9;

for (const kind of [POSTGRES, MARIADB]) {
  describeServerFaults(kind, (server) => {
    let railway: ServedRailway;
    let rebuilding: Rebuilding;
    beforeEach(async () => {
      const data = newFolder();
      const { url: readSql } = await kind.ownPart(server().url, `railhead_test_workers_${folders}`);
      const log = await SqliteEventStore.open({ folder: data });
      railway = await ServedRailway.start({ rows: 90, letters: 'ABCDF', stops: 3 }, { data, readSql }, log);
      rebuilding = new Rebuilding(railway);
    });
    afterEach(async () => {
      await railway.stop();
      if (!server().isRunning) await server().restart();
    });

    test('they build orders and sales during a sale, which are as the log has them, and take over', async () => {
      await railway.ticketed(3);
      await railway.allShown();
      await sellingWhile(railway, new Readers(railway), async () => {
        for (const model of ['orders', 'sales']) {
          expect((await rebuilding.start(model, { workers: WORKERS })).body.beside.workers).toBe(WORKERS);
          await rebuilding.whole(model);
          expect((await rebuilding.verify(model)).differences).toEqual([]);
          expect((await rebuilding.tell(model, 'swap')).status).toBe(200);
          await railway.order();
        }
      });
      await railway.allShown();
    });

    test('they stand still, go on, go as fast as they may, and are cancelled', async () => {
      for (let n = 0; n < 20; n += 1) await railway.order();
      const begun = await rebuilding.start('orders', { workers: 2, eventsPerSecond: 4 });
      expect(begun.status).toBe(201);
      await waitUntil('some of it', async () => (await rebuilding.stateOf('orders')).beside.position > 0);
      await rebuilding.tell('orders', 'pause');
      expect((await rebuilding.stateOf('orders')).beside.does).toBe('paused');
      expect((await rebuilding.tell('orders', 'cancel')).body.beside).toBeUndefined();
      await rebuilding.start('orders', { workers: 2, eventsPerSecond: 4 });
      await rebuilding.tell('orders', 'throttle', { eventsPerSecond: 0 });
      await rebuilding.whole('orders');
      expect((await rebuilding.verify('orders')).unlikeLog).toBe(0);
    });

    test('the server is killed while they build: they go on when it is back', async () => {
      for (let n = 0; n < 20; n += 1) await railway.order();
      await railway.allShown();
      await rebuilding.start('orders', { workers: 2, eventsPerSecond: 20 });
      await waitUntil('some of it', async () => (await rebuilding.stateOf('orders')).beside.position > 0);
      await server().kill();
      await waitUntil('it to be told', async () => (await rebuilding.stateOf('orders')).beside.failure !== undefined);
      await server().restart();
      await rebuilding.tell('orders', 'throttle', { eventsPerSecond: 0 });
      await rebuilding.whole('orders');
      expect((await rebuilding.verify('orders')).unlikeLog).toBe(0);
    });

    test('what cannot be divided is refused, and the plan says why', async () => {
      const refused = await rebuilding.start('timetable', { workers: 2 });
      expect([refused.status, refused.body.code]).toEqual([409, 'REPLAY_NOT_PARALLEL']);
      expect((await rebuilding.ask('/timetable/plan')).body.workers.possible).toBe(false);
      expect((await rebuilding.ask('/orders/plan?workers=4')).body).toMatchObject({
        workers: { possible: true },
        refusals: [],
      });
      expect((await rebuilding.start('orders', { workers: 0 })).status).toBe(400);
      expect((await rebuilding.start('orders', { workers: 17 })).status).toBe(400);
    });
  });

  describeOnServer(kind, (server) => {
    test('killed again and again, they go on from where each of them was, and nothing is missing or there twice', async () => {
      const { url } = await server.ownPart();
      const folder = newFolder();
      const log = await SqliteEventStore.open({ folder });
      for (let n = 0; n < 300; n += 1) await writeOrder(log, String(n), livesOf(String(n))[n % LIVES] ?? []);
      const end = await log.lastPosition();
      await log.close();
      const reached: number[] = [0];
      const build = async (eventsPerSecond: number, isEnough: (position: number) => boolean): Promise<boolean> => {
        const args = [BUILD, folder, url, String(WORKERS), String(eventsPerSecond)];
        const child = startChild(args, { stdio: ['ignore', 'pipe', 'inherit'] });
        const gone = once(child, 'exit');
        if (child.stdout === null) throw new Error('it tells how far it is');
        let isWhole = false;
        for await (const line of createInterface(child.stdout)) {
          isWhole ||= line === 'whole';
          const position = Number(line.split(' ')[1]);
          if (!isEnough(position)) continue;
          reached.push(position);
          child.kill('SIGKILL');
          break;
        }
        await gone;
        return isWhole;
      };
      for (const share of [0.2, 0.5]) expect(await build(90, (at) => at > end * share)).toBe(false);
      // What was done before was not done again.
      expect(reached).toEqual(reached.toSorted((a, b) => a - b));
      expect(await build(0, () => false)).toBe(true);
      const rows = async (model: typeof ordersModel, isBuilt: boolean) => {
        const at = openSqlServer(url, [model], { clock: realClock, logger: silentLogger });
        try {
          await at.prepared?.();
          const { projection, rows: there } = model.open({ db: at.db, dialect: at.dialect });
          if (!isBuilt) {
            const whole = await SqliteEventStore.open({ folder });
            const { events, position } = await whole.readAll({ after: 0, limit: end });
            const proof = { dropped: () => {}, setAside: () => {}, notKept: () => {} };
            await projection.load({ ...proof, fingerprintAt: (one) => whole.fingerprintAt(one) });
            await projection.apply({ events, position, caughtUp: true });
            await whole.close();
          }
          const found = new Map<string, string>();
          for await (const keys of there.keys())
            for (const [key, row] of (await there.read(keys)).rows) found.set(key, row);
          return found;
        } finally {
          await at.db.destroy();
        }
      };
      const second = ordersModel.generation?.(2);
      if (second === undefined) throw new Error('orders have generations');
      const [built, asOne] = [await rows(second, true), await rows(ordersModel, false)];
      expect(built.size).toBe(300);
      expect(built).toEqual(asOne);
    });
  });
}
