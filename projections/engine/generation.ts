// A generation of a read model: the same model under another name, with tables of its own, so that it can be built beside
// the one that is read. The first has the model's own name.
import { FIRST_GENERATION } from '@railhead/domain/replay/fold.ts';
import {
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type QueryResult,
  type RootOperationNode,
  type SchemableIdentifierNode,
  type TableNode,
  type UnknownRow,
} from 'kysely';
import type { ReadDatabase } from './read-database.ts';
import type { StoredTable } from './tables.ts';

/** As its place, its states and its documents are stored. The name before the mark is the model's, see `baseNameOf`. */
export const generationName = (model: string, generation: number): string =>
  generation === FIRST_GENERATION ? model : `${model}@g${generation}`;

export const generationTable = (table: string, generation: number): string =>
  generation === FIRST_GENERATION ? table : `${table}_g${generation}`;

export const generationTables = (
  tables: Readonly<Record<string, StoredTable>>,
  generation: number,
): Readonly<Record<string, StoredTable>> =>
  Object.fromEntries(Object.entries(tables).map(([table, of]) => [generationTable(table, generation), of]));

/** Asks and writes the tables of a generation where a query names those of the model. An alias has the name of no table. */
export const inGeneration = <Asked extends Pick<ReadDatabase, 'db'>>(
  database: Asked,
  tables: readonly string[],
  generation: number,
): Asked => {
  if (generation === FIRST_GENERATION) return database;
  const names = new Map(tables.map((table) => [table, generationTable(table, generation)]));
  return { ...database, db: database.db.withPlugin(new RenamedTables(names)) };
};

class RenamedTables implements KyselyPlugin {
  readonly #renaming: Renaming;

  constructor(names: ReadonlyMap<string, string>) {
    this.#renaming = new Renaming(names);
  }

  transformQuery({ node }: PluginTransformQueryArgs): RootOperationNode {
    return this.#renaming.transformNode(node);
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return result;
  }
}

class Renaming extends OperationNodeTransformer {
  readonly #names: ReadonlyMap<string, string>;

  constructor(names: ReadonlyMap<string, string>) {
    super();
    this.#names = names;
  }

  protected override transformTable(node: TableNode): TableNode {
    const table: SchemableIdentifierNode = node.table;
    const name = this.#names.get(table.identifier.name);
    if (name === undefined || table.schema !== undefined) return node;
    return { ...node, table: { ...table, identifier: { ...table.identifier, name } } };
  }
}
