// The ways to commit a batch: all streams at once or one after another, by one owner of a run or by two that write
// against each other. The allocators are called directly, so that all four cases do the same work.
import { performance } from 'node:perf_hooks';
import type { AllocatorPool } from '@railhead/commands/allocation/allocator-pool.ts';
import type { HoldOperation, LockOutcome } from '@railhead/commands/allocation/operation.ts';
import { timestampOf } from '@railhead/commands/ports/clock.ts';
import type { AppendResult, StreamAppend } from '@railhead/commands/ports/event-store.ts';
import { appendOf } from '@railhead/commands/streams/append.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { ForwardingStore } from '@railhead/infra/eventstore/forwarding-store.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';
import { percentiles } from './buyers.ts';
import { hotJourneys } from './journeys.ts';
import { eventsOf, SeatLedger } from './log-check.ts';
import { longHistory } from './long-history.ts';
import type { WantedJourney } from './placing.ts';
import { CLOCK, openWorld, type World } from './world.ts';

const SEATS = 1_200;
const STOPS = 10;
const TRAINS = 10;
const DAYS = 60;
/** Operations in flight, of all owners together. */
const IN_FLIGHT = 2_000;
const WARM_UP = 5_000;
/** If no hold is answered for so long, two owners are keeping each other out. */
const STALL_LIMIT_MS = 60_000;

type Path = { readonly name: string; readonly atomicStreams: boolean; readonly owners: number };

const BASE = 'commit-paths/atomic';
const PATHS: readonly Path[] = [
  { name: BASE, atomicStreams: true, owners: 1 },
  { name: 'commit-paths/by-try', atomicStreams: false, owners: 1 },
  { name: 'commit-paths/atomic-two-owners', atomicStreams: true, owners: 2 },
  { name: 'commit-paths/by-try-two-owners', atomicStreams: false, owners: 2 },
];

export const commitPaths: Benchmark = {
  name: 'commit-paths',
  about:
    'seats held on one hot train: several streams at once or stream by stream, one owner or two against each other',
  async *run({ seconds }) {
    let base: number | undefined;
    for (const path of PATHS) {
      const { value, ...measured } = await measure(path, seconds);
      base ??= value;
      yield { ...measured, value, references: [{ name: BASE, value: base, ratio: value / base }] };
    }
    yield* longHistory(seconds);
  },
};

const measure = async (path: Path, seconds: number): Promise<Omit<BenchResult, 'references'>> => {
  const { name, atomicStreams, owners } = path;
  const world = await openWorld({
    seats: SEATS,
    stops: STOPS,
    trains: TRAINS + 1,
    days: DAYS,
    atomicStreams,
    orderProcess: false,
  });
  try {
    const seen = new CountingStore(world.store);
    const pools = Array.from({ length: owners }, (_, n) =>
      world.poolOf({ ...world.allocatorDeps, store: seen, owner: `owner${n + 1}`, soleWriter: owners === 1 }),
    );
    const runs = { seats: SEATS, stops: STOPS, dates: world.dates };
    const warm = hotJourneys({ ...runs, firstTrain: TRAINS, trains: 1 }, seededRandom(2));
    await sell(world, pools, 'warm', (n) => (n < WARM_UP ? warm(n) : undefined));
    const before = { ...seen.counts, redecided: world.conflicts() };
    const hot = hotJourneys({ ...runs, firstTrain: 0, trains: TRAINS }, seededRandom(1));
    const until = Date.now() + seconds * 1000;
    const { held, soldOut, contended, latenciesMs, elapsed } = await sell(world, pools, 'hot', (n) =>
      Date.now() < until ? hot(n) : undefined,
    );
    const committed = seen.counts.committed - before.committed;
    const redecided = world.conflicts() - before.redecided;
    const appends = seen.counts.appends - before.appends;
    const refused = seen.counts.refused - before.refused;
    return {
      name,
      value: held / elapsed,
      unit: 'orders/s',
      ...percentiles(latenciesMs),
      details: {
        seats: SEATS,
        stops: STOPS,
        owners,
        inFlight: IN_FLIGHT,
        held,
        soldOut,
        contended,
        batches: committed + redecided,
        redecidedBatches: redecided,
        redecidedPercent: percent(redecided, committed + redecided),
        seatAppends: appends,
        refusedAppends: refused,
        refusedPercent: percent(refused, appends),
        ...(await folded(world)),
      },
    };
  } finally {
    await world.close();
  }
};

const percent = (part: number, whole: number): number => Math.round((1_000 * part) / Math.max(1, whole)) / 10;

/** Counts the calls that write seats, those of them that met another writer, and the batches that reached the book. */
class CountingStore extends ForwardingStore {
  readonly counts = { appends: 0, refused: 0, committed: 0 };

  override async append(
    appends: readonly StreamAppend[],
    options?: { readonly atomic?: boolean },
  ): Promise<readonly AppendResult[]> {
    const results = await this.inner.append(appends, options);
    const first = appends[0];
    if (first === undefined || !/^(?:segmentInventory|seatLock)-/.test(first.stream)) return results;
    this.counts.appends += 1;
    if (results.some((result) => !result.ok)) this.counts.refused += 1;
    else if (appends.some(isCommit)) this.counts.committed += 1;
    return results;
  }
}

const isCommit = ({ stream, events }: StreamAppend): boolean =>
  stream.startsWith(`${lockBookCategory.name}-`) && events.some(({ type }) => type === 'SeatLocksAcquired');

type Held = {
  readonly held: number;
  readonly soldOut: number;
  /** Orders given up because another owner kept writing. */
  readonly contended: number;
  readonly latenciesMs: Float64Array;
  readonly elapsed: number;
};

/** All owners work through the same list of journeys, so they are always on the same run. */
const sell = async (
  world: World,
  pools: readonly AllocatorPool[],
  label: string,
  next: (n: number) => WantedJourney | undefined,
): Promise<Held> => {
  const latencies: number[] = [];
  const ends = { held: 0, soldOut: 0, contended: 0 };
  let n = 0;
  let stopped = false;
  const submitter = async (pool: AllocatorPool): Promise<void> => {
    while (!stopped) {
      const mine = n;
      n += 1;
      const journey = next(mine);
      if (journey === undefined) return;
      const asked = performance.now();
      const outcome = await pool.submit(
        { train: journey.train, date: journey.date, seatClass: 'second' },
        holdOf(`${label}${mine}`, journey),
      );
      latencies.push(performance.now() - asked);
      if (outcome.ok) ends.held += 1;
      else if (outcome.refusal.code === 'SOLD_OUT') ends.soldOut += 1;
      else if (outcome.refusal.code === 'CONTENDED') ends.contended += 1;
      else throw new Error(`${outcome.refusal.code}: ${outcome.refusal.detail}`);
    }
  };
  const started = performance.now();
  let limit: NodeJS.Timeout | undefined;
  const stalled = new Promise<never>((_, reject) => {
    let before = -1;
    limit = setInterval(() => {
      if (latencies.length === before) reject(new Error(`no hold was answered for ${STALL_LIMIT_MS} ms`));
      before = latencies.length;
    }, STALL_LIMIT_MS);
  });
  const all = Array.from({ length: IN_FLIGHT }, (_, index) => {
    const pool = pools[index % pools.length];
    return pool === undefined ? Promise.resolve() : submitter(pool);
  });
  try {
    await Promise.race([Promise.all(all), stalled, world.broken]);
  } finally {
    stopped = true;
    clearInterval(limit);
  }
  const elapsed = (performance.now() - started) / 1000;
  return { ...ends, latenciesMs: Float64Array.from(latencies).sort(), elapsed };
};

/** With the order's own event, as the order process writes it. */
const holdOf = (orderNo: string, { from, to }: WantedJourney): HoldOperation => {
  const at = timestampOf(CLOCK);
  const commandId = `${orderNo}/holdSeats`;
  const meta = { commandId, correlationId: orderNo, causationId: orderNo, actor: 'bench', at };
  const eventFor = (outcome: LockOutcome): StreamAppend | undefined => {
    if (!outcome.ok) return undefined;
    const items = outcome.value.plan.legs[0]?.seats.map((seat, index) => ({
      itemNo: index + 1,
      coach: '01',
      seat: String(seat),
      fareFen: 10_000,
    }));
    const data = { lockId: outcome.value.lockId, items, amountFen: 10_000, currency: 'CNY', payBefore: at };
    return appendOf(orderCategory.stream(orderNo), -1, [{ type: 'OrderSeatsHeld', version: 1, data }], meta);
  };
  return { kind: 'hold', orderNo, from, to, wants: [undefined], meta, order: { isWaiting: () => true, eventFor } };
};

const folded = async ({ store }: World): Promise<ReturnType<SeatLedger['report']>> => {
  const ledger = new SeatLedger();
  for await (const events of eventsOf(store, [segmentCategory.name, lockBookCategory.name]))
    for (const event of events)
      if (segmentCategory.owns(event)) ledger.addToSegment(event.stream, event);
      else if (lockBookCategory.owns(event)) ledger.addToBook(event);
  return ledger.report();
};
