// What the benchmarks should reach on two cores that have nothing else to do, the client included.
import type { BenchResult } from './benchmark.ts';

/** `of`: which number of a result, its value, a percentile, or a detail. `unit` is what people call it. */
type Target = {
  readonly of: string;
  readonly is: 'at least' | 'at most';
  readonly bound: number;
  readonly unit: string;
};

const atLeast = (bound: number): Target => ({ of: 'value', is: 'at least', bound, unit: 'a second' });
const atMost = (bound: number, of: string, unit: string): Target => ({ of, is: 'at most', bound, unit });
const ofHalf = (ms: number): Target => atMost(ms, 'p50Ms', 'ms for half of them');
const appends = atMost(1.3, 'appendsPerOrder', 'appends an order');

const TARGETS: Readonly<Record<string, readonly Target[]>> = {
  'hot-train': [atLeast(20_000), atMost(2.6, 'eventsPerOrder', 'events an order')],
  'hot-train/stops-40': [atLeast(18_000)],
  'sell-out': [atLeast(30_000)],
  'many-trains': [atLeast(16_000)],
  'http-orders': [atLeast(6_000)],
  'http-orders/at-70-percent': [atMost(50, 'p95Ms', 'ms for 95 of 100')],
  'http-alone': [ofHalf(3)],
  'esdb-orders/1': [ofHalf(5)],
  'esdb-orders/64': [atLeast(1_000), appends],
  'esdb-orders/256': [atLeast(1_500), appends],
  'esdb-orders/24-trains-10-days': [atLeast(600)],
  'lag/SQLite': [atMost(200, 'value', 'ms for 99 of 100')],
  'lag/SQLite-rebuilt': [atMost(500, 'value', 'ms for 99 of 100')],
  'lag/PostgreSQL-rebuilt': [atMost(500, 'value', 'ms for 99 of 100')],
  'lag/PostgreSQL': [atMost(200, 'value', 'ms for 99 of 100')],
  'lag/MariaDB': [atMost(200, 'value', 'ms for 99 of 100')],
  'cold-query/PostgreSQL': [atMost(5, 'value', 'ms for 95 of 100')],
  'waitlist/freed': [atMost(1_000, 'value', 'ms')],
  'waitlist/unwanted': [atMost(5, 'percentMore', '% more')],
  'waitlist/told': [atMost(5, 'value', 'points')],
  'replay/memory': [atLeast(100_000)],
  'replay/PostgreSQL': [atLeast(20_000)],
  'replay/Redis': [atLeast(30_000)],
  'replay/Elasticsearch': [atLeast(10_000)],
  'replay-memory/memory': [atMost(512, 'value', 'MiB')],
  'replay-memory/SQLite': [atMost(512, 'value', 'MiB')],
  'queue/position': [atLeast(50_000)],
  'queue/join': [atMost(100, 'keptMiB', 'MiB')],
  'queue/enter': [atMost(20, 'value', 'us an order')],
  'queue/estimates': [{ of: 'value', is: 'at least', bound: 90, unit: '%' }],
  'queue/listeners': [atMost(1, 'cores', 'cores')],
  'restart/stopped': [atMost(3, 'value', 's')],
  'restart/killed': [atMost(3, 'value', 's')],
};

/** Does a benchmark of this name have a result with a target, or measure what memory is kept? */
export const hasTarget = (name: string): boolean =>
  name === 'memory' || Object.keys(TARGETS).some((result) => result === name || result.startsWith(`${name}/`));

/** One line for each target of the result. */
export const targetLines = (result: BenchResult): readonly string[] =>
  (TARGETS[result.name] ?? []).map(({ of, is, bound, unit }) => {
    const measured = measuredOf(result, of);
    const isMet = is === 'at least' ? measured >= bound : measured <= bound;
    return `target: ${is} ${bound.toLocaleString('en')} ${unit}: ${isMet ? 'reached' : 'missed'}`;
  });

const measuredOf = ({ value, p50Ms, p95Ms, details }: BenchResult, of: string): number => {
  const numbers: Readonly<Record<string, unknown>> = { ...details, value, p50Ms, p95Ms };
  return Number(numbers[of] ?? Number.NaN);
};
