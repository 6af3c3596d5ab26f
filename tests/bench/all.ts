// Every benchmark, in the order of the table in docs/benchmarks.md.
import { allocation } from './allocation.ts';
import type { Benchmark } from './benchmark.ts';
import { catchingUp } from './catching-up.ts';
import { commitPaths } from './commit-paths.ts';
import { esdbOrders } from './esdb-orders.ts';
import { eventStoreDb } from './eventstoredb.ts';
import { floods } from './floods.ts';
import { fullLife } from './full-life.ts';
import { hotTrain } from './hot-train.ts';
import { httpAlone } from './http-alone.ts';
import { httpOrders } from './http-orders.ts';
import { limits } from './limits.ts';
import { manyTrains } from './many-trains.ts';
import { memory } from './memory.ts';
import { orderSearch } from './order-search.ts';
import { readCache } from './read-cache.ts';
import { sellOut } from './sell-out.ts';

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
  orderSearch,
  esdbOrders,
  readCache,
];
