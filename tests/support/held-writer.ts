// The embedded store's writer thread under a test's control: messages to it can be held back, its answers withheld, and
// it can be killed.
import type { Worker } from 'node:worker_threads';
import { startWriterThread } from '@railhead/infra/eventstore/sqlite/group-commit.ts';

export class HeldWriter {
  #thread: Worker | undefined;
  #send: (message: unknown) => void = () => {};
  #holding = false;
  #withholding = false;
  readonly #held: unknown[] = [];

  readonly startThread: typeof startWriterThread = (options) => {
    const thread = startWriterThread(options);
    const send = thread.postMessage.bind(thread);
    this.#thread = thread;
    this.#send = (message) => send(message);
    thread.postMessage = (message: unknown): void => {
      if (this.#holding) this.#held.push(message);
      else send(message);
    };
    const emit = thread.emit.bind(thread);
    // Only the first parameter's type differs between the overloads.
    thread.emit = ((event: string, ...args: unknown[]) =>
      event === 'message' && this.#withholding ? true : emit(event as 'message', ...args)) as typeof thread.emit;
    return thread;
  };

  /** Messages that were sent and have not reached the thread. */
  get held(): number {
    return this.#held.length;
  }

  hold(): void {
    this.#holding = true;
  }

  /** Lets the oldest held message through, or all of them and whatever comes later. */
  release(count: 1 | 'all'): void {
    if (count === 'all') this.#holding = false;
    for (const message of this.#held.splice(0, count === 1 ? 1 : this.#held.length)) this.#send(message);
  }

  /** The thread continues, and nobody receives its answers. */
  withholdAnswers(): void {
    this.#withholding = true;
  }

  async kill(): Promise<void> {
    await this.#thread?.terminate();
  }
}
