// Lets requests in address by address. Where more come than are begun in a turn of the event loop, each address has a line
// of its own and the lines take turns: who asks a thousand things is served like who asks one, and everything else that the
// process has to do comes in between.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';

export type EntranceLimits = { readonly queuedOfAddress: number; readonly queuedInAll: number };

/** Whose line is full. */
export type LineFull = 'address' | 'all';

type Request = { readonly request: IncomingMessage; readonly response: ServerResponse };

/** After a turn that took longer than this, one request is begun, and then none for a few turns. */
const TURN_MS = 1;
const MOST_A_TURN = 16;
/** An order is decided in about a dozen turns, and should not meet a long request in each. A turn without work is short. */
const TURNS_BETWEEN = 3;

export class Entrance {
  readonly #app: RequestListener;
  readonly #limits: EntranceLimits;
  /** Lines in the order of their turns; a line without requests is not kept. */
  readonly #lines = new Map<string, Request[]>();
  #queued = 0;
  /** Requests begun in this turn of the event loop, and how many may be. */
  #begun = 0;
  #most = 1;
  #turnBeganMs = 0;
  #pause = 0;
  #turn: NodeJS.Immediate | undefined;

  constructor(app: RequestListener, limits: EntranceLimits) {
    this.#app = app;
    this.#limits = limits;
  }

  get queued(): number {
    return this.#queued;
  }

  /** Takes the request in, now or later; or says whose line is full, and does nothing. */
  serve(address: string, request: IncomingMessage, response: ServerResponse): LineFull | undefined {
    if (this.#queued === 0 && this.#begun < this.#most) {
      this.#begin({ request, response });
      return undefined;
    }
    const line = this.#lines.get(address) ?? [];
    if (line.length >= this.#limits.queuedOfAddress) return 'address';
    if (this.#queued >= this.#limits.queuedInAll) return 'all';
    line.push({ request, response });
    this.#lines.set(address, line);
    this.#queued += 1;
    this.#nextTurn();
    return undefined;
  }

  #begin({ request, response }: Request): void {
    this.#begun += 1;
    this.#nextTurn();
    // Whoever has gone while waiting needs no answer.
    if (!response.destroyed) this.#app(request, response);
  }

  #nextTurn(): void {
    if (this.#turn !== undefined) return;
    this.#turnBeganMs = performance.now();
    this.#turn = setImmediate(() => this.#take());
  }

  #take(): void {
    this.#turn = undefined;
    // What a request does at once has been done by now: so long took those of the last turn, and all between them.
    const isLong = performance.now() - this.#turnBeganMs > TURN_MS;
    if (this.#pause > 0) this.#pause -= 1;
    else {
      this.#most = isLong ? 1 : Math.min(MOST_A_TURN, this.#most * 2);
      this.#pause = isLong ? TURNS_BETWEEN : 0;
    }
    if (this.#pause > 0) {
      this.#begun = this.#most;
      this.#nextTurn();
      return;
    }
    this.#begun = 0;
    while (this.#begun < this.#most) {
      const next = this.#lines.entries().next().value;
      if (next === undefined) return;
      const [address, line] = next;
      const first = line.shift();
      this.#lines.delete(address);
      if (line.length > 0) this.#lines.set(address, line);
      this.#queued -= 1;
      if (first !== undefined) this.#begin(first);
    }
  }
}
