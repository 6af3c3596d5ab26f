// Whole lives of orders, in process: placed, seated, paid by a gateway that answers at once, ticketed; and with that, some
// tickets given back and some changed. The use cases and the order process of production, on the embedded store.
import { performance } from 'node:perf_hooks';
import { changeTickets } from '@railhead/commands/orders/change-tickets.ts';
import { quoteTickets, refundTickets } from '@railhead/commands/orders/refund-tickets.ts';
import { UnpaidSeats } from '@railhead/commands/orders/unpaid-seats.ts';
import { createPayment } from '@railhead/commands/payments/create-payment.ts';
import { receiveNotice } from '@railhead/commands/payments/receive-notice.ts';
import type { PaymentGateway } from '@railhead/commands/ports/payment-gateway.ts';
import { changeTable } from '@railhead/domain/change/fees.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { REFUND_TABLE } from '@railhead/domain/refund/fees.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { bareSqliteOrders } from './bare-sqlite.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';
import { percentiles } from './buyers.ts';
import { type CpuTimes, cpuDetails, cpuSince } from './cpu-times.ts';
import { hotJourneys } from './journeys.ts';
import { eventsOf } from './log-check.ts';
import { BATCH, type BareRow } from './order-rows.ts';
import { followOutcomes } from './outcomes.ts';
import { placing, userOf, type WantedJourney } from './placing.ts';
import { BENCH_SECRET, CLOCK, openWorld, stationName, type World } from './world.ts';

const SEATS = 1_200;
const STOPS = 10;
const DAYS = 30;
const TRAINS = 12;
const WARM_UP_TRAINS = 2;
const IN_FLIGHT = 2_000;
const WARM_UP = 2_000;
const QUOTES = 2_000;

/** Of a hundred orders. */
type Mix = { readonly name: string; readonly refunded: number; readonly changed: number };
const MIXES: readonly Mix[] = [
  { name: 'full-life', refunded: 0, changed: 0 },
  { name: 'full-life/refunds-and-changes', refunded: 20, changed: 10 },
];

/** Knows no payment, and does what it is asked: the time of a gateway is not what is measured. */
const WILLING: PaymentGateway = {
  createPayment: async ({ paymentNo }) => ({ payUrl: paymentNo }),
  query: async () => ({ status: 'open' }),
  close: async () => ({ status: 'closed' }),
  refund: async ({ refundNo }) => ({ gatewayRef: refundNo }),
};

export const fullLife: Benchmark = {
  name: 'full-life',
  about: 'orders placed, seated, paid and ticketed, in process; then with 20 % given back and 10 % changed; and quotes',
  async *run({ seconds }) {
    for (const mix of MIXES) {
      const world = await openWorld({
        seats: SEATS,
        stops: STOPS,
        days: DAYS,
        trains: TRAINS + WARM_UP_TRAINS,
        gateway: WILLING,
      });
      try {
        yield await measure(world, mix, seconds);
        if (mix.refunded > 0) yield await quotes(world);
      } finally {
        await world.close();
      }
    }
  },
};

const measure = async (world: World, mix: Mix, seconds: number): Promise<BenchResult> => {
  const runs = { seats: SEATS, stops: STOPS, dates: world.dates };
  const warm = hotJourneys({ ...runs, firstTrain: TRAINS, trains: WARM_UP_TRAINS }, seededRandom(2));
  await lives(world, mix, 'warm', (n) => (n < WARM_UP ? warm(n) : undefined));
  const hot = hotJourneys({ ...runs, firstTrain: 0, trains: TRAINS }, seededRandom(1));
  const until = Date.now() + seconds * 1000;
  const lived = await lives(world, mix, 'hot', (n) => (Date.now() < until ? hot(n) : undefined));
  const { samples, eventsPerOrder } = await rowsOf(world);
  const value = lived.ended / lived.seconds;
  const bare = bareSqliteOrders(samples, BATCH, Math.min(Math.max(seconds, 1), 3));
  return {
    name: mix.name,
    value,
    unit: 'orders/s',
    ...percentiles(lived.latenciesMs),
    references: [
      { name: `the same rows by a bare loop over SQLite, ${BATCH} orders a commit`, value: bare, ratio: value / bare },
    ],
    details: {
      inFlight: IN_FLIGHT,
      ticketed: lived.ticketed,
      givenBack: lived.givenBack,
      changed: lived.changed,
      otherwise: lived.ended - lived.ticketed - lived.givenBack - lived.changed,
      eventsPerOrder,
      ...cpuDetails(lived.cpu, lived.ended),
    },
  };
};

type Lived = {
  readonly ended: number;
  readonly ticketed: number;
  readonly givenBack: number;
  readonly changed: number;
  readonly latenciesMs: Float64Array;
  readonly seconds: number;
  readonly cpu: CpuTimes | undefined;
};

/** Events of an order that its buyer waits for. An order that is changed is waited for until all of it is settled. */
const WAITED_FOR = ['OrderSeatsHeld', 'OrderTicketed', 'OrderRefunded', 'OrderChangeSettled', 'OrderClosed'] as const;
type WaitedFor = (typeof WAITED_FOR)[number];

/** Tells buyers what happened to their orders, also what happened before they asked. */
class Happenings {
  readonly #told = new Map<string, Set<string>>();
  readonly #waiting = new Map<
    string,
    { readonly types: readonly string[]; readonly resolve: (type: string) => void }
  >();

  get waiting(): number {
    return this.#waiting.size;
  }

  tell(orderNo: string, type: string): void {
    if (!(WAITED_FOR as readonly string[]).includes(type)) return;
    this.#told.set(orderNo, (this.#told.get(orderNo) ?? new Set()).add(type));
    const waiting = this.#waiting.get(orderNo);
    if (waiting?.types.includes(type) !== true) return;
    this.#waiting.delete(orderNo);
    waiting.resolve(type);
  }

  /** The first of these that happens. */
  until(orderNo: string, ...types: readonly WaitedFor[]): Promise<string> {
    const already = types.find((type) => this.#told.get(orderNo)?.has(type) === true);
    if (already !== undefined) return Promise.resolve(already);
    return new Promise((resolve) => this.#waiting.set(orderNo, { types, resolve }));
  }

  forget(orderNo: string): void {
    this.#told.delete(orderNo);
  }
}

const lives = async (
  world: World,
  mix: Mix,
  label: string,
  next: (n: number) => WantedJourney | undefined,
): Promise<Lived> => {
  const { store, runs } = world;
  const deps = { store, runs, clock: CLOCK };
  const place = placing(world, label);
  const happenings = new Happenings();
  const outcomes = await followOutcomes(
    world,
    (orderNo, type) => happenings.tell(orderNo, type),
    () => happenings.waiting,
  );
  const changing = {
    ...deps,
    saleWindow: { days: world.dates.length + 2 },
    changes: changeTable(REFUND_TABLE),
    numbering: { secret: BENCH_SECRET },
    queueLimit: 1_000_000,
    queueDepth: () => 0,
    reservations: world.reservations,
    unpaid: { counted: new UnpaidSeats(), limitOf: () => Number.POSITIVE_INFINITY },
  };
  const counts = { ended: 0, ticketed: 0, givenBack: 0, changed: 0 };
  const latencies: number[] = [];
  let n = 0;
  let stopped = false;

  /** To its ticket; false if it ended before. */
  const pay = async (orderNo: string, userId: string): Promise<boolean> => {
    const asked = { orderNo, userId, channel: 'bench', correlationId: orderNo };
    const created = await createPayment({ store, gateway: WILLING, clock: CLOCK }, asked);
    if (!created.ok) throw new Error(`${created.refusal.code}: ${created.refusal.detail}`);
    const { paymentNo, amountFen } = created.value;
    const notice = { paymentNo, outcome: 'paid', version: 1, amountFen, gatewayRef: paymentNo } as const;
    await receiveNotice({ store, clock: CLOCK }, notice);
    return (await happenings.until(orderNo, 'OrderTicketed', 'OrderClosed')) === 'OrderTicketed';
  };
  /** Back to the same train, in another seat. */
  const change = async (orderNo: string, userId: string, journey: WantedJourney): Promise<boolean> => {
    const { train, date, from, to } = journey;
    const changed = await changeTickets(changing, {
      orderNo,
      userId,
      idempotencyKey: 'change',
      correlationId: orderNo,
      train,
      date,
      from: stationName(from),
      to: stationName(to),
      seatClass: 'second',
    });
    if (!changed.ok) throw new Error(`${changed.refusal.code}: ${changed.refusal.detail}`);
    const { newOrderNo } = changed.value.change;
    if ((await happenings.until(newOrderNo, 'OrderTicketed', 'OrderClosed')) !== 'OrderTicketed') return false;
    await happenings.until(orderNo, 'OrderChangeSettled');
    happenings.forget(newOrderNo);
    return true;
  };
  const live = async (mine: number, journey: WantedJourney): Promise<void> => {
    const userId = userOf(label, mine);
    const orderNo = await place(mine, journey);
    const isHeld = (await happenings.until(orderNo, 'OrderSeatsHeld', 'OrderClosed')) === 'OrderSeatsHeld';
    if (isHeld && (await pay(orderNo, userId))) {
      const share = mine % 100;
      if (share < mix.refunded) {
        await refundTickets(
          { ...deps, table: REFUND_TABLE },
          { orderNo, userId, idempotencyKey: 'back', correlationId: orderNo },
        );
        await happenings.until(orderNo, 'OrderRefunded');
        counts.givenBack += 1;
      } else if (share < mix.refunded + mix.changed) {
        if (await change(orderNo, userId, journey)) counts.changed += 1;
      } else counts.ticketed += 1;
    }
    counts.ended += 1;
    happenings.forget(orderNo);
  };
  const buyer = async (): Promise<void> => {
    while (!stopped) {
      const mine = n;
      n += 1;
      const journey = next(mine);
      if (journey === undefined) return;
      const asked = performance.now();
      await live(mine, journey);
      latencies.push(performance.now() - asked);
    }
  };
  const started = performance.now();
  const cpu = cpuSince(process.pid);
  try {
    await Promise.race([Promise.all(Array.from({ length: IN_FLIGHT }, buyer)), outcomes.failed]);
  } finally {
    stopped = true;
    await outcomes.stop();
  }
  const seconds = (performance.now() - started) / 1000;
  return { ...counts, seconds, latenciesMs: Float64Array.from(latencies).sort(), cpu: cpu() };
};

const SALE = [orderCategory.name, paymentCategory.name, segmentCategory.name, lockBookCategory.name];
const MOST_ROWS = 100_000;

/** The rows that were written, cut into as many parts as there were orders, so that a loop can write the same. */
const rowsOf = async (
  world: World,
): Promise<{ readonly samples: readonly (readonly BareRow[])[]; readonly eventsPerOrder: number }> => {
  const rows: BareRow[] = [];
  let [events, orders] = [0, 0];
  for await (const page of eventsOf(world.store, SALE))
    for (const { type, stream, data, meta } of page) {
      events += 1;
      if (type === 'OrderRequested') orders += 1;
      if (rows.length >= MOST_ROWS) continue;
      const own = stream.startsWith(orderCategory.name) || stream.startsWith(paymentCategory.name);
      rows.push({ stream: own ? -1 : stream.length, type, data: JSON.stringify(data), meta: JSON.stringify(meta) });
    }
  const each = events / Math.max(1, orders);
  const samples: (readonly BareRow[])[] = [];
  for (let from = 0; from + each <= rows.length; from += each)
    samples.push(rows.slice(Math.floor(from), Math.floor(from + each)));
  return { samples, eventsPerOrder: Math.round(each * 100) / 100 };
};

/** A quote reads its order and answers. */
const quotes = async (world: World): Promise<BenchResult> => {
  const asked: { readonly orderNo: string; readonly userId: string }[] = [];
  const open = new Map<string, string>();
  for await (const page of eventsOf(world.store, [orderCategory.name]))
    for (const event of page) {
      if (!orderCategory.owns(event)) continue;
      const orderNo = orderCategory.idOf(event.stream);
      if (event.type === 'OrderRequested') open.set(orderNo, event.data.request.userId);
      if (event.type === 'OrderTicketed' && asked.length < QUOTES)
        asked.push({ orderNo, userId: open.get(orderNo) ?? '' });
    }
  const deps = { store: world.store, runs: world.runs, clock: CLOCK, table: REFUND_TABLE };
  const latencies: number[] = [];
  let quoted = 0;
  for (const one of asked) {
    const started = performance.now();
    if ((await quoteTickets(deps, one)).ok) quoted += 1;
    latencies.push(performance.now() - started);
  }
  const reads: number[] = [];
  for (const { orderNo } of asked) {
    const started = performance.now();
    await world.store.readStream(orderCategory.stream(orderNo));
    reads.push(performance.now() - started);
  }
  const sorted = Float64Array.from(latencies).sort();
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const value = mean(latencies);
  const reading = mean(reads);
  return {
    name: 'full-life/quote',
    value,
    unit: 'ms',
    ...percentiles(sorted),
    references: [{ name: 'reading the order', value: reading, ratio: value / reading }],
    details: { quotes: asked.length, quoted },
  };
};
