// The writing half of a read model in SQL: rows and position in one transaction. What databases do differently is the
// dialect's.
import { bearsOut, type EventBatch, type Position, type RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { strangenessIn } from '@railhead/commands/streams/understood.ts';
import type { AnyCategory } from '@railhead/domain/kernel/category.ts';
import { sql, type Transaction } from 'kysely';
import type { PositionProof, Projection } from './projection.ts';
import { type EngineTables, type ReadDatabase, SET_ASIDE_TABLE, tablesIn } from './read-database.ts';
import type { SqlDialect } from './sql-dialect.ts';
import type { TableDefinitions } from './tables.ts';
import { upsert } from './upsert.ts';

/** What a handler writes with, in the transaction of its batch. */
export type ModelWriter<Tables> = {
  readonly trx: Transaction<Tables>;
  readonly dialect: SqlDialect;
  /** Inserts rows; a row whose key exists is changed in place. Of several rows with one key the last counts. */
  upsert<Table extends keyof Tables & string>(table: Table, rows: readonly Tables[Table][]): Promise<void>;
};

/** The function that it returns is called after the commit, to remember what is now in the tables. */
export type SqlHandler<Tables> = (writer: ModelWriter<Tables>, batch: EventBatch) => Promise<(() => void) | undefined>;

type Place = Pick<EngineTables['read_places'], 'position' | 'fingerprint'>;
const NOWHERE: Place = { position: 0, fingerprint: '' };

/** So many positions may go by without events of this model before it saves where it is: they are only skipped again. */
const SKIPPED_UNSAVED = 10_000;
/** Under load, the events of so many milliseconds become one transaction. */
const PACE_MS = 20;

export const sqlProjection = <Tables>(
  { db, dialect }: ReadDatabase,
  {
    name,
    version,
    categories,
    tables,
  }: {
    readonly name: string;
    readonly version: number;
    readonly categories: readonly AnyCategory[];
    readonly tables: TableDefinitions<Tables>;
  },
  newHandler: () => SqlHandler<Tables>,
): Projection => {
  /** The position that the rows are known to include. A subscription that starts again may bring older events. */
  let reached: Position = 0;
  let saved: Position = 0;
  let handle = newHandler();
  const strangenessOf = strangenessIn(categories);
  const setAside = new Map<string, string>();
  let log: PositionProof | undefined;
  const store = async (trx: Transaction<EngineTables>, place: Place): Promise<void> => {
    const moved = await trx
      .updateTable('read_places')
      .set(place)
      .where('model', '=', name)
      .where('version', '=', version)
      .executeTakeFirst();
    // Then the rows are not written either.
    if (moved.numUpdatedRows === 0n) throw notThisVersion(name, version);
  };
  const dropRows = (): Promise<void> =>
    db.transaction().execute(async (trx) => {
      await trx.deleteFrom('read_set_aside').where('model', '=', name).execute();
      for (const table of Object.keys(tables)) await sql`delete from ${sql.table(table)}`.execute(trx);
      await store(trx, NOWHERE);
    });
  return {
    name,
    categories: categories.map((category) => category.name),
    setAside,
    paceMs: PACE_MS,
    isPassing: (error) => dialect.isPassing(error),
    async load(given): Promise<Position> {
      log = given;
      const row = await db
        .selectFrom('read_places')
        .select(['position', 'fingerprint'])
        .where('model', '=', name)
        .where('version', '=', version)
        .executeTakeFirst();
      if (row === undefined) throw notThisVersion(name, version);
      const strangers = await db.selectFrom('read_set_aside').selectAll().where('model', '=', name).execute();
      const isOurs = await bearsOut(given, row);
      // What was strange to an older version and is not to this one belongs into the rows, at its place.
      const isWhole = strangers.every((event) => strangenessOf(event) !== undefined);
      setAside.clear();
      if (!isOurs || !isWhole) {
        await dropRows();
        // It may remember what is gone.
        handle = newHandler();
        given.dropped(row.position);
        reached = 0;
        saved = 0;
        return 0;
      }
      for (const event of strangers) setAside.set(event.stream, strangenessOf(event) ?? '');
      saved = row.position;
      reached = saved;
      return saved;
    },
    async apply(batch: EventBatch): Promise<void> {
      const { position } = batch;
      if (position <= reached) return;
      const { events, strangers } = sorted(batch.events, (event) => {
        if (event.position <= reached || setAside.has(event.stream)) return 'skipped';
        return strangenessOf(event) === undefined ? 'understood' : 'strange';
      });
      if (events.length === 0 && strangers.length === 0 && position - saved < SKIPPED_UNSAVED) {
        reached = position;
        return;
      }
      const fingerprint = (await log?.fingerprintAt(position)) ?? '';
      const committed = await db.transaction().execute(async (trx) => {
        const writer: ModelWriter<Tables> = {
          trx: tablesIn<Tables>(trx),
          dialect,
          upsert: (table, rows) =>
            // Safe cast: a row is an object with the columns of its table.
            upsert({ trx, dialect, table, key: tables[table].key }, rows as readonly Record<string, unknown>[]),
        };
        const done = events.length > 0 ? await handle(writer, { ...batch, events }) : undefined;
        await upsert(
          { trx, dialect, table: 'read_set_aside', key: SET_ASIDE_TABLE.key },
          strangers.map(({ stream, type, version, position }) => ({ model: name, stream, type, version, position })),
        );
        await store(trx, { position, fingerprint });
        return done;
      });
      reached = position;
      saved = position;
      for (const stranger of strangers) {
        const why = strangenessOf(stranger) ?? '';
        setAside.set(stranger.stream, why);
        log?.setAside(stranger.stream, why);
      }
      committed?.();
    },
  };
};

/** What is new of a batch, without the streams that are set aside; `strangers`: the first strange event of each stream. */
const sorted = (
  batch: readonly RecordedEvent[],
  kindOf: (event: RecordedEvent) => 'understood' | 'strange' | 'skipped',
): { readonly events: readonly RecordedEvent[]; readonly strangers: readonly RecordedEvent[] } => {
  const strangers = new Map<string, RecordedEvent>();
  const events = batch.filter((event) => {
    if (strangers.has(event.stream)) return false;
    const kind = kindOf(event);
    if (kind === 'strange') strangers.set(event.stream, event);
    return kind === 'understood';
  });
  return { events, strangers: [...strangers.values()] };
};

const notThisVersion = (name: string, version: number): Error =>
  new Error(`the tables of read model ${name} are not of version ${version}`);
