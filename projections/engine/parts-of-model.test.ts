// A model that is built in parts has what one that takes every event in its order has, whatever happens meanwhile.
import { afterEach, describe, expect, test } from '@jest/globals';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { livesOf, writeOrder } from '@railhead/tests/support/order-life.ts';
import { onSqlServer } from '@railhead/tests/support/own-read-sql.ts';
import { readSideOf, silentLogger } from '@railhead/tests/support/read-side.ts';
import fc from 'fast-check';
import { sql } from 'kysely';
import { ordersModel } from '../orders/orders-model.ts';
import { PartOutdated, PlaceMoved } from './model-place.ts';
import { partPlaces } from './part-places.ts';
import type { PartsBuilder, PartsEnd } from './parts-of-model.ts';
import { prepareTables, removeTables } from './prepare-tables.ts';
import type { PositionProof, Projection } from './projection.ts';
import type { ReadDatabase } from './read-database.ts';
import type { ReadModel } from './read-model.ts';

const generation = ((): ReadModel<unknown> => {
  const made = ordersModel.generation?.(2);
  if (made === undefined) throw new Error('orders have generations');
  return made;
})();

const opened: ReadDatabase[] = [];
const database = async (): Promise<ReadDatabase> => {
  const made = await readSideOf(generation);
  opened.push(made);
  return made;
};
const closeAll = async (): Promise<void> => {
  for (const { db } of opened.splice(0)) await db.destroy();
};
afterEach(closeAll);

const proofOf = (log: MemoryEventStore): PositionProof => ({
  fingerprintAt: (position) => log.fingerprintAt(position),
  dropped: () => {},
  setAside: () => {},
  notKept: () => {},
});

const logOf = async (lives: readonly number[]): Promise<MemoryEventStore> => {
  const log = new MemoryEventStore();
  for (const [n, life] of lives.entries()) await writeOrder(log, String(n), livesOf(String(n))[life] ?? []);
  return log;
};

/** Every part by itself, in batches of this size; `isEnough` ends all of them. */
const takingParts = (
  { database: at, log }: { readonly database: ReadDatabase; readonly log: MemoryEventStore },
  { count, size = 3 }: { readonly count: number; readonly size?: number },
  isEnough: (part: number, batches: number) => boolean = () => false,
): PartsBuilder & { readonly stuckFor: string[] } => {
  const stuckFor: string[] = [];
  const takes = async (projection: Projection, index: number): Promise<boolean> => {
    const end = await log.lastPosition();
    let after = await projection.load(proofOf(log));
    for (let batches = 0; after < end; batches += 1) {
      if (isEnough(index, batches)) return false;
      const { events, position } = await log.readAll({ after, limit: size });
      await projection.apply({ events, position, caughtUp: position === end });
      after = position;
    }
    return true;
  };
  return {
    count,
    stuckFor,
    stuck: (why) => stuckFor.push(why),
    run: async ({ epoch }): Promise<PartsEnd> => {
      let isWhole = true;
      for (let index = 1; index <= count; index += 1) {
        const projection = generation.inParts?.open(at, { index, count, epoch });
        if (projection === undefined) throw new Error('orders are built in parts');
        isWhole = (await takes(projection, index)) && isWhole;
      }
      return isWhole ? { kind: 'whole', position: await log.lastPosition() } : { kind: 'ended' };
    },
  };
};

const rowsOf = async ({ db }: ReadDatabase): Promise<unknown> =>
  (await sql`select * from orders_g2 order by order_no`.execute(db)).rows;

const builtAsOne = async (log: MemoryEventStore): Promise<unknown> => {
  const at = await database();
  const { projection } = generation.open(at);
  await projection.load(proofOf(log));
  const { events, position } = await log.readAll({ after: 0, limit: 100_000 });
  await projection.apply({ events, position, caughtUp: true });
  return rowsOf(at);
};

test('whatever the orders are, in however many parts, and wherever it was interrupted: it has what one alone has', async () => {
  await fc.assert(
    fc
      .asyncProperty(
        fc.array(fc.nat({ max: 8 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.nat({ max: 6 })), { maxLength: 3 }),
        async (lives, count, interruptions) => {
          const log = await logOf(lives);
          const at = await database();
          for (const [part, batches] of interruptions) {
            const ended = takingParts({ database: at, log }, { count }, (one, so) => one === part && so === batches);
            await generation.open(at, ended).projection.load(proofOf(log));
          }
          const { projection } = generation.open(at, takingParts({ database: at, log }, { count, size: 4 }));
          expect(await projection.load(proofOf(log))).toBe(await log.lastPosition());
          expect(await rowsOf(at)).toEqual(await builtAsOne(log));
          expect(await partPlaces(at.db, generation.name)).toEqual([]);
          // It goes on as one, from there.
          await writeOrder(log, 'later', livesOf('later')[4] ?? []);
          const { events, position } = await log.readAll({ after: 0, limit: 100_000 });
          await projection.apply({ events, position, caughtUp: true });
          expect(await rowsOf(at)).toEqual(await builtAsOne(log));
        },
      )
      .afterEach(closeAll),
    // Each run makes databases of its own, which takes a server long.
    { numRuns: onSqlServer ? 15 : 60 },
  );
});

describe('a part', () => {
  const begun = async () => {
    const log = await logOf([4, 4, 4, 4]);
    const at = await database();
    const interrupted = takingParts({ database: at, log }, { count: 2 }, (_, batches) => batches === 1);
    await generation.open(at, interrupted).projection.load(proofOf(log));
    return { log, at };
  };

  test('writes nothing more when another has taken the model over', async () => {
    const { log, at } = await begun();
    const stale = generation.inParts?.open(at, { index: 1, count: 2, epoch: 0 });
    await stale?.load(proofOf(log));
    await at.db.updateTable('model_places').set({ epoch: 7 }).where('model', 'like', '%/%').execute();
    const [rows, places] = [await rowsOf(at), await partPlaces(at.db, generation.name)];
    const { events, position } = await log.readAll({ after: 0, limit: 1_000 });
    await expect(stale?.apply({ events, position, caughtUp: true })).rejects.toThrow(PlaceMoved);
    expect([await rowsOf(at), await partPlaces(at.db, generation.name)]).toEqual([rows, places]);
  });

  test('never drops rows, because those of the others stand in the same tables', async () => {
    const { log, at } = await begun();
    const part = generation.inParts?.open(at, { index: 1, count: 2, epoch: 0 });
    await part?.load(proofOf(log));
    await expect(part?.drop()).rejects.toThrow(PartOutdated);
    await expect(part?.load(proofOf(new MemoryEventStore()))).rejects.toThrow(PartOutdated);
  });

  test.each([
    ['of another log', async (): Promise<MemoryEventStore> => logOf([7, 0, 1])],
    ['of a number of parts that is not wanted any more', undefined],
  ])('%s: all of it is built anew', async (_, another) => {
    const { log: first, at } = await begun();
    const log = another === undefined ? first : await another();
    const builder = takingParts({ database: at, log }, { count: another === undefined ? 3 : 2 });
    await generation.open(at, builder).projection.load(proofOf(log));
    expect(await rowsOf(at)).toEqual(await builtAsOne(log));
  });

  test('is not taken for the whole by who builds it as one', async () => {
    const { log, at } = await begun();
    const { projection } = generation.open(at);
    expect(await projection.load(proofOf(log))).toBe(0);
    expect([await rowsOf(at), await partPlaces(at.db, generation.name)]).toEqual([[], []]);
  });

  test('is gone with the tables', async () => {
    const { at } = await begun();
    await removeTables(at, generation);
    expect(await partPlaces(at.db, generation.name)).toEqual([]);
    await prepareTables(at, [generation], silentLogger);
    expect(await partPlaces(at.db, generation.name)).toEqual([]);
  });
});

test('a stream with an event that is not understood is set aside, by the model as by its part', async () => {
  const log = await logOf([4, 1]);
  await log.append([{ stream: 'order-0', expected: 'any', events: [newEvent({}, 'OrderPaid', 9)] }]);
  const at = await database();
  const { projection } = generation.open(at, takingParts({ database: at, log }, { count: 2 }));
  expect(await projection.load(proofOf(log))).toBe(await log.lastPosition());
  expect([...projection.setAside.keys()]).toEqual(['order-0']);
});

test.each([
  ['stuck', [0, 'it cannot be right']],
  ['outdated', [8, undefined]],
] as const)('when a part is %s', async (kind, [loaded, why]) => {
  const log = await logOf([4, 1, 0]);
  const at = await database();
  const builder = takingParts({ database: at, log }, { count: 2 });
  let runs = 0;
  const failing: PartsBuilder = {
    ...builder,
    run: async (asked) => {
      runs += 1;
      const end = await builder.run(asked);
      if (runs > 1) return end;
      return kind === 'stuck' ? { kind, why: 'it cannot be right' } : { kind };
    },
  };
  const { projection } = generation.open(at, failing);
  expect(await projection.load(proofOf(log))).toBe(loaded);
  expect([builder.stuckFor.at(0), runs]).toEqual([why, kind === 'stuck' ? 1 : 2]);
  // As one: nothing of the parts is there.
  if (kind === 'stuck') expect(await rowsOf(at)).toEqual([]);
});
