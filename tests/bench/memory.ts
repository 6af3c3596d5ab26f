// Memory of the server after many orders that nobody pays. Each is open for a minute and then expires, so what grows after
// the first minute grows without end; before that it is what the server keeps of an open order.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RailheadProcess } from '../support/railhead-process.ts';
import type { Benchmark } from './benchmark.ts';
import { closedLoop } from './http-load.ts';
import { orderRequests, SALE_DAYS, writeRailway } from './http-railway.ts';
import { stopped } from './stopped.ts';

const CONNECTIONS = 64;
const ORDERS = 1_000_000;
/** With less time than this there are fewer orders, in proportion. */
const FULL_SECONDS = 60;
const STEPS = 10;
const ALL_THE_TIME_SECONDS = 3_600;

export const memory: Benchmark = {
  name: 'memory',
  about: `memory of the server after ${ORDERS.toLocaleString('en')} orders through HTTP, in proportion to --seconds below ${FULL_SECONDS}`,
  async *run({ seconds }) {
    const root = mkdtempSync(join(tmpdir(), 'railhead-bench-memory-'));
    let server: RailheadProcess | undefined;
    try {
      const folder = join(root, 'data');
      const args = [...writeRailway(root), '--sale-days', String(SALE_DAYS), '--queue-limit', '1000000'];
      server = await RailheadProcess.start(folder, args, { RAILHEAD_PAYMENT_MINUTES: '1' });
      const target = { port: Number(new URL(server.url).port), connections: CONNECTIONS };
      const next = (await orderRequests(folder))(ALL_THE_TIME_SECONDS);
      const perStep = Math.ceil((ORDERS * Math.min(1, seconds / FULL_SECONDS)) / STEPS);
      const beforeMb = server.residentMb() ?? 0;
      const afterStepMb: number[] = [];
      let orders = 0;
      for (let step = 0; step < STEPS; step += 1) {
        const { latenciesMs } = await closedLoop(target, (n) => (n < perStep ? next(n) : undefined));
        orders += latenciesMs.length;
        afterStepMb.push(server.residentMb() ?? 0);
      }
      const value = afterStepMb.at(-1) ?? 0;
      const half = afterStepMb[STEPS / 2 - 1] ?? 0;
      yield {
        name: 'memory',
        value,
        unit: 'MB resident',
        references: [{ name: 'before the first order', value: beforeMb, ratio: value / beforeMb }],
        details: {
          orders,
          afterStepMb: afterStepMb.join(' '),
          bytesPerOrderOfTheSecondHalf: Math.round(((value - half) * 1024 * 1024) / (orders / 2)),
        },
      };
      await stopped(server);
    } finally {
      await server?.kill();
      rmSync(root, { recursive: true, force: true });
    }
  },
};
