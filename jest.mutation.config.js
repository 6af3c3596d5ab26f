import { join } from 'node:path';
import base from './jest.config.js';

const STORES = ['/infra/eventstore/(esdb|sharded|sqlite)/', '/tests/esdb/'];
const ofStores = process.env.RAILHEAD_MUTATION_TESTS === 'stores';

// Many mutants leave a test waiting for what never comes (tests/support/wait-until.ts).
process.env.RAILHEAD_HANG_MS = ofStores ? '30000' : '6000';

/** For `make mutation`: every test that runs the code in its own process; a mutant is not switched on in another. */
export default {
  ...base,
  // Stryker needs its path in full.
  testEnvironment: join(import.meta.dirname, 'tests/mutation/first-failure.ts'),
  runner: '<rootDir>/tests/mutation/nearest-first.ts',
  testMatch: ofStores ? ['**/infra/(eventstore|composition)/**/*.test.ts', '**/tests/esdb/*.test.ts'] : base.testMatch,
  testPathIgnorePatterns: [
    ...base.testPathIgnorePatterns,
    '/tests/(e2e|architecture|mutation|simulation)/',
    '/cli/',
    ...(ofStores ? [] : STORES),
  ],
  moduleNameMapper: {
    // The mutants are in a copy of the repository; node_modules, which it links to, would lead back to the original.
    '^@railhead/([^/]+)/(.*)$': '<rootDir>/$1/$2',
    '^fast-check$': '<rootDir>/tests/mutation/quick-properties.ts',
  },
  // No test takes half of it, also on a busy machine.
  testTimeout: ofStores ? 60_000 : 12_000,
};
