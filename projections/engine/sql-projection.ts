// The writing half of a read model in SQL: rows and position in one transaction. What databases do differently is the
// dialect's.
import type { EventBatch, Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { AnyCategory } from '@railhead/domain/kernel/category.ts';
import type { Transaction } from 'kysely';
import { fittedTo } from './fitting.ts';
import { ModelLease, sqlLeaseRows } from './model-lease.ts';
import { ModelPlace, type Moving, PlaceMoved } from './model-place.ts';
import { type PartsBuilder, PartsOfModel } from './parts-of-model.ts';
import type { Pace, Projection } from './projection.ts';
import { type EngineTables, type ReadDatabase, tablesIn } from './read-database.ts';
import { type SortedBatch, sortedBy } from './sorted-batch.ts';
import type { SqlDialect } from './sql-dialect.ts';
import type { TableDefinitions } from './tables.ts';
import { Turns } from './turns.ts';
import { upsert } from './upsert.ts';

/** What a handler writes with, in the transaction of its batch. */
export type ModelWriter<Tables> = {
  readonly trx: Transaction<Tables>;
  readonly dialect: SqlDialect;
  /**
   * Inserts rows; a row whose key exists is changed in place. Of several rows with one key the last counts. A text that is
   * longer than its column is cut, and NUL is replaced: the log has the whole.
   */
  upsert<Table extends keyof Tables & string>(table: Table, rows: readonly Tables[Table][]): Promise<void>;
};

/** The function that it returns is called after the commit, to remember what is now in the tables. */
export type SqlHandler<Tables> = (writer: ModelWriter<Tables>, batch: EventBatch) => Promise<(() => void) | undefined>;

/** Writes rows of the model anew. */
export type Rewriting<Tables> = {
  /** Does this process feed the model, as far as it knows? */
  readonly isFedHere: boolean;
  /**
   * Asks what to write, while the model takes no events: its rows include all events up to `position`. What it then writes
   * is one transaction, fenced like a batch. False: another process feeds the model, and nothing was written.
   */
  rewrite(decide: (position: Position) => Promise<(writer: ModelWriter<Tables>) => Promise<void>>): Promise<boolean>;
};

/** So many positions may go by without events of this model before it saves where it is: they are only skipped again. */
const SKIPPED_UNSAVED = 10_000;
/** A transaction writes every page that it touches, and the events of a moment touch the same pages again and again. */
const PACE: Pace = { leastMs: 20, mostMs: 100 };

/** What a model in SQL says of itself to the engine. */
export type SqlProjectionOptions<Tables> = Pick<Projection, 'givesWay' | 'isOptional' | 'isPart' | 'pace'> & {
  readonly name: string;
  /**
   * Raise it with every change of a table or of what is written into it: this model is then built again, and no other.
   */
  readonly version: number;
  /** The categories of streams that it reads. Absent: it takes every event, and understands each. */
  readonly categories?: readonly AnyCategory[];
  readonly tables: TableDefinitions<Tables>;
  /** Absent: it takes every event of its categories. Asked only of events that this version understands. */
  readonly takes?: (event: RecordedEvent) => boolean;
  /** This is one of several parts of a model, by this ownership of the model: it writes rows of its own, and drops none. */
  readonly part?: { readonly epoch: number };
  /** Builds the beginning in several parts at once. */
  readonly parts?: PartsBuilder;
};

export const sqlProjection = <Tables>(
  database: ReadDatabase,
  {
    name,
    version,
    categories,
    tables,
    pace = PACE,
    takes = () => true,
    part,
    parts: builder,
    ...options
  }: SqlProjectionOptions<Tables>,
  newHandler: () => SqlHandler<Tables>,
): Projection & { readonly rewriting: Rewriting<Tables> } => {
  const { db, dialect, shared } = database;
  const place = new ModelPlace(database, {
    name,
    version,
    categories: categories ?? [],
    tables: Object.keys(tables),
    isPart: part !== undefined,
  });
  const parts = part === undefined ? new PartsOfModel(database, place, { name, version }, builder) : undefined;
  const fitted = new Map(Object.entries(tables).map(([table, definition]) => [table, fittedTo(definition)]));
  /** The position that the rows are known to include. A subscription that starts again may bring older events. */
  let reached: Position = 0;
  let saved: Position = 0;
  let isLoaded = false;
  let handle = newHandler();
  /** One batch, rewriting, or beat of the owner is written after the other. */
  const turns = new Turns();
  const lease =
    shared === undefined
      ? undefined
      : new ModelLease(sqlLeaseRows(database, { name, version }), shared, () => beat(), database.prepared);
  const epoch = (): number | undefined => part?.epoch ?? lease?.epoch;
  const moving = (): Moving | undefined => {
    const by = epoch();
    return by === undefined ? undefined : { from: saved, epoch: by };
  };
  const kindOf = (event: RecordedEvent): 'understood' | 'strange' | 'skipped' => {
    if (event.position <= reached) return 'skipped';
    const kind = place.kindOf(event);
    return kind === 'understood' && !takes(event) ? 'skipped' : kind;
  };
  const beat = async (): Promise<boolean> => {
    // A batch that is being written moves the place, which shows as well that the owner lives.
    if (turns.isTaken) return true;
    return turns.take(async () => {
      const from = moving();
      if (from === undefined) return true;
      const position = reached;
      const isOwner = await place.beat(await place.placeAt(position), from);
      if (isOwner) saved = position;
      return isOwner;
    });
  };
  const writerIn = (trx: Transaction<EngineTables>): ModelWriter<Tables> => ({
    trx: tablesIn<Tables>(trx),
    dialect,
    upsert: (table, rows) => {
      // Safe cast: a row is an object with the columns of its table.
      const plain = rows as readonly Record<string, unknown>[];
      const fit = fitted.get(table);
      return upsert({ trx, dialect, table, key: tables[table].key }, fit === undefined ? plain : plain.map(fit));
    },
  });
  const write = async (position: Position, { events, strangers }: SortedBatch, batch: EventBatch): Promise<void> => {
    const there = await place.placeAt(position);
    const committed = await db.transaction().execute(async (trx) => {
      await place.store(trx, there, moving());
      const done = events.length > 0 ? await handle(writerIn(trx), { ...batch, events }) : undefined;
      await place.storeStrangers(trx, strangers);
      return done;
    });
    reached = position;
    saved = position;
    for (const stranger of strangers) place.setStreamAside(stranger);
    committed?.();
  };
  const rewrite: Rewriting<Tables>['rewrite'] = (decide) =>
    turns.take(async () => {
      if (!isLoaded || lease?.isOwner === false) return false;
      const position = reached;
      const write = await decide(position);
      const there = await place.placeAt(position);
      try {
        await db.transaction().execute(async (trx) => {
          await place.store(trx, there, moving());
          await write(writerIn(trx));
        });
        saved = position;
        return true;
      } catch (error) {
        if (error instanceof PlaceMoved) return false;
        throw error;
      } finally {
        // It may remember what was there before.
        handle = newHandler();
      }
    });
  return {
    rewriting: {
      get isFedHere() {
        return lease?.isOwner ?? true;
      },
      rewrite,
    },
    name,
    categories: categories?.map((category) => category.name),
    ...options,
    setAside: place.setAside,
    pace,
    ...(lease === undefined ? {} : { lease }),
    isPassing: (error) => error instanceof PlaceMoved || dialect.isPassing(error),
    async load(log): Promise<Position> {
      saved = await place.load(log, epoch());
      // It may remember what is gone, or what another has changed since.
      if (saved !== reached) handle = newHandler();
      // While the beginning is built, the owner shows that it lives there.
      reached = saved;
      if (saved === 0 && parts !== undefined) saved = await parts.build(log, epoch() ?? 0);
      reached = saved;
      isLoaded = true;
      return saved;
    },
    drop: () =>
      turns.take(async () => {
        await place.drop(saved, epoch());
        [saved, reached, handle] = [0, 0, newHandler()];
      }),
    async apply(batch: EventBatch): Promise<void> {
      const { position } = batch;
      if (position <= reached) return;
      const sorted = sortedBy(batch.events, kindOf);
      const isNothing = sorted.events.length === 0 && sorted.strangers.length === 0;
      // A part shows that it has come to where the others are.
      const isWhole = part !== undefined && batch.caughtUp;
      if (isNothing && !isWhole && position - saved < SKIPPED_UNSAVED) {
        reached = position;
        return;
      }
      await turns.take(() => write(position, sorted, batch));
    },
  };
};
