// Starts the servers that this machine has, or those of them that are named, and leaves them to run: `make services`.
// Prints the setting for each, or why it is missing.
import { KINDS } from './kinds.ts';
import { endRecorded, forget, isInUse, newRecord } from './record.ts';
import { endServers, RunningServer } from './running-server.ts';
import type { ServerKind } from './server-kind.ts';

const wanted = process.argv.slice(2).map((name) => name.toLowerCase());
const unknown = wanted.find((name) => !KINDS.some((kind) => kind.name.toLowerCase() === name));

const printed = new Set<string>();
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const start = async (kind: ServerKind, record: ReturnType<typeof newRecord>): Promise<void> => {
  const found = kind.find();
  if ('missing' in found) {
    print(`# skipped: ${found.missing}`);
    return;
  }
  const server = await RunningServer.start(kind, {
    stays: (process, place) => record({ kind: kind.name, process, place }),
  });
  // Two kinds may stand for one setting.
  const or = printed.has(kind.setting) ? '# or ' : '';
  printed.add(kind.setting);
  print(`${or}${kind.setting}=${server.url}  # ${kind.name} ${server.version}`);
  if (kind.hasReplicas) print(`${kind.setting}_REPLICA=${(await server.replica()).url}  # its replica`);
};

const startAll = async (): Promise<void> => {
  for await (const { url } of endRecorded()) process.stderr.write(`had ended already: ${url}\n`);
  const record = newRecord();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => {
      void endServers().finally(() => {
        forget();
        process.exit(1);
      });
    });
  for (const kind of KINDS)
    if (wanted.length === 0 || wanted.includes(kind.name.toLowerCase()))
      await start(kind, record).catch((error: unknown) => {
        process.stderr.write(`${kind.name} does not start: ${String(error)}\n`);
        process.exitCode = 1;
      });
};

if (unknown !== undefined) {
  process.stderr.write(
    `There is no ${unknown}; there are ${KINDS.map(({ name }) => name.toLowerCase()).join(', ')}.\n`,
  );
  process.exitCode = 1;
} else if (isInUse()) {
  process.stderr.write('Services run already; end them by make services-down.\n');
  process.exitCode = 1;
} else {
  await startAll();
}
