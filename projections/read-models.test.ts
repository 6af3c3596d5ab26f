import { expect, test } from '@jest/globals';
import { openModels } from '@railhead/tests/support/open-models.ts';
import { anyLog, inMemory, preparedWith, readSideOf } from '@railhead/tests/support/read-side.ts';
import type { ReadDatabase } from './engine/read-database.ts';
import { LOCAL_MODELS, READ_MODELS, SQL_MODELS } from './read-models.ts';

test('every model has one name: in the list, in its tables, and in its projection', async () => {
  const local = await preparedWith(inMemory(), LOCAL_MODELS);
  const sql = await readSideOf(...SQL_MODELS);
  const opened = Object.entries(openModels({ local, sql }));
  for (const [name, { projection }] of opened) {
    expect(projection.name).toBe(name);
    expect(await projection.load(anyLog)).toBe(0);
  }
  const named = Object.entries(READ_MODELS);
  expect(opened.map(([name]) => name)).toEqual(named.map(([name]) => name));
  expect(named.map(([, { name }]) => name)).toEqual(named.map(([name]) => name));
  const rowsOf = ({ db }: ReadDatabase) => db.selectFrom('model_places').select('model').execute();
  const rows = [...(await rowsOf(local)), ...(await rowsOf(sql))];
  const stored = named.filter(([, { schema }]) => schema !== undefined).map(([name]) => name);
  expect(rows.map(({ model }) => model).sort()).toEqual(stored.sort());
  await local.db.destroy();
  await sql.db.destroy();
});
