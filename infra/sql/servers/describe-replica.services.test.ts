// What `railhead doctor` says of replicas.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { MARIADB } from '@railhead/tests/services/mariadb.ts';
import { POSTGRES } from '@railhead/tests/services/postgres.ts';
import { replayOf } from '@railhead/tests/services/replay.ts';
import type { RunningServer } from '@railhead/tests/services/running-server.ts';
import { describeServerFaults } from '@railhead/tests/services/under-test.ts';
import { railhead } from '@railhead/tests/support/railhead-process.ts';
import type { Json } from '@railhead/tests/support/shopper.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { sql } from 'kysely';
import { openReplica } from './open-server.ts';

const data = tempFolder();

for (const kind of [POSTGRES, MARIADB])
  describeServerFaults(kind, (server) => {
    let replica: RunningServer;
    beforeAll(async () => {
      replica = await server().replica();
      await written(0);
    });
    afterAll(() => replica.discard());
    afterEach(() => replayOf(kind, replica).resume());

    /** The place of a model on the primary. */
    const written = async (position: number): Promise<void> => {
      const { db } = openReplica(server().url, 'primary');
      await sql`create table if not exists model_places (model varchar(64) primary key, position bigint)`.execute(db);
      await sql`delete from model_places`.execute(db);
      await sql`insert into model_places values ('orders', ${position})`.execute(db);
      await db.destroy();
    };
    const withPassword = (url: string): string => url.replace('railhead@', 'railhead:hidden@');
    const told = async (url: string): Promise<Json> => {
      const urls = ['--read-sql', server().url, '--read-sql-replica', url];
      const { stdout } = await railhead('doctor', '--json', '--data', data, ...urls);
      expect(stdout).not.toContain('hidden');
      const { checks } = JSON.parse(stdout);
      return checks.find(({ name }: Json) => name === 'replica1');
    };

    test('a replica says that it is one, and how far it is behind', async () => {
      await written(10);
      const current = await waitUntil('it to have everything', async () => {
        const check = await told(replica.url);
        return / 0 events behind/.test(check.detail) ? check : undefined;
      });
      expect(current).toMatchObject({
        state: 'ok',
        detail: expect.stringMatching(/, a replica, \d+\.\d s behind, 0 events/),
      });
      expect(current.detail).toContain(`127.0.0.1:${replica.place.port} `);
      await replayOf(kind, replica).pause();
      await written(17);
      expect(await told(replica.url)).toMatchObject({
        state: 'ok',
        detail: expect.stringMatching(/, a replica, does not go on, .*7 events behind$/),
      });
    });

    test('one that stands still does not answer, and the command ends all the same', async () => {
      await replica.pause();
      try {
        expect((await told(replica.url)).state).toBe('wrong');
      } finally {
        replica.resume();
      }
    });

    test('a server that follows none is told from one that does, and one that does not answer from both', async () => {
      expect(await told(server().url)).toMatchObject({
        state: 'wrong',
        detail: expect.stringContaining('NOT A REPLICA'),
      });
      const nowhere = withPassword(server().url.replace(String(server().place.port), '1'));
      expect(await told(nowhere)).toMatchObject({ state: 'wrong', detail: expect.stringContaining('ECONNREFUSED') });
      const keptOut = withPassword(server().url.replace('railhead@', 'nobody@').replace('nobody@', 'nobody:hidden@'));
      expect((await told(keptOut)).state).toBe('wrong');
    });
  });
