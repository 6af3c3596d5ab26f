// Metrics for Prometheus. None of them identifies a person.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds. The targets (120 ms for reads, 3 s for writes) are bucket borders. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.12, 0.25, 0.5, 1, 3, 10];

export type ModelValue = { readonly model: string; readonly value: number };

export type PartValue = { readonly part: string; readonly value: number };

export type LabelledValue<Label extends string> = { readonly [Name in Label]: string } & { readonly value: number };

export class Metrics {
  readonly registry = new Registry();
  readonly allocationConflicts: Counter;
  readonly noticesUnknown: Counter;
  readonly reconciled: Counter<'kind' | 'action'>;
  readonly reconciledAt: Gauge<'kind'>;
  readonly reconciledSeconds: Gauge<'kind'>;
  readonly #requests: Histogram<'operation' | 'method' | 'status'>;

  constructor() {
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
    this.noticesUnknown = new Counter({
      name: 'railhead_notices_unknown_total',
      help: 'Signed notices of payments that are not in the log',
      registers,
    });
    this.reconciled = new Counter({
      name: 'railhead_reconciliation_inconsistent_count',
      help: 'Differences that reconciliations have found, by what was compared and what was done about them',
      labelNames: ['kind', 'action'],
      registers,
    });
    this.reconciledAt = new Gauge({
      name: 'railhead_reconciliation_last_run_timestamp_seconds',
      help: 'When the last reconciliation ended',
      labelNames: ['kind'],
      registers,
    });
    this.reconciledSeconds = new Gauge({
      name: 'railhead_reconciliation_last_run_seconds',
      help: 'How long the last reconciliation took',
      labelNames: ['kind'],
      registers,
    });
  }

  /** `read` is called when Prometheus asks. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      async collect() {
        this.set(await read());
      },
    });
  }

  /** A value for each read model; `read` is called when Prometheus asks. */
  gaugeOfModels(name: string, help: string, read: () => Promise<readonly ModelValue[]>): void {
    new Gauge({
      name,
      help,
      labelNames: ['model'],
      registers: [this.registry],
      async collect() {
        for (const { model, value } of await read()) this.set({ model }, value);
      },
    });
  }

  /** A value of each part of the process, read when Prometheus asks. */
  gaugeOfParts(name: string, help: string, read: () => readonly PartValue[]): void {
    new Gauge({
      name,
      help,
      labelNames: ['part'],
      registers: [this.registry],
      collect() {
        for (const { part, value } of read()) this.set({ part }, value);
      },
    });
  }

  /** A value for each set of labels that is read; of others nothing is told. */
  gaugeBy<Label extends string>(
    labelNames: readonly Label[],
    name: string,
    help: string,
    read: () => Promise<readonly LabelledValue<Label>[]>,
  ): void {
    new Gauge<string>({
      name,
      help,
      labelNames,
      registers: [this.registry],
      async collect() {
        const values = await read();
        this.reset();
        for (const { value, ...labels } of values) this.set(labels, value);
      },
    });
  }

  /** Counts that are kept elsewhere. */
  countBy<Label extends string>(
    labelNames: readonly Label[],
    name: string,
    help: string,
    read: () => readonly LabelledValue<Label>[],
  ): void {
    new Counter<string>({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect() {
        this.reset();
        for (const { value, ...labels } of read()) this.inc(labels, value);
      },
    });
  }

  observe(operation: string, method: string, status: number, seconds: number): void {
    this.#requests.observe({ operation, method, status: String(status) }, seconds);
  }
}
