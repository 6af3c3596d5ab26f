// Runs Jest in ESM on the pinned Node, and counts. Jest's own report goes to standard error.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export type Counts = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly exitCode: number;
};

type Report = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
};

const jest = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin', 'jest.js');
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
/** Jest's own report ends with an error where a failure has a cause that names itself. */
const COUNTING = join(import.meta.dirname, 'counting-reporter.js');
/** When its tests are done a run ends at once, unless a test left something open: a store, a server, a timer. */
const ENDS_WITHIN_MS = 60_000;

/** `args` are Jest's; `env` is added to the environment. */
export const runJest = async (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Counts> => {
  const report = join(tmpdir(), `railhead-jest-${process.pid}.json`);
  const child = spawn(process.execPath, [...flags, jest, ...args, '--reporters=default', `--reporters=${COUNTING}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...env, JEST_COUNTS_FILE: report },
  });
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
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearInterval(watch);
  const result = read(report);
  // A suite that cannot be loaded has no failing test, but it is a failure.
  const failed = Math.max(result?.numFailedTests ?? 1, result?.numFailedTestSuites ?? 1, code === 0 ? 0 : 1);
  return {
    passed: result?.numPassedTests ?? 0,
    failed,
    skipped: result?.numPendingTests ?? 0,
    exitCode: code ?? 1,
  };
};

const read = (report: string): Report | undefined => {
  try {
    // Written by the reporter beside this file.
    return JSON.parse(readFileSync(report, 'utf8')) as Report;
  } catch {
    return undefined;
  } finally {
    rmSync(report, { force: true });
  }
};
