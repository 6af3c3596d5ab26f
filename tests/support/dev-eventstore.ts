// `railhead dev-eventstoredb` in a process of its own, ended by its id.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startChild } from './children.ts';
import { A_HANG_MS } from './wait-until.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export class DevEventStore {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  static async start(args: readonly string[] = []): Promise<DevEventStore> {
    const all = [MAIN, 'dev-eventstoredb', '--port', '0', '--json', ...args];
    const child = startChild(all, { stdio: ['ignore', 'pipe', 'inherit'] });
    const url = await new Promise<string>((resolve, reject) => {
      const fail = (why: string): void => {
        clearTimeout(limit);
        child.kill('SIGKILL');
        reject(new Error(`dev-eventstoredb ${why}`));
      };
      const limit = setTimeout(() => fail('did not come up'), A_HANG_MS);
      let stdout = '';
      child.once('exit', (code) => fail(`ended with ${code}`));
      child.stdout?.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
        if (!stdout.includes('\n')) return;
        clearTimeout(limit);
        // Printed by `dev-eventstoredb --json`.
        resolve((JSON.parse(stdout) as { url: string }).url);
      });
    });
    return new DevEventStore(url, child);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await gone;
  }
}
