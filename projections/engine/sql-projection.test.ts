import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { EventBatch, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { nodeSqliteDialect } from '@railhead/infra/sql/node-sqlite-dialect.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { Kysely } from 'kysely';
import { createReadTables, type ReadTables } from './read-tables.ts';
import { sqlProjection } from './sql-projection.ts';

let db: Kysely<ReadTables>;
let taken: number[];

beforeEach(async () => {
  db = new Kysely<ReadTables>({ dialect: nodeSqliteDialect(':memory:') });
  await createReadTables(db);
  taken = [];
});
afterEach(() => db.destroy());

const model = () =>
  sqlProjection(db, 'numbers', ['numbers'], async (_, { events }) => {
    taken.push(...events.map(({ position }) => position));
    return undefined;
  });

const batch = (from: number, to: number): EventBatch => {
  const events = Array.from({ length: to - from + 1 }, (_, index): RecordedEvent => {
    const position = from + index;
    return { ...newEvent(), stream: 'numbers-1', revision: position - 1, position };
  });
  return { events, position: to, caughtUp: true };
};

test('events that come again change nothing, neither rows nor position', async () => {
  const numbers = model();
  await numbers.load();
  for (const [from, to] of [
    [1, 3],
    [2, 3],
    [2, 5],
    [1, 2],
  ] as const)
    await numbers.apply(batch(from, to));
  expect(taken).toEqual([1, 2, 3, 4, 5]);
  expect(await numbers.load()).toBe(5);
});

test('events of others cost no transaction, and the place is saved now and then all the same', async () => {
  const numbers = model();
  await numbers.load();
  await numbers.apply(batch(1, 3));
  const saved = async (): Promise<number> => model().load();
  const nothing = (position: number): EventBatch => ({ events: [], position, caughtUp: true });
  await numbers.apply(nothing(5_000));
  expect(await saved()).toBe(3);
  await numbers.apply(nothing(10_003));
  expect(await saved()).toBe(10_003);
  // What was skipped is not asked for again, and what comes is not taken for old.
  await numbers.apply(nothing(10_010));
  await numbers.apply(batch(10_011, 10_012));
  expect(taken).toEqual([1, 2, 3, 10_011, 10_012]);
  expect(await saved()).toBe(10_012);
});

test('a new life of the model begins behind the rows there are', async () => {
  const before = model();
  await before.load();
  await before.apply(batch(1, 3));
  const after = model();
  expect(await after.load()).toBe(3);
  await after.apply(batch(1, 4));
  expect(taken).toEqual([1, 2, 3, 4]);
});
