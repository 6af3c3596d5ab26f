// Whatever text and number gets into the log, no model stops because of it, and its rows are those of the embedded database.
import { expect, test } from '@jest/globals';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { SQL_MODELS } from '@railhead/projections/read-models.ts';
import { MARIADB } from '@railhead/tests/services/mariadb.ts';
import { POSTGRES } from '@railhead/tests/services/postgres.ts';
import { describeOnServer } from '@railhead/tests/services/under-test.ts';
import { comparableRows, rowsOfLog } from '@railhead/tests/support/comparable-rows.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { LONGEST_TEXTS } from '@railhead/tests/support/longest-texts.ts';
import { openModels } from '@railhead/tests/support/open-models.ts';
import { anyLog, inMemory, preparedWith, silentLogger } from '@railhead/tests/support/read-side.ts';
import { openSqlServer } from './open-server.ts';

for (const kind of [POSTGRES, MARIADB])
  describeOnServer(kind, (server) => {
    test.each(SQL_MODELS.map(({ name }) => name))('%s takes the longest texts', async (name) => {
      const store = new MemoryEventStore();
      await store.append(LONGEST_TEXTS);
      const { url } = await server.ownPart();
      const { db, dialect, prepared } = openSqlServer(url, SQL_MODELS, { clock: realClock, logger: silentLogger });
      await prepared?.();
      const local = await preparedWith(inMemory(), []);
      const models = Object.values(openModels({ sql: { db, dialect }, local }));
      const { projection } = models.find((model) => model.projection.name === name) ?? {};
      if (projection === undefined) throw new Error(`no model ${name}`);
      await projection.load(anyLog);
      await projection.apply(await store.readAll({ after: 0, limit: 1_000, categories: projection.categories }));
      const tables = Object.keys(SQL_MODELS.find((model) => model.name === name)?.schema?.tables ?? {});
      const [found, wanted] = [await comparableRows({ db, dialect }), await rowsOfLog(store)];
      for (const table of tables) expect([table, found[table]]).toEqual([table, wanted[table]]);
      expect(tables.some((table) => (wanted[table] ?? []).length > 0)).toBe(true);
      await db.destroy();
      await local.db.destroy();
    });
  });
