// Runs the tests that need servers; arguments are Jest's. Ends with a line for each kind of server that was not there, and
// a line of counts.
import { type Counts, runJest } from '../jest-counts.ts';
import { KINDS } from './kinds.ts';
import { MARIADB } from './mariadb.ts';
import { POSTGRES } from './postgres.ts';
import { REDIS } from './redis.ts';
import { RunningServer } from './running-server.ts';
import { reasonToSkip } from './server-kind.ts';

/** Suites of the embedded read side that hold for servers as well. */
const EMBEDDED_ELSEWHERE = [
  { kind: POSTGRES, suites: ['projections/', 'tests/http/'], variable: 'RAILHEAD_TEST_READ_SQL' },
  { kind: MARIADB, suites: ['projections/', 'tests/http/'], variable: 'RAILHEAD_TEST_READ_SQL' },
  { kind: REDIS, suites: ['tests/http/'], variable: 'RAILHEAD_TEST_READ_CACHE' },
];

const runs = [await runJest(['--config', 'jest.services.config.js', ...process.argv.slice(2)])];
// Whoever names tests wants those only.
if (process.argv.length === 2)
  for (const { kind, suites, variable } of EMBEDDED_ELSEWHERE) {
    if (reasonToSkip(kind) !== undefined) continue;
    const server = await RunningServer.start(kind);
    process.stderr.write(`\nSuites of the embedded read side, on ${kind.name}\n`);
    runs.push(await runJest(suites, { [variable]: server.url }));
    await server.discard();
  }
const sum = (of: (counts: Counts) => number): number => runs.reduce((total, counts) => total + of(counts), 0);
for (const kind of KINDS) {
  const reason = reasonToSkip(kind);
  if (reason !== undefined) process.stdout.write(`skipped: ${reason}\n`);
}
const counted = [sum(({ passed }) => passed), sum(({ failed }) => failed), sum(({ skipped }) => skipped)];
process.stdout.write(`${counted[0]} passed, ${counted[1]} failed, ${counted[2]} skipped\n`);
process.exitCode = runs.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? 0;
