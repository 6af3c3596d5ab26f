// Builds a read model in SQL from the declaration in its folder.

import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { FIRST_GENERATION } from '@railhead/domain/replay/fold.ts';
import type { Kysely } from 'kysely';
import { generationName, generationTables, inGeneration } from './generation.ts';
import { sqlRows } from './generations/comparable-rows.ts';
import { partName, partOf } from './part-places.ts';
import type { PartsBuilder } from './parts-of-model.ts';
import type { Projection } from './projection.ts';
import { ofModel, type ReadDatabase, tablesOf } from './read-database.ts';
import type { ModelPart, ReadModel, ReplayKeys } from './read-model.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { type Rewriting, type SqlHandler, type SqlProjectionOptions, sqlProjection } from './sql-projection.ts';

export type SqlModel<Tables, Queries> = SqlProjectionOptions<Tables> & {
  /** Called once for each opening of the model: the handler may remember what it has seen committed. */
  readonly handler: () => SqlHandler<Tables>;
  /** Several can build it at once, each the rows of keys of its own. */
  readonly parallel?: ReplayKeys;
  /** `model`: the name under which its place is stored. */
  readonly queries: (db: Kysely<Tables>, dialect: SqlDialect, rewriting: Rewriting<Tables>, model: string) => Queries;
};

/** Where a model is only read. */
const noRewriting = <Tables>(): Rewriting<Tables> => ({ isFedHere: false, rewrite: async () => false });

export const sqlModel = <Tables, Queries>(
  { handler, queries, parallel, ...options }: SqlModel<Tables, Queries>,
  number = FIRST_GENERATION,
): ReadModel<Queries> => {
  type Asked = Pick<ReadDatabase, 'db' | 'dialect'>;
  const name = generationName(options.name, number);
  const tables = Object.keys(options.tables);
  const queriesOn = ({ db, dialect }: Asked, rewriting = noRewriting<Tables>()): Queries =>
    queries(tablesOf<Tables>(db), dialect, rewriting, name);
  const several = parallel === undefined ? {} : { parallel };
  const openPart =
    ({ keyOf }: ReplayKeys) =>
    (given: ReadDatabase, { index, count, epoch }: ModelPart): Projection => {
      const { takes = () => true } = options;
      const isOurs = (event: RecordedEvent): boolean => takes(event) && partOf(keyOf(event), count) === index - 1;
      const part = { ...options, name: partName(name, index, count), takes: isOurs, part: { epoch } };
      return sqlProjection(inGeneration(given, tables, number), part, handler);
    };
  return {
    name,
    schema: { version: options.version, tables: generationTables(options.tables, number) },
    isLocal: false,
    open: (given: ReadDatabase, parts?: PartsBuilder) => {
      const database = inGeneration(ofModel(given, name), tables, number);
      const built = parts === undefined ? {} : { parts };
      const projection = sqlProjection(database, { ...options, ...built, name }, handler);
      const rows = sqlRows(database, name, options.tables);
      return { projection, queries: queriesOn(database, projection.rewriting), rows };
    },
    queriesOn: (given) => queriesOn(inGeneration(given, tables, number)),
    generation: (other) => sqlModel({ handler, queries, ...several, ...options }, other),
    ...(parallel === undefined ? {} : { inParts: { ...parallel, open: openPart(parallel) } }),
  };
};
