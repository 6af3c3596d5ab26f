// Every read model has the rows that the same model makes of the whole log in one go, whatever happened on the way.
import { allIn } from '@railhead/projections/engine/read-databases.ts';
import type { ReadModel } from '@railhead/projections/engine/read-model.ts';
import { LOCAL_MODELS, openModels, SQL_MODELS } from '@railhead/projections/read-models.ts';
import { anyLog } from '../../support/read-side.ts';
import { newReadDisk, openReadSide, type ReadDisk } from '../ports/sim-sql.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';

export const checkReadModels = async ({ log, nodes }: World): Promise<void> => {
  const fresh = await newReadDisk();
  const limit = log.events.length + 1;
  try {
    for (const { projection } of Object.values(openModels(allIn(openReadSide(fresh))))) {
      await projection.load(anyLog);
      await projection.apply(await log.store.readAll({ after: 0, limit, categories: projection.categories }));
    }
    for (const { name, parts, readDisk, sqlDisk } of nodes) {
      if (parts === undefined) continue;
      compare(name, readDisk, fresh, LOCAL_MODELS);
      compare(name, sqlDisk, fresh, SQL_MODELS);
    }
  } finally {
    fresh.close();
  }
};

const compare = (node: string, disk: ReadDisk, fresh: ReadDisk, models: readonly ReadModel<unknown>[]): void => {
  const expected = fresh.comparable(models);
  for (const [table, rows] of disk.comparable(models)) {
    const wanted = expected.get(table) ?? [];
    const index = wanted.findIndex((row, at) => JSON.stringify(row) !== JSON.stringify(rows[at]));
    if (index >= 0 || rows.length !== wanted.length)
      throw new Violation(
        'READ_MODEL',
        `${table} of ${node} has ${rows.length} rows, ${wanted.length} expected; the first other: ${JSON.stringify(rows[index])} for ${JSON.stringify(wanted[index])}`,
      );
  }
};
