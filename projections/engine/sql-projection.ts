// The writing half of a read model in SQL: rows and position in one transaction. What databases do differently is the
// dialect's.
import type { EventBatch, Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { AnyCategory } from '@railhead/domain/kernel/category.ts';
import type { Transaction } from 'kysely';
import { ModelPlace } from './model-place.ts';
import type { Projection } from './projection.ts';
import { type ReadDatabase, tablesIn } from './read-database.ts';
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

/** So many positions may go by without events of this model before it saves where it is: they are only skipped again. */
const SKIPPED_UNSAVED = 10_000;
/** A transaction writes every page that it touches, and the events of a moment touch the same pages again and again. */
const PACE = { leastMs: 20, mostMs: 100 };

export const sqlProjection = <Tables>(
  database: ReadDatabase,
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
  const { db, dialect } = database;
  const place = new ModelPlace(database, { name, version, categories, tables: Object.keys(tables) });
  /** The position that the rows are known to include. A subscription that starts again may bring older events. */
  let reached: Position = 0;
  let saved: Position = 0;
  let handle = newHandler();
  return {
    name,
    categories: categories.map((category) => category.name),
    setAside: place.setAside,
    pace: PACE,
    isPassing: (error) => dialect.isPassing(error),
    async load(log): Promise<Position> {
      saved = await place.load(log);
      // It may remember what is gone.
      if (saved < reached) handle = newHandler();
      reached = saved;
      return saved;
    },
    async apply(batch: EventBatch): Promise<void> {
      const { position } = batch;
      if (position <= reached) return;
      const { events, strangers } = sorted(batch.events, (event) =>
        event.position <= reached ? 'skipped' : place.kindOf(event),
      );
      if (events.length === 0 && strangers.length === 0 && position - saved < SKIPPED_UNSAVED) {
        reached = position;
        return;
      }
      const there = await place.placeAt(position);
      const committed = await db.transaction().execute(async (trx) => {
        const writer: ModelWriter<Tables> = {
          trx: tablesIn<Tables>(trx),
          dialect,
          upsert: (table, rows) =>
            // Safe cast: a row is an object with the columns of its table.
            upsert({ trx, dialect, table, key: tables[table].key }, rows as readonly Record<string, unknown>[]),
        };
        const done = events.length > 0 ? await handle(writer, { ...batch, events }) : undefined;
        await place.storeStrangers(trx, strangers);
        await place.store(trx, there);
        return done;
      });
      reached = position;
      saved = position;
      for (const stranger of strangers) place.setStreamAside(stranger);
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
