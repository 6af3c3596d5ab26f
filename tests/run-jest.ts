// Runs Jest in ESM on the pinned Node; arguments are Jest's. Ends with a plain line of counts.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const jest = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin', 'jest.js');
const report = join(tmpdir(), `railhead-jest-${process.pid}.json`);
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const child = spawn(process.execPath, [...flags, jest, '--json', `--outputFile=${report}`, ...process.argv.slice(2)], {
  // The report also goes to standard output, which nobody wants to read.
  stdio: ['ignore', 'ignore', 'inherit'],
});

type Report = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
};

const counts = (): Report | undefined => {
  try {
    // Written by Jest in its documented format.
    return JSON.parse(readFileSync(report, 'utf8')) as Report;
  } catch {
    return undefined;
  } finally {
    rmSync(report, { force: true });
  }
};

/** When its tests are done a run ends at once, unless a test left something open: a store, a server, a timer. */
const ENDS_WITHIN_MS = 60_000;
let doneMs: number | undefined;
const watch = setInterval(() => {
  if (doneMs === undefined) {
    if (existsSync(report)) doneMs = Date.now();
    return;
  }
  if (Date.now() - doneMs < ENDS_WITHIN_MS) return;
  process.stderr.write('All tests have run, but one left something open and the run did not end; it is ended now.\n');
  child.kill('SIGKILL');
}, 500);

child.on('exit', (code) => {
  clearInterval(watch);
  const result = counts();
  // A suite that cannot be loaded has no failing test, but it is a failure.
  const failed = Math.max(result?.numFailedTests ?? 1, result?.numFailedTestSuites ?? 1, code === 0 ? 0 : 1);
  process.stdout.write(`${result?.numPassedTests ?? 0} passed, ${failed} failed\n`);
  process.exitCode = code ?? 1;
});
