// The embedded index of orders: rows in the local read database, and their words in a table of FTS5.

import { FIRST_GENERATION } from '@railhead/domain/replay/fold.ts';
import { CompiledQuery, type Kysely, sql, type Transaction } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Examined, ExaminedDocument, StoredPlace } from '../engine/document-index.ts';
import { generationName, generationTable, inGeneration } from '../engine/generation.ts';
import type { Place } from '../engine/model-place.ts';
import { NOWHERE } from '../engine/model-place.ts';
import { pagesOf } from '../engine/pages.ts';
import { type EngineTables, type ReadDatabase, SET_ASIDE_TABLE, tablesIn, tablesOf } from '../engine/read-database.ts';
import type { Stranger } from '../engine/sorted-batch.ts';
import type { SqlDialect } from '../engine/sql-dialect.ts';
import { upsert } from '../engine/upsert.ts';
import { type OrderDocument, searchedNames, searchedWords } from './order-document.ts';
import type { OrderIndex } from './order-index.ts';
import type { FoundOrders, OrderQuestion } from './order-question.ts';
import { ORDER_SEARCH } from './order-search-projection.ts';
import { FOUND_TEXT, type OrderSearchTables, orderSearchTables } from './order-search-tables.ts';
import { piecesOf } from './slips.ts';
import { answerIn } from './sqlite-order-questions.ts';
import { wordsWithoutPieces } from './stored-pieces.ts';
import { wordsOf } from './words.ts';

/** Words come divided by spaces. What is not ASCII is a letter to this tokenizer, and every letter stays as it is. */
const WORDS = sql`create virtual table ${sql.table(FOUND_TEXT)} using fts5(names, words, content='', contentless_delete=1, tokenize='ascii')`;

const MAX_WORDS = 20_000;

/** Statements as they are, each prepared once: putting them together for every row took longer than what they do. */
const run = (trx: Transaction<EngineTables>, text: string, values: readonly unknown[]): Promise<unknown> =>
  trx.executeQuery(CompiledQuery.raw(text, [...values]));

const ORDER_COLUMNS = Object.keys(orderSearchTables.found_orders.columns);

/** The statements that are run as they are. `named`: the table of this generation. */
const statements = (named: (table: string) => string) => ({
  order: `insert into ${named('found_orders')} (${ORDER_COLUMNS.join(', ')}) values (${ORDER_COLUMNS.map(() => '?').join(', ')})`,
  change: `update ${named('found_orders')} set version = ?, status = ?, amount_fen = ?, view = ? where order_no = ?`,
  name: `insert into ${named('found_names')} (name, first) values (?, ?)`,
  piece: `insert into ${named('found_pieces')} (piece, word) values (?, ?) on conflict do nothing`,
  /** Replaced: a row of another history may have the same number. */
  text: `insert or replace into ${named(FOUND_TEXT)} (rowid, names, words) values (?, ?, ?)`,
  noText: `delete from ${named(FOUND_TEXT)} where rowid = ?`,
});

const rowOf = (
  { orderNo, first, version, leaves, requestedMs, day, names, view }: OrderDocument,
  dialect: SqlDialect,
): readonly unknown[] => {
  const row: OrderSearchTables['found_orders'] = {
    order_no: orderNo,
    first,
    version,
    user_id: view.userId,
    train: view.train,
    date: view.date,
    from_code: view.from.code,
    from_name: view.from.name,
    to_code: view.to.code,
    to_name: view.to.name,
    status: view.status,
    amount_fen: view.amountFen,
    requested_ms: requestedMs,
    day,
    leaves,
    names: dialect.toJson(names),
    view: dialect.toJson(view),
  };
  const values: Readonly<Record<string, unknown>> = row;
  return ORDER_COLUMNS.map((column) => values[column]);
};

type StoredDocument = Pick<
  OrderSearchTables['found_orders'],
  'order_no' | 'first' | 'version' | 'leaves' | 'requested_ms' | 'day' | 'names' | 'view'
>;

const documentOf = (
  { order_no: orderNo, first, version, leaves, requested_ms: requestedMs, day, names, view }: StoredDocument,
  dialect: SqlDialect,
): OrderDocument => ({
  orderNo,
  first,
  version,
  leaves,
  requestedMs,
  day,
  names: dialect.fromJson(names),
  view: dialect.fromJson(view),
});

/** Do columns and names say what the document says? */
const isFoundBy = (
  row: OrderSearchTables['found_orders'],
  names: readonly string[],
  document: OrderDocument,
  dialect: SqlDialect,
): boolean => {
  const columns: Readonly<Record<string, unknown>> = row;
  const should = rowOf(document, dialect);
  return (
    ORDER_COLUMNS.every((column, index) => columns[column] === should[index]) &&
    JSON.stringify([...names].sort()) === JSON.stringify([...document.names].sort())
  );
};

const wordsIn = (document: OrderDocument): readonly string[] => [...wordsOf(searchedWords(document))];

export class SqliteOrderIndex implements OrderIndex {
  readonly #database: ReadDatabase;
  readonly #version: number;
  readonly #generation: number;
  /** The name under which its place is stored. */
  readonly #model: string;
  readonly #statements: ReturnType<typeof statements>;
  readonly #rows: Kysely<OrderSearchTables>;
  /** Words that are there: most are those of stations, trains, dates and names. */
  readonly #words = new LRUCache<string, true>({ max: MAX_WORDS });
  /** The tables that were looked at; others may have been made in their place. */
  #renewals: number | undefined;

  constructor(database: ReadDatabase, version: number, generation = FIRST_GENERATION) {
    const tables = [...Object.keys(orderSearchTables), FOUND_TEXT];
    this.#database = inGeneration(database, tables, generation);
    this.#version = version;
    this.#generation = generation;
    this.#model = generationName(ORDER_SEARCH, generation);
    this.#statements = statements((table) => generationTable(table, generation));
    this.#rows = tablesOf<OrderSearchTables>(this.#database.db);
  }

  isPassing(error: unknown): boolean {
    return this.#database.dialect.isPassing(error);
  }

  async place(): Promise<StoredPlace> {
    const { db, prepared, repair } = this.#database;
    await prepared?.();
    this.#renewals = repair?.renewals;
    this.#words.clear();
    const place = await db
      .selectFrom('model_places')
      .select(['position', 'fingerprint'])
      .where('model', '=', this.#model)
      .where('version', '=', this.#version)
      .executeTakeFirst();
    if (place === undefined) throw this.#notThisVersion();
    const setAside = await db.selectFrom('read_set_aside').selectAll().where('model', '=', this.#model).execute();
    if (place.position > 0 && (await this.#hasWords())) return { ...place, setAside };
    // There is nothing yet, or somebody has dropped the words.
    await this.clear();
    return { ...NOWHERE, setAside: [] };
  }

  async #hasWords(): Promise<boolean> {
    const found = sql<object>`select 1 from sqlite_schema where name = ${generationTable(FOUND_TEXT, this.#generation)}`;
    return (await found.execute(this.#database.db)).rows.length > 0;
  }

  async clear(): Promise<void> {
    this.#words.clear();
    await this.#database.db.transaction().execute(async (trx) => {
      await this.#move(trx, NOWHERE);
      await trx.deleteFrom('read_set_aside').where('model', '=', this.#model).execute();
      for (const table of Object.keys(orderSearchTables)) await sql`delete from ${sql.table(table)}`.execute(trx);
      await sql`drop table if exists ${sql.table(FOUND_TEXT)}`.execute(trx);
      await WORDS.execute(trx);
    });
  }

  async documents(orderNos: readonly string[]): Promise<ReadonlyMap<string, OrderDocument>> {
    const { dialect } = this.#database;
    const documents = new Map<string, OrderDocument>();
    for (const page of pagesOf(orderNos, dialect.maxParameters)) {
      const rows = await this.#rows
        .selectFrom('found_orders')
        .select(['order_no', 'first', 'version', 'leaves', 'requested_ms', 'day', 'names', 'view'])
        .where('order_no', 'in', page)
        .execute();
      for (const row of rows) documents.set(row.order_no, documentOf(row, dialect));
    }
    return documents;
  }

  async put(documents: readonly OrderDocument[], place: Place, strangers: readonly Stranger[]): Promise<void> {
    const { db, dialect } = this.#database;
    const words = await db.transaction().execute(async (trx) => {
      await this.#move(trx, place);
      const rows = tablesIn<OrderSearchTables>(trx);
      const versions = await versionsOf(rows, documents, dialect.maxParameters);
      const newer = documents.filter(({ orderNo, version }) => version > (versions.get(orderNo) ?? 0));
      const written = await this.#write(
        trx,
        newer.filter(({ orderNo }) => !versions.has(orderNo)),
      );
      for (const { orderNo, version, view } of newer.filter(({ orderNo }) => versions.has(orderNo)))
        await run(trx, this.#statements.change, [version, view.status, view.amountFen, dialect.toJson(view), orderNo]);
      await upsert(
        { trx, dialect, table: 'read_set_aside', key: SET_ASIDE_TABLE.key },
        strangers.map(({ stream, type, version, position }) => ({
          model: this.#model,
          stream,
          type,
          version,
          position,
        })),
      );
      return written;
    });
    for (const word of words) this.#words.set(word, true);
  }

  async orderNos(after: string, limit: number): Promise<readonly string[]> {
    const page = this.#rows.selectFrom('found_orders').select('order_no').where('order_no', '>', after);
    const rows = await page.orderBy('order_no').limit(limit).execute();
    return rows.map(({ order_no }) => order_no);
  }

  async examine(orderNos: readonly string[]): Promise<Examined<OrderDocument>> {
    // The place first: what is read after it has everything up to it.
    const place = await this.#database.db
      .selectFrom('model_places')
      .select(['position', 'fingerprint'])
      .where('model', '=', this.#model)
      .executeTakeFirst();
    const rows = await this.#rows.selectFrom('found_orders').selectAll().where('order_no', 'in', orderNos).execute();
    const firsts = rows.map(({ first }) => first);
    const named = await this.#rows.selectFrom('found_names').selectAll().where('first', 'in', firsts).execute();
    const worded = await sql<{
      rowid: number;
    }>`select rowid from ${sql.table(FOUND_TEXT)} where rowid in (${sql.join(firsts)})`.execute(this.#database.db);
    const hasWords = new Set(worded.rows.map(({ rowid }) => rowid));
    const found = rows.map((row) => ({ row, document: documentOf(row, this.#database.dialect) }));
    const words = new Set(found.flatMap(({ document }) => wordsIn(document)));
    const lacking = await wordsWithoutPieces(this.#rows, words, this.#database.dialect.maxParameters);
    const documents = new Map<string, ExaminedDocument<OrderDocument>>();
    for (const { row, document } of found) {
      const names = named.filter(({ first }) => first === row.first).map(({ name }) => name);
      // The words themselves are not kept.
      const isWhole =
        isFoundBy(row, names, document, this.#database.dialect) &&
        hasWords.has(row.first) &&
        !wordsIn(document).some((word) => lacking.has(word));
      documents.set(row.order_no, { document, isWhole });
    }
    return { place: place ?? NOWHERE, documents };
  }

  async rewrite(documents: readonly OrderDocument[], gone: readonly string[], place: Place): Promise<void> {
    const { db, dialect } = this.#database;
    // Of a word that was written once, some pieces may be gone.
    this.#words.clear();
    const words = await db.transaction().execute(async (trx) => {
      await this.#move(trx, place);
      const rows = tablesIn<OrderSearchTables>(trx);
      const firsts = new Set(documents.map(({ first }) => first));
      for (const page of pagesOf([...gone, ...documents.map(({ orderNo }) => orderNo)], dialect.maxParameters)) {
        const stored = rows.selectFrom('found_orders').select('first').where('order_no', 'in', page);
        for (const { first } of await stored.execute()) firsts.add(first);
        await rows.deleteFrom('found_orders').where('order_no', 'in', page).execute();
      }
      for (const first of firsts) {
        await rows.deleteFrom('found_names').where('first', '=', first).execute();
        await run(trx, this.#statements.noText, [first]);
      }
      return this.#write(trx, documents);
    });
    for (const word of words) this.#words.set(word, true);
  }

  /** Orders that are not there yet. */
  async #write(trx: Transaction<EngineTables>, documents: readonly OrderDocument[]): Promise<ReadonlySet<string>> {
    const { dialect } = this.#database;
    const words = new Set<string>();
    for (const document of documents) {
      await run(trx, this.#statements.order, rowOf(document, dialect));
      for (const name of document.names) await run(trx, this.#statements.name, [name, document.first]);
      await run(trx, this.#statements.text, [document.first, searchedNames(document), searchedWords(document)]);
      for (const word of wordsIn(document)) if (!this.#words.has(word)) words.add(word);
    }
    for (const word of words) for (const piece of piecesOf(word)) await run(trx, this.#statements.piece, [piece, word]);
    return words;
  }

  async beat(): Promise<boolean> {
    return true;
  }

  search(question: OrderQuestion): Promise<FoundOrders> {
    return answerIn(this.#rows, this.#database.dialect, question);
  }

  async #move(trx: Transaction<EngineTables>, place: Place): Promise<void> {
    if (this.#renewals !== this.#database.repair?.renewals) throw new Error('the tables of read models were made anew');
    const moved = await trx
      .updateTable('model_places')
      .set({ position: place.position, fingerprint: place.fingerprint })
      .where('model', '=', this.#model)
      .where('version', '=', this.#version)
      .executeTakeFirst();
    if (moved.numUpdatedRows === 0n) throw this.#notThisVersion();
  }

  #notThisVersion(): Error {
    return new Error(`the tables of read model ${this.#model} are not of version ${this.#version}`);
  }
}

const versionsOf = async (
  rows: Transaction<OrderSearchTables>,
  documents: readonly OrderDocument[],
  maxParameters: number,
): Promise<ReadonlyMap<string, number>> => {
  const versions = new Map<string, number>();
  for (const page of pagesOf(documents, maxParameters)) {
    const found = await rows
      .selectFrom('found_orders')
      .select(['order_no', 'version'])
      .where(
        'order_no',
        'in',
        page.map(({ orderNo }) => orderNo),
      )
      .execute();
    for (const { order_no, version } of found) versions.set(order_no, version);
  }
  return versions;
};
