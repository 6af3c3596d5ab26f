// Tells those who wait for an order when it has moved: follows the log, wakes by order number.
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { defer, from, lastValueFrom, retry } from 'rxjs';
import { type Clock, pause, type Timer } from '../ports/clock.ts';
import type { EventStore, Position } from '../ports/event-store.ts';

const RETRY_MS = 500;

export class OrderWatch {
  readonly #store: EventStore;
  readonly #clock: Clock;
  readonly #listeners = new Map<string, Set<(position: Position) => void>>();
  #position: Position = 0;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(store: EventStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    this.#position = await this.#store.lastPosition();
    const follow = async (): Promise<void> => {
      const signal = this.#stop.signal;
      const options = { after: this.#position, categories: [orderCategory.name], signal };
      for await (const batch of this.#store.subscribe(options)) {
        for (const { stream, position } of batch.events) this.#wake(stream, position);
        this.#position = batch.position;
      }
    };
    this.#running = lastValueFrom(defer(follow).pipe(retry({ delay: () => from(pause(this.#clock, RETRY_MS)) })), {
      defaultValue: undefined,
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    for (const stream of [...this.#listeners.keys()]) this.#wake(stream, Number.POSITIVE_INFINITY);
  }

  /** Nobody is told anything any more. */
  get stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Calls back after each event of the order, until the returned function is called. */
  listen(orderNo: string, onEvent: (position: Position) => void): () => void {
    const stream = orderCategory.stream(orderNo);
    const listeners = this.#listeners.get(stream) ?? new Set();
    listeners.add(onEvent);
    this.#listeners.set(stream, listeners);
    return () => {
      listeners.delete(onEvent);
      if (listeners.size === 0) this.#listeners.delete(stream);
    };
  }

  /**
   * The first answer of `probe` that is one, asked now and after each event of the order; undefined after `limitMs`.
   * With `after`, a position the caller has just written, only what comes later can be an answer: it is asked now only
   * if the log has been followed past that.
   */
  async until<Value>(
    orderNo: string,
    limitMs: number,
    probe: () => Promise<Value | undefined>,
    after: Position = 0,
  ): Promise<Value | undefined> {
    let moved: (() => void) | undefined;
    let happened = after <= this.#position;
    const unlisten = this.listen(orderNo, (position) => {
      if (position <= after) return;
      happened = true;
      moved?.();
    });
    const deadline = this.#clock.now() + limitMs;
    try {
      for (;;) {
        if (happened) {
          happened = false;
          const value = await probe();
          if (value !== undefined) return value;
        }
        const left = deadline - this.#clock.now();
        if (left <= 0 || this.stopped) return undefined;
        if (happened) continue;
        let timer: Timer | undefined;
        await new Promise<void>((resolve) => {
          moved = resolve;
          timer = this.#clock.after(left, resolve);
        });
        timer?.cancel();
      }
    } finally {
      unlisten();
    }
  }

  #wake(stream: string, position: Position): void {
    for (const listener of [...(this.#listeners.get(stream) ?? [])]) listener(position);
  }
}
