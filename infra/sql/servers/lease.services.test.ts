// Two processes feed one model on a real server: what the model's row and its locks have to do for them.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import type { ReadDatabase } from '@railhead/projections/engine/read-database.ts';
import { MARIADB } from '@railhead/tests/services/mariadb.ts';
import { POSTGRES } from '@railhead/tests/services/postgres.ts';
import { describeOnServer } from '@railhead/tests/services/under-test.ts';
import { addNumbers, countedModel, countedOnce, countedRows } from '@railhead/tests/support/counted-model.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { silentLogger } from '@railhead/tests/support/read-side.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { openSqlServer } from './open-server.ts';

for (const kind of [POSTGRES, MARIADB])
  describeOnServer(kind, (server) => {
    let url: string;
    let store: MemoryEventStore;
    let opened: { readonly database: ReadDatabase; readonly runner: ProjectionRunner }[];
    /** The process of this name stands still in the middle of its next batch. */
    let stuck: string | undefined;

    beforeEach(async () => {
      ({ url } = await server.ownPart());
      store = new MemoryEventStore();
      opened = [];
      stuck = undefined;
    });
    afterEach(async () => {
      for (const { runner } of opened) await runner.stop();
      for (const { database } of opened) await database.db.destroy();
    });

    const started = async (name: string): Promise<ProjectionRunner> => {
      const model = countedModel(() => waitUntil('the process to go on', () => stuck !== name));
      const database = openSqlServer(url, [model], { clock: realClock, logger: silentLogger });
      const runner = new ProjectionRunner(store, model.open(database).projection, silentLogger, realClock);
      opened.push({ database, runner });
      runner.start();
      await runner.caughtUp;
      return runner;
    };
    const add = (count: number): Promise<number> => addNumbers(store, count);
    const rows = async () => {
      const [first] = opened;
      return first === undefined ? [] : countedRows(first.database);
    };

    test('one that stands still in the middle of a batch is followed by the other, and writes nothing afterwards', async () => {
      const one = await started('one');
      const other = await started('other');
      await add(3);
      await waitUntil('the first batch', () => one.gate.position === 3 && other.gate.position === 3);
      expect([one.state, other.state]).toEqual(['live', 'standby']);
      stuck = 'one';
      await add(3);
      await waitUntil('the other to take over', () => other.state === 'live' && other.gate.position === 6);
      stuck = undefined;
      const end = await add(3);
      await waitUntil('the first to stand by', () => one.state === 'standby' && one.gate.position === end);
      expect(await rows()).toEqual(countedOnce(end));
    });

    test('two that begin at once on an empty database make its tables once, and one of them feeds it', async () => {
      const both = await Promise.all([started('one'), started('other')]);
      const end = await add(5);
      await waitUntil('both', () => both.every(({ gate }) => gate.position === end));
      expect(both.map(({ state }) => state).sort()).toEqual(['live', 'standby']);
      expect(await rows()).toEqual(countedOnce(end));
    });
  });
