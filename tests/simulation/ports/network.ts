// The network between one process and everything else: latencies, cuts, and the crash of the process.
import type { Dice } from '../kernel/dice.ts';
import type { Life } from '../kernel/life.ts';
import type { Scheduler } from '../kernel/scheduler.ts';
import type { Trace } from '../kernel/trace.ts';
import type { FaultName, FaultRates } from '../world/faults.ts';

export type Weather = {
  /** The present rates; all zero when the day is over. */
  faults: FaultRates;
};

export type NetworkOptions = {
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly life: Life;
  readonly weather: Weather;
  readonly trace: Trace;
  /** Milliseconds of one way. */
  readonly latencyMs: number;
  /** Ends the process; what it has sent stays sent. */
  readonly crash: () => void;
};

const SLOW = 1_000;
/** How long a caller waits for an answer. */
const TIMEOUT_MS = 3_000;

export class Network {
  readonly dice: Dice;
  readonly scheduler: Scheduler;
  readonly life: Life;
  readonly crash: () => void;
  readonly #options: NetworkOptions;
  /** Virtual time until which this process reaches nobody. */
  #cutUntil = 0;

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.dice = options.dice;
    this.scheduler = options.scheduler;
    this.life = options.life;
    this.crash = options.crash;
  }

  get isCut(): boolean {
    return this.scheduler.now < this.#cutUntil;
  }

  cut(ms: number): void {
    this.#cutUntil = this.scheduler.now + ms;
  }

  /** Does this fault happen now? If so, the trace names it. */
  strikes(fault: FaultName, what: string): boolean {
    if (!this.dice.chance(this.#options.weather.faults[fault])) return false;
    this.#options.trace.incident(this.life.name, `${fault}: ${what}`);
    return true;
  }

  note(what: string): void {
    this.#options.trace.step(this.life.name, what);
  }

  latency(): number {
    const { faults } = this.#options.weather;
    const factor = this.dice.chance(faults.slow) ? SLOW : 1;
    return this.#options.latencyMs * (0.2 + 1.6 * this.dice.next()) * factor;
  }

  /** How long a message sent now takes; during a cut it arrives after it. */
  transit(): number {
    return Math.max(0, this.#cutUntil - this.scheduler.now) + this.latency();
  }

  timeout(): number {
    return TIMEOUT_MS * (0.5 + this.dice.next());
  }

  /** Delivers an answer to the process, which may die of it. */
  answer(delayMs: number, deliver: () => void): void {
    this.scheduler.after(
      delayMs,
      () => {
        if (this.strikes('crashAtAnswer', 'an answer')) this.crash();
        else deliver();
      },
      this.life,
    );
  }

  /** A read: its answer is the state when it arrives. Fails if the other side cannot be reached. */
  ask<Value>(what: string, fault: FaultName, work: () => Promise<Value>, failure: () => Error): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (this.isCut) return this.answer(this.timeout(), () => reject(failure()));
      if (this.strikes(fault, what)) return this.answer(this.latency(), () => reject(failure()));
      this.scheduler.after(this.latency(), () => {
        void work().then(
          (value) => this.answer(this.latency(), () => resolve(value)),
          (error) => this.answer(this.latency(), () => reject(error)),
        );
      });
    });
  }
}
