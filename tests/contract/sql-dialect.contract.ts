// What every dialect of the read models' SQL must do: give the same rows, whatever the database stores internally.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ReadDatabase, tablesOf } from '@railhead/projections/engine/read-database.ts';
import type { StoredInstant, StoredJson } from '@railhead/projections/engine/sql-dialect.ts';
import {
  createTable,
  instant,
  integer,
  json,
  position,
  type TableDefinitions,
  text,
} from '@railhead/projections/engine/tables.ts';
import { upsert } from '@railhead/projections/engine/upsert.ts';
import fc from 'fast-check';
import type { Kysely } from 'kysely';

type Tables = {
  things: {
    kind: string;
    no: number;
    name: string;
    place: number;
    at: StoredInstant;
    content: StoredJson<unknown>;
  };
  pairs: { one: string; other: number };
};

const tables: TableDefinitions<Tables> = {
  things: {
    columns: { kind: text(8), no: integer, name: text(64), place: position, at: instant, content: json },
    key: ['kind', 'no'],
    indexes: { place: ['place'], name: ['name', 'at'] },
  },
  pairs: { columns: { one: text(8), other: integer }, key: ['one', 'other'] },
};

/** A thing as the test knows it. */
type Thing = { kind: string; no: number; name: string; place: number; atMs: number; content: unknown };

const INSTANTS = [0, 1, 999, Date.parse('2026-12-01T09:00:00.123+08:00'), Date.parse('2999-12-31T23:59:59.999Z')];

/** `open`: an empty database; it is destroyed at the end. */
export const sqlDialectContract = (name: string, open: () => Promise<ReadDatabase>): void => {
  describe(`SQL of read models: ${name}`, () => {
    let database: ReadDatabase;
    let db: Kysely<Tables>;
    beforeEach(async () => {
      database = await open();
      db = tablesOf<Tables>(database.db);
      for (const [table, definition] of Object.entries(tables))
        await createTable(db.schema, database.dialect, table, definition);
    });
    afterEach(() => db.destroy());

    const put = (...things: readonly Thing[]): Promise<void> => {
      const { dialect } = database;
      const rows = things.map(({ atMs, content, ...thing }) => ({
        ...thing,
        at: dialect.toInstant(atMs),
        content: dialect.toJson(content),
      }));
      return db.transaction().execute((trx) => upsert({ trx, dialect, table: 'things', key: tables.things.key }, rows));
    };
    const found = async (): Promise<readonly Thing[]> => {
      const rows = await db.selectFrom('things').selectAll().orderBy('kind').orderBy('no').execute();
      return rows.map(({ at, content, ...thing }) => ({
        ...thing,
        atMs: database.dialect.fromInstant(at),
        content: database.dialect.fromJson(content),
      }));
    };
    const thing = (change: Partial<Thing> = {}): Thing => ({
      kind: 'a',
      no: 1,
      name: '北京南',
      place: 7,
      atMs: 0,
      content: {},
      ...change,
    });

    test('a row whose key exists changes in place; of several rows with one key the last counts', async () => {
      const things = fc.array(
        fc.record({
          kind: fc.constantFrom('a', 'A', 'b', '北'),
          no: fc.integer({ min: -2, max: 2 }),
          name: fc.string({ maxLength: 16, unit: 'grapheme' }).map((value) => value.replaceAll('\u0000', '')),
          place: fc.maxSafeNat(),
          atMs: fc.constantFrom(...INSTANTS),
          // As JSON has it: it knows no -0.
          content: fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value))),
        }),
        { maxLength: 12 },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(things, { maxLength: 4 }), async (calls) => {
          await db.deleteFrom('things').execute();
          const wanted = new Map<string, Thing>();
          for (const call of calls) {
            await put(...call);
            for (const one of call) wanted.set(`${one.kind} ${one.no}`, one);
          }
          const rows = await found();
          expect(new Map(rows.map((one) => [`${one.kind} ${one.no}`, one]))).toEqual(wanted);
          expect(rows).toHaveLength(wanted.size);
        }),
        { numRuns: 40 },
      );
    });

    test('more rows than one statement takes are all written, at any number', async () => {
      const perStatement = Math.floor(database.dialect.maxParameters / 6);
      for (const [round, count] of [perStatement, perStatement + 1, 2 * perStatement + 1].entries()) {
        const things = Array.from({ length: count }, (_, no) => thing({ no, place: round }));
        await put(...things);
        expect(await found()).toEqual(things);
      }
    });

    test('a table whose columns are all of its key takes the same row twice', async () => {
      const { dialect } = database;
      const write = (...rows: readonly Tables['pairs'][]) =>
        db.transaction().execute((trx) => upsert({ trx, dialect, table: 'pairs', key: tables.pairs.key }, rows));
      await write({ one: 'a', other: 1 });
      await write({ one: 'a', other: 1 }, { one: 'a', other: 2 });
      await write();
      expect(await db.selectFrom('pairs').selectAll().orderBy('other').execute()).toEqual([
        { one: 'a', other: 1 },
        { one: 'a', other: 2 },
      ]);
    });

    test('nothing is deleted when a row changes', async () => {
      await db.schema
        .createTable('parts')
        .addColumn('kind', database.dialect.columnType(text(8)), (column) => column.notNull())
        .addColumn('no', 'integer', (column) => column.notNull())
        .addForeignKeyConstraint('parts_of', ['kind', 'no'], 'things', ['kind', 'no'], (key) => key.onDelete('cascade'))
        .execute();
      const parts = tablesOf<{ parts: { kind: string; no: number } }>(database.db);
      await put(thing());
      await parts.insertInto('parts').values({ kind: 'a', no: 1 }).execute();
      await put(thing({ name: '上海' }));
      expect(await parts.selectFrom('parts').selectAll().execute()).toEqual([{ kind: 'a', no: 1 }]);
      expect(await found()).toEqual([thing({ name: '上海' })]);
    });

    test('instants sort by time, and are found by it', async () => {
      await put(...[...INSTANTS].reverse().map((atMs, no) => thing({ no, atMs })));
      const rows = await db.selectFrom('things').select('at').orderBy('at').execute();
      expect(rows.map(({ at }) => database.dialect.fromInstant(at))).toEqual(INSTANTS);
      const [, second = 0] = INSTANTS;
      const from = database.dialect.toInstant(second);
      const later = await db.selectFrom('things').select('no').where('at', '>=', from).execute();
      expect(later).toHaveLength(INSTANTS.length - 1);
    });

    test('text keys differ by every character, and no column may be empty', async () => {
      const kinds = ['a', 'A', 'á', 'a ', '𠮷', ''];
      await put(...kinds.map((kind) => thing({ kind })));
      expect((await found()).map(({ kind }) => kind).sort()).toEqual([...kinds].sort());
      // What the type of a row forbids.
      const missing = { ...thing(), name: null } as unknown as Thing;
      await expect(put(missing)).rejects.toThrow();
    });
  });
};
