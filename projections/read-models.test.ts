import { expect, test } from '@jest/globals';
import { anyLog, readSideOf } from '@railhead/tests/support/read-side.ts';
import { allIn } from './engine/read-databases.ts';
import { openModels, READ_MODELS } from './read-models.ts';

test('every model has one name: in the list, in its tables, and in its projection', async () => {
  const database = await readSideOf(...Object.values(READ_MODELS));
  const opened = Object.entries(openModels(allIn(database)));
  for (const [name, { projection }] of opened) {
    expect(projection.name).toBe(name);
    expect(await projection.load(anyLog)).toBe(0);
  }
  const named = Object.entries(READ_MODELS);
  expect(opened.map(([name]) => name)).toEqual(named.map(([name]) => name));
  expect(named.map(([, { name }]) => name)).toEqual(named.map(([name]) => name));
  const rows = await database.db.selectFrom('model_places').select('model').execute();
  const stored = named.filter(([, { schema }]) => schema !== undefined).map(([name]) => name);
  expect(rows.map(({ model }) => model).sort()).toEqual(stored.sort());
  await database.db.destroy();
});
