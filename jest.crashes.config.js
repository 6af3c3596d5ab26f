import base, { KILL_PROCESSES } from './jest.config.js';

const { testMatch: _, ...settings } = base;

/** For `make test-crashes`: the tests that kill a process again and again, and only these. */
export default {
  ...settings,
  testRegex: [KILL_PROCESSES],
  testPathIgnorePatterns: base.testPathIgnorePatterns.filter((pattern) => pattern !== KILL_PROCESSES),
};
