// One order alone: a server with nothing else to do, one connection, and `Prefer: wait`. Whatever waits for a timer shows.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RailheadProcess } from '../support/railhead-process.ts';
import type { Benchmark } from './benchmark.ts';
import { percentile, percentiles } from './buyers.ts';
import { cpuDetails, cpuSince } from './cpu-times.ts';
import { closedLoop } from './http-load.ts';
import { orderRequests, SALE_DAYS, writeRailway } from './http-railway.ts';
import { rawServer } from './raw-server.ts';
import { stopped } from './stopped.ts';

const WARM_UP_SECONDS = 2;

export const httpAlone: Benchmark = {
  name: 'http-alone',
  about: 'one order at a time through HTTP on an idle server, answered with its seats',
  async *run({ seconds }) {
    const root = mkdtempSync(join(tmpdir(), 'railhead-bench-alone-'));
    let server: RailheadProcess | undefined;
    try {
      const folder = join(root, 'data');
      server = await RailheadProcess.start(folder, [...writeRailway(root), '--sale-days', String(SALE_DAYS)]);
      const target = { port: Number(new URL(server.url).port), connections: 1 };
      const orders = await orderRequests(folder);
      await closedLoop(target, orders(WARM_UP_SECONDS));
      const cpu = cpuSince(server.pid ?? 0);
      const { latenciesMs, answers, samples } = await closedLoop(target, orders(seconds));
      const cpuTimes = cpu();
      await stopped(server);
      const raw = await rawServer({
        request: orders(1)(0) ?? Buffer.alloc(0),
        answer: samples.get(201) ?? '{}',
        connections: 1,
        perSecond: 100,
        seconds: Math.min(Math.max(seconds, 1), 3),
      });
      const [value, reference] = [latenciesMs, raw.most.latenciesMs].map((sorted) => percentile(sorted, 0.5));
      yield {
        name: 'http-alone',
        value: value ?? 0,
        unit: 'ms p50',
        ...percentiles(latenciesMs),
        references: [
          { name: 'raw node:http, one connection', value: reference ?? 0, ratio: (value ?? 0) / (reference ?? 1) },
        ],
        details: { seated: answers.get(201) ?? 0, ...cpuDetails(cpuTimes, latenciesMs.length) },
      };
    } finally {
      await server?.kill();
      rmSync(root, { recursive: true, force: true });
    }
  },
};
