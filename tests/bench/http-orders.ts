// Orders through HTTP, seats and all: a real `railhead up` beside this process, which generates the load. Both, and the
// raw server that is the reference, share the machine.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RailheadProcess, railhead } from '../support/railhead-process.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';
import { percentile, percentiles } from './buyers.ts';
import { type CpuTimes, cpuDetails, cpuSince } from './cpu-times.ts';
import { closedLoop, type Load, openLoop } from './http-load.ts';
import { orderRequests, SALE_DAYS, SEATS, STOPS, writeRailway } from './http-railway.ts';
import { type RawServer, rawServer } from './raw-server.ts';
import { stopped } from './stopped.ts';

const CONNECTIONS = 64;
const WARM_UP_SECONDS = 1;
/** The paced load as a share of the measured maximum. */
const PACED = 0.7;
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
        connections: CONNECTIONS,
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

/** What `railhead verify` says of the log afterwards. */
const auditOf = async (folder: string): Promise<Details> => {
  const { stdout, stderr } = await railhead('verify', '--data', folder, '--json');
  if (stdout === '') throw new Error(`the log could not be verified: ${stderr}`);
  // Printed by `verify --json`.
  const { ok, violations } = JSON.parse(stdout) as { readonly ok: boolean; readonly violations: readonly unknown[] };
  return { logVerified: String(ok), violations: violations.length };
};
