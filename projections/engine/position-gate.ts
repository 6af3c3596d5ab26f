// Where a read model has got to, and waiting for it to get further: the other half of reading one's own writes.
import type { Position } from '@railhead/commands/ports/event-store.ts';

export class PositionGate {
  #position: Position = 0;
  readonly #waiters = new Set<{ readonly position: Position; readonly resolve: (reached: boolean) => void }>();

  get position(): Position {
    return this.#position;
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

  /** True once the model has everything up to `position`; false if that takes longer than `limitMs`. */
  async waitFor(position: Position, limitMs: number): Promise<boolean> {
    if (position <= this.#position) return true;
    let handle: NodeJS.Timeout | undefined;
    const reached = await new Promise<boolean>((resolve) => {
      const waiter = { position, resolve };
      this.#waiters.add(waiter);
      handle = setTimeout(() => {
        this.#waiters.delete(waiter);
        resolve(false);
      }, limitMs);
    });
    clearTimeout(handle);
    return reached;
  }
}
