// The faults that the test server can be told to produce, at its start or while it runs.
import { z } from 'zod';

const times = z.number().int().min(0).max(1_000_000);

/** Values are numbers of times unless the comment says otherwise; each occurrence counts down. */
export const faultSettings = z.object({
  /** The events are written; the connection ends before the answer. */
  dropAfterCommit: times,
  /** The connection ends before anything is written. */
  dropBeforeCommit: times,
  /** Once in so many appends, one of the two drops above, in turn; 0 for never. */
  dropEveryAppends: times,
  /** Each answer to an append is delayed by so many milliseconds. */
  delayMs: z.number().int().min(0).max(600_000),
  /** Appends are received and never answered. */
  silentAppends: times,
  /** The port of the present leader. While it is set, this node refuses callers who require a leader. */
  leaderPort: z.number().int().min(0).max(65_535),
  /**
   * The first append to a soft-deleted stream revives the stream, and the connection ends before its events are
   * written. A real server writes the two one after the other as well.
   */
  brokenRevival: times,
  /** Appends are refused although their revision is right. */
  wrongRevision: times,
  /** A subscription is ended as too slow after its next event. */
  slowConsumer: times,
  /** The next bytes to a client are cut off half way, and the connection ends. */
  truncatedFrame: times,
  /** The probe for features fails with INTERNAL. */
  internalOnProbe: times,
  /** An append is answered twice, the second time as a bad request. */
  secondReply: times,
  /** Appends end with the server's own time limit, but are written. */
  timeoutAfterCommit: times,
  /** Appends are answered as by a server that is still starting. */
  notReady: times,
  /** A subscription stays open and sends nothing from now on. */
  silentSubscription: times,
  /** A subscription is told a checkpoint far beyond the end of the log. */
  checkpointBeyondEnd: times,
  /** A subscription leaves out one event. */
  skippedEvent: times,
  /** A subscription sends one event twice. */
  repeatedEvent: times,
  /** Reads start and never end. */
  silentReads: times,
});

export type FaultName = keyof z.output<typeof faultSettings>;
/** Faults that are not named keep their values. */
export type FaultSettings = { readonly [Name in FaultName]?: number | undefined };
export const FAULT_NAMES = Object.keys(faultSettings.shape) as readonly FaultName[];

export class Faults {
  readonly #left = new Map<FaultName, number>();
  readonly #happened = new Map<FaultName, number>();
  #appends = 0;

  constructor(settings: FaultSettings = {}) {
    this.set(settings);
  }

  set(settings: FaultSettings): void {
    // Safe cast: the schema has checked the names.
    for (const [name, value] of Object.entries(faultSettings.partial().strict().parse(settings)))
      this.#left.set(name as FaultName, value ?? 0);
  }

  clear(): void {
    this.#left.clear();
  }

  valueOf(name: FaultName): number {
    return this.#left.get(name) ?? 0;
  }

  happened(name: FaultName): number {
    return this.#happened.get(name) ?? 0;
  }

  /** Should this fault happen now? Counts it down. */
  take(name: FaultName): boolean {
    const left = this.valueOf(name);
    if (left <= 0) return false;
    this.#left.set(name, left - 1);
    this.#note(name);
    return true;
  }

  /** The drop that this append gets, if it is its turn. */
  takeDrop(): 'before' | 'after' | undefined {
    this.#appends += 1;
    const every = this.valueOf('dropEveryAppends');
    if (this.take('dropBeforeCommit')) return 'before';
    if (this.take('dropAfterCommit')) return 'after';
    if (every === 0 || this.#appends % every !== 0) return undefined;
    this.#note('dropEveryAppends');
    return (this.#appends / every) % 2 === 0 ? 'before' : 'after';
  }

  #note(name: FaultName): void {
    this.#happened.set(name, this.happened(name) + 1);
  }
}
