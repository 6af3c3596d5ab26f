// Metrics of what happens between the store and EventStoreDB.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { EsdbObserver } from '../eventstore/esdb/settings.ts';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const EVENTS = [1, 2, 5, 10, 20, 50, 100, 1_000, 10_000];

export class StoreMetrics implements EsdbObserver {
  readonly #appendSeconds = new Histogram({
    name: 'railhead_store_append_seconds',
    help: 'Time until an append to one stream has an outcome',
    buckets: SECONDS,
    registers: [],
  });
  readonly #appendEvents = new Histogram({
    name: 'railhead_store_append_events',
    help: 'Events of one append',
    buckets: EVENTS,
    registers: [],
  });
  readonly #inFlight = new Gauge({
    name: 'railhead_store_appends_in_flight',
    help: 'Appends sent and not answered',
    registers: [],
  });
  readonly #retries = new Counter({
    name: 'railhead_store_retries_total',
    help: 'Appends, reads and subscriptions begun again after a failure',
    labelNames: ['what'],
    registers: [],
  });
  readonly #conflicts = new Counter({
    name: 'railhead_store_conflicts_total',
    help: 'Appends refused because the stream had moved on',
    registers: [],
  });
  readonly #unknown = new Counter({
    name: 'railhead_store_unknown_outcomes_total',
    help: 'Appends without an answer that were looked up in their stream',
    registers: [],
  });
  readonly #renewed = new Counter({
    name: 'railhead_store_clients_renewed_total',
    help: 'Connections replaced after a failure',
    registers: [],
  });
  readonly #lag = new Gauge({
    name: 'railhead_store_subscription_lag_positions',
    help: "How far the subscriber last served is behind the newest event received, in the log's measure",
    registers: [],
  });

  register(registry: Registry): void {
    const { registerMetric } = registry;
    for (const metric of [
      this.#appendSeconds,
      this.#appendEvents,
      this.#inFlight,
      this.#retries,
      this.#conflicts,
      this.#unknown,
      this.#renewed,
      this.#lag,
    ])
      registerMetric.call(registry, metric as Parameters<Registry['registerMetric']>[0]);
  }

  appended(latencyMs: number, events: number): void {
    this.#appendSeconds.observe(latencyMs / 1000);
    this.#appendEvents.observe(events);
  }

  inFlight(appends: number): void {
    this.#inFlight.set(appends);
  }

  retried(what: 'append' | 'read' | 'subscription'): void {
    this.#retries.inc({ what });
  }

  conflicted(): void {
    this.#conflicts.inc();
  }

  outcomeUnknown(): void {
    this.#unknown.inc();
  }

  clientRenewed(): void {
    this.#renewed.inc();
  }

  lagged(positions: number): void {
    this.#lag.set(positions);
  }
}
