// One buyer's request, without HTTP: the use case that production runs, with a sale window wide enough to measure in.
import { type PlaceOrderDeps, placeOrder } from '@railhead/commands/orders/place-order.ts';
import { UnpaidSeats } from '@railhead/commands/orders/unpaid-seats.ts';
import { BENCH_SECRET, CLOCK, stationName, type World } from './world.ts';

/** `party` travels together; one passenger where it is absent. */
export type WantedJourney = {
  readonly train: string;
  readonly date: string;
  readonly from: number;
  readonly to: number;
  readonly party?: number;
};

/** Who places the `n`-th request of a round. */
export const userOf = (label: string, n: number): string => `user-${label}-${n}`;

/** Everybody is another person. Places the `n`-th request of a round and gives its order number; `label` keeps rounds' idempotency keys apart. */
export const placing = (world: World, label: string): ((n: number, journey: WantedJourney) => Promise<string>) => {
  const deps: PlaceOrderDeps = {
    store: world.store,
    runs: world.runs,
    clock: CLOCK,
    saleWindow: { days: world.dates.length + 2 },
    numbering: { secret: BENCH_SECRET },
    idempotencyDays: 7,
    queueLimit: 1_000_000,
    queueDepth: () => 0,
    reservations: world.reservations,
    unpaid: { counted: new UnpaidSeats(), limitOf: () => Number.POSITIVE_INFINITY },
  };
  return async (n, { train, date, from, to, party = 1 }) => {
    const placed = await placeOrder(deps, {
      userId: userOf(label, n),
      idempotencyKey: `${label}-${n}`,
      correlationId: `bench-${n}`,
      train,
      date,
      from: stationName(from),
      to: stationName(to),
      seatClass: 'second',
      passengers: Array.from({ length: party }, (_, i) => ({
        name: '张三',
        idType: 'idCard',
        idNo: `${label}${i}${String(n).padStart(16, '0')}`,
        kind: 'adult',
      })),
      acceptStanding: false,
      acceptSeatChange: false,
    });
    if (!placed.ok) throw new Error(`${placed.refusal.code}: ${placed.refusal.detail}`);
    return placed.value.orderNo;
  };
};
