// Orders through HTTP where the log is EventStoreDB's stand-in in a process of its own (or the server of --url): what one
// hot class, and many classes, ask of the store, by how many connections ask at once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { EsdbEventStore } from '@railhead/infra/eventstore/esdb/esdb-event-store.ts';
import { DevEventStore } from '../support/dev-eventstore.ts';
import { RailheadProcess } from '../support/railhead-process.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';
import { percentiles } from './buyers.ts';
import { cpuDetails, cpuSince } from './cpu-times.ts';
import { closedLoop, type RequestOf } from './http-load.ts';
import { orderRequests, SALE_DAYS, writeRailway } from './http-railway.ts';
import { stopped } from './stopped.ts';

const CONNECTIONS = [1, 64, 256];
const SPREAD = { trains: 24, days: 10 };
const SPREAD_CONNECTIONS = 64;
const WARM_UP_SECONDS = 1;
const PAGE = 10_000;

export const esdbOrders: Benchmark = {
  name: 'esdb-orders',
  about: `orders on one hot train through HTTP, with EventStoreDB's stand-in or --url as the log, over ${CONNECTIONS.join(', ')} connections`,
  async *run({ seconds, esdbUrl }) {
    const standIn = esdbUrl === undefined ? await DevEventStore.start() : undefined;
    const root = mkdtempSync(join(tmpdir(), 'railhead-bench-esdb-'));
    const url = esdbUrl ?? standIn?.url ?? '';
    let server: RailheadProcess | undefined;
    try {
      const folder = join(root, 'data');
      const args = [...writeRailway(root), '--sale-days', String(SALE_DAYS), '--queue-limit', '1000000'];
      server = await RailheadProcess.start(folder, args, { RAILHEAD_ESDB_URL: url });
      const orders = await orderRequests(folder);
      const log = await EsdbEventStore.open({ connectionString: url });
      try {
        await closedLoop({ port: portOf(server), connections: 8 }, orders(WARM_UP_SECONDS));
        for (const connections of CONNECTIONS)
          yield await measure(server, log, { name: String(connections), connections }, orders(seconds));
        const spread = await orderRequests(folder, SPREAD);
        await closedLoop({ port: portOf(server), connections: 8 }, spread(WARM_UP_SECONDS));
        const name = `${SPREAD.trains}-trains-${SPREAD.days}-days`;
        yield await measure(server, log, { name, connections: SPREAD_CONNECTIONS }, spread(seconds));
      } finally {
        await log.close();
      }
      await stopped(server);
    } finally {
      await server?.kill();
      await standIn?.stop();
      rmSync(root, { recursive: true, force: true });
    }
  },
};

const portOf = ({ url }: RailheadProcess): number => Number(new URL(url).port);

const measure = async (
  server: RailheadProcess,
  log: EsdbEventStore,
  { name, connections }: { readonly name: string; readonly connections: number },
  orders: RequestOf,
): Promise<BenchResult> => {
  const [start, appendsBefore] = [await log.lastPosition(), await appendsOf(server)];
  const cpu = cpuSince(server.pid ?? 0);
  const load = await closedLoop({ port: portOf(server), connections }, orders);
  const cpuTimes = cpu();
  const appends = (await appendsOf(server)) - appendsBefore;
  const { events, books } = await written(log, start);
  const answered = load.latenciesMs.length;
  const each = (count: number): number => Number((count / answered).toFixed(2));
  return {
    name: `esdb-orders/${name}`,
    value: answered / load.seconds,
    unit: 'orders/s',
    ...percentiles(load.latenciesMs),
    references: [],
    details: {
      connections,
      seated: load.answers.get(201) ?? 0,
      soldOut: load.answers.get(409) ?? 0,
      stillQueued: load.answers.get(202) ?? 0,
      appendsPerOrder: each(appends),
      eventsPerOrder: each(events),
      ordersPerBatch: Number((answered / Math.max(1, books)).toFixed(1)),
      ...cpuDetails(cpuTimes, answered),
    },
  };
};

/** Appends to one stream that have an outcome, as the server counts them. */
const appendsOf = async ({ url }: RailheadProcess): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^railhead_store_append_seconds_count (\d+)$/m.exec(text)?.[1]);
};

/** A batch with a seat in it writes its book once. */
const written = async (log: EsdbEventStore, start: number): Promise<{ events: number; books: number }> => {
  const counts = { events: 0, books: 0 };
  for (let after = start; ; ) {
    const page = await log.readAll({ after, limit: PAGE });
    counts.events += page.events.length;
    counts.books += page.events.filter((event) => lockBookCategory.owns(event)).length;
    after = page.position;
    if (page.caughtUp) return counts;
  }
};
