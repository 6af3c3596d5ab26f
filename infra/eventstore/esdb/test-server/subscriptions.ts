// Subscriptions to $all or to a stream: first what is in the log, then what is written, until the caller leaves.
import { status as Code } from '@grpc/grpc-js';
import { filterOf, type RecordFilter } from './filter.ts';
import {
  callError,
  caughtUpMessage,
  checkpointMessage,
  confirmationMessage,
  eventMessage,
  fellBehindMessage,
  NO_POSITION,
  noEventThere,
  streamNameOf,
} from './messages.ts';
import type { Node } from './node.ts';
import { type ReadCall, type ReadOptions, send, TURN, turn } from './sending.ts';
import { indexAfter } from './server-log.ts';
import type { ServerRecord } from './server-record.ts';
import { LIVE_BUFFER } from './versions.ts';

/** EventStoreDB's page size. Without a search window it sends a checkpoint after so many pages of records. */
const PAGE = 32;
/** Bytes; further than any test writes. */
const BEYOND = 2 ** 40;

export const subscribe = async (node: Node, call: ReadCall, options: ReadOptions): Promise<void> => {
  node.called('Subscribe');
  const position = options.getAll()?.getPosition()?.getCommitPosition();
  if (position !== undefined && !node.log.isBoundary(Number(position))) {
    call.emit('error', noEventThere(node.behaviour.noEventThere));
    return;
  }
  if (await send(call, confirmationMessage(crypto.randomUUID()))) await new Subscription(node, call, options).run();
};

class Subscription {
  readonly #node: Node;
  readonly #call: ReadCall;
  /** Undefined for $all. */
  readonly #stream: string | undefined;
  readonly #matches: RecordFilter;
  /** A checkpoint after so many records; undefined without a filter. */
  readonly #window: number | undefined;
  #position: number;
  #searched = 0;
  #live = false;
  /** Nothing has told the subscriber a position yet, and it named none itself. */
  #nowhere: boolean;
  #skipped = false;
  #wake: () => void = () => {};

  constructor(node: Node, call: ReadCall, options: ReadOptions) {
    this.#node = node;
    this.#call = call;
    const all = options.getAll();
    this.#stream = all === undefined ? streamNameOf(options.getStream()?.getStreamIdentifier()) : undefined;
    this.#matches = filterOf(options);
    const filter = options.getFilter();
    this.#window =
      filter === undefined
        ? undefined
        : (filter.hasMax() ? filter.getMax() : PAGE) * filter.getCheckpointintervalmultiplier();
    this.#nowhere = filter !== undefined && all?.hasStart() === true;
    this.#position = startOf(this.#source(), options);
    const last = this.#source().at(-1)?.position ?? 0;
    if (node.behaviour.sendsBelowStart) this.#position = Math.min(this.#position, last);
  }

  async run(): Promise<void> {
    const stopListening = this.#node.log.onChange(() => this.#wake());
    this.#call.on('cancelled', () => this.#wake());
    this.#call.on('close', () => this.#wake());
    try {
      while (this.#listening) {
        const records = this.#pending();
        if (this.#live && !(await this.#keepUp(records))) return;
        if (!(await this.#deliver(records))) return;
        await turn();
        if (this.#pending().length > 0) continue;
        if (!(await this.#reachEnd())) return;
        if (this.#pending().length === 0) await this.#change();
      }
    } finally {
      stopListening();
    }
  }

  get #listening(): boolean {
    return !this.#call.cancelled && !this.#call.destroyed;
  }

  #source(): readonly ServerRecord[] {
    const { log } = this.#node;
    return this.#stream === undefined ? log.records : (log.visible(this.#stream) ?? []);
  }

  /** The next records, as many as are sent in one turn. */
  #pending(): readonly ServerRecord[] {
    const records = this.#source();
    const next = indexAfter(records, this.#position);
    return records.slice(next, next + TURN);
  }

  /** False if the subscription has ended, because more came at once than the server keeps for it. */
  async #keepUp(records: readonly ServerRecord[]): Promise<boolean> {
    if (records.filter(this.#matches).length <= LIVE_BUFFER) return true;
    if (this.#node.behaviour.burst === 'ends') {
      if (await this.#deliver(records.slice(0, LIVE_BUFFER))) this.#tooSlow();
      return false;
    }
    this.#live = false;
    return send(this.#call, fellBehindMessage());
  }

  /** False if nobody listens any more, or a fault has ended the subscription. */
  async #deliver(records: readonly ServerRecord[]): Promise<boolean> {
    const { faults } = this.#node;
    for (const record of records) {
      if (faults.take('silentSubscription')) {
        await new Promise((resolve) => this.#call.on('cancelled', resolve));
        return false;
      }
      this.#position = record.position;
      this.#searched += 1;
      if (this.#matches(record)) {
        this.#nowhere = false;
        this.#skipped = !this.#skipped && !record.type.startsWith('$') && faults.take('skippedEvent');
        if (!this.#skipped && !(await send(this.#call, eventMessage(record)))) return false;
        if (faults.take('repeatedEvent')) await send(this.#call, eventMessage(record));
        if (faults.take('slowConsumer')) return this.#tooSlow();
      }
      if (this.#window === undefined || this.#searched < this.#window) continue;
      this.#searched = 0;
      this.#nowhere = false;
      if (!(await send(this.#call, checkpointMessage(this.#position)))) return false;
    }
    return true;
  }

  async #reachEnd(): Promise<boolean> {
    const { faults, behaviour } = this.#node;
    if (this.#window !== undefined && faults.take('checkpointBeyondEnd'))
      await send(this.#call, checkpointMessage(this.#position + BEYOND));
    if (this.#live) return this.#listening;
    this.#live = true;
    if (this.#nowhere && behaviour.checkpointBeforeFirstMatch) await send(this.#call, checkpointMessage(NO_POSITION));
    return send(this.#call, caughtUpMessage());
  }

  #tooSlow(): false {
    this.#call.emit('error', callError(Code.ABORTED, 'Operation timed out: consumer too slow'));
    return false;
  }

  /** Resolves when something is written, or the caller leaves. */
  async #change(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (!this.#listening) resolve();
    });
  }
}

/** Where a subscription starts: after a revision of a stream, or after a position of $all. */
const startOf = (records: readonly ServerRecord[], options: ReadOptions): number => {
  const all = options.getAll();
  const of = options.getStream();
  if (all?.hasEnd() === true || of?.hasEnd() === true) return records.at(-1)?.position ?? 0;
  if (all !== undefined) return Number(all.getPosition()?.getCommitPosition() ?? 0);
  if (of?.hasRevision() !== true) return 0;
  const revision = Number(of.getRevision());
  return records.findLast((record) => record.revision <= revision)?.position ?? 0;
};
