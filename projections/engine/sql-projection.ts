// The writing half of a read model in SQL: rows and position in one transaction. What databases do differently is the
// dialect's.
import type { EventBatch, Position } from '@railhead/commands/ports/event-store.ts';
import type { AnyCategory } from '@railhead/domain/kernel/category.ts';
import type { Transaction } from 'kysely';
import { ModelLease, sqlLeaseRows } from './model-lease.ts';
import { ModelPlace, type Moving, PlaceMoved } from './model-place.ts';
import type { Projection } from './projection.ts';
import { type ReadDatabase, tablesIn } from './read-database.ts';
import { type SortedBatch, sortedBy } from './sorted-batch.ts';
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
  const { db, dialect, shared } = database;
  const place = new ModelPlace(database, { name, version, categories, tables: Object.keys(tables) });
  /** The position that the rows are known to include. A subscription that starts again may bring older events. */
  let reached: Position = 0;
  let saved: Position = 0;
  let handle = newHandler();
  /** A batch, or the owner's beat, that is being written. */
  let writing: Promise<unknown> | undefined;
  const lease =
    shared === undefined
      ? undefined
      : new ModelLease(sqlLeaseRows(database, { name, version }), shared, () => beat(), database.prepared);
  const moving = (): Moving | undefined => (lease === undefined ? undefined : { from: saved, epoch: lease.epoch });
  const beat = async (): Promise<boolean> => {
    const from = moving();
    // A batch that is being written moves the place, which shows as well that the owner lives.
    if (writing !== undefined || from === undefined) return true;
    const position = reached;
    const beating = place.placeAt(position).then((there) => place.beat(there, from));
    writing = beating.catch(() => {});
    try {
      const isOwner = await beating;
      if (isOwner) saved = position;
      return isOwner;
    } finally {
      writing = undefined;
    }
  };
  const write = async (position: Position, { events, strangers }: SortedBatch, batch: EventBatch): Promise<void> => {
    const there = await place.placeAt(position);
    const committed = await db.transaction().execute(async (trx) => {
      const writer: ModelWriter<Tables> = {
        trx: tablesIn<Tables>(trx),
        dialect,
        upsert: (table, rows) =>
          // Safe cast: a row is an object with the columns of its table.
          upsert({ trx, dialect, table, key: tables[table].key }, rows as readonly Record<string, unknown>[]),
      };
      await place.store(trx, there, moving());
      const done = events.length > 0 ? await handle(writer, { ...batch, events }) : undefined;
      await place.storeStrangers(trx, strangers);
      return done;
    });
    reached = position;
    saved = position;
    for (const stranger of strangers) place.setStreamAside(stranger);
    committed?.();
  };
  return {
    name,
    categories: categories.map((category) => category.name),
    setAside: place.setAside,
    pace: PACE,
    ...(lease === undefined ? {} : { lease }),
    isPassing: (error) => error instanceof PlaceMoved || dialect.isPassing(error),
    async load(log): Promise<Position> {
      saved = await place.load(log, lease?.epoch);
      // It may remember what is gone, or what another has changed since.
      if (saved !== reached) handle = newHandler();
      reached = saved;
      return saved;
    },
    async apply(batch: EventBatch): Promise<void> {
      const { position } = batch;
      if (position <= reached) return;
      const sorted = sortedBy(batch.events, (event) => (event.position <= reached ? 'skipped' : place.kindOf(event)));
      const isNothing = sorted.events.length === 0 && sorted.strangers.length === 0;
      if (isNothing && position - saved < SKIPPED_UNSAVED) {
        reached = position;
        return;
      }
      await writing;
      const written = write(position, sorted, batch);
      writing = written.catch(() => {});
      try {
        await written;
      } finally {
        writing = undefined;
      }
    },
  };
};
