// The `railhead` command.

import { VERSION } from '@railhead/infra/composition/version.ts';
import { Command, CommanderError } from 'commander';
import { benchCommand } from './commands/bench.ts';
import { devEventStoreDbCommand } from './commands/dev-eventstoredb.ts';
import { doctorCommand } from './commands/doctor.ts';
import { eventsCommand } from './commands/events.ts';
import { importCommand } from './commands/import.ts';
import { simCommand } from './commands/sim.ts';
import { storeCommand } from './commands/store.ts';
import { tokenCommand } from './commands/token.ts';
import { upCommand } from './commands/up.ts';
import { verifyCommand } from './commands/verify.ts';
import { codeOf, EXIT, exitCodeOf } from './exit-codes.ts';

const program = new Command('railhead')
  .description('Sells train tickets from an event log.')
  .version(VERSION)
  .exitOverride()
  .showHelpAfterError('(see railhead --help)')
  .addHelpText(
    'after',
    `
Exit codes: 0 done, 1 something was found wrong, 2 wrong use, 3 configuration, 4 data folder in use,
5 data folder not usable, 6 input not usable, 7 port taken, 70 internal error.
Settings come from flags, RAILHEAD_* variables, --config FILE and defaults, in this order; \`railhead doctor\` shows them.`,
  );

for (const command of [
  upCommand(),
  importCommand(),
  doctorCommand(),
  tokenCommand(),
  eventsCommand(),
  verifyCommand(),
  storeCommand(),
  devEventStoreDbCommand(),
  benchCommand(),
  simCommand(),
])
  program.addCommand(command.exitOverride());

// A reader downstream that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else {
    const message = error instanceof Error ? error.message : String(error);
    process.exitCode = exitCodeOf(error);
    if (process.argv.includes('--json'))
      process.stdout.write(`${JSON.stringify({ error: { code: codeOf(error), message } })}\n`);
    process.stderr.write(`railhead: ${message} [${codeOf(error)}]\n`);
    if (process.exitCode === EXIT.internal && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  }
}
