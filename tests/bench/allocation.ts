// Choosing seats: how fast, how many requests are refused for want of a better choice, how much is sold of the best.

import { refusedThoughFree, soldOfOptimum } from './allocation-quality.ts';
import { allocationSpeed } from './allocation-speed.ts';
import type { Benchmark } from './benchmark.ts';

export const allocation: Benchmark = {
  name: 'allocation',
  about: 'choose seats on bitmaps: requests a second, refusals though seats were free in parts, seat-km of the optimum',
  async *run({ seconds, dataDir }) {
    yield* allocationSpeed(seconds);
    yield* refusedThoughFree(dataDir);
    yield* soldOfOptimum(dataDir);
  },
};
