// What a benchmark is: a name, and results that each stand beside a reference measured in the same run.

export type BenchReference = { readonly name: string; readonly value: number; readonly ratio: number };

/** `value` in `unit`; `ratio` of a reference is value / reference. Percentiles in milliseconds. */
export type BenchResult = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly p50Ms?: number;
  readonly p95Ms?: number;
  readonly p99Ms?: number;
  readonly references: readonly BenchReference[];
  /** Whatever else a reader needs to judge the number: sizes, counts, conditions. */
  readonly details?: Readonly<Record<string, number | string>>;
};

/**
 * `seconds` bounds each measured loop; `dataDir` holds the real timetable, where present. `esdbUrl`: an EventStoreDB to
 * measure in place of the stand-in.
 */
export type BenchOptions = {
  readonly seconds: number;
  readonly dataDir: string | undefined;
  readonly esdbUrl?: string;
};

export type Benchmark = {
  readonly name: string;
  readonly about: string;
  run(options: BenchOptions): AsyncIterable<BenchResult>;
};
