// Opens the classes of runs in memory shortly before their sale opens, so that the first second of it reads no streams. Runs
// that an operator has named are found here; of others, those for which somebody waits are warmed by their queue.

import type { Openings } from '@railhead/domain/sale-openings/events.ts';
import { type RunId, runName } from '@railhead/domain/train-run/stream.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';

export type WarmDeps = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly openings: { readonly now: { readonly openings: Openings } };
  readonly warm: (run: RunId) => Promise<void>;
};

export const WARM_BEFORE_MS = 60_000;
const LOOKS_EVERY_MS = 15_000;
/** Of more that open at one time the others are opened by their first orders. */
const MOST_AT_ONCE = 200;

export class OpeningWarmer {
  readonly #deps: WarmDeps;
  /** With the instant for which they were warmed: one that was put off is warmed again. */
  #warmed = new Map<string, number>();
  #timer: Timer | undefined;
  #work: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(deps: WarmDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (this.#isStopped) return;
    this.#work = this.#look().then(() => {
      if (!this.#isStopped) this.#timer = this.#deps.clock.after(LOOKS_EVERY_MS, () => this.start());
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#work;
  }

  async #look(): Promise<void> {
    const { clock, logger, openings, warm } = this.#deps;
    const nowMs = clock.now();
    const soon = openings.now.openings.runs
      .map(({ opensAt, ...run }) => ({ run, name: runName(run), opensMs: Date.parse(opensAt) }))
      .filter(({ opensMs }) => opensMs > nowMs && opensMs - nowMs <= WARM_BEFORE_MS);
    const warmed = new Map(
      soon.flatMap(({ name }) => (this.#warmed.has(name) ? [[name, this.#warmed.get(name) ?? 0]] : [])),
    );
    for (const { run, name, opensMs } of soon.slice(0, MOST_AT_ONCE)) {
      if (this.#isStopped) return;
      if (warmed.get(name) === opensMs) continue;
      warmed.set(name, opensMs);
      await warm(run).catch((err: unknown) =>
        logger.warn({ err, run: name }, 'a run could not be warmed; its first orders open it'),
      );
    }
    this.#warmed = warmed;
  }
}
