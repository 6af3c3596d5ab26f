// The queues of all runs that this process knows, and the gate of a run: may somebody order without having waited? That of a
// run without a queue is a look at memory.
import { type RunId, runName } from '@railhead/domain/train-run/stream.ts';
import { QueueLine, type QueueLineDeps } from './queue-line.ts';

/** Queues kept in memory beyond those that are at work; others are read again when they are asked for. */
const MOST_AT_REST = 500;

export class RunQueues {
  readonly #deps: QueueLineDeps;
  readonly #lines = new Map<string, QueueLine>();
  readonly #reading = new Map<string, Promise<QueueLine>>();
  /** Those that the process has in hand. */
  readonly #atWork = new Set<string>();
  readonly #ends = new Set<() => void>();
  /** Has the log been read so far that every queue is known? Set by the process that follows it. */
  isComplete: () => boolean = () => false;

  constructor(deps: QueueLineDeps) {
    this.#deps = deps;
  }

  get secret(): string {
    return this.#deps.secret;
  }

  /** May everybody order for this run? Undefined: the log has to be asked. */
  isOpen(name: string): boolean | undefined {
    const line = this.#lines.get(name);
    if (line !== undefined) return line.queue.mode === 'OPEN';
    return this.isComplete() ? true : undefined;
  }

  /** Throws what the store throws, and `EVENT_NOT_UNDERSTOOD`. */
  async line(run: RunId): Promise<QueueLine> {
    const name = runName(run);
    const known = this.#lines.get(name) ?? this.#reading.get(name);
    if (known !== undefined) return known;
    const reading = QueueLine.read(run, this.#deps);
    this.#reading.set(name, reading);
    try {
      const line = await reading;
      this.#lines.set(name, line);
      this.#forgetSome();
      return line;
    } finally {
      this.#reading.delete(name);
    }
  }

  keep(name: string): void {
    this.#atWork.add(name);
  }

  letGo(name: string): void {
    this.#atWork.delete(name);
    this.#forgetSome();
  }

  /** Lines at work, for those who show them. */
  *atWork(): Generator<QueueLine> {
    for (const name of this.#atWork) {
      const line = this.#lines.get(name);
      if (line !== undefined) yield line;
    }
  }

  /** Calls back when this process ends and nobody is shown anything any more. */
  onEnd(end: () => void): () => void {
    this.#ends.add(end);
    return () => this.#ends.delete(end);
  }

  end(): void {
    for (const end of [...this.#ends]) end();
  }

  #forgetSome(): void {
    if (this.#lines.size <= this.#atWork.size + MOST_AT_REST) return;
    for (const [name, line] of this.#lines) {
      if (this.#atWork.has(name) || line.isBusy || (line.queue.mode !== 'OPEN' && line.queue.closed === undefined))
        continue;
      this.#lines.delete(name);
      return;
    }
  }
}
