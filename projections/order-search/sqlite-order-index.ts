// The embedded index of orders: rows in the local read database, and their words in a table of FTS5.

import { CompiledQuery, type Kysely, sql, type Transaction } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Place } from '../engine/model-place.ts';
import { NOWHERE } from '../engine/model-place.ts';
import { pagesOf } from '../engine/pages.ts';
import { type EngineTables, type ReadDatabase, SET_ASIDE_TABLE, tablesIn, tablesOf } from '../engine/read-database.ts';
import type { Stranger } from '../engine/sorted-batch.ts';
import type { SqlDialect } from '../engine/sql-dialect.ts';
import { upsert } from '../engine/upsert.ts';
import { type OrderDocument, searchedNames, searchedWords } from './order-document.ts';
import type { OrderIndex, StoredPlace } from './order-index.ts';
import type { FoundOrders, OrderQuestion } from './order-question.ts';
import { ORDER_SEARCH } from './order-search-projection.ts';
import { type OrderSearchTables, orderSearchTables } from './order-search-tables.ts';
import { piecesOf } from './slips.ts';
import { answerIn } from './sqlite-order-questions.ts';
import { wordsOf } from './words.ts';

/** Words come divided by spaces. What is not ASCII is a letter to this tokenizer, and every letter stays as it is. */
const WORDS = sql`create virtual table found_text using fts5(names, words, content='', contentless_delete=1, tokenize='ascii')`;

const MAX_WORDS = 20_000;

/** Statements as they are, each prepared once: putting them together for every row took longer than what they do. */
const run = (trx: Transaction<EngineTables>, text: string, values: readonly unknown[]): Promise<unknown> =>
  trx.executeQuery(CompiledQuery.raw(text, [...values]));

const ORDER_COLUMNS = Object.keys(orderSearchTables.found_orders.columns);
const ORDER = `insert into found_orders (${ORDER_COLUMNS.join(', ')}) values (${ORDER_COLUMNS.map(() => '?').join(', ')})`;
const CHANGE = 'update found_orders set version = ?, status = ?, amount_fen = ?, view = ? where order_no = ?';
const NAME = 'insert into found_names (name, first) values (?, ?)';
const PIECE = 'insert into found_pieces (piece, word) values (?, ?) on conflict do nothing';
/** Replaced: a row of another history may have the same number. */
const TEXT = 'insert or replace into found_text (rowid, names, words) values (?, ?, ?)';

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

export class SqliteOrderIndex implements OrderIndex {
  readonly #database: ReadDatabase;
  readonly #version: number;
  readonly #rows: Kysely<OrderSearchTables>;
  /** Words that are there: most are those of stations, trains, dates and names. */
  readonly #words = new LRUCache<string, true>({ max: MAX_WORDS });
  /** The tables that were looked at; others may have been made in their place. */
  #renewals: number | undefined;

  constructor(database: ReadDatabase, version: number) {
    this.#database = database;
    this.#version = version;
    this.#rows = tablesOf<OrderSearchTables>(database.db);
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
      .where('model', '=', ORDER_SEARCH)
      .where('version', '=', this.#version)
      .executeTakeFirst();
    if (place === undefined) throw this.#notThisVersion();
    const setAside = await db.selectFrom('read_set_aside').selectAll().where('model', '=', ORDER_SEARCH).execute();
    if (place.position > 0 && (await this.#hasWords())) return { ...place, setAside };
    // There is nothing yet, or somebody has dropped the words.
    await this.clear();
    return { ...NOWHERE, setAside: [] };
  }

  async #hasWords(): Promise<boolean> {
    const found = sql<object>`select 1 from sqlite_schema where name = 'found_text'`;
    return (await found.execute(this.#database.db)).rows.length > 0;
  }

  async clear(): Promise<void> {
    this.#words.clear();
    await this.#database.db.transaction().execute(async (trx) => {
      await this.#move(trx, NOWHERE);
      await trx.deleteFrom('read_set_aside').where('model', '=', ORDER_SEARCH).execute();
      for (const table of Object.keys(orderSearchTables)) await sql`delete from ${sql.table(table)}`.execute(trx);
      await sql`drop table if exists found_text`.execute(trx);
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
      for (const { order_no: orderNo, requested_ms: requestedMs, names, view, ...same } of rows) {
        const stored = { names: dialect.fromJson(names), view: dialect.fromJson(view) };
        documents.set(orderNo, { ...same, orderNo, requestedMs, ...stored });
      }
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
        await run(trx, CHANGE, [version, view.status, view.amountFen, dialect.toJson(view), orderNo]);
      await upsert(
        { trx, dialect, table: 'read_set_aside', key: SET_ASIDE_TABLE.key },
        strangers.map(({ stream, type, version, position }) => ({
          model: ORDER_SEARCH,
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

  /** Orders that are not there yet. */
  async #write(trx: Transaction<EngineTables>, documents: readonly OrderDocument[]): Promise<ReadonlySet<string>> {
    const { dialect } = this.#database;
    const words = new Set<string>();
    for (const document of documents) {
      await run(trx, ORDER, rowOf(document, dialect));
      for (const name of document.names) await run(trx, NAME, [name, document.first]);
      const searched = searchedWords(document);
      await run(trx, TEXT, [document.first, searchedNames(document), searched]);
      for (const word of wordsOf(searched)) if (!this.#words.has(word)) words.add(word);
    }
    for (const word of words) for (const piece of piecesOf(word)) await run(trx, PIECE, [piece, word]);
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
      .where('model', '=', ORDER_SEARCH)
      .where('version', '=', this.#version)
      .executeTakeFirst();
    if (moved.numUpdatedRows === 0n) throw this.#notThisVersion();
  }

  #notThisVersion(): Error {
    return new Error(`the tables of read model ${ORDER_SEARCH} are not of version ${this.#version}`);
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
