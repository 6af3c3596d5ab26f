// Tables as data: the compiler holds the definition to the type of the rows, the dialect gives each column its type.
import type { SchemaModule } from 'kysely';
import type { ColumnKind, SqlDialect } from './sql-dialect.ts';

export const text = (length: number): ColumnKind => ({ kind: 'text', length });
export const integer: ColumnKind = { kind: 'integer' };
export const position: ColumnKind = { kind: 'position' };
export const json: ColumnKind = { kind: 'json' };
export const instant: ColumnKind = { kind: 'instant' };

/** Every column of `Row`, none of them null. */
export type TableDefinition<Row> = {
  readonly columns: { readonly [Column in keyof Row & string]: ColumnKind };
  /** The primary key. */
  readonly key: readonly (keyof Row & string)[];
  /** Further indexes, each by the end of its name: the table's name stands before it. */
  readonly indexes?: Readonly<Record<string, readonly (keyof Row & string)[]>>;
};

/** The same without the type of its rows. */
export type StoredTable = {
  readonly columns: Readonly<Record<string, ColumnKind>>;
  readonly key: readonly string[];
  readonly indexes?: Readonly<Record<string, readonly string[]>>;
};

export type TableDefinitions<Tables> = Readonly<Record<string, StoredTable>> & {
  readonly [Table in keyof Tables & string]: TableDefinition<Tables[Table]>;
};

/** Fails if the table is there, unless that is said to be right. */
export const createTable = async (
  schema: SchemaModule,
  dialect: SqlDialect,
  name: string,
  { columns, key, indexes = {} }: StoredTable,
  { ifNotExists = false } = {},
): Promise<void> => {
  let table = schema.createTable(name);
  if (ifNotExists) table = table.ifNotExists();
  for (const [column, kind] of Object.entries(columns))
    table = table.addColumn(column, dialect.columnType(kind), (built) => built.notNull());
  // The array has columns of this table, which the builder does not remember.
  await table.addPrimaryKeyConstraint(`${name}_key`, [...key] as never[]).execute();
  for (const [index, of] of Object.entries(indexes)) {
    const built = schema.createIndex(`${name}_${index}`);
    await (ifNotExists ? built.ifNotExists() : built)
      .on(name)
      .columns([...of])
      .execute();
  }
};
