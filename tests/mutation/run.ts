// `make mutation`: changes code a little, one place at a time, and counts what the tests notice (StrykerJS).
//   run.ts FOLDER… [--sample N] [--seed S]      mutants of whole folders, or N of them; of the event stores, N more
//   run.ts --since COMMIT                       mutants of the lines that changed since a commit
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { changedRanges } from './changed-ranges.ts';
import { type Report, scoresOf } from './report.ts';
import { SAMPLE_VARIABLE, SEED_VARIABLE } from './sample.ts';
import { bySelection, TESTS_VARIABLE, type TestSelection } from './selection.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const REPORT = join(ROOT, '.stryker-tmp', 'report.json');
/** Production code with tests of its own; the stand-in for EventStoreDB and the command line are no part of it. */
const FOLDERS = ['domain', 'commands', 'projections', 'http', 'write-api', 'read-api', 'infra'];
const NEVER = ['!**/*.test.ts', '!infra/eventstore/esdb/test-server/**', '!infra/**/*-fixture.ts'];

const { values, positionals } = parseArgs({
  options: { sample: { type: 'string' }, seed: { type: 'string', default: '1' }, since: { type: 'string' } },
  allowPositionals: true,
});

const patterns = (): readonly string[] => {
  if (values.since === undefined)
    return (positionals.length === 0 ? FOLDERS : positionals).map((place) =>
      place.includes('.ts') || place.includes('*') ? place : `${place.replace(/\/$/, '')}/**/*.ts`,
    );
  const diff = execFileSync('git', ['diff', '-U0', '--no-color', values.since, '--', ...FOLDERS], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  return changedRanges(diff);
};

const stryker = join(
  dirname(createRequire(import.meta.url).resolve('@stryker-mutator/core/package.json')),
  'bin',
  'stryker.js',
);

const reportOf = async (mutate: readonly string[], tests: TestSelection): Promise<Report> => {
  const child = spawn(process.execPath, [stryker, 'run', '--mutate', [...mutate, ...NEVER].join(',')], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      ...(values.sample === undefined ? {} : { [SAMPLE_VARIABLE]: values.sample }),
      [SEED_VARIABLE]: values.seed,
      [TESTS_VARIABLE]: tests,
    },
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) process.exit(Number(code ?? 1));
  // Written by Stryker in its documented format.
  return JSON.parse(readFileSync(REPORT, 'utf8')) as Report;
};

const runs = bySelection(patterns());
if (runs.length === 0) process.stdout.write('no line of production code has changed\n');
const files: Record<string, Report['files'][string]> = {};
for (const { mutate, tests } of runs) Object.assign(files, (await reportOf(mutate, tests)).files);
for (const { name, mutants, tried, noticed, survivors } of scoresOf({ files })) {
  for (const { file, line, change, status } of survivors)
    process.stdout.write(`${status.padEnd(10)} ${file}:${line}  ${change}\n`);
  const share = tried === 0 ? 'nothing to try' : `${((noticed / tried) * 100).toFixed(1)} % noticed`;
  process.stdout.write(`${name}: ${tried} of ${mutants} mutants tried, ${share}\n`);
}
