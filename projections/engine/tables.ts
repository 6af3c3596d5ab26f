// Tables as data. The compiler checks the definition against the type of the rows; the dialect gives the column types.
import type { SchemaModule } from 'kysely';
import type { ColumnKind, SqlDialect } from './sql-dialect.ts';

export const text = (length: number): ColumnKind => ({ kind: 'text', length });
export const integer: ColumnKind = { kind: 'integer' };
export const position: ColumnKind = { kind: 'position' };
export const json: ColumnKind = { kind: 'json' };
export const instant: ColumnKind = { kind: 'instant' };

/** A definition has every column of `Row`; none may be null. */
export type TableDefinition<Row> = {
  readonly columns: { readonly [Column in keyof Row & string]: ColumnKind };
  /** The primary key. */
  readonly key: readonly (keyof Row & string)[];
  /** Further indexes by the end of their name; the name of the table is put before it. */
  readonly indexes?: Readonly<Record<string, readonly (keyof Row & string)[]>>;
};

/** A definition without the type of its rows. */
export type StoredTable = {
  readonly columns: Readonly<Record<string, ColumnKind>>;
  readonly key: readonly string[];
  readonly indexes?: Readonly<Record<string, readonly string[]>>;
};

export type TableDefinitions<Tables> = Readonly<Record<string, StoredTable>> & {
  readonly [Table in keyof Tables & string]: TableDefinition<Tables[Table]>;
};

/** Fails if the table exists, unless `ifNotExists` is set. */
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
  // Safe cast: the key's columns belong to this table, but the builder does not track them.
  await table.addPrimaryKeyConstraint(`${name}_key`, [...key] as never[]).execute();
  for (const [index, of] of Object.entries(indexes)) {
    const built = schema.createIndex(`${name}_${index}`);
    await (ifNotExists ? built.ifNotExists() : built)
      .on(name)
      .columns([...of])
      .execute();
  }
};
