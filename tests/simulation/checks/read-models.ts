// Every read model has the rows that the same model makes of the whole log in one go, whatever happened on the way.

import { foldStream } from '@railhead/commands/streams/load.ts';
import { FIRST_GENERATION } from '@railhead/domain/replay/fold.ts';
import { replayCategory } from '@railhead/domain/replay/stream.ts';
import { allIn } from '@railhead/projections/engine/read-databases.ts';
import type { ReadModel } from '@railhead/projections/engine/read-model.ts';
import { READ_MODELS } from '@railhead/projections/read-models.ts';
import { openModels } from '../../support/open-models.ts';
import { anyLog } from '../../support/read-side.ts';
import { newReadDisk, openReadSide, type ReadDisk } from '../ports/sim-sql.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';

const MODELS: readonly ReadModel<unknown>[] = Object.values(READ_MODELS);

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
      for (const model of MODELS) {
        const disk = model.isLocal ? readDisk : sqlDisk;
        const { decided } = parts.models.generations.named(model.name) ?? {};
        const logged = foldStream(replayCategory, await log.store.readStream(replayCategory.stream(model.name))).state;
        if (decided?.serving !== logged.serving)
          throw new Violation(
            'GENERATION',
            `${name} reads generation ${decided?.serving} of ${model.name}, not ${logged.serving}`,
          );
        compare(name, disk, fresh, model, decided.serving);
        // One that stands still lacks what came since.
        if (decided.beside?.isPaused === false) compare(name, disk, fresh, model, decided.beside.generation);
      }
    }
  } finally {
    fresh.close();
  }
};

/** The tables of the generation, each under the name that the model gives it. */
const rowsOf = (disk: ReadDisk, model: ReadModel<unknown>, generation: number) => {
  const of = generation === FIRST_GENERATION ? model : model.generation?.(generation);
  if (of === undefined) throw new Error(`read model ${model.name} has no generations`);
  const names = new Map(
    Object.keys(of.schema?.tables ?? {}).map((table, at) => [table, Object.keys(model.schema?.tables ?? {})[at]]),
  );
  return new Map(
    [...disk.comparable([of])].map(([table, rows]) => [
      names.get(table) ?? table,
      rows.map((row) => (row.model === of.name ? { ...row, model: model.name } : row)),
    ]),
  );
};

const compare = (
  node: string,
  disk: ReadDisk,
  fresh: ReadDisk,
  model: ReadModel<unknown>,
  generation: number,
): void => {
  const expected = fresh.comparable([model]);
  const found = rowsOf(disk, model, generation);
  for (const [table, wanted] of expected) {
    const rows = found.get(table) ?? [];
    const index = wanted.findIndex((row, at) => JSON.stringify(row) !== JSON.stringify(rows[at]));
    if (index >= 0 || rows.length !== wanted.length)
      throw new Violation(
        'READ_MODEL',
        `${table} of ${node}, generation ${generation}, has ${rows.length} rows, ${wanted.length} expected; the first other: ${JSON.stringify(rows[index])} for ${JSON.stringify(wanted[index])}`,
      );
  }
};
