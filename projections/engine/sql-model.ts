// Builds a read model in SQL from the declaration in its folder.
import type { AnyCategory } from '@railhead/domain/kernel/category.ts';
import type { Kysely } from 'kysely';
import { type ReadDatabase, tablesOf } from './read-database.ts';
import type { ReadModel } from './read-model.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { type SqlHandler, sqlProjection } from './sql-projection.ts';
import type { TableDefinitions } from './tables.ts';

export type SqlModel<Tables, Queries> = {
  readonly name: string;
  /**
   * Raise it with every change of a table or of what is written into it: this model is then built again, and no other.
   */
  readonly version: number;
  /** The categories of streams that it reads. */
  readonly categories: readonly AnyCategory[];
  readonly tables: TableDefinitions<Tables>;
  /** Called once for each opening of the model: the handler may remember what it has seen committed. */
  readonly handler: () => SqlHandler<Tables>;
  readonly queries: (db: Kysely<Tables>, dialect: SqlDialect) => Queries;
};

export const sqlModel = <Tables, Queries>({
  name,
  version,
  categories,
  tables,
  handler,
  queries,
}: SqlModel<Tables, Queries>): ReadModel<Queries> => ({
  name,
  schema: { version, tables },
  isLocal: false,
  open: (database: ReadDatabase) => ({
    projection: sqlProjection(database, { name, version, categories, tables }, handler),
    queries: queries(tablesOf<Tables>(database.db), database.dialect),
  }),
});
