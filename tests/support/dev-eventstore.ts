// `railhead dev-eventstoredb` in a process of its own, ended by its id.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const START_LIMIT_MS = 30_000;

export class DevEventStore {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  static async start(args: readonly string[] = []): Promise<DevEventStore> {
    const all = [MAIN, 'dev-eventstoredb', '--port', '0', '--json', ...args];
    const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'inherit'] });
    const url = await new Promise<string>((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error('dev-eventstoredb did not come up')), START_LIMIT_MS);
      let stdout = '';
      child.once('exit', (code) => reject(new Error(`dev-eventstoredb ended with ${code}`)));
      child.stdout.on('data', (chunk: Buffer) => {
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
