// The `railhead` command. It loads only the modules that the given command needs.
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { VERSION } from '@railhead/infra/composition/version.ts';
import { Command, CommanderError } from 'commander';
import { codeOf, EXIT, exitCodeOf } from './exit-codes.ts';

// Beside the sources, not in a shared temporary folder, because the cached code is executed.
enableCompileCache(join(import.meta.dirname, '.compile-cache'));

// Files are created for their owner alone: logs hold people's names, and folders hold secrets.
process.umask(0o077);

// Started by `railhead` of an older Node, this process ends when that one does: a server without its parent would keep the
// data folder, and nobody would know of it.
if (process.channel !== undefined) {
  const stop = (): unknown => process.kill(process.pid, 'SIGTERM');
  process.once('disconnect', stop);
  process.channel.unref();
  if (!process.connected) stop();
}

/** `load` imports a command's module when the command is used; the module adds its options and its action. */
type Entry = {
  readonly name: string;
  readonly about: string;
  readonly load: () => Promise<(command: Command) => Command>;
};

const COMMANDS: readonly Entry[] = [
  {
    name: 'up',
    about: 'serve everything on one port: APIs, order process, read models, sandbox gateway',
    load: async () => (await import('./commands/up.ts')).upCommand,
  },
  {
    name: 'import',
    about: 'import a timetable into the log (while nothing else serves it)',
    load: async () => (await import('./commands/import.ts')).importCommand,
  },
  {
    name: 'doctor',
    about: 'what this machine has and lacks, and what the configuration means',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  },
  {
    name: 'token',
    about: 'print a signed development token, and nothing else',
    load: async () => (await import('./commands/token.ts')).tokenCommand,
  },
  {
    name: 'events',
    about: 'print a stream, or the whole log; may follow it while it is served',
    load: async () => (await import('./commands/events.ts')).eventsCommand,
  },
  {
    name: 'verify',
    about: 'fold the whole log and check every promise; may run while it is served',
    load: async () => (await import('./commands/verify.ts')).verifyCommand,
  },
  {
    name: 'reconcile',
    about: "compare the log with the payment gateway's statement, and with the seats and orders that are shown",
    load: async () => (await import('./commands/reconcile.ts')).reconcileCommand,
  },
  {
    name: 'queue',
    about: 'the queue of a run: prove its order from the log, look at it, open, slow down or pause it',
    load: async () => (await import('./commands/queue.ts')).queueCommand,
  },
  {
    name: 'sale',
    about: 'when the sale of runs, days and stations opens',
    load: async () => (await import('./commands/sale.ts')).saleCommand,
  },
  {
    name: 'read-models',
    about: 'how far the read models of the serving process are, and what to do with events that they cannot take',
    load: async () => (await import('./commands/read-models.ts')).readModelsCommand,
  },
  {
    name: 'replay',
    about: 'any moment of the past from the log: what was shown then, and what changed; may run while it is served',
    load: async () => (await import('./commands/replay.ts')).replayCommand,
  },
  {
    name: 'sandbox-gateway',
    about: 'the sandbox payment gateway as a process of its own; no real money moves there',
    load: async () => (await import('./commands/sandbox-gateway.ts')).sandboxGatewayCommand,
  },
  {
    name: 'store',
    about: 'the event log as a whole',
    load: async () => (await import('./commands/store.ts')).storeCommand,
  },
  {
    name: 'dev-eventstoredb',
    about:
      "a server that speaks EventStoreDB's contract, for development where there is none; never for tickets people paid for",
    load: async () => (await import('./commands/dev-eventstoredb.ts')).devEventStoreDbCommand,
  },
  {
    name: 'demo',
    about: 'a hot sale to watch: a crowd, a waiting room, a queue, a sell-out, and a waitlist that is served',
    load: async () => (await import('./commands/demo.ts')).demoCommand,
  },
  {
    name: 'bench',
    about: 'measure, each number beside a reference from the same run',
    load: async () => (await import('./commands/bench.ts')).benchCommand,
  },
  {
    name: 'sim',
    about: 'live through simulated days full of faults, one for each seed, and check every promise',
    load: async () => (await import('./commands/sim.ts')).simCommand,
  },
];

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

// `railhead help up` needs the options of `up`, as `railhead up --help` does.
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'));
for (const { name, about, load } of COMMANDS) {
  const command = new Command(name).description(about);
  const isUsed = wanted[0] === name || (wanted[0] === 'help' && wanted[1] === name);
  const known = isUsed ? (await load())(command) : command;
  // A command's parts do not inherit it: by themselves they would end with 1, which means that something was found.
  for (const each of [known, ...known.commands]) each.exitOverride();
  program.addCommand(known);
}

// A reader that closes the pipe early (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.ok);
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
