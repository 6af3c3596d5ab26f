// Buyers without HTTP: each places an order by its use case and waits until the log says how it ended.
import { performance } from 'node:perf_hooks';
import { type CpuTimes, cpuSince } from './cpu-times.ts';
import { followOutcomes } from './outcomes.ts';
import { placing, type WantedJourney } from './placing.ts';
import type { World } from './world.ts';

export type Sold = {
  readonly seated: number;
  readonly refused: number;
  readonly lost: number;
  readonly latenciesMs: Float64Array;
  readonly seconds: number;
  /** Of all threads of this process, client included. */
  readonly cpu: CpuTimes | undefined;
};

/** Runs `inFlight` buyers until `next` gives no more journeys. An order counts when its outcome is durable. */
export const buyers = async (
  world: World,
  inFlight: number,
  /** Names this round's requests, so that no two rounds share an idempotency key. */
  label: string,
  next: (n: number) => WantedJourney | undefined,
): Promise<Sold> => {
  const place = placing(world, label);
  const waiting = new Map<string, (type: string) => void>();
  /** Decided with their requests: the log may tell before the use case has answered. */
  const early = new Map<string, string>();
  const outcomes = await followOutcomes(
    world,
    (orderNo, type) => {
      const answer = waiting.get(orderNo);
      if (answer === undefined) early.set(orderNo, type);
      else answer(type);
      waiting.delete(orderNo);
    },
    () => waiting.size,
  );
  const latencies: number[] = [];
  const ends = new Map<string, number>();
  let n = 0;
  let stopped = false;
  const started = performance.now();
  const cpu = cpuSince(process.pid);
  const buyer = async (): Promise<void> => {
    while (!stopped) {
      const mine = n;
      n += 1;
      const journey = next(mine);
      if (journey === undefined) return;
      const asked = performance.now();
      const orderNo = await place(mine, journey);
      const type = early.get(orderNo) ?? (await new Promise<string>((resolve) => waiting.set(orderNo, resolve)));
      early.delete(orderNo);
      latencies.push(performance.now() - asked);
      ends.set(type, (ends.get(type) ?? 0) + 1);
    }
  };
  try {
    await Promise.race([Promise.all(Array.from({ length: inFlight }, buyer)), outcomes.failed]);
  } finally {
    stopped = true;
    await outcomes.stop();
  }
  const seconds = (performance.now() - started) / 1000;
  const seated = ends.get('OrderSeatsHeld') ?? 0;
  const refused = ends.get('OrderClosed') ?? 0;
  return {
    seated,
    refused,
    lost: latencies.length - seated - refused,
    latenciesMs: Float64Array.from(latencies).sort(),
    seconds,
    cpu: cpu(),
  };
};

/** `sorted` ascending; `share` 0 to 1. */
export const percentile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

export const percentiles = (sorted: Float64Array) => ({
  p50Ms: percentile(sorted, 0.5),
  p95Ms: percentile(sorted, 0.95),
  p99Ms: percentile(sorted, 0.99),
});
