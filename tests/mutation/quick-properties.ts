// Stands in for fast-check while mutants run: fewer runs of each property, and no shrinking, for only "noticed" counts.
import fc from '../../node_modules/fast-check/lib/fast-check.js';

const RUNS = 100;

// Safe cast: one implementation of all of the signatures.
const assert = ((property: fc.IRawProperty<unknown>, params?: fc.Parameters<unknown>) =>
  fc.assert(property, {
    ...params,
    numRuns: Math.min(params?.numRuns ?? RUNS, RUNS),
    endOnFailure: true,
  })) as typeof fc.assert;

export default { ...fc, assert };
