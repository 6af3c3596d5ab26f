// Buyers without HTTP: each places an order by its use case and waits until the log says how it ended.
import { performance } from 'node:perf_hooks';
import { type PlaceOrderDeps, placeOrder } from '@railhead/commands/orders/place-order.ts';
import { systemClock } from '@railhead/infra/system/system-clock.ts';
import { stationName, type World } from './world.ts';

export type Journey = { readonly train: string; readonly date: string; readonly from: number; readonly to: number };

export type Sold = {
  readonly seated: number;
  readonly refused: number;
  readonly lost: number;
  readonly latenciesMs: Float64Array;
  readonly seconds: number;
};

/** Runs `inFlight` buyers until `next` gives no more journeys. An order counts when its outcome is durable. */
export const buyers = async (
  world: World,
  inFlight: number,
  /** Names this round's requests, so that no two rounds share an idempotency key. */
  label: string,
  next: (n: number) => Journey | undefined,
): Promise<Sold> => {
  const deps: PlaceOrderDeps = {
    store: world.store,
    runs: world.runs,
    clock: systemClock,
    saleWindow: { days: 60, utcOffsetMinutes: 480 },
    idempotencyDays: 7,
    queueLimit: 1_000_000,
    queueDepth: () => 0,
  };
  const waiting = new Map<string, (type: string) => void>();
  const stop = new AbortController();
  const following = (async () => {
    const after = await world.store.lastPosition();
    for await (const { events } of world.store.subscribe({
      after,
      categories: ['order'],
      signal: stop.signal,
      batchSize: 5_000,
    }))
      for (const event of events)
        if (event.type !== 'OrderRequested') {
          const orderNo = event.stream.slice(6);
          waiting.get(orderNo)?.(event.type);
          waiting.delete(orderNo);
        }
  })();
  const latencies: number[] = [];
  const ends = new Map<string, number>();
  let n = 0;
  let lost = 0;
  const started = performance.now();
  const buyer = async (): Promise<void> => {
    for (;;) {
      const mine = n;
      n += 1;
      const journey = next(mine);
      if (journey === undefined) return;
      const asked = performance.now();
      const placed = await placeOrder(deps, {
        userId: `user${mine % 1000}`,
        idempotencyKey: `${label}-${mine}`,
        correlationId: `bench-${mine}`,
        train: journey.train,
        date: journey.date,
        from: stationName(journey.from),
        to: stationName(journey.to),
        seatClass: 'second',
        passengers: [
          {
            name: '张三',
            idType: 'idCard',
            idNo: `11010119900307${String(mine % 10_000).padStart(4, '0')}`,
            kind: 'adult',
          },
        ],
        acceptStanding: false,
        acceptSeatChange: false,
      });
      if (!placed.ok) throw new Error(`${placed.refusal.code}: ${placed.refusal.detail}`);
      const type = await new Promise<string>((resolve) => waiting.set(placed.value.orderNo, resolve));
      latencies.push(performance.now() - asked);
      ends.set(type, (ends.get(type) ?? 0) + 1);
      if (type !== 'OrderSeatsHeld' && type !== 'OrderClosed') lost += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, buyer));
  const seconds = (performance.now() - started) / 1000;
  stop.abort();
  await following;
  return {
    seated: ends.get('OrderSeatsHeld') ?? 0,
    refused: ends.get('OrderClosed') ?? 0,
    lost,
    latenciesMs: Float64Array.from(latencies).sort(),
    seconds,
  };
};

/** `sorted` ascending; `share` 0 to 1. */
export const percentile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
