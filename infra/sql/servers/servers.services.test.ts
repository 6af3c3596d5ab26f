// The dialects of real servers, as any dialect of the read models.
import { sqlDialectContract } from '@railhead/tests/contract/sql-dialect.contract.ts';
import { MARIADB } from '@railhead/tests/services/mariadb.ts';
import { POSTGRES } from '@railhead/tests/services/postgres.ts';
import { describeOnServer } from '@railhead/tests/services/under-test.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { silentLogger } from '@railhead/tests/support/read-side.ts';
import { openSqlServer } from './open-server.ts';

for (const kind of [POSTGRES, MARIADB])
  describeOnServer(kind, (server) => {
    sqlDialectContract(kind.name, async () => {
      const { url } = await server.ownPart();
      const database = openSqlServer(url, [], { clock: realClock, logger: silentLogger });
      await database.prepared?.();
      return database;
    });
  });
