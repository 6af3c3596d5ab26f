// Every benchmark, in the order of the table in docs/benchmarks.md.
import { allocation } from './allocation.ts';
import type { Benchmark } from './benchmark.ts';
import { hotTrain } from './hot-train.ts';

export const BENCHMARKS: readonly Benchmark[] = [hotTrain, allocation];
