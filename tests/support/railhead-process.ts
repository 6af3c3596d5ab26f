// A real `railhead up` on a folder of its own, for HTTP requests and for killing.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startChild } from './children.ts';
import { A_HANG_MS } from './wait-until.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** Without the environment's settings, and without limits: tests and benchmarks ask faster than people. */
const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('RAILHEAD_'))),
  RAILHEAD_ACCOUNT_WRITES_PER_SECOND: '0',
  RAILHEAD_UNPAID_SEATS_LIMIT: '0',
  RAILHEAD_TICKETS_PER_TRAIN_LIMIT: '0',
  RAILHEAD_TICKETS_PER_DOCUMENT_LIMIT: '0',
  RAILHEAD_JOURNEYS_AT_ONCE_LIMIT: '0',
  RAILHEAD_CANCELLED_ORDERS_LIMIT: '0',
});

export type CommandResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs one command to its end. */
export const railhead = async (...args: readonly string[]): Promise<CommandResult> => {
  const child = startChild([MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = await once(child, 'close');
  return { code: Number(code ?? -1), stdout, stderr };
};

/** Runs a command that does not end by itself until it has printed this; gives what it printed before it was stopped. */
export const railheadUntil = async (printed: string, ...args: readonly string[]): Promise<string> => {
  const child = startChild([MAIN, ...args], { stdio: ['ignore', 'pipe', 'ignore'], env: environment() });
  const gone = once(child, 'close');
  const limit = setTimeout(() => child.kill('SIGKILL'), A_HANG_MS);
  let stdout = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (stdout.includes(printed)) child.kill('SIGTERM');
  });
  await gone;
  clearTimeout(limit);
  return stdout;
};

export class RailheadProcess {
  readonly url: string;
  readonly folder: string;
  readonly #child: ChildProcess;

  private constructor(url: string, folder: string, child: ChildProcess) {
    this.url = url;
    this.folder = folder;
    this.#child = child;
  }

  /** Prints why a server ended by itself, because the waiting test would not know. */
  #tellOfDeath(stderr: () => string): this {
    this.#child.once('exit', (code, signal) => {
      if (!this.#child.killed)
        process.stderr.write(`the server under test ended by itself (${code ?? signal}): ${stderr()}\n`);
    });
    return this;
  }

  /** Resolves when it serves; rejects with what it printed if it does not come up. */
  static async start(
    folder: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
    { mayDie = false }: { readonly mayDie?: boolean } = {},
  ): Promise<RailheadProcess> {
    const all = [MAIN, 'up', '--data', folder, '--port', '0', '--log-level', 'error', '--json', ...args];
    const child = startChild(all, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...environment(), ...env } });
    let [stdout, stderr] = ['', ''];
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const url = await new Promise<string>((resolve, reject) => {
      const fail = (why: string): void => {
        clearTimeout(limit);
        child.kill('SIGKILL');
        reject(new Error(`railhead up ${why}: ${stderr}`));
      };
      const limit = setTimeout(() => fail('did not come up'), A_HANG_MS);
      child.once('exit', (code) => fail(`ended with ${code}`));
      child.stdout?.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
        const line = stdout.split('\n').find((candidate) => candidate.startsWith('{"url"'));
        if (line === undefined || !stdout.includes('\n')) return;
        clearTimeout(limit);
        // Printed by `up --json`.
        resolve((JSON.parse(line) as { url: string }).url);
      });
    });
    const started = new RailheadProcess(url, folder, child);
    return mayDie ? started : started.#tellOfDeath(() => stderr);
  }

  /** Has it ended, by itself or not? */
  get isGone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Memory that it has in use, in MB; undefined on machines without Linux's /proc. */
  residentMb(): number | undefined {
    const path = `/proc/${this.#child.pid}/status`;
    if (!existsSync(path)) return undefined;
    return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(path, 'utf8'))?.[1]) / 1024);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    if (this.isGone) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  /** Asks it to stop; resolves with its exit code. */
  async stop(): Promise<number> {
    if (this.isGone) return this.#child.exitCode ?? -1;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const [code] = await gone;
    return Number(code ?? -1);
  }
}
