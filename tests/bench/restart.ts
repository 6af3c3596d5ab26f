// How long a process that has been stopped, or killed, takes until it serves again, with a long log of orders that have
// ended: read models and workflows go on from where they were.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { RailheadProcess } from '../support/railhead-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';
import { closedLoop } from './http-load.ts';
import { orderRequests, SALE_DAYS, writeRailway } from './http-railway.ts';
import { stopped } from './stopped.ts';

const EVENTS = 1_000_000;
/** With less time than this there are fewer events, in proportion. */
const FULL_SECONDS = 60;
/** An order that is not paid: its request, its seats, its end, and its shares of what batches write. */
const EVENTS_PER_ORDER = 4.1;
const CONNECTIONS = 64;
const ALL_THE_TIME_SECONDS = 3_600;
/** In shorter runs the orders are open when the process ends: they would need a minute. */
const ENDED_FROM_SECONDS = 10;
const END_LIMIT_MS = 300_000;

export const restart: Benchmark = {
  name: 'restart',
  about: `from the start of a process until it is ready, with a log of ${EVENTS.toLocaleString('en')} events, in proportion to --seconds below ${FULL_SECONDS}`,
  async *run({ seconds }) {
    const root = mkdtempSync(join(tmpdir(), 'railhead-bench-restart-'));
    const folder = join(root, 'data');
    const args = [...writeRailway(root), '--sale-days', String(SALE_DAYS), '--queue-limit', '1000000'];
    const start = (): Promise<RailheadProcess> =>
      RailheadProcess.start(folder, args, { RAILHEAD_PAYMENT_MINUTES: '1' });
    let server: RailheadProcess | undefined;
    try {
      const empty = performance.now();
      server = await start();
      await ready(server);
      const emptyMs = performance.now() - empty;
      const port = Number(new URL(server.url).port);
      const orders = Math.ceil((EVENTS * Math.min(1, seconds / FULL_SECONDS)) / EVENTS_PER_ORDER);
      const next = (await orderRequests(folder))(ALL_THE_TIME_SECONDS);
      await closedLoop({ port, connections: CONNECTIONS }, (n) => (n < orders ? next(n) : undefined));
      const of = server;
      if (seconds >= ENDED_FROM_SECONDS)
        await waitUntil(
          'all orders to end',
          async () => (await metric(of, 'railhead_unfinished_orders')) === 0,
          END_LIMIT_MS,
        );
      const events = (await metric(server, 'railhead_log_position')) ?? 0;
      const open = (await metric(server, 'railhead_unfinished_orders')) ?? 0;
      for (const end of ['stopped', 'killed'] as const) {
        if (end === 'stopped') await stopped(server);
        else await server.kill();
        const began = performance.now();
        server = await start();
        await ready(server);
        const value = (performance.now() - began) / 1_000;
        yield resultOf(end, value, emptyMs, { events, open });
      }
    } finally {
      await server?.kill();
      rmSync(root, { recursive: true, force: true });
    }
  },
};

const ready = ({ url }: RailheadProcess): Promise<unknown> =>
  waitUntil('the process to be ready', async () => (await fetch(`${url}/readyz`)).status === 200, END_LIMIT_MS);

const metric = async ({ url }: RailheadProcess, name: string): Promise<number | undefined> => {
  const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(await (await fetch(`${url}/metrics`)).text());
  return found === null ? undefined : Number(found[1]);
};

const resultOf = (
  end: string,
  value: number,
  emptyMs: number,
  { events, open }: { readonly events: number; readonly open: number },
): BenchResult => ({
  name: `restart/${end}`,
  value,
  unit: 's to ready',
  references: [
    { name: 'with an empty folder, whose runs it opens', value: emptyMs / 1_000, ratio: value / (emptyMs / 1_000) },
  ],
  details: { events, openOrders: open },
});
