// What `make services` has started, in a file of the folder where it was called: enough to end it again, and only it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KINDS } from './kinds.ts';
import { isRunning, type ProcessId, processOf } from './processes.ts';
import { RunningServer } from './running-server.ts';
import type { Place } from './server-kind.ts';

export type RecordedServer = { readonly kind: string; readonly place: Place; readonly process: ProcessId };

type Contents = { readonly starter: ProcessId; readonly servers: readonly RecordedServer[] };

const FOLDER = '.services';
const FILE = join(FOLDER, 'running.json');

const read = (): Contents | undefined => {
  try {
    // Safe cast: written here.
    return JSON.parse(readFileSync(FILE, 'utf8')) as Contents;
  } catch {
    return undefined;
  }
};

/** Do some of them run, or are they being started? */
export const isInUse = (): boolean => {
  const contents = read();
  return (
    contents !== undefined && [contents.starter, ...contents.servers.map(({ process }) => process)].some(isRunning)
  );
};

export const forget = (): void => rmSync(FILE, { force: true });

/** Also of those that have ended meanwhile, the folders are removed. Yields each when it is done. */
export async function* endRecorded(): AsyncIterable<{ readonly url: string; readonly ran: boolean }> {
  // Replicas before what they follow.
  for (const { kind: name, place, process: started } of (read()?.servers ?? []).toReversed()) {
    const kind = KINDS.find((candidate) => candidate.name === name);
    if (kind === undefined) throw new Error(`no such kind of server: ${name}`);
    const server = RunningServer.adopt(kind, place, started);
    const ran = server.isRunning;
    await server.stop();
    await server.discard();
    yield { url: server.url, ran };
  }
  forget();
}

/** Fails with EEXIST if there is one. Adds a server to it at each call of what it returns. */
export const newRecord = (): ((server: RecordedServer) => void) => {
  const starter = processOf(process.pid);
  if (starter === undefined) throw new Error('this process cannot be found');
  const servers: RecordedServer[] = [];
  const write = (flag: 'w' | 'wx'): void =>
    writeFileSync(FILE, `${JSON.stringify({ starter, servers } satisfies Contents, null, 2)}\n`, { flag });
  mkdirSync(FOLDER, { recursive: true });
  write('wx');
  return (server) => {
    servers.push(server);
    write('w');
  };
};
