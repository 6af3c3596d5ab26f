// Everybody who watches their place in the queue of a run. One timer serves them all: each is written to when what they are
// told has changed, and now and then to keep the connection open.
import type { ServerResponse } from 'node:http';
import type { Clock, Timer } from '@railhead/commands/ports/clock.ts';
import { standingIn } from '@railhead/commands/queue/queue-standing.ts';
import { shownStanding } from '@railhead/http/run-queue-shapes.ts';
import { type FoundPlace, type RunPlaceReads, standingOfPlace } from './run-place.ts';

const EVERY_MS = 1_000;
/** The longest time without an event, so that proxies keep the connection open. */
const HEARTBEAT_MS = 15_000;
/** Ends after this time; the client connects again (EventSource does so by itself), and its place is where it was. */
const LONGEST_WATCH_MS = 300_000;
/** A client that takes nothing is cut off, since what it has not taken costs memory. */
const MOST_UNSENT_BYTES = 64 * 1024;

type Watcher = FoundPlace & {
  readonly response: ServerResponse;
  readonly untilMs: number;
  readonly ended: () => void;
  told: string;
  toldMs: number;
};

export class PlaceStreams {
  readonly #reads: RunPlaceReads;
  readonly #clock: Clock;
  readonly #most: number;
  readonly #watchers = new Set<Watcher>();
  #timer: Timer | undefined;

  constructor(reads: RunPlaceReads, most: number) {
    this.#reads = reads;
    this.#clock = reads.clock;
    this.#most = most;
    reads.queues.onEnd(() => this.end());
  }

  get size(): number {
    return this.#watchers.size;
  }

  get isFull(): boolean {
    return this.#watchers.size >= this.#most;
  }

  /** Resolves when the stream has ended. Call it only where `isFull` is false. */
  async watch(found: FoundPlace, response: ServerResponse): Promise<void> {
    const nowMs = this.#clock.now();
    const first = await standingOfPlace(this.#reads, found);
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    await new Promise<void>((resolve) => {
      const watcher = { ...found, response, untilMs: nowMs + LONGEST_WATCH_MS, ended: resolve, told: '', toldMs: 0 };
      this.#watchers.add(watcher);
      response.once('close', () => this.#forget(watcher));
      this.#tell(watcher, JSON.stringify(shownStanding(this.#clock, first)), nowMs, first.phase === 'CLOSED');
      this.#arm();
    });
  }

  /** Everybody gets the end of their stream. */
  end(): void {
    for (const watcher of [...this.#watchers]) this.#finish(watcher);
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#watchers.size === 0) return;
    this.#timer = this.#clock.after(EVERY_MS, () => {
      this.#timer = undefined;
      this.#tellAll();
      this.#arm();
    });
  }

  #tellAll(): void {
    const nowMs = this.#clock.now();
    for (const watcher of this.#watchers) {
      const standing = standingIn(watcher.line, watcher.place, nowMs);
      if (standing === undefined || nowMs > watcher.untilMs || watcher.response.writableLength > MOST_UNSENT_BYTES) {
        this.#finish(watcher);
        continue;
      }
      const told = JSON.stringify(shownStanding(this.#clock, standing));
      if (told === watcher.told && nowMs - watcher.toldMs < HEARTBEAT_MS) continue;
      this.#tell(watcher, told, nowMs, standing.phase === 'CLOSED');
    }
  }

  #tell(watcher: Watcher, told: string, nowMs: number, isLast: boolean): void {
    watcher.told = told;
    watcher.toldMs = nowMs;
    watcher.response.write(`event: ${isLast ? 'closed' : 'place'}\ndata: ${told}\n\n`);
    if (isLast) this.#finish(watcher);
  }

  #finish(watcher: Watcher): void {
    watcher.response.end();
    this.#forget(watcher);
  }

  #forget(watcher: Watcher): void {
    if (!this.#watchers.delete(watcher)) return;
    watcher.ended();
    if (this.#watchers.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
