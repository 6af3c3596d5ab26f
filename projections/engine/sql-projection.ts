// A read model in SQL tables: rows and position in one transaction, through Kysely, whatever the database.
import type { EventBatch, Position } from '@railhead/commands/ports/event-store.ts';
import type { Kysely, Transaction } from 'kysely';
import type { Projection } from './projection.ts';
import type { ReadTables } from './read-tables.ts';

/** What it returns is called once the transaction has been committed: the place to remember what is now in the tables. */
export type SqlHandler = (trx: Transaction<ReadTables>, batch: EventBatch) => Promise<(() => void) | undefined>;

/** So many positions may go by without events of this model before it saves where it is: they are only skipped again. */
const SKIPPED_UNSAVED = 10_000;
/** Under load, transactions of so many milliseconds are one. */
const PACE_MS = 20;

export const sqlProjection = (
  db: Kysely<ReadTables>,
  name: string,
  categories: readonly string[],
  handle: SqlHandler,
): Projection => {
  /** What the rows are known to have: a subscription that goes back brings older events again. */
  let reached: Position = 0;
  let saved: Position = 0;
  return {
    name,
    categories,
    paceMs: PACE_MS,
    async load(): Promise<Position> {
      const row = await db
        .selectFrom('model_positions')
        .select('position')
        .where('model', '=', name)
        .executeTakeFirst();
      saved = row === undefined ? 0 : Number(row.position);
      reached = saved;
      return saved;
    },
    async apply(batch: EventBatch): Promise<void> {
      const { position } = batch;
      if (position <= reached) return;
      const events = batch.events.filter((event) => event.position > reached);
      if (events.length === 0 && position - saved < SKIPPED_UNSAVED) {
        reached = position;
        return;
      }
      const committed = await db.transaction().execute(async (trx) => {
        const done = events.length > 0 ? await handle(trx, { ...batch, events }) : undefined;
        const moved = await trx
          .updateTable('model_positions')
          .set({ position })
          .where('model', '=', name)
          .executeTakeFirst();
        if (moved.numUpdatedRows === 0n)
          await trx.insertInto('model_positions').values({ model: name, position }).execute();
        return done;
      });
      reached = position;
      saved = position;
      committed?.();
    },
  };
};
