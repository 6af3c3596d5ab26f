// Selling after a long history: seats of one class are held and released again and again, two hundred thousand times; then
// another owner opens the class, with a snapshot and without one.

import { performance } from 'node:perf_hooks';
import type { AllocatorPool } from '@railhead/commands/allocation/allocator-pool.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { ClassId } from '@railhead/domain/train-run/stream.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { BenchResult } from './benchmark.ts';
import { openWorld, type World } from './world.ts';

const SEATS = 1_200;
const STOPS = 10;
/** Holds and releases before the class is opened. */
const LENGTHS = [200, 2_000, 20_000, 200_000];
/** Orders in flight, each held and released. */
const AT_ONCE = 1_000;
/** The longest history written for each second a benchmark may take. */
const OPERATIONS_PER_SECOND = 50_000;

const meta = (commandId: string): EventMeta => ({
  commandId,
  correlationId: commandId,
  causationId: commandId,
  actor: 'bench',
  at: '2026-12-01T08:00:00+08:00',
});

export async function* longHistory(seconds: number): AsyncGenerator<BenchResult> {
  const world = await openWorld({ seats: SEATS, stops: STOPS, trains: 1, days: 1, orderProcess: false });
  try {
    const key: ClassId = { train: 'G1', date: world.dates[0] ?? '', seatClass: 'second' };
    const churn = churning(world, key);
    for (const length of LENGTHS.filter((operations) => operations <= seconds * OPERATIONS_PER_SECOND)) {
      const rate = await churn(length);
      const openMs = await opening(world.anotherPool(`with-${length}`), key);
      const { snapshots: _, ...without } = world.allocatorDeps;
      const bareMs = await opening(world.poolOf({ ...without, owner: `without-${length}` }), key);
      yield {
        name: `commit-paths/open-after-${length}-operations`,
        value: openMs,
        unit: 'ms',
        references: [{ name: 'reading the whole history', value: bareMs, ratio: openMs / bareMs }],
        details: { seats: SEATS, stops: STOPS, operations: length, operationsPerSecond: Math.round(rate) },
      };
    }
  } finally {
    await world.close();
  }
}

/** Holds and releases until there were so many; operations a second over the last stretch. */
const churning = (world: World, key: ClassId): ((length: number) => Promise<number>) => {
  const random = seededRandom(5);
  let [orders, all] = [0, 0];
  return async (length) => {
    const start = performance.now();
    let operations = 0;
    while (all + operations < length) {
      await Promise.all(
        Array.from({ length: Math.min(AT_ONCE, length / 4) }, async () => {
          const order = orders++;
          const orderNo = `o${order}`;
          const from = random.below(STOPS - 1);
          const to = from + 1 + random.below(STOPS - 1 - from);
          const wants = [undefined];
          const held = await world.pool.submit(key, { kind: 'hold', orderNo, from, to, wants, meta: meta(orderNo) });
          operations += 1;
          // A few keep their seats; the others' history is what this is about.
          if (!held.ok || order % 1_000 === 0) return;
          const freed = await world.pool.submit(key, {
            kind: 'release',
            orderNo,
            reason: 'bench',
            meta: meta(`${orderNo}/r`),
          });
          if (!freed.ok) throw new Error(`${freed.refusal.code}: ${freed.refusal.detail}`);
          operations += 1;
        }),
      );
    }
    all += operations;
    return (operations * 1_000) / (performance.now() - start);
  };
};

/** The time until the first answer of an owner who has just come. */
const opening = async (pool: AllocatorPool, key: ClassId): Promise<number> => {
  const start = performance.now();
  await pool.submit(key, { kind: 'confirm', orderNo: 'nobody', meta: meta('nobody') });
  return performance.now() - start;
};
