// The disk of the database server is full: the sale goes on, and when there is room again nothing is missing.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { PARTS } from '@railhead/infra/composition/parts.ts';
import { POSTGRES } from '@railhead/tests/services/postgres.ts';
import { describeServerFaults } from '@railhead/tests/services/under-test.ts';
import { comparableRows, rowsOfLog } from '@railhead/tests/support/comparable-rows.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { silentLogger } from '@railhead/tests/support/read-side.ts';
import { ServedRailway } from '@railhead/tests/support/served-railway.ts';
import { ask } from '@railhead/tests/support/shopper.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { sql } from 'kysely';
import { openSqlServer } from './open-server.ts';

/** Open to the user that the server runs as. */
const disk = mkdtempSync(join(tmpdir(), 'railhead-disk-'));
chmodSync(disk, 0o755);
const SIZE = '48m';
/** A disk of its own takes rights that a user rarely has. */
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'railhead', disk]).status === 0;
afterAll(() => {
  if (isMounted) spawnSync('umount', ['--lazy', disk]);
  rmSync(disk, { recursive: true, force: true });
});

describeServerFaults(POSTGRES, (server) => {
  if (!isMounted) {
    test.skip('skipped: no disk of its own can be mounted here', () => {});
    return;
  }

  test('a disk that is full', async () => {
    const tables = join(disk, 'tables');
    mkdirSync(tables);
    const installed = POSTGRES.find();
    if ('missing' in installed) throw new Error(installed.missing);
    const { uid, gid } = installed.identity;
    if (uid !== undefined && gid !== undefined) chownSync(tables, uid, gid);
    const { db } = openSqlServer(server().url, [], { clock: realClock, logger: silentLogger });
    await sql`create tablespace small location ${sql.lit(tables)}`.execute(db);
    await sql`create database full_disk tablespace small`.execute(db);
    await db.destroy();
    const url = new URL(server().url);
    url.pathname = 'full_disk';
    const railway = await ServedRailway.start({ rows: 90, letters: 'ABCDF', stops: 3 }, { readSql: url.href });
    try {
      const sell = async (count: number): Promise<void> => {
        for (let n = 0; n < count; n += 1) expect((await railway.order()).status).toBe(201);
      };
      const ready = async () => (await ask(`${railway.url}/readyz`)).body;
      await sell(3);
      await railway.shown();
      const filler = join(disk, 'filler');
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
      // Tables have some room of their own, which is used up first.
      await waitUntil('the models to have no room', async () => {
        await sell(10);
        return /catchingUp: the database of the read models cannot be used/.test((await ready()).parts.orders);
      });
      await sell(5);
      // What was shown is shown.
      expect((await railway.ask('/v1/orders?limit=1', { token: await railway.token('alice') })).status).toBe(200);
      rmSync(filler);
      await railway.allShown();
      const { sql: database } = await railway.server.container.getAsync(PARTS.readDatabases);
      expect(await comparableRows(database)).toEqual(await rowsOfLog(railway.store));
    } finally {
      await railway.stop();
    }
  });
});
