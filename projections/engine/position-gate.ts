// The position that a read model has reached, and a way to wait for it: the second half of reading one's own writes.
import type { Clock, Timer } from '@railhead/commands/ports/clock.ts';
import type { Position } from '@railhead/commands/ports/event-store.ts';

/** Reads that may wait for one model at once; each costs memory. */
const MAX_WAITING = 1_000;

/** What whoever reads needs of a gate. */
export type ReadGate = Pick<PositionGate, 'position' | 'waitFor'>;

export class PositionGate {
  readonly #clock: Clock;
  #position: Position = 0;
  readonly #waiters = new Set<{ readonly position: Position; readonly resolve: (reached: boolean) => void }>();
  #onWaiter: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get position(): Position {
    return this.#position;
  }

  /** Does somebody wait for a position? */
  get isAwaited(): boolean {
    return this.#waiters.size > 0;
  }

  reach(position: Position): void {
    if (position <= this.#position) return;
    this.#position = position;
    for (const waiter of [...this.#waiters])
      if (waiter.position <= position) {
        this.#waiters.delete(waiter);
        waiter.resolve(true);
      }
  }

  /** The model begins anew; whoever asks for a position waits again. */
  fallBack(): void {
    this.#position = 0;
  }

  /** Calls back once, as soon as somebody waits; not at all after the function that it returns is called. */
  whenAwaited(call: () => void): () => void {
    const forget = (): void => {
      this.#onWaiter = undefined;
    };
    this.#onWaiter = () => {
      forget();
      call();
    };
    if (this.#waiters.size > 0) this.#onWaiter();
    return forget;
  }

  /** True as soon as the model has everything up to `position`; false if that takes longer than `limitMs`, or at once where too many wait. */
  async waitFor(position: Position, limitMs: number): Promise<boolean> {
    if (position <= this.#position) return true;
    if (this.#waiters.size >= MAX_WAITING) return false;
    let timer: Timer | undefined;
    const reached = await new Promise<boolean>((resolve) => {
      const waiter = { position, resolve };
      this.#waiters.add(waiter);
      this.#onWaiter?.();
      timer = this.#clock.after(limitMs, () => {
        this.#waiters.delete(waiter);
        resolve(false);
      });
    });
    timer?.cancel();
    return reached;
  }
}
