// Writes how many tests have passed and failed, when all have run.
import { writeFileSync } from 'node:fs';

export default class CountingReporter {
  onRunComplete(_, { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites }) {
    const path = process.env.JEST_COUNTS_FILE;
    if (path === undefined) throw new Error('JEST_COUNTS_FILE names no file');
    writeFileSync(path, JSON.stringify({ numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites }));
  }
}
