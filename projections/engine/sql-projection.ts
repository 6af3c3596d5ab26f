// A read model in SQL tables: rows and position in one transaction, through Kysely, whatever the database.
import type { EventBatch, Position } from '@railhead/commands/ports/event-store.ts';
import type { Kysely, Transaction } from 'kysely';
import type { Projection } from './projection.ts';
import type { ReadTables } from './read-tables.ts';

/** What it returns is called once the transaction has been committed: the place to remember what is now in the tables. */
export type SqlHandler = (trx: Transaction<ReadTables>, batch: EventBatch) => Promise<(() => void) | undefined>;

export const sqlProjection = (
  db: Kysely<ReadTables>,
  name: string,
  categories: readonly string[],
  handle: SqlHandler,
): Projection => {
  /** What the rows are known to have: a subscription that goes back brings older events again. */
  let reached: Position = 0;
  return {
    name,
    categories,
    async load(): Promise<Position> {
      const row = await db
        .selectFrom('model_positions')
        .select('position')
        .where('model', '=', name)
        .executeTakeFirst();
      reached = row === undefined ? 0 : Number(row.position);
      return reached;
    },
    async apply(batch: EventBatch): Promise<void> {
      const { position } = batch;
      if (position <= reached) return;
      const events = batch.events.filter((event) => event.position > reached);
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
      committed?.();
    },
  };
};
