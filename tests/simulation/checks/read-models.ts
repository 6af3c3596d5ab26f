// Every read model has the rows that the same model makes of the whole log in one go, whatever happened on the way.
import { allIn } from '@railhead/projections/engine/read-databases.ts';
import { openModels } from '@railhead/projections/read-models.ts';
import { newReadDisk, openReadSide } from '../ports/sim-sql.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';

export const checkReadModels = async ({ log, nodes }: World): Promise<void> => {
  const fresh = await newReadDisk();
  const limit = log.events.length + 1;
  try {
    for (const { projection } of Object.values(openModels(allIn(openReadSide(fresh)))))
      await projection.apply(await log.store.readAll({ after: 0, limit, categories: projection.categories }));
    const expected = fresh.comparable();
    for (const { name, parts, sqlDisk } of nodes) {
      if (parts === undefined) continue;
      for (const [table, rows] of sqlDisk.comparable()) {
        const wanted = expected.get(table) ?? [];
        const index = wanted.findIndex((row, at) => JSON.stringify(row) !== JSON.stringify(rows[at]));
        if (index >= 0 || rows.length !== wanted.length)
          throw new Violation(
            'READ_MODEL',
            `${table} of ${name} has ${rows.length} rows, ${wanted.length} expected; the first other: ${JSON.stringify(rows[index])} for ${JSON.stringify(wanted[index])}`,
          );
      }
    }
  } finally {
    fresh.close();
  }
};
