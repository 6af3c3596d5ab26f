// One server that runs, in a folder and on ports of its own. None outlives the test file or the program that started it,
// unless it was started to stay.
import { spawn } from 'node:child_process';
import { chownSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { A_HANG_MS, waitUntil } from '../support/wait-until.ts';
import { endTree, isRunning, killTree, type ProcessId, pauseTree, processOf, resumeTree } from './processes.ts';
import { environmentIn, findProgram, type Installed, type Place, type ServerKind } from './server-kind.ts';

const STOP_LIMIT_MS = 30_000;
const ATTEMPTS = 3;

/** `args`: more for the server's program. `stays`: it goes on when this process ends, and is told of at once. */
export type StartOptions = {
  readonly args?: readonly string[];
  readonly stays?: (process: ProcessId, place: Place) => void;
};

const running = new Set<RunningServer>();
let over = false;

export class RunningServer {
  readonly kind: ServerKind;
  readonly place: Place;
  readonly #installed: Installed;
  readonly #options: StartOptions;
  #process: ProcessId | undefined;

  private constructor(kind: ServerKind, installed: Installed, place: Place, options: StartOptions) {
    this.kind = kind;
    this.place = place;
    this.#installed = installed;
    this.#options = options;
  }

  /** Resolves when it answers. */
  static async start(kind: ServerKind, options: StartOptions = {}): Promise<RunningServer> {
    const installed = kind.find();
    if ('missing' in installed) throw new Error(installed.missing);
    return RunningServer.#startNew(kind, installed, options);
  }

  static async #startNew(kind: ServerKind, installed: Installed, options: StartOptions): Promise<RunningServer> {
    for (let attempt = 1; ; attempt += 1) {
      const place = { folder: ownFolder(kind, installed), port: await freePort(), innerPort: await freePort() };
      const server = new RunningServer(kind, installed, place, options);
      running.add(server);
      try {
        await installed.prepare(place);
        await server.#launch();
        await installed.setUp?.(place);
        return server;
      } catch (error) {
        // Another process may have taken the port meanwhile.
        const hasEnded = server.#process !== undefined && !server.isRunning;
        await server.discard();
        if (!hasEnded || attempt === ATTEMPTS || over) throw error;
      }
    }
  }

  /** One that an earlier process started to stay. */
  static adopt(kind: ServerKind, place: Place, process: ProcessId): RunningServer {
    const installed = kind.find();
    if ('missing' in installed) throw new Error(installed.missing);
    const server = new RunningServer(kind, installed, place, {});
    server.#process = process;
    return server;
  }

  get url(): string {
    return this.kind.url(this.place);
  }

  get version(): string {
    return this.#installed.version;
  }

  get isRunning(): boolean {
    return this.#process !== undefined && isRunning(this.#process);
  }

  /** Undefined when it does not run. */
  get process(): ProcessId | undefined {
    return this.isRunning ? this.#process : undefined;
  }

  /** Another server that follows this one. */
  async replica(): Promise<RunningServer> {
    const installed = this.#installed.asReplicaOf?.(this.place);
    if (installed === undefined) throw new Error(`${this.kind.name} has no replicas here`);
    return RunningServer.#startNew(this.kind, installed, this.#options);
  }

  /** kill -9 of all its processes. */
  async kill(): Promise<void> {
    if (this.#process !== undefined) await killTree(this.#process);
    await this.#installed.clear?.(this.place);
  }

  /** Stops all its processes where they are (SIGSTOP): connections stay open, and nothing is answered. */
  async pause(): Promise<void> {
    if (this.#process !== undefined) await pauseTree(this.#process);
  }

  resume(): void {
    if (this.#process !== undefined) resumeTree(this.#process);
  }

  /** Asks it to end, also a paused one; kills it if it does not. What it has stored is kept. */
  async stop(): Promise<void> {
    if (this.#process === undefined) return;
    await endTree(this.#process, this.#installed.stopSignal, STOP_LIMIT_MS);
    await this.#installed.clear?.(this.place);
  }

  /** Starts it again on the same folder and ports, after `kill` or `stop` or in place of them. Resolves when it answers. */
  async restart(): Promise<void> {
    await this.stop();
    await this.#launch();
  }

  /** Ends it and removes what it has stored. */
  async discard(): Promise<void> {
    await this.kill();
    rmSync(this.place.folder, { recursive: true, force: true });
    running.delete(this);
  }

  async #launch(): Promise<void> {
    if (over) throw new Error('the test file is over');
    const log = join(this.place.folder, 'server.log');
    this.#process = launch(this.#installed, this.place, log, this.#options);
    this.#options.stays?.(this.#process, this.place);
    let lastError: unknown;
    const answers = async (): Promise<boolean> => {
      if (!this.isRunning) throw new Error(`${this.kind.name} has ended: ${tailOf(log)}`);
      return this.#installed.ask(this.place).then(
        () => true,
        (error: unknown) => {
          lastError = error;
          return false;
        },
      );
    };
    await waitUntil(`${this.kind.name} to answer`, answers, A_HANG_MS).catch((error: unknown) => {
      throw new Error(`${String(error)} (${String(lastError)}): ${tailOf(log)}`);
    });
  }
}

const launch = (
  installed: Installed,
  place: Place,
  logFile: string,
  { args: more = [], stays }: StartOptions,
): ProcessId => {
  const { file, args, env = {} } = installed.command(place);
  const all = [...args, ...more];
  // The kernel kills the server with the process that started it, even if that one is killed.
  const setpriv = stays !== undefined ? undefined : findProgram('setpriv');
  const [program, ...programArgs] =
    setpriv === undefined ? [file, ...all] : [setpriv, '--pdeathsig', 'KILL', '--', file, ...all];
  const log = openSync(logFile, 'a');
  const child = spawn(program, programArgs, {
    ...installed.identity,
    cwd: place.folder,
    env: { ...environmentIn(place.folder), ...env },
    // A session of its own, so that a key pressed in the terminal does not reach it.
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.on('error', () => {});
  child.unref();
  const started = child.pid === undefined ? undefined : processOf(child.pid);
  if (started === undefined) throw new Error(`${file} cannot be started: ${tailOf(logFile)}`);
  return started;
};

const tailOf = (log: string): string => (existsSync(log) ? readFileSync(log, 'utf8').slice(-2_000) : '');

const ownFolder = (kind: ServerKind, { identity }: Installed): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `railhead-${kind.name.toLowerCase()}-`)));
  if (identity.uid !== undefined && identity.gid !== undefined) chownSync(folder, identity.uid, identity.gid);
  return folder;
};

/** Below the ports that outgoing connections take, so that a server finds its port free again after a restart. */
const FIRST_PORT = 15_000;
const PORTS = 15_000;

const freePort = (): Promise<number> => {
  const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(freePort()));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(port)));
  });
};

/** Ends what still runs, and whatever is started afterwards. */
export const endServers = async (): Promise<void> => {
  over = true;
  await Promise.all([...running].map((server) => server.discard()));
};

// `make services` and benchmarks start servers too, without Jest.
(globalThis as { readonly afterAll?: (end: () => Promise<void>) => void }).afterAll?.(endServers);
