// Every benchmark, in the order of the table in docs/benchmarks.md.
import { allocation } from './allocation.ts';
import type { Benchmark } from './benchmark.ts';
import { catchingUp } from './catching-up.ts';
import { coldQuery } from './cold-query.ts';
import { commitPaths } from './commit-paths.ts';
import { esdbOrders } from './esdb-orders.ts';
import { eventStoreDb } from './eventstoredb.ts';
import { floods } from './floods.ts';
import { fullLife } from './full-life.ts';
import { hotTrain } from './hot-train.ts';
import { httpAlone } from './http-alone.ts';
import { httpOrders } from './http-orders.ts';
import { lag } from './lag.ts';
import { limits } from './limits.ts';
import { manyTrains } from './many-trains.ts';
import { memory } from './memory.ts';
import { orderSearch } from './order-search.ts';
import { queue } from './queue.ts';
import { readCache } from './read-cache.ts';
import { replay } from './replay.ts';
import { replayMemory } from './replay-memory.ts';
import { restart } from './restart.ts';
import { sellOut } from './sell-out.ts';
import { stations } from './stations.ts';
import { waitlist } from './waitlist.ts';

export const BENCHMARKS: readonly Benchmark[] = [
  hotTrain,
  limits,
  sellOut,
  manyTrains,
  fullLife,
  allocation,
  httpOrders,
  httpAlone,
  memory,
  floods,
  commitPaths,
  eventStoreDb,
  catchingUp,
  replay,
  replayMemory,
  esdbOrders,
  queue,
  readCache,
  orderSearch,
  stations,
  lag,
  coldQuery,
  restart,
  waitlist,
];
