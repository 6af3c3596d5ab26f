// Searches for trains that nobody has searched before, in a timetable as large as a nation's: through HTTP, one at a time,
// with the models in a file and on PostgreSQL.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { POSTGRES } from '../services/postgres.ts';
import { RunningServer } from '../services/running-server.ts';
import { reasonToSkip } from '../services/server-kind.ts';
import { RailheadProcess } from '../support/railhead-process.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { runDate } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';
import { percentile, percentiles } from './buyers.ts';
import { closedLoop, getRequest } from './http-load.ts';
import { stopped } from './stopped.ts';

const TRAINS = 2_805;
const STATIONS = 2_000;
const SALE_DAYS = 15;
const READY_MS = 300_000;

export const coldQuery: Benchmark = {
  name: 'cold-query',
  about: `searches that nobody has made before, in ${TRAINS.toLocaleString('en')} trains on ${SALE_DAYS} days, in a file and on PostgreSQL`,
  async *run({ seconds, dataDir }) {
    const root = mkdtempSync(join(tmpdir(), 'railhead-bench-cold-'));
    try {
      const lines = dataDir === undefined ? invented() : realTrains(dataDir);
      const timetable = join(root, 'timetable.jsonl');
      writeFileSync(timetable, `${lines.join('\n')}\n`);
      const searches = searchesIn(lines);
      const file = await measure('SQLite', root, ['--timetable', timetable], searches, seconds);
      yield file;
      const reason = reasonToSkip(POSTGRES);
      if (reason !== undefined) {
        yield { name: 'cold-query/PostgreSQL', value: 0, unit: 'ms p95', references: [], details: { skipped: reason } };
        return;
      }
      const server = await RunningServer.start(POSTGRES);
      try {
        const { url } = await POSTGRES.ownPart(server.url, 'railhead_test_cold');
        const args = ['--timetable', timetable, '--read-sql', url];
        const there = await measure('PostgreSQL', root, args, searches, seconds);
        yield { ...there, references: [{ name: 'SQLite', value: file.value, ratio: there.value / file.value }] };
      } finally {
        await server.discard();
      }
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  },
};

const realTrains = (dataDir: string): readonly string[] =>
  gunzipSync(readFileSync(join(dataDir, 'trains.jsonl.gz')))
    .toString('utf8')
    .trim()
    .split('\n');

/** As many trains as a nation has, each by way of stations that lie beside each other. */
const invented = (): readonly string[] => {
  const random = seededRandom(3);
  return Array.from({ length: TRAINS }, (_, n) => {
    const count = 8 + random.below(16);
    const first = random.below(STATIONS - count);
    const stops = Array.from({ length: count }, (_, at) => [
      stationCode(first + at),
      `站${first + at}`,
      at === 0 ? null : 360 + at * 25,
      at === count - 1 ? null : 362 + at * 25,
      at * 60,
    ]);
    return JSON.stringify({ train: `G${n + 1}`, type: '高速', stops });
  });
};

const stationCode = (n: number): string => `X${String(n).padStart(4, '0')}`;

/** Pairs of stations that a train has, each once, in an order of chance. */
const searchesIn = (lines: readonly string[]): readonly string[] => {
  const random = seededRandom(5);
  const seen = new Set<string>();
  const found: { readonly path: string; readonly rank: number }[] = [];
  for (const line of lines) {
    // Safe cast: as timetables of this kind are written.
    const { stops } = JSON.parse(line) as { readonly stops: readonly (readonly [string])[] };
    for (const [at, [from]] of stops.entries())
      for (const [to] of stops.slice(at + 1)) {
        if (seen.has(`${from} ${to}`)) continue;
        seen.add(`${from} ${to}`);
        const date = runDate(1 + random.below(SALE_DAYS - 3));
        found.push({ path: `/v1/trains?from=${from}&to=${to}&date=${date}`, rank: random.next() });
      }
  }
  return found.toSorted((a, b) => a.rank - b.rank).map(({ path }) => path);
};

const measure = async (
  name: string,
  root: string,
  args: readonly string[],
  searches: readonly string[],
  seconds: number,
): Promise<BenchResult> => {
  const server = await RailheadProcess.start(join(root, name), [...args, '--sale-days', String(SALE_DAYS)], {
    RAILHEAD_ADDRESS_REQUESTS_PER_SECOND: '0',
  });
  try {
    const isReady = async (): Promise<boolean> => (await fetch(`${server.url}/readyz`)).status === 200;
    await waitUntil('the process to be ready', isReady, READY_MS);
    const end = Date.now() + seconds * 1_000;
    const target = { port: Number(new URL(server.url).port), connections: 1 };
    const { latenciesMs, answers } = await closedLoop(target, (n) => {
      const path = searches[n];
      return path === undefined || Date.now() > end ? undefined : getRequest(path);
    });
    await stopped(server);
    return {
      name: `cold-query/${name}`,
      value: percentile(latenciesMs, 0.95),
      unit: 'ms p95',
      ...percentiles(latenciesMs),
      references: [],
      details: { searches: latenciesMs.length, answered: answers.get(200) ?? 0 },
    };
  } finally {
    await server.kill();
  }
};
