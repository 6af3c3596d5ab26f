// Lets requests in address by address. Each address has a line of its own, and the lines take turns: who asks a thousand
// things is served like who asks one. Reads leave room for changes, and for everything else that the process has to do.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';

export type EntranceLimits = { readonly queuedOfAddress: number; readonly queuedInAll: number };

/** Whose line is full. */
export type LineFull = 'address' | 'all';

type Request = { readonly request: IncomingMessage; readonly response: ServerResponse };

/** Requests are begun for so long in a turn; what a request does later, when it has waited for something, is not counted. */
const TURN_MS = 1;
const MOST_A_TURN = 16;
/**
 * After a read that took longer than this, none is begun for a few turns: an order is decided in about a dozen turns, and
 * should not meet a search in each of them. A turn without work is short, so it costs the searches little.
 */
const LONG_MS = 0.5;
const TURNS_BETWEEN = 4;

export class Entrance {
  readonly #app: RequestListener;
  readonly #limits: EntranceLimits;
  readonly #reads = new Lines();
  readonly #changes = new Lines();
  /** Steps that are still to come in this turn of the event loop; each begins one request. */
  #steps = 0;
  #spentMs = 0;
  /** When the step before this one began a request, and whether that was a read. */
  #before: { readonly beganMs: number; readonly isRead: boolean } | undefined;
  /** Turns in which no read is begun. */
  #pause = 0;

  constructor(app: RequestListener, limits: EntranceLimits) {
    this.#app = app;
    this.#limits = limits;
  }

  get queued(): number {
    return this.#reads.queued + this.#changes.queued;
  }

  /** Takes the request in, in this turn or later; or says whose line is full, and does nothing. */
  serve(address: string, request: IncomingMessage, response: ServerResponse): LineFull | undefined {
    const ofAddress = this.#reads.lengthOf(address) + this.#changes.lengthOf(address);
    if (ofAddress >= this.#limits.queuedOfAddress) return 'address';
    if (this.queued >= this.#limits.queuedInAll) return 'all';
    const lines = request.method === 'GET' || request.method === 'HEAD' ? this.#reads : this.#changes;
    lines.add(address, { request, response });
    this.#plan(1);
    return undefined;
  }

  /** Immediates come one after the other, each with all that follows from it at once: so each can time the one before. */
  #plan(steps: number): void {
    for (let n = 0; n < steps && this.#steps < MOST_A_TURN; n += 1) {
      this.#steps += 1;
      setImmediate(() => this.#step());
    }
  }

  #step(): void {
    this.#steps -= 1;
    const nowMs = performance.now();
    this.#time(nowMs);
    if (this.#spentMs < TURN_MS) this.#beginNext(nowMs);
    if (this.#steps > 0) return;
    this.#before = undefined;
    this.#spentMs = 0;
    this.#pause = Math.max(0, this.#pause - 1);
    // In a pause a turn is planned all the same, to count it.
    this.#plan(this.#pause > 0 ? Math.max(1, this.#changes.queued) : this.queued);
  }

  #time(nowMs: number): void {
    if (this.#before === undefined) return;
    const tookMs = nowMs - this.#before.beganMs;
    this.#spentMs += tookMs;
    if (this.#before.isRead && tookMs > LONG_MS) this.#pause = TURNS_BETWEEN + 1;
    this.#before = undefined;
  }

  #beginNext(nowMs: number): void {
    const change = this.#changes.next();
    const next = change ?? (this.#pause === 0 ? this.#reads.next() : undefined);
    if (next === undefined) return;
    this.#before = { beganMs: nowMs, isRead: change === undefined };
    // Whoever has gone while waiting needs no answer.
    if (!next.response.destroyed) this.#app(next.request, next.response);
  }
}

/** Requests by address, in the order of their turns. */
class Lines {
  readonly #lines = new Map<string, Request[]>();
  #queued = 0;

  get queued(): number {
    return this.#queued;
  }

  lengthOf(address: string): number {
    return this.#lines.get(address)?.length ?? 0;
  }

  add(address: string, request: Request): void {
    const line = this.#lines.get(address);
    if (line === undefined) this.#lines.set(address, [request]);
    else line.push(request);
    this.#queued += 1;
  }

  /** The first of the line whose turn it is; that line is last from now on. */
  next(): Request | undefined {
    const [address, line] = this.#lines.entries().next().value ?? [];
    if (address === undefined || line === undefined) return undefined;
    this.#lines.delete(address);
    const first = line.shift();
    if (line.length > 0) this.#lines.set(address, line);
    this.#queued -= 1;
    return first;
  }
}
