// Orders through HTTP, seats and all: a real `railhead up` beside this process, which generates the load. Both, and the
// raw server that is the reference, share the machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { RailheadProcess, railhead } from '../support/railhead-process.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { runDate, tokenFor } from '../support/shopper.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';
import { percentile, percentiles } from './buyers.ts';
import { type CpuTimes, cpuDetails, cpuSince } from './cpu-times.ts';
import { closedLoop, type Load, openLoop, type RequestOf } from './http-load.ts';
import { orderRequest, SALE_DAYS, SEATS, STOPS, TRAINS, writeRailway } from './http-railway.ts';
import { hotJourneys } from './journeys.ts';

const CONNECTIONS = 64;
const USERS = 100;
const WARM_UP_SECONDS = 1;
/** The paced load as a share of the measured maximum. */
const PACED = 0.7;
const STOP_LIMIT_MS = 30_000;
const RAW_SERVER = fileURLToPath(new URL('raw-http-server.ts', import.meta.url));
/** Seats held; sold out; still in the queue after the wait. */
const ANSWERS = [201, 409, 202];

export const httpOrders: Benchmark = {
  name: 'http-orders',
  about: `orders on one hot train through HTTP, answered with their seats, over ${CONNECTIONS} connections`,
  async *run({ seconds }) {
    const root = mkdtempSync(join(tmpdir(), 'railhead-bench-http-'));
    const folder = join(root, 'data');
    let server: RailheadProcess | undefined;
    try {
      const args = [...writeRailway(root), '--sale-days', String(SALE_DAYS), '--queue-limit', '1000000'];
      server = await RailheadProcess.start(folder, args);
      const port = Number(new URL(server.url).port);
      const orders = await orderRequests(folder);
      await closedLoop({ port, connections: CONNECTIONS }, orders(WARM_UP_SECONDS));
      const most = await loaded(server, () => closedLoop({ port, connections: CONNECTIONS }, orders(seconds)));
      const perSecond = PACED * rateOf(most.load);
      const random = seededRandom(3);
      const paced = await loaded(server, () =>
        openLoop({ port, connections: CONNECTIONS, perSecond, next: random.next }, orders(seconds)),
      );
      await stopped(server);
      const audit = await auditOf(folder);
      const raw = await rawServer({
        request: orders(1)(0) ?? Buffer.alloc(0),
        answer: most.load.samples.get(201) ?? '{}',
        perSecond,
        seconds: Math.min(Math.max(seconds, 1), 3),
      });
      yield resultOf('http-orders', most, raw, audit);
      yield resultOf('http-orders/at-70-percent', paced, raw, {
        ...audit,
        askedPerSecond: perSecond,
        rawP95MsAtThisRate: percentile(raw.paced.latenciesMs, 0.95),
      });
    } finally {
      await server?.kill();
      rmSync(root, { recursive: true, force: true });
    }
  },
};

const stopped = async (server: RailheadProcess): Promise<void> => {
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    limit = setTimeout(() => reject(new Error(`railhead up did not stop in ${STOP_LIMIT_MS} ms`)), STOP_LIMIT_MS);
  });
  try {
    await Promise.race([server.stop(), late]);
  } finally {
    clearTimeout(limit);
  }
};

const rateOf = ({ latenciesMs, seconds }: Load): number => latenciesMs.length / seconds;

type Loaded = {
  readonly load: Load;
  readonly generatorCpuPercent: number;
  readonly cpu: CpuTimes | undefined;
};

/** The load, how much of one core it took to make it, and what the server worked meanwhile. */
const loaded = async (server: RailheadProcess, make: () => Promise<Load>): Promise<Loaded> => {
  const before = process.cpuUsage();
  const serverCpu = cpuSince(server.pid ?? 0);
  const load = await make();
  const cpu = serverCpu();
  const { user, system } = process.cpuUsage(before);
  for (const [status, text] of load.samples)
    if (!ANSWERS.includes(status)) throw new Error(`an order was answered with ${status}: ${text}`);
  return {
    load,
    generatorCpuPercent: Math.round((user + system) / 1e4 / load.seconds),
    cpu,
  };
};

type Details = NonNullable<BenchResult['details']>;

const resultOf = (
  name: string,
  { load, generatorCpuPercent, cpu }: Loaded,
  raw: RawServer,
  details: Details,
): BenchResult => {
  const value = rateOf(load);
  const reference = rateOf(raw.most);
  return {
    name,
    value,
    unit: 'orders/s',
    ...percentiles(load.latenciesMs),
    references: [
      {
        name: `raw node:http, JSON in and out of the same size, as many as ${CONNECTIONS} connections ask`,
        value: reference,
        ratio: value / reference,
      },
    ],
    details: {
      seats: SEATS,
      stops: STOPS,
      connections: CONNECTIONS,
      seated: load.answers.get(201) ?? 0,
      soldOut: load.answers.get(409) ?? 0,
      stillQueued: load.answers.get(202) ?? 0,
      generatorCpuPercent,
      ...cpuDetails(cpu, load.latenciesMs.length),
      ...details,
    },
  };
};

/** Requests for so many seconds; each round continues where the last one ended. */
const orderRequests = async (folder: string): Promise<(seconds: number) => RequestOf> => {
  const tokens = await Promise.all(Array.from({ length: USERS }, (_, n) => tokenFor(folder, `user${n}`)));
  // From tomorrow on, so that no train has left.
  const dates = Array.from({ length: SALE_DAYS - 1 }, (_, n) => runDate(n + 1));
  const journeyOf = hotJourneys({ seats: SEATS, stops: STOPS, firstTrain: 0, trains: TRAINS, dates }, seededRandom(1));
  let placed = 0;
  return (seconds) => {
    let until: number | undefined;
    return () => {
      until ??= Date.now() + seconds * 1_000;
      const journey = Date.now() < until ? journeyOf(placed) : undefined;
      if (journey === undefined) return undefined;
      placed += 1;
      const token = tokens[placed % tokens.length] ?? '';
      const headers = [`Authorization: Bearer ${token}`, `Idempotency-Key: bench-${placed}`, 'Prefer: wait=5'];
      return orderRequest(journey, placed, headers);
    };
  };
};

/** What `railhead verify` says of the log afterwards. */
const auditOf = async (folder: string): Promise<Details> => {
  const { stdout, stderr } = await railhead('verify', '--data', folder, '--json');
  if (stdout === '') throw new Error(`the log could not be verified: ${stderr}`);
  // Printed by `verify --json`.
  const { ok, violations } = JSON.parse(stdout) as { readonly ok: boolean; readonly violations: readonly unknown[] };
  return { logVerified: String(ok), violations: violations.length };
};

type RawServer = { readonly most: Load; readonly paced: Load };

/** The reference under the same loads: as much as it takes, and the same rate. */
const rawServer = async (measure: {
  readonly request: Buffer;
  readonly answer: string;
  readonly perSecond: number;
  readonly seconds: number;
}): Promise<RawServer> => {
  const { request, answer, perSecond, seconds } = measure;
  const child = spawn(process.execPath, [RAW_SERVER, answer], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const lines = createInterface(child.stdout);
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('the raw server ended')));
    ended.catch(() => {});
    const [line] = await Promise.race([once(lines, 'line'), ended]);
    const target = { port: Number(line), connections: CONNECTIONS };
    const during = (length: number): RequestOf => {
      const until = Date.now() + length * 1_000;
      return () => (Date.now() < until ? request : undefined);
    };
    await closedLoop(target, during(WARM_UP_SECONDS));
    const most = await closedLoop(target, during(seconds));
    const paced = await openLoop({ ...target, perSecond, next: seededRandom(4).next }, during(seconds));
    return { most, paced };
  } finally {
    child.kill('SIGKILL');
  }
};
