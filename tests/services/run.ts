// Runs the tests that need servers; arguments are Jest's. Ends with a line for each kind of server that was not there, and
// a line of counts.
import { runJest } from '../jest-counts.ts';
import { KINDS } from './kinds.ts';
import { reasonToSkip } from './server-kind.ts';

const { passed, failed, skipped, exitCode } = await runJest([
  '--config',
  'jest.services.config.js',
  ...process.argv.slice(2),
]);
for (const kind of KINDS) {
  const reason = reasonToSkip(kind);
  if (reason !== undefined) process.stdout.write(`skipped: ${reason}\n`);
}
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = exitCode;
