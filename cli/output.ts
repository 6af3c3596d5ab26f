// Output of the command line: lines for people or JSON for programs; a progress bar on a terminal, plain lines
// elsewhere.
import { Presets, SingleBar } from 'cli-progress';

export const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

export const printJson = (value: unknown): void => print(JSON.stringify(value));

/** Progress of one long step: on a terminal a bar that appears after two seconds, otherwise a line at the end. */
export class Progress {
  readonly #label: string;
  readonly #quiet: boolean;
  readonly #started = Date.now();
  #bar: SingleBar | undefined;

  constructor(label: string, options: { readonly quiet?: boolean } = {}) {
    this.#label = label;
    this.#quiet = options.quiet ?? false;
  }

  update(done: number, total: number): void {
    if (this.#quiet || !process.stderr.isTTY || Date.now() - this.#started < APPEARS_AFTER_MS) return;
    this.#bar ??= this.#show();
    this.#bar.setTotal(Math.max(total, 1));
    this.#bar.update(done);
  }

  end(summary: string): void {
    this.#bar?.stop();
    if (this.#quiet) return;
    const seconds = ((Date.now() - this.#started) / 1000).toFixed(1);
    process.stderr.write(`${this.#label}: ${summary} (${seconds} s)\n`);
  }

  #show(): SingleBar {
    const format = `${this.#label} {bar} {percentage} % | {eta_formatted} left`;
    const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.shades_classic);
    bar.start(1, 0);
    return bar;
  }
}

const APPEARS_AFTER_MS = 2_000;
