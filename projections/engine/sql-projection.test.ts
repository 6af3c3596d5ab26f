import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { EventBatch, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { anyLog, raised, readSideOf, silentLogger } from '@railhead/tests/support/read-side.ts';
import { prepareTables } from './prepare-tables.ts';
import type { Projection } from './projection.ts';
import { type ReadDatabase, tablesOf } from './read-database.ts';
import { sqlModel } from './sql-model.ts';
import { sqlProjection } from './sql-projection.ts';
import { integer } from './tables.ts';

/** Every event is understood. */
const numbersCategory = { name: 'numbers', strangeness: () => undefined };

type NumbersTables = { numbers: { position: number; half: number } };

let database: ReadDatabase;
let taken: number[];

const numbersModel = sqlModel<NumbersTables, undefined>({
  name: 'numbers',
  version: 1,
  categories: [numbersCategory, orderCategory],
  tables: { numbers: { columns: { position: integer, half: integer }, key: ['half'] } },
  handler:
    () =>
    async ({ upsert }, { events }) => {
      taken.push(...events.map(({ position }) => position));
      await upsert(
        'numbers',
        events.map(({ position }) => ({ position, half: Math.floor(position / 2) })),
      );
      return undefined;
    },
  queries: () => undefined,
});

beforeEach(async () => {
  database = await readSideOf(numbersModel);
  taken = [];
});
afterEach(() => database.db.destroy());

const model = () => numbersModel.open(database).projection;

const rows = async (): Promise<readonly (readonly number[])[]> => {
  const found = await tablesOf<NumbersTables>(database.db).selectFrom('numbers').selectAll().orderBy('half').execute();
  return found.map(({ half, position }) => [half, position]);
};

const batch = (from: number, to: number): EventBatch => {
  const events = Array.from({ length: to - from + 1 }, (_, index): RecordedEvent => {
    const position = from + index;
    return { ...newEvent(), stream: 'numbers-1', revision: position - 1, position };
  });
  return { events, position: to, caughtUp: true };
};

test('events delivered again change neither rows nor position', async () => {
  const numbers = model();
  await numbers.load(anyLog);
  for (const [from, to] of [
    [1, 3],
    [2, 3],
    [2, 5],
    [1, 2],
  ] as const)
    await numbers.apply(batch(from, to));
  expect(taken).toEqual([1, 2, 3, 4, 5]);
  expect(await numbers.load(anyLog)).toBe(5);
  // Of a key that came twice, in one batch or in several, the last row counts.
  expect(await rows()).toEqual([
    [0, 1],
    [1, 3],
    [2, 5],
  ]);
});

test('events of other categories cost no transaction, and the position is still saved now and then', async () => {
  const numbers = model();
  await numbers.load(anyLog);
  await numbers.apply(batch(1, 3));
  const saved = async (): Promise<number> => model().load(anyLog);
  const nothing = (position: number): EventBatch => ({ events: [], position, caughtUp: true });
  await numbers.apply(nothing(5_000));
  expect(await saved()).toBe(3);
  await numbers.apply(nothing(10_002));
  expect(await saved()).toBe(3);
  await numbers.apply(nothing(10_003));
  expect(await saved()).toBe(10_003);
  // Skipped positions are not asked for again, and new events are not taken for old ones.
  await numbers.apply(nothing(10_010));
  await numbers.apply(batch(10_011, 10_012));
  expect(taken).toEqual([1, 2, 3, 10_011, 10_012]);
  expect(await saved()).toBe(10_012);
});

test('a reopened model continues after the rows that exist', async () => {
  const before = model();
  await before.load(anyLog);
  await before.apply(batch(1, 3));
  const after = model();
  expect(await after.load(anyLog)).toBe(3);
  await after.apply(batch(1, 4));
  expect(taken).toEqual([1, 2, 3, 4]);
});

test.each([
  ['the same event', (at: number) => `event ${at}`, true],
  ['another event', (at: number) => `another event ${at}`, false],
  ['no event', () => undefined, false],
])('rows at whose place the log has %s', async (_, fingerprintAt, isOurs) => {
  const dropped: number[] = [];
  const log = {
    ...anyLog,
    fingerprintAt: async (at: number) => fingerprintAt(at),
    dropped: (at: number) => dropped.push(at),
  };
  const before = model();
  await before.load({ ...log, fingerprintAt: async (at) => `event ${at}` });
  await before.apply(batch(1, 3));
  const next = model();
  expect(await next.load(log)).toBe(isOurs ? 3 : 0);
  expect(dropped).toEqual(isOurs ? [] : [3]);
  expect(await rows()).toHaveLength(isOurs ? 2 : 0);
  expect(await model().load(log)).toBe(isOurs ? 3 : 0);
  expect(dropped).toHaveLength(isOurs ? 0 : 1);
  taken = [];
  await next.apply(batch(1, 4));
  expect(taken).toEqual(isOurs ? [4] : [1, 2, 3, 4]);
});

describe('an event of a newer version', () => {
  const event = (position: number, stream: string, type = 'Tested', version = 1): RecordedEvent => ({
    ...newEvent({}, type),
    version,
    stream,
    revision: 0,
    position,
  });
  const of = (...events: readonly RecordedEvent[]): EventBatch => ({
    events,
    position: events.at(-1)?.position ?? 0,
    caughtUp: true,
  });
  const strange = (position: number): RecordedEvent => event(position, 'order-1', 'OrderUpgraded');

  test('sets its stream aside, for good, and no other', async () => {
    const told: string[] = [];
    const log = { ...anyLog, setAside: (stream: string, why: string) => told.push(`${stream}: ${why}`) };
    const first = model();
    await first.load(log);
    const later = event(4, 'order-1', 'OrderPaid');
    await first.apply(of(event(1, 'numbers-1'), strange(2), event(3, 'numbers-1'), later));
    await first.apply(of(event(5, 'order-1', 'OrderPaid'), event(6, 'numbers-2')));
    expect(taken).toEqual([1, 3, 6]);
    expect([...first.setAside]).toEqual([['order-1', 'OrderUpgraded version 1 at position 2']]);
    const next = model();
    expect(await next.load(log)).toBe(6);
    await next.apply(of(event(7, 'order-1', 'OrderPaid'), event(8, 'numbers-1'), event(9, 'order-2', 'OrderPaid')));
    expect(taken).toEqual([1, 3, 6, 8, 9]);
    expect([...next.setAside]).toEqual([...first.setAside]);
    expect(told).toEqual(['order-1: OrderUpgraded version 1 at position 2']);
  });

  test('that was strange to an older program, and is not to this one, has the model built again', async () => {
    const log = { ...anyLog };
    const older = model();
    await older.load(log);
    await older.apply(of(event(1, 'numbers-1'), strange(2)));
    await database.db.updateTable('read_set_aside').set({ type: 'OrderPaid' }).execute();
    const newer = model();
    expect([await newer.load(log), await rows(), newer.setAside.size]).toEqual([0, [], 0]);
  });

  test('is not noted where its batch fails', async () => {
    const numbers = model();
    await numbers.load(anyLog);
    await prepareTables(database, [raised(numbersModel)], silentLogger);
    await expect(numbers.apply(of(strange(2)))).rejects.toThrow('not of version 1');
    expect(numbers.setAside.size).toBe(0);
    expect(await database.db.selectFrom('read_set_aside').selectAll().execute()).toEqual([]);
  });
});

test('a place that the log has no proof of is not believed later', async () => {
  const silent = { ...anyLog, fingerprintAt: async () => undefined };
  const numbers = model();
  await numbers.load(silent);
  await numbers.apply(batch(1, 3));
  expect(await model().load({ ...anyLog, fingerprintAt: async () => '' })).toBe(0);
});

test('a model whose tables another version has made anew writes neither rows nor position', async () => {
  const before = model();
  await before.load(anyLog);
  await before.apply(batch(1, 3));
  await prepareTables(database, [raised(numbersModel)], silentLogger);
  await expect(before.apply(batch(4, 5))).rejects.toThrow('not of version 1');
  await expect(model().load(anyLog)).rejects.toThrow('not of version 1');
  expect(await rows()).toEqual([]);
  const stored = await database.db.selectFrom('model_places').select(['version', 'position']).execute();
  expect(stored).toEqual([{ version: 2, position: 0 }]);
});

test('a handler is called for committed batches, and for no others', async () => {
  const told: number[] = [];
  const failing = sqlProjection(
    database,
    {
      name: 'numbers',
      version: 1,
      categories: [numbersCategory, orderCategory],
      tables: { numbers: { columns: { half: integer, position: integer }, key: ['half'] } },
    },
    () =>
      async ({ upsert }, { events, position }) => {
        await upsert('numbers', [{ half: position, position }]);
        if (events.length === 2) throw new Error('no pairs');
        return () => told.push(position);
      },
  );
  await failing.load(anyLog);
  await failing.apply(batch(1, 1));
  await expect(failing.apply(batch(2, 3))).rejects.toThrow('no pairs');
  expect([told, await rows(), await failing.load(anyLog)]).toEqual([[1], [[1, 1]], 1]);
  await failing.apply(batch(2, 4));
  expect([told, await rows(), await failing.load(anyLog)]).toEqual([
    [1, 4],
    [
      [1, 1],
      [4, 4],
    ],
    4,
  ]);
});

test('a handler remembers nothing of rows that somebody has thrown away', async () => {
  const remembering = sqlModel<NumbersTables, undefined>({
    name: 'numbers',
    version: 1,
    categories: [numbersCategory, orderCategory],
    tables: { numbers: { columns: { position: integer, half: integer }, key: ['half'] } },
    handler: () => {
      const known = new Set<number>();
      return async ({ upsert }, { events }) => {
        const unknown = events.map(({ position }) => position).filter((position) => !known.has(position));
        await upsert(
          'numbers',
          unknown.map((position) => ({ position, half: position })),
        );
        return () => {
          for (const position of unknown) known.add(position);
        };
      };
    },
    queries: () => undefined,
  });
  const { projection } = remembering.open(database);
  await projection.load(anyLog);
  await projection.apply(batch(1, 2));
  await database.db.deleteFrom('model_places').execute();
  await tablesOf<NumbersTables>(database.db).deleteFrom('numbers').execute();
  await prepareTables(database, [remembering], silentLogger);
  expect(await projection.load(anyLog)).toBe(0);
  await projection.apply(batch(1, 2));
  expect(await rows()).toEqual([
    [1, 1],
    [2, 2],
  ]);
});

test('a model says of itself whether it gives way, is needed, and how it is paced', async () => {
  const told = ({ givesWay, isOptional, pace, categories }: Projection) => ({ givesWay, isOptional, pace, categories });
  expect(told(model())).toEqual({ pace: { leastMs: 20, mostMs: 100 }, categories: ['numbers', 'order'] });
  const pace = { leastMs: 1, mostMs: 2 };
  const other = sqlModel<NumbersTables, undefined>({
    ...{
      name: 'numbers',
      version: 1,
      tables: { numbers: { columns: { position: integer, half: integer }, key: ['half'] } },
    },
    ...{ givesWay: true, isOptional: true, pace, handler: () => async () => undefined, queries: () => undefined },
  });
  expect(told(other.open(database).projection)).toEqual({ givesWay: true, isOptional: true, pace });
});

test('a model without categories takes every event, of whatever type and version', async () => {
  const seen: string[] = [];
  const every = sqlModel<NumbersTables, undefined>({
    name: 'numbers',
    version: 1,
    tables: { numbers: { columns: { position: integer, half: integer }, key: ['half'] } },
    handler:
      () =>
      async (_, { events }) => {
        seen.push(...events.map(({ stream, type, version }) => `${stream} ${type} ${version}`));
        return undefined;
      },
    queries: () => undefined,
  });
  const { projection } = every.open(database);
  await projection.load(anyLog);
  const strange = [
    { ...newEvent({}, 'Unheard', 1_000), stream: 'order-N1', revision: 0, position: 1 },
    { ...newEvent(), stream: 'elsewhere-1', revision: 0, position: 2 },
  ];
  await projection.apply({ events: strange, position: 2, caughtUp: true });
  expect(seen).toEqual(['order-N1 Unheard 1000', 'elsewhere-1 Tested 1']);
  expect(projection.setAside.size).toBe(0);
});
