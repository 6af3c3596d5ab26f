import { afterEach, expect, test } from '@jest/globals';
import { anyLog, readSideOf } from '@railhead/tests/support/read-side.ts';
import { sql } from 'kysely';
import { READ_MODELS } from '../read-models.ts';
import { inGeneration } from './generation.ts';
import { removeTables, sizeOf } from './prepare-tables.ts';
import type { ReadDatabase } from './read-database.ts';
import type { ReadModel } from './read-model.ts';

const opened: ReadDatabase[] = [];
afterEach(async () => {
  for (const { db } of opened.splice(0)) await db.destroy();
});
const databaseOf = async (...models: readonly ReadModel<unknown>[]): Promise<ReadDatabase> => {
  const database = await readSideOf(...models);
  opened.push(database);
  return database;
};
const generation = (model: ReadModel<unknown>, number: number): ReadModel<unknown> => {
  const made = model.generation?.(number);
  if (made === undefined) throw new Error(`${model.name} has no generations`);
  return made;
};

test.each(Object.entries<ReadModel<unknown>>(READ_MODELS))(
  'the generations of %s have names and tables of their own, and the first has those of the model',
  (name, model) => {
    expect(generation(model, 1)).toMatchObject({ name, schema: model.schema });
    const [second, third] = [generation(model, 2), generation(model, 3)];
    expect([second.name, third.name]).toEqual([`${name}@g2`, `${name}@g3`]);
    const tables = [model, second, third].flatMap(({ schema }) => [
      ...Object.keys(schema?.tables ?? {}),
      ...(schema?.others ?? []),
    ]);
    expect(new Set(tables).size).toBe(tables.length);
    expect(second.schema?.version).toBe(model.schema?.version);
  },
);

test('a query that names a table asks that of the generation, wherever the name stands', async () => {
  const { orders } = READ_MODELS;
  const database = await databaseOf(orders, generation(orders, 2));
  const { db } = inGeneration(database, ['orders'], 2);
  const texts = [
    sql`select * from ${sql.table('orders')} where ${sql.ref('orders.train')} = 'G1'`.compile(db).sql,
    db.updateTable('model_places').set({ owner: '' }).where('model', '=', 'orders').compile().sql,
  ];
  expect(texts[0]).toMatch(/from .orders_g2. where .orders_g2.\..train./);
  expect(texts[1]).toContain('model_places');
});

test('one generation is fed and dropped without a trace of it in the other', async () => {
  const { orders } = READ_MODELS;
  const second = generation(orders, 2);
  const database = await databaseOf(orders, second);
  const [one, other] = [orders.open(database), second.open(database)];
  for (const { projection } of [one, other]) await projection.load(anyLog);
  await other.projection.apply({ events: [], position: 20_000, caughtUp: true });
  const places = async () =>
    (await database.db.selectFrom('model_places').select(['model', 'position']).orderBy('model').execute()).map(
      ({ model, position }) => `${model} ${position}`,
    );
  expect(await places()).toEqual(['orders 0', 'orders@g2 20000']);
  expect(await sizeOf(database, second)).toMatchObject({ rows: 0 });
  await removeTables(database, second);
  // Twice, as by two processes.
  await removeTables(database, second);
  expect(await places()).toEqual(['orders 0']);
  await expect(sizeOf(database, second)).rejects.toThrow();
  expect((await sizeOf(database, orders)).rows).toBe(0);
});
