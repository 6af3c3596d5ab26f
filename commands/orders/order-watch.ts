// Follows the log and calls those who wait for an order when an event of it arrives.
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { LogFollower } from '../log/follow-log.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { EventStore, Position, RecordedEvent } from '../ports/event-store.ts';
import type { Logger } from '../ports/logger.ts';

/** Without an event the watch has stopped. */
type Listener = (position: Position, event?: RecordedEvent) => void;

export class OrderWatch {
  readonly #store: EventStore;
  readonly #clock: Clock;
  readonly #listeners = new Map<string, Set<Listener>>();
  #position: Position = 0;
  readonly #logger: Logger;
  #follower: LogFollower | undefined;
  #stopped = false;

  constructor(store: EventStore, clock: Clock, logger: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
  }

  readonly name = 'watch';

  /** It begins at the end of the log. */
  get isCaughtUp(): boolean {
    return this.#follower !== undefined;
  }

  get lost(): string | undefined {
    return this.#follower?.lost;
  }

  async start(): Promise<void> {
    this.#position = await this.#store.lastPosition();
    this.#follower = new LogFollower(
      { store: this.#store, clock: this.#clock, logger: this.#logger },
      {
        name: 'the watch of orders',
        categories: [orderCategory.name],
        after: () => this.#position,
        take: async ({ events, position }) => {
          for (const event of events) this.#wake(event.stream, event.position, event);
          this.#position = position;
        },
      },
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    // First those who wait: the log may be out of reach, and its follower slow to end.
    for (const stream of [...this.#listeners.keys()]) this.#wake(stream, Number.POSITIVE_INFINITY);
    await this.#follower?.stop();
  }

  /** After `stop` nobody is called any more. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Calls back after each event of the order, until the returned function is called. */
  listen(orderNo: string, onEvent: Listener): () => void {
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
   * Calls `probe` now and after each event of the order, with the events that have come since the call; returns its
   * first answer that is not undefined. Undefined
   * after `limitMs`, on `stop`, or when `gone` says that nobody waits for the answer any more. `after` is a position that the caller has just written: only later events count, so
   * `probe` is called now only if this watch has already passed that position.
   */
  async until<Value>(
    orderNo: string,
    limitMs: number,
    probe: (came: readonly RecordedEvent[]) => Promise<Value | undefined>,
    { after = 0, gone }: { readonly after?: Position; readonly gone?: AbortSignal } = {},
  ): Promise<Value | undefined> {
    let moved: (() => void) | undefined;
    let happened = after <= this.#position;
    const came: RecordedEvent[] = [];
    const unlisten = this.listen(orderNo, (position, event) => {
      if (position <= after) return;
      if (event !== undefined) came.push(event);
      happened = true;
      moved?.();
    });
    const wake = (): void => moved?.();
    gone?.addEventListener('abort', wake);
    const deadline = this.#clock.now() + limitMs;
    try {
      for (;;) {
        if (happened) {
          happened = false;
          const value = await probe([...came]);
          if (value !== undefined) return value;
        }
        const left = deadline - this.#clock.now();
        if (left <= 0 || this.stopped || gone?.aborted === true) return undefined;
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
      gone?.removeEventListener('abort', wake);
    }
  }

  #wake(stream: string, position: Position, event?: RecordedEvent): void {
    for (const listener of [...(this.#listeners.get(stream) ?? [])]) listener(position, event);
  }
}
