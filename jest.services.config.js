import base, { NEED_SERVERS } from './jest.config.js';

const { testMatch: _, ...settings } = base;

/** For `make test-services`: the tests that need servers beside the process, and only these. */
export default {
  ...settings,
  testRegex: NEED_SERVERS,
  testPathIgnorePatterns: base.testPathIgnorePatterns.filter((pattern) => !NEED_SERVERS.includes(pattern)),
};
