// What Prometheus may ask, and nothing that identifies a person.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; the targets of the design (120 ms reads, 3 s writes) lie on bucket borders. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.12, 0.25, 0.5, 1, 3, 10];

export type ModelLag = { readonly model: string; readonly lagEvents: number; readonly lagSeconds: number };

export class Metrics {
  readonly registry = new Registry();
  readonly allocationConflicts: Counter;
  readonly #requests: Histogram<'operation' | 'method' | 'status'>;

  constructor(read: {
    readonly logPosition: () => Promise<number>;
    readonly lags: () => Promise<readonly ModelLag[]>;
    readonly unfinishedOrders: () => number;
  }) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.#requests = new Histogram({
      name: 'railhead_http_request_seconds',
      help: 'Time to answer, by operation',
      labelNames: ['operation', 'method', 'status'],
      buckets: BUCKETS,
      registers,
    });
    this.allocationConflicts = new Counter({
      name: 'railhead_allocation_conflicts_total',
      help: 'Batches of seat decisions that met another writer',
      registers,
    });
    new Gauge({
      name: 'railhead_log_position',
      help: 'Position of the last event in the log',
      registers,
      async collect() {
        this.set(await read.logPosition());
      },
    });
    new Gauge({
      name: 'railhead_model_lag_events',
      help: 'Events a read model has not taken yet',
      labelNames: ['model'],
      registers,
      async collect() {
        for (const { model, lagEvents } of await read.lags()) this.set({ model }, lagEvents);
      },
    });
    new Gauge({
      name: 'railhead_model_lag_seconds',
      help: 'Age of the newest event a read model has taken, while it is behind; else 0',
      labelNames: ['model'],
      registers,
      async collect() {
        for (const { model, lagSeconds } of await read.lags()) this.set({ model }, lagSeconds);
      },
    });
    new Gauge({
      name: 'railhead_unfinished_orders',
      help: 'Orders that have not reached an end',
      registers,
      collect() {
        this.set(read.unfinishedOrders());
      },
    });
  }

  observe(operation: string, method: string, status: number, seconds: number): void {
    this.#requests.observe({ operation, method, status: String(status) }, seconds);
  }
}
