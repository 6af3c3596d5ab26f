/** Tests on PostgreSQL, MariaDB, Redis and others: `make test-services` runs them, by jest.services.config.js. */
export const NEED_SERVERS = ['/tests/services/.*\\.test\\.ts$', '\\.services\\.test\\.ts$'];

/** Tests that start and kill a process many times: `make test-crashes` runs them, by jest.crashes.config.js. */
export const KILL_PROCESSES = '\\.crashes\\.test\\.ts$';

/** Jest in ESM: sources are TypeScript, stripped by swc; nothing is compiled beforehand. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '<rootDir>/.stryker-tmp/', ...NEED_SERVERS, KILL_PROCESSES],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.stryker-tmp/'],
  watchman: false,
  // By itself Jest leaves one core to whoever waits; of two that is half.
  maxWorkers: '100%',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024', experimental: { keepImportAttributes: true } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  // No test measures time: the limit is for what hangs, on however slow a machine.
  testTimeout: 600_000,
};
