// The search of orders, embedded and in Elasticsearch: how fast it catches up with a log, beside a bare loader of the same
// documents, and how long questions take over all of them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Client } from '@elastic/elasticsearch';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { ElasticOrderIndex } from '@railhead/infra/search/elastic-order-index.ts';
import { indexed, ORDERS_INDEX } from '@railhead/infra/search/mappings.ts';
import { openReadDatabase } from '@railhead/infra/sql/read-database.ts';
import { pagesOf } from '@railhead/projections/engine/pages.ts';
import { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import type { OrderDocument } from '@railhead/projections/order-search/order-document.ts';
import type { OrderIndex } from '@railhead/projections/order-search/order-index.ts';
import type { OrderQuestion } from '@railhead/projections/order-search/order-question.ts';
import { ORDER_SEARCH_VERSION, orderSearchModel } from '@railhead/projections/order-search/order-search-model.ts';
import { orderSearchProjection } from '@railhead/projections/order-search/order-search-projection.ts';
import { SqliteOrderIndex } from '@railhead/projections/order-search/sqlite-order-index.ts';
import { ELASTICSEARCH } from '../services/elasticsearch.ts';
import { RunningServer } from '../services/running-server.ts';
import { reasonToSkip } from '../services/server-kind.ts';
import { newEvent } from '../support/events.ts';
import { realClock } from '../support/fixed-clock.ts';
import { livesOf } from '../support/order-life.ts';
import { oneSeat } from '../support/order-request.ts';
import { silentLogger } from '../support/read-side.ts';
import { documentsOf } from '../support/searched-orders.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';

const ORDERS_PER_SECOND = 33_334;
const FAMILIES = [...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗'];
const GIVEN = [...'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华文建国红玉萍'];
const STATIONS = [...'北京上海南京西安武汉广州深圳天津成都重庆'].map((name, n) => ({
  code: `S${n}`,
  name: `${name}站`,
}));
/** Orders that come in side by side. */
const AT_ONCE = 200;

export const orderSearch: Benchmark = {
  name: 'order-search',
  about: 'events a second into the search of orders, and questions over them, embedded and in Elasticsearch',
  async *run({ seconds }) {
    const orders = Math.max(2_000, Math.round(seconds * ORDERS_PER_SECOND));
    const store = new MemoryEventStore();
    await fill(store, orders);
    yield* embedded(store, orders, seconds);
    const reason = reasonToSkip(ELASTICSEARCH);
    if (reason === undefined) yield* onServer(store, orders, seconds);
    else
      yield {
        name: 'order-search/Elasticsearch',
        value: 0,
        unit: 'events/s',
        references: [],
        details: { skipped: reason },
      };
  },
};

const oneOf = <Value>(random: ReturnType<typeof seededRandom>, values: readonly Value[]): Value => {
  const value = values[random.below(values.length)];
  if (value === undefined) throw new Error('there is nothing to choose from');
  return value;
};

const fill = async (store: MemoryEventStore, orders: number): Promise<void> => {
  const random = seededRandom(3);
  const [life = []] = livesOf('N').slice(4);
  for (let first = 0; first < orders; first += AT_ONCE) {
    const group = Array.from({ length: Math.min(AT_ONCE, orders - first) }, (_, n) => orderNoOf(first + n, random));
    for (const [revision, { type, data }] of life.entries()) {
      const appends = group.map((orderNo) => ({
        stream: `order-${orderNo}`,
        expected: revision === 0 ? ('noStream' as const) : revision - 1,
        events: [newEvent(revision === 0 ? requestOf(orderNo, random, orders) : data, type)],
      }));
      await store.append(appends);
    }
  }
};

const orderNoOf = (n: number, random: ReturnType<typeof seededRandom>): string =>
  (
    n.toString(36).padStart(5, '0') + Array.from({ length: 13 }, () => random.below(36).toString(36)).join('')
  ).toUpperCase();

const requestOf = (orderNo: string, random: ReturnType<typeof seededRandom>, orders: number): object => {
  const name = oneOf(random, FAMILIES) + oneOf(random, GIVEN) + oneOf(random, GIVEN);
  const request = {
    ...oneSeat,
    userId: `user${random.below(orders)}`,
    train: `G${random.below(2_000)}`,
    date: `2026-12-${String(1 + random.below(28)).padStart(2, '0')}`,
    fromStation: oneOf(random, STATIONS),
    toStation: oneOf(random, STATIONS),
    passengers: [{ name, idType: 'passport', idNo: 'E1', kind: 'adult' }],
    faresFen: [100 * random.below(1_000)],
  };
  return { orderNo, requestHash: 'h', request };
};

async function* embedded(store: MemoryEventStore, orders: number, seconds: number): AsyncGenerator<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'railhead-bench-'));
  const database = await openReadDatabase(folder, [orderSearchModel], silentLogger);
  try {
    const index = new SqliteOrderIndex(database, ORDER_SEARCH_VERSION);
    const value = await caughtUpWith(store, index);
    const documents = documentsOf((await store.readAll({ after: 0, limit: Number.MAX_SAFE_INTEGER })).events);
    const other = mkdtempSync(join(tmpdir(), 'railhead-bench-'));
    const bareDatabase = await openReadDatabase(other, [orderSearchModel], silentLogger);
    const bare = new SqliteOrderIndex(bareDatabase, ORDER_SEARCH_VERSION);
    await bare.place();
    const bareRate = await rateOf(documents, (page) => bare.put(page, { position: 1, fingerprint: 'f' }, []));
    await bareDatabase.db.destroy();
    rmSync(other, { recursive: true, force: true });
    yield caughtUp('SQLite', value, bareRate, orders);
    yield* questions('SQLite', index, documents, seconds);
  } finally {
    await database.db.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function* onServer(store: MemoryEventStore, orders: number, seconds: number): AsyncGenerator<BenchResult> {
  const server = await RunningServer.start(ELASTICSEARCH);
  const { url } = server;
  const index = new ElasticOrderIndex({ url, prefix: 'bench-', clock: realClock });
  const client = new Client({ node: url });
  try {
    const documents = documentsOf((await store.readAll({ after: 0, limit: Number.MAX_SAFE_INTEGER })).events);
    await client.indices.create({ index: 'bare', ...ORDERS_INDEX });
    const load = (page: readonly OrderDocument[]) =>
      client.bulk({
        index: 'bare',
        operations: page.flatMap((document) => [{ index: { _id: document.orderNo } }, indexed(document)]),
      });
    // The first of all is slower: the server is cold.
    for (const page of pagesOf(documents.slice(0, 10_000), 1_000)) await load(page);
    const bareRate = await rateOf(documents, load);
    const value = await caughtUpWith(store, index);
    yield caughtUp('Elasticsearch', value, bareRate, orders);
    yield* questions('Elasticsearch', index, documents, seconds);
  } finally {
    await index.close();
    await client.close();
    await server.discard();
  }
}

const rateOf = async (
  documents: readonly OrderDocument[],
  load: (page: readonly OrderDocument[]) => Promise<unknown>,
): Promise<number> => {
  const began = performance.now();
  for (const page of pagesOf(documents, 1_000)) await load(page);
  return (documents.length * 1_000) / (performance.now() - began);
};

const caughtUpWith = async (store: MemoryEventStore, index: OrderIndex): Promise<number> => {
  const end = await store.lastPosition();
  const runner = new ProjectionRunner(store, orderSearchProjection(index), silentLogger, realClock);
  const began = performance.now();
  runner.start();
  await runner.caughtUp;
  const value = (end * 1_000) / (performance.now() - began);
  await runner.stop();
  return value;
};

const caughtUp = (name: string, value: number, bareRate: number, orders: number): BenchResult => ({
  name: `order-search/${name}`,
  value,
  unit: 'events/s',
  references: [
    { name: 'one document for each order by a bare loader (documents/s)', value: bareRate, ratio: value / bareRate },
  ],
  details: { orders },
});

async function* questions(
  name: string,
  index: OrderIndex,
  documents: readonly OrderDocument[],
  seconds: number,
): AsyncGenerator<BenchResult> {
  const random = seededRandom(11);
  const asked: Readonly<Record<string, () => Omit<OrderQuestion, 'limit'>>> = {
    'a user': () => ({ userId: oneOf(random, documents).view.userId }),
    'a run': () => ({ train: `G${random.below(2_000)}`, dateFrom: '2026-12-05', dateTo: '2026-12-05' }),
    'a character of a name': () => ({ passengerHas: oneOf(random, GIVEN) }),
    'a name and a station in a text': () => ({ text: `${oneOf(random, FAMILIES)}${oneOf(random, GIVEN)} 北` }),
    'an order number with a slip': () => {
      const { orderNo } = oneOf(random, documents);
      return { text: `${orderNo.slice(0, 9)}0${orderNo.slice(10)}` };
    },
    'all by amount': () => ({ sort: 'amount' }),
    'all with four counts': () => ({ countBy: ['status', 'train', 'date', 'day'] }),
  };
  for (const [what, question] of Object.entries(asked)) {
    const took: number[] = [];
    for (const until = performance.now() + seconds * 500; performance.now() < until || took.length < 20; ) {
      const began = performance.now();
      await index.search({ ...question(), limit: 20 });
      took.push(performance.now() - began);
    }
    took.sort((a, b) => a - b);
    const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
    const percentiles = { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
    yield {
      name: `order-search/${name}: ${what}`,
      value: at(0.5),
      unit: 'ms',
      ...percentiles,
      references: [],
      details: { orders: documents.length },
    };
  }
}
