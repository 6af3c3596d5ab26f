import base from './jest.config.js';

/** For `make mutation`: every test that runs the code in its own process; a mutant is not switched on in another. */
export default {
  ...base,
  testEnvironment: '@stryker-mutator/jest-runner/jest-env/node',
  testPathIgnorePatterns: [...base.testPathIgnorePatterns, '/tests/(e2e|architecture|mutation)/', '/cli/'],
  // The mutants are in a copy of the repository; node_modules, which it links to, would lead back to the original.
  moduleNameMapper: { '^@railhead/([^/]+)/(.*)$': '<rootDir>/$1/$2' },
};
