// An honest order while others flood the server: its latency under each flood beside its latency without one. The server
// has its limits as they are by default; the floods come from addresses that are not exempt.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RailheadProcess } from '../support/railhead-process.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { runDate, tokenFor } from '../support/shopper.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';
import { percentile, percentiles } from './buyers.ts';
import type { FloodPlan, FloodReport } from './flood.ts';
import { getRequest, type Load, openLoop } from './http-load.ts';
import { orderRequest, SALE_DAYS, STOPS, TRAINS, writeRailway } from './http-railway.ts';
import { randomStops } from './journeys.ts';
import { stationName, trainName } from './world.ts';

const FLOOD = fileURLToPath(new URL('flood.ts', import.meta.url));
/** Honest orders a second, from as many people as there are orders. */
const HONEST_PER_SECOND = 20;
const HONEST_CONNECTIONS = 32;
const WAITERS = 10_000;
const WAITERS_PER_SECOND = 2_500;
const ATTACKERS = 64;
const HOARDERS = 1_000;
/** Memory goes back by garbage collection, which takes its time. */
const CALM_MS = 3_000;

/** Limits as a server has them that people reach by a proxy on the same machine. */
const LIMITS = {
  RAILHEAD_ACCOUNT_WRITES_PER_SECOND: '',
  RAILHEAD_UNPAID_SEATS_LIMIT: '',
  RAILHEAD_TRUSTED_PROXIES: 'loopback',
};

type Flood = Omit<FloodPlan, 'port'> & { readonly name: string; readonly about: string };

export const floods: Benchmark = {
  name: 'floods',
  about: 'an honest order while others flood the server',
  async *run({ seconds }) {
    const root = mkdtempSync(join(tmpdir(), 'railhead-bench-floods-'));
    const folder = join(root, 'data');
    let server: RailheadProcess | undefined;
    try {
      server = await RailheadProcess.start(folder, [...writeRailway(root), '--sale-days', String(SALE_DAYS)], LIMITS);
      const port = Number(new URL(server.url).port);
      const long = Math.max(seconds, 3);
      const honest = await honestOrders(folder, port);
      await honest(1);
      const calm = await honest(long);
      yield resultOf('floods/none', calm, calm, {});
      for (const { name, about, ...flood } of await floodsOf(folder)) {
        const before = server.residentMb() ?? 0;
        let peakMb = before;
        const watch = setInterval(() => {
          peakMb = Math.max(peakMb, server?.residentMb() ?? 0);
        }, 50);
        const { value, report } = await flooded({ port, ...flood }, () => honest(long));
        clearInterval(watch);
        await sleep(CALM_MS);
        yield resultOf(`floods/${name}`, value, calm, {
          flood: about,
          floodAnswers: JSON.stringify(report.answers),
          floodSeconds: report.seconds,
          memoryMb: before,
          memoryPeakMb: peakMb,
          memoryAfterMb: server.residentMb() ?? 0,
        });
      }
    } finally {
      await server?.kill();
      rmSync(root, { recursive: true, force: true });
    }
  },
};

const resultOf = (name: string, load: Load, calm: Load, details: NonNullable<BenchResult['details']>): BenchResult => {
  const [value, reference] = [percentile(load.latenciesMs, 0.95), percentile(calm.latenciesMs, 0.95)];
  return {
    name,
    value,
    unit: 'ms, p95 of an honest order',
    ...percentiles(load.latenciesMs),
    references: [{ name: 'the same without a flood', value: reference, ratio: value / reference }],
    details: {
      orders: load.latenciesMs.length,
      seated: load.answers.get(201) ?? 0,
      machineLoad: Number((loadavg()[0] ?? 0).toFixed(1)),
      honestAnswers: JSON.stringify(Object.fromEntries(load.answers)),
      ...details,
    },
  };
};

const anAddress = (n: number, net: number): string =>
  `X-Forwarded-For: 198.${net}.${Math.floor(n / 250) % 250}.${(n % 250) + 1}`;

/** Places orders for so many seconds, each by another person at another address, and waits for the seats. */
const honestOrders = async (folder: string, port: number): Promise<(seconds: number) => Promise<Load>> => {
  const random = seededRandom(5);
  let placed = 0;
  return async (seconds) => {
    const count = Math.ceil(seconds * HONEST_PER_SECOND);
    const orders: Buffer[] = [];
    for (let n = 0; n < count; n += 1) {
      placed += 1;
      const token = await tokenFor(folder, `honest${placed}`);
      const headers = [`Authorization: Bearer ${token}`, 'Prefer: wait=5', anAddress(placed, 18)];
      // On trains of their own: what others hoard is gone.
      const journey = { train: trainName(placed % 10), date: runDate(2), ...randomStops(random, STOPS) };
      orders.push(orderRequest(journey, placed, headers));
    }
    const load = { port, connections: HONEST_CONNECTIONS, perSecond: HONEST_PER_SECOND, next: random.next };
    return openLoop(load, (n) => orders[n]);
  };
};

/** One attacker at one address (but many accounts), and where the address is no help, as many addresses as there are. */
const floodsOf = async (folder: string): Promise<readonly Flood[]> => {
  const random = seededRandom(6);
  const orders = async (count: number, seats: number, address: (n: number) => string): Promise<readonly string[]> => {
    const requests: string[] = [];
    for (let n = 0; n < count; n += 1) {
      const token = await tokenFor(folder, `flood${n}`);
      const headers = [`Authorization: Bearer ${token}`, 'Prefer: wait=30', address(n)];
      const train = trainName(10 + (n % (TRAINS - 10)));
      const journey = { train, date: runDate(1 + (n % (SALE_DAYS - 1))), ...randomStops(random, STOPS) };
      requests.push(orderRequest(journey, n, headers, seats).toString());
    }
    return requests;
  };
  const gets = (path: string, net: number): readonly string[] =>
    Array.from({ length: 5_000 }, (_, n) => getRequest(path, [anAddress(n, net)]).toString());
  const search = `/v1/trains?from=${stationName(0)}&to=${stationName(STOPS - 1)}&date=${runDate(2)}`;
  const oneAddress = (): string => anAddress(0, 51);
  const many = (n: number): string => anAddress(n, 52);
  return [
    {
      name: 'waiters',
      about: `${WAITERS} accounts at one address order, ${WAITERS_PER_SECOND} a second, and wait`,
      connections: WAITERS,
      requests: await orders(WAITERS, 1, oneAddress),
      perSecond: WAITERS_PER_SECOND,
      once: true,
    },
    {
      name: 'rush',
      about: `no flood but a sale opening: ${WAITERS} people at as many addresses order, ${WAITERS_PER_SECOND} a second, and wait`,
      connections: WAITERS,
      requests: await orders(WAITERS, 1, many),
      perSecond: WAITERS_PER_SECOND,
      once: true,
    },
    {
      name: 'waiting-reads',
      about: `${WAITERS} addresses ask for a position that the log does not have, ${WAITERS_PER_SECOND} a second`,
      connections: WAITERS,
      requests: Array.from({ length: WAITERS }, (_, n) =>
        getRequest('/v1/stations?q=a', [anAddress(n, 55), 'Railhead-Min-Position: 9000000000000000']).toString(),
      ),
      perSecond: WAITERS_PER_SECOND,
      once: true,
    },
    {
      name: 'search',
      about: `searches from 5,000 addresses, over ${ATTACKERS} connections`,
      connections: ATTACKERS,
      requests: gets(search, 53),
      once: false,
    },
    {
      name: 'metrics',
      about: `metrics, over ${ATTACKERS} connections`,
      connections: ATTACKERS,
      requests: gets('/metrics', 54),
      once: false,
    },
    {
      name: 'hoarding',
      about: `${HOARDERS} accounts at as many addresses order five seats each, again and again, over ${ATTACKERS} connections`,
      connections: ATTACKERS,
      requests: await orders(HOARDERS, 5, many),
      once: false,
    },
  ];
};

/** What is measured while the flood flows, and what became of the flood. */
const flooded = async <Value>(
  plan: FloodPlan,
  measure: () => Promise<Value>,
): Promise<{ readonly value: Value; readonly report: FloodReport }> => {
  const child = spawn(process.execPath, [FLOOD], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const lines = createInterface(child.stdout);
    const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the flood ended with ${code}`)));
    ended.catch(() => {});
    const nextLine = async (): Promise<string> => String((await Promise.race([once(lines, 'line'), ended]))[0]);
    const flowing = nextLine();
    child.stdin.write(`${JSON.stringify(plan)}\n`);
    await flowing;
    const value = await measure();
    const report = nextLine();
    child.stdin.end();
    // Printed by flood.ts.
    return { value, report: JSON.parse(await report) as FloodReport };
  } finally {
    child.kill('SIGKILL');
  }
};
