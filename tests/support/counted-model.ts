// A model in SQL that counts how often each event was taken: more than once shows in its rows.
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { type ReadDatabase, tablesOf } from '@railhead/projections/engine/read-database.ts';
import { sqlModel } from '@railhead/projections/engine/sql-model.ts';
import { integer } from '@railhead/projections/engine/tables.ts';
import { newEvent } from './events.ts';

export type CountedTables = { counted: { position: number; times: number } };

/** Every event is understood. */
const numbersCategory = { name: 'numbers', strangeness: () => undefined };

/** `whileWriting` is waited for in the transaction of each batch. */
export const countedModel = (whileWriting: () => Promise<unknown> = async () => {}) =>
  sqlModel<CountedTables, undefined>({
    name: 'counted',
    version: 1,
    categories: [numbersCategory, orderCategory],
    tables: { counted: { columns: { position: integer, times: integer }, key: ['position'] } },
    handler:
      () =>
      async ({ trx, upsert }, { events }) => {
        const known = await trx.selectFrom('counted').selectAll().execute();
        const timesOf = new Map(known.map(({ position, times }) => [position, times]));
        await upsert(
          'counted',
          events.map(({ position }) => ({ position, times: (timesOf.get(position) ?? 0) + 1 })),
        );
        await whileWriting();
        return undefined;
      },
    queries: () => undefined,
  });

export const countedRows = async ({ db }: ReadDatabase): Promise<readonly CountedTables['counted'][]> =>
  tablesOf<CountedTables>(db).selectFrom('counted').selectAll().orderBy('position').execute();

/** Every event up to here, once. */
export const countedOnce = (last: number): readonly CountedTables['counted'][] =>
  Array.from({ length: last }, (_, index) => ({ position: index + 1, times: 1 }));

/** Gives the last position. */
export const addNumbers = async (store: EventStore, count: number): Promise<number> => {
  const events = Array.from({ length: count }, (_, n) => newEvent({ n }));
  await store.append([{ stream: 'numbers-1', expected: 'any', events }]);
  return store.lastPosition();
};
