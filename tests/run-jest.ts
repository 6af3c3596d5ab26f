// Runs Jest; arguments are Jest's. Ends with a plain line of counts.
import { runJest } from './jest-counts.ts';

const { passed, failed, exitCode } = await runJest(process.argv.slice(2));
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = exitCode;
