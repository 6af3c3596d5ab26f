import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { Metrics } from './metrics.ts';
import { StoreMetrics } from './store-metrics.ts';

/** The values of a registry by name and labels, as Prometheus reads them; those of zero and of Node itself left out. */
const readingOf = async (registry: Registry): Promise<Readonly<Record<string, number>>> =>
  Object.fromEntries(
    (await registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith('railhead_'))
      .map((line): [string, number] => [
        line.slice(0, line.lastIndexOf(' ')),
        Number(line.slice(line.lastIndexOf(' '))),
      ])
      .filter(([, value]) => value !== 0),
  );

/** Of a histogram: the smallest bucket that has a value, of those that are asked. */
const bucketOf = (reading: Readonly<Record<string, number>>, name: string): string | undefined =>
  Object.keys(reading)
    .find((key) => key.startsWith(`${name}_bucket`))
    ?.match(/le="([^"]+)"/)?.[1];

test('a gauge is read each time Prometheus asks, for each model by its name', async () => {
  const metrics = new Metrics();
  let position = 41;
  const lags = [
    { model: 'orders', value: 3 },
    { model: 'timetable', value: 7 },
  ];
  metrics.gauge('railhead_log_position', 'where the log ends', async () => position);
  metrics.gaugeOfModels('railhead_model_lag_events', 'events to take', async () => lags);
  metrics.allocationConflicts.inc();
  expect(await readingOf(metrics.registry)).toEqual({
    railhead_log_position: 41,
    'railhead_model_lag_events{model="orders"}': 3,
    'railhead_model_lag_events{model="timetable"}': 7,
    railhead_allocation_conflicts_total: 1,
  });
  position = 42;
  lags[0] = { model: 'orders', value: 4 };
  expect(await readingOf(metrics.registry)).toMatchObject({
    railhead_log_position: 42,
    'railhead_model_lag_events{model="orders"}': 4,
  });
  expect(await metrics.registry.metrics()).toContain('process_cpu_seconds_total');
});

test('values with several labels are read as they are at the moment, and those that are gone are told no more', async () => {
  const metrics = new Metrics();
  let lags = [
    { replica: 'one', model: 'orders', value: 3 },
    { replica: 'two', model: 'orders', value: 4 },
  ];
  const reads = [{ model: 'orders', from: 'one', value: 5 }];
  metrics.gaugeBy(['replica', 'model'], 'railhead_lag', 'events', async () => lags);
  metrics.countBy(['model', 'from'], 'railhead_reads_total', 'reads', () => reads);
  expect(await readingOf(metrics.registry)).toEqual({
    'railhead_lag{replica="one",model="orders"}': 3,
    'railhead_lag{replica="two",model="orders"}': 4,
    'railhead_reads_total{model="orders",from="one"}': 5,
  });
  lags = lags.slice(1);
  reads[0] = { model: 'orders', from: 'one', value: 7 };
  expect(await readingOf(metrics.registry)).toEqual({
    'railhead_lag{replica="two",model="orders"}': 4,
    'railhead_reads_total{model="orders",from="one"}': 7,
  });
});

test('requests are counted by operation, method and status, in the bucket of their time', async () => {
  const metrics = new Metrics();
  metrics.observe('findTrains', 'get', 200, 0.12);
  metrics.observe('findTrains', 'get', 200, 0.13);
  metrics.observe('placeOrder', 'post', 409, 3);
  const reading = await readingOf(metrics.registry);
  const name = 'railhead_http_request_seconds';
  const [found, placed] = [
    'operation="findTrains",method="get",status="200"',
    'operation="placeOrder",method="post",status="409"',
  ];
  expect(reading[`${name}_count{${found}}`]).toBe(2);
  expect(reading[`${name}_count{${placed}}`]).toBe(1);
  // The targets of the design are borders: 120 ms for a read, 3 s for a write.
  expect(reading[`${name}_bucket{le="0.12",${found}}`]).toBe(1);
  expect(reading[`${name}_bucket{le="0.25",${found}}`]).toBe(2);
  expect(reading[`${name}_bucket{le="1",${placed}}`]).toBeUndefined();
  expect(reading[`${name}_bucket{le="3",${placed}}`]).toBe(1);
});

test('each thing that happens at EventStoreDB has a number of its own', async () => {
  const happenings: Readonly<Record<string, (store: StoreMetrics) => void>> = {
    railhead_store_appends_in_flight: (store) => store.inFlight(1),
    'railhead_store_retries_total{what="append"}': (store) => store.retried('append'),
    'railhead_store_retries_total{what="read"}': (store) => store.retried('read'),
    'railhead_store_retries_total{what="subscription"}': (store) => store.retried('subscription'),
    railhead_store_conflicts_total: (store) => store.conflicted(),
    railhead_store_unknown_outcomes_total: (store) => store.outcomeUnknown(),
    railhead_store_clients_renewed_total: (store) => store.clientRenewed(),
    railhead_store_subscription_lag_positions: (store) => store.lagged(1),
  };
  for (const [name, happen] of Object.entries(happenings)) {
    const [store, registry] = [new StoreMetrics(), new Registry()];
    store.register(registry);
    happen(store);
    expect(await readingOf(registry)).toEqual({ [name]: 1 });
  }
});

test('an append to EventStoreDB counts its seconds and its events', async () => {
  const [store, registry] = [new StoreMetrics(), new Registry()];
  store.register(registry);
  store.appended(25, 20);
  const reading = await readingOf(registry);
  expect(reading).toMatchObject({ railhead_store_append_seconds_sum: 0.025, railhead_store_append_events_sum: 20 });
  expect(bucketOf(reading, 'railhead_store_append_seconds')).toBe('0.025');
  expect(bucketOf(reading, 'railhead_store_append_events')).toBe('20');
});
