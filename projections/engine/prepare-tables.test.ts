// A model is built again exactly when its version changes, and a crash while it is built leaves no half-built tables.
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { FragileDatabase } from '@railhead/tests/support/fragile-database.ts';
import { anyLog, raised, silentLogger } from '@railhead/tests/support/read-side.ts';
import { eventsOfHistory } from '@railhead/tests/support/stored-histories.ts';
import { sql } from 'kysely';
import { READ_MODELS } from '../read-models.ts';
import { prepareTables } from './prepare-tables.ts';
import type { ReadDatabase } from './read-database.ts';
import type { ReadModel } from './read-model.ts';
import { integer, type StoredTable } from './tables.ts';

const history = eventsOfHistory('003-a-cancelled-run');
/** The history has no notice that was refused, and nobody in it waits; both are added, so that every model has rows. */
const refused = {
  ...newEvent({
    paymentNo: 'N1P1',
    orderNo: 'N1',
    outcome: 'paid',
    version: 1,
    amountFen: 1,
    gatewayRef: 'r',
    code: 'c',
  }),
  type: 'PaymentNoticeRefused',
  stream: 'payment-N1P1',
  revision: 1,
  position: history.length + 1,
};
const waiting = eventsOfHistory('021-who-waits')
  .filter(({ stream }) => stream.startsWith('waitlist-'))
  .map((event, index) => ({ ...event, position: refused.position + 1 + index }));
const events = [...history, refused, ...waiting];
const MODELS: readonly ReadModel<unknown>[] = Object.values(READ_MODELS).filter(({ schema }) => schema !== undefined);
const tablesOfModel = ({ schema }: ReadModel<unknown>): readonly string[] => Object.keys(schema?.tables ?? {});

/** Reads the whole log into every model, whatever version its tables have. */
const catchUp = async (database: ReadDatabase): Promise<void> => {
  for (const model of MODELS) {
    const version = (to: number) =>
      database.db.updateTable('model_places').set({ version: to }).where('model', '=', model.name).execute();
    const stored = await database.db.selectFrom('model_places').selectAll().where('model', '=', model.name).execute();
    const { projection } = model.open(database);
    // In these tests the versions differ only in their number.
    await version(model.schema?.version ?? 0);
    const after = await projection.load(anyLog);
    const own = events.filter(({ stream, position }) => position > after && isOf(projection.categories, stream));
    await projection.apply({ events: own, position: events.length, caughtUp: true });
    await projection.close?.();
    for (const row of stored) await version(row.version);
  }
};
const isOf = (categories: readonly string[] | undefined, stream: string): boolean =>
  categories === undefined || categories.some((category) => stream.startsWith(`${category}-`));
const modelNamed = (name: string): ReadModel<unknown> => {
  const model = MODELS.find((candidate) => candidate.name === name);
  if (model === undefined) throw new Error(`no model ${name}`);
  return model;
};

const rowsOf = async ({ db }: ReadDatabase, table: string): Promise<readonly unknown[]> =>
  (await sql`select * from ${sql.table(table)} order by 1, 2`.execute(db)).rows;
const namesOf = async ({ db }: ReadDatabase): Promise<readonly unknown[]> => {
  const names = await sql<{ name: string }>`select name from sqlite_schema where name not like 'sqlite_%'`.execute(db);
  return names.rows.map(({ name }) => name).sort();
};
type Content = Readonly<Record<string, readonly unknown[]>>;
const contentOf = async (database: ReadDatabase, model: ReadModel<unknown>): Promise<Content> =>
  Object.fromEntries(
    await Promise.all(tablesOfModel(model).map(async (table) => [table, await rowsOf(database, table)] as const)),
  );
const positionOf = async ({ db }: ReadDatabase, name: string): Promise<number | undefined> =>
  (await db.selectFrom('model_places').select('position').where('model', '=', name).executeTakeFirst())?.position;

describe('tables of read models', () => {
  let disk: FragileDatabase;
  let lines: object[];
  const logger: Logger = { ...silentLogger, warn: (fields) => lines.push(fields) };
  beforeEach(() => {
    disk = new FragileDatabase({ transactional: true });
    lines = [];
  });

  describe.each(MODELS.map((model) => [model.name, model] as const))('%s', (name, model) => {
    test.each([
      ['older than', 1],
      ['newer than', -1],
    ])('stored in a version %s this one is built again, and no other', async (_, step) => {
      const database = disk.open();
      const from = step > 0 ? model : raised(model);
      const to = step > 0 ? raised(model) : model;
      const others = MODELS.filter((other) => other !== model);
      await prepareTables(database, [...others, from], logger);
      await catchUp(database);
      const before = await Promise.all(MODELS.map((each) => contentOf(database, each)));
      expect(Object.values(before[MODELS.indexOf(model)] ?? {}).flat().length).toBeGreaterThan(0);
      expect(lines).toEqual([]);

      await prepareTables(database, [...others, to], logger);
      const versions = { storedVersion: from.schema?.version, version: to.schema?.version };
      expect(lines).toEqual([{ model: name, ...versions }]);
      expect(Object.values(await contentOf(database, model)).flat()).toEqual([]);
      expect(await positionOf(database, name)).toBe(0);
      for (const other of others) {
        expect(await contentOf(database, other)).toEqual(before[MODELS.indexOf(other)]);
        expect(await positionOf(database, other.name)).toBe(events.length);
      }

      await prepareTables(database, [...others, to], logger);
      expect(lines).toHaveLength(1);
      await catchUp(database);
      expect(await Promise.all(MODELS.map((each) => contentOf(database, each)))).toEqual(before);
    });
  });

  const table: StoredTable = { columns: { one: integer, two: integer }, key: ['one'], indexes: { two: ['two'] } };
  const withTables = (name: string, version: number, ...tables: readonly string[]): ReadModel<unknown> => ({
    ...modelNamed('orders'),
    name,
    schema: { version, tables: Object.fromEntries(tables.map((each) => [each, table])) },
  });

  test('of an earlier version are dropped, also those that this one does not know', async () => {
    const database = disk.open();
    for (const [version, tables] of [
      [1, ['a', 'b']],
      [2, ['b', 'c', 'd']],
      [1, ['a', 'b']],
      [3, []],
      [4, ['d']],
    ] as const) {
      await prepareTables(database, [withTables('m', version, ...tables)], logger);
      const wanted = ['model_places', 'read_set_aside', ...tables, ...tables.map((each) => `${each}_two`)];
      expect(await namesOf(database)).toEqual(wanted.sort());
    }
  });

  test('may move from one model to another, whatever the order of the list', async () => {
    const database = disk.open();
    const before = [withTables('m', 1, 'a', 'moving'), withTables('n', 1, 'b')];
    const after = [withTables('m', 2, 'a'), withTables('n', 2, 'moving', 'b')];
    for (const order of [after, [...after].reverse()]) {
      await prepareTables(database, before, logger);
      await prepareTables(database, order, logger);
      expect(await namesOf(database)).toEqual([
        'a',
        'a_two',
        'b',
        'b_two',
        'model_places',
        'moving',
        'moving_two',
        'read_set_aside',
      ]);
    }
  });

  test('of a model that is no longer listed stay, and so does its position', async () => {
    const database = disk.open();
    const both = [withTables('m', 1, 'a'), withTables('n', 1, 'b')];
    await prepareTables(database, both, logger);
    await database.db.updateTable('model_places').set({ position: 5 }).execute();
    await prepareTables(database, both.slice(1), logger);
    await prepareTables(database, both, logger);
    expect([await positionOf(database, 'm'), await positionOf(database, 'n'), lines]).toEqual([5, 5, []]);
  });

  test('belong to one model, and versions count from 1', async () => {
    for (const [models, what] of [
      [[withTables('m', 1, 'a'), withTables('n', 1, 'a')], 'declared by n and by m'],
      [[withTables('m', 1, 'model_places')], 'declared by m and by the engine'],
      [[withTables('m', 0, 'a')], 'count from 1'],
    ] as const)
      await expect(prepareTables(disk.open(), models, logger)).rejects.toThrow(what);
  });

  describe.each([
    ['in one transaction', true],
    ['where every statement is committed at once', false],
  ])('made %s', (_, transactional) => {
    test('are complete after a crash at any statement, and hold what the log says', async () => {
      const orders = raised(modelNamed('orders'));
      const tables = { ...orders.schema?.tables, another: table };
      const changed = MODELS.map((model) =>
        model.name === orders.name ? { ...orders, schema: { version: orders.schema?.version ?? 0, tables } } : model,
      );
      for (let statements = 1, crashes = true; crashes; statements += 1) {
        disk = new FragileDatabase({ transactional });
        const first = disk.open();
        await prepareTables(first, MODELS, silentLogger);
        await catchUp(first);
        const before = await Promise.all(MODELS.map((each) => contentOf(first, each)));
        const names = await namesOf(first);
        crashes = await prepareTables(disk.open(statements), changed, silentLogger).then(
          () => false,
          () => true,
        );
        if (crashes && transactional) {
          const left = disk.open();
          expect(await Promise.all(MODELS.map((each) => contentOf(left, each)))).toEqual(before);
          expect([await namesOf(left), await positionOf(left, 'orders')]).toEqual([names, events.length]);
        }
        // The next process may have the old version or the new one.
        for (const models of statements % 2 === 0 ? [MODELS, changed] : [changed]) {
          const next = disk.open();
          await prepareTables(next, models, silentLogger);
          const more = models === changed ? ['another', 'another_two'] : [];
          expect(await namesOf(next)).toEqual([...names, ...more].sort());
          expect(await positionOf(next, 'timetable')).toBe(events.length);
          const empty = Object.values(await contentOf(next, modelNamed('orders'))).flat().length === 0;
          expect({ statements, position: await positionOf(next, 'orders') }).toEqual({
            statements,
            position: empty ? 0 : events.length,
          });
        }
        const last = disk.open();
        await catchUp(last);
        expect(await Promise.all(MODELS.map((each) => contentOf(last, each)))).toEqual(before);
        if (!crashes) expect(statements).toBeGreaterThan(6);
      }
    });
  });
});
