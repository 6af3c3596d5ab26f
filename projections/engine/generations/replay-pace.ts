// How fast a generation is built beside the one that is read: paused, so many events a second, or as fast as it goes. The
// batches become smaller where the store answers slowly, and larger where it answers fast.
import { type Clock, pause } from '@railhead/commands/ports/clock.ts';
import type { EventBatch, Position } from '@railhead/commands/ports/event-store.ts';
import type { Beside } from '@railhead/domain/replay/fold.ts';

export type Pacing = Pick<Beside, 'isPaused' | 'eventsPerSecond' | 'part'>;

/** How long the store should have to do with a batch: the thread is free in between, and a stop does not wait long. */
const BATCH_MS = 50;
const [LEAST, MOST] = [20, 2_000];
/** How often it looks whether it may go on. */
const LOOKS_EVERY_MS = 50;
/** The same, where somebody waits for it. */
const LOOKS_SOON_MS = 5;
/** The rate is that of so many milliseconds. */
const MEASURED_MS = 5_000;

export class ReplayPace {
  /** Undefined: this generation is read, or kept, and takes what comes. */
  now: Pacing | undefined;
  /** Nothing beyond this position is taken. */
  #bound: Position | undefined;
  /** Has it taken everything up to the bound, and met what is beyond? */
  #isAtBound = false;
  readonly #clock: Clock;
  /** Has the process no time to spare at the moment? */
  readonly #isBusy: () => boolean;
  #size = 200;
  /** What was taken, and until when. */
  #taken: { readonly atMs: number; readonly events: number }[] = [];
  /** Not before this moment, so that no more events go by in a second than somebody wants. */
  #nextMs = 0;
  #events = 0;

  constructor(clock: Clock, isBusy: () => boolean = () => false) {
    this.#clock = clock;
    this.#isBusy = isBusy;
  }

  /** Takes nothing beyond this position, and everything up to it, also while it is paused. */
  holdAt(position: Position): void {
    this.#bound = position;
    this.#isAtBound = false;
  }

  release(): void {
    this.#bound = undefined;
    this.#isAtBound = false;
  }

  get isAtBound(): boolean {
    return this.#isAtBound;
  }

  /** Do batches have to go through here? */
  get isSet(): boolean {
    return this.now !== undefined || this.#bound !== undefined;
  }

  /** Of the last seconds. */
  get eventsPerSecond(): number {
    const from = this.#clock.now() - MEASURED_MS;
    this.#taken = this.#taken.filter(({ atMs }) => atMs >= from);
    const [first] = this.#taken;
    if (first === undefined) return 0;
    const ms = Math.max(1_000, this.#clock.now() - first.atMs);
    return Math.round((this.#taken.reduce((sum, { events }) => sum + events, 0) * 1_000) / ms);
  }

  /** So many events were taken by others, at the pace of this. */
  count(events: number): void {
    if (events > 0) this.#taken.push({ atMs: this.#clock.now(), events });
  }

  /** How many events it has taken since this was asked last. */
  takenSince(): number {
    const taken = this.#events;
    this.#events = 0;
    return taken;
  }

  /** Hands the batch on in pieces; each waits until it may. False: `signal` has ended it before all were taken. */
  async inPieces(batch: EventBatch, signal: AbortSignal, take: (piece: EventBatch) => Promise<void>): Promise<boolean> {
    const events = this.#ofPart(batch);
    let from = 0;
    do {
      if (!(await this.#mayGoOn(events[from]?.position, signal))) return false;
      const size = this.now === undefined ? events.length : this.#sizeNow(this.now);
      const bound = this.#bound ?? Number.POSITIVE_INFINITY;
      const piece = events.slice(from, from + size).filter(({ position }) => position <= bound);
      from += piece.length;
      const isLast = from >= events.length;
      const position = isLast ? batch.position : (piece.at(-1)?.position ?? batch.position);
      const began = this.#clock.now();
      await take({ events: piece, position, caughtUp: isLast && batch.caughtUp });
      this.#note(piece.length, this.#clock.now() - began);
    } while (from < events.length);
    return true;
  }

  #ofPart({ events }: EventBatch): EventBatch['events'] {
    const { from = 0, until = Number.POSITIVE_INFINITY, streams } = this.now?.part ?? {};
    if (from === 0 && until === Number.POSITIVE_INFINITY && streams === undefined) return events;
    return events.filter(
      ({ position, stream }) =>
        position >= from && position <= until && (streams?.includes(stream.split('-', 1)[0] ?? '') ?? true),
    );
  }

  #sizeNow({ eventsPerSecond }: Pacing): number {
    // Ten times a second, so that a slow pace is even.
    return eventsPerSecond === 0 ? this.#size : Math.max(1, Math.min(this.#size, Math.ceil(eventsPerSecond / 10)));
  }

  /** `next`: the position of the next event, if there is one. */
  async #mayGoOn(next: Position | undefined, signal: AbortSignal): Promise<boolean> {
    // Two thirds of the time are for the sale, while it needs them.
    if (this.now?.eventsPerSecond === 0 && this.#isBusy()) await pause(this.#clock, 2 * BATCH_MS, signal);
    while (!signal.aborted) {
      const { now } = this;
      if (this.#bound !== undefined) {
        if (next === undefined || next <= this.#bound) return true;
        this.#isAtBound = true;
        await pause(this.#clock, LOOKS_SOON_MS, signal);
        continue;
      }
      if (now === undefined) return true;
      const waitsMs = now.isPaused ? LOOKS_EVERY_MS : now.eventsPerSecond === 0 ? 0 : this.#nextMs - this.#clock.now();
      if (waitsMs <= 0) return true;
      await pause(this.#clock, Math.min(waitsMs, LOOKS_EVERY_MS), signal);
    }
    return false;
  }

  #note(events: number, tookMs: number): void {
    const { now } = this;
    if (now === undefined) return;
    this.count(events);
    this.#events += events;
    if (events >= this.#size)
      this.#size = Math.round(Math.min(MOST, Math.max(LEAST, (this.#size * BATCH_MS) / Math.max(1, tookMs))));
    if (now.eventsPerSecond > 0)
      this.#nextMs = Math.max(this.#nextMs, this.#clock.now() - tookMs) + (events * 1_000) / now.eventsPerSecond;
  }
}
