// Carries every order to its end: follows the log, keeps the unfinished orders, and does what `nextSteps` derives.

import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory, paymentNoOf } from '@railhead/domain/payment/stream.ts';
import { defer, from, lastValueFrom, retry } from 'rxjs';
import { type Clock, pause, type Timer } from '../ports/clock.ts';
import type { EventStore, Position, RecordedEvent } from '../ports/event-store.ts';
import type { Logger } from '../ports/logger.ts';
import type { ProcessCheckpoint, ProcessCheckpoints } from '../ports/process-checkpoints.ts';
import { CheckpointWriter } from '../process/checkpoint-writer.ts';
import { notUnderstood } from '../streams/load.ts';
import { nextSteps, type Step } from './next-steps.ts';
import { RunQueues, runKey } from './run-queue.ts';
import type { StepRunner } from './step-runner.ts';
import { type TrackedOrder, untracked, withOrderEvent, withPaymentEvent } from './tracked-order.ts';

export type OrderProcessDeps = {
  readonly store: EventStore;
  readonly checkpoints: ProcessCheckpoints;
  readonly steps: StepRunner;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often the checkpoint is saved while events come in. */
  readonly checkpointEveryMs: number;
  /** Steps at work at once; 50,000 unless told otherwise. */
  readonly maxAtWork?: number;
};

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
const BATCH = 1_000;
/** Steps at work at once; the log is read no further until some are done. Timers are not at work. */
const MAX_AT_WORK = 50_000;

type Attempt = { readonly timer: Timer | undefined };

const keyOf = (step: Step): string => {
  if ('paymentNo' in step) return `${step.kind}/${step.paymentNo}`;
  return step.kind === 'assignSeats' ? `${step.kind}/${step.seatClass}` : step.kind;
};

export class OrderProcess {
  readonly queues = new RunQueues();
  readonly #deps: OrderProcessDeps;
  readonly #tracked = new Map<string, TrackedOrder>();
  readonly #started = new Map<string, Map<string, Attempt>>();
  /** Touched since the last checkpoint. */
  readonly #unsaved = new Set<string>();
  /** Unfinished by the last checkpoint. */
  #saved = new Set<string>();
  readonly #stop = new AbortController();
  #position: Position = 0;
  /** Orders to be looked at once everything is read that was in the log at the start; undefined from then on. */
  #past: Set<string> | undefined = new Set();
  #pastEnds: Position | undefined;
  #savedPosition: Position = 0;
  readonly #checkpoint: CheckpointWriter;
  #saveTimer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #room: (() => void) | undefined;
  #atWork = 0;
  readonly #limit: number;

  constructor(deps: OrderProcessDeps) {
    this.#deps = deps;
    this.#limit = deps.maxAtWork ?? MAX_AT_WORK;
    this.#checkpoint = new CheckpointWriter(deps.checkpoints);
  }

  /** Log position up to which every event has been taken into account. */
  get position(): Position {
    return this.#position;
  }

  /** Orders that are not finished yet. */
  get unfinished(): number {
    return this.#tracked.size;
  }

  async start(): Promise<void> {
    const checkpoint = await this.#checkpoint.load();
    this.#position = checkpoint.position;
    this.#savedPosition = checkpoint.position;
    for (const orderNo of checkpoint.unfinished) this.#set(orderNo, await this.#reload(orderNo));
    this.#saved = new Set(checkpoint.unfinished);
    this.#unsaved.clear();
    for (const orderNo of [...this.#tracked.keys()]) this.#consider(orderNo);
    this.#running = lastValueFrom(
      defer(() => this.#follow()).pipe(
        retry({
          delay: (error, count) => {
            this.#deps.logger.error({ err: error, count }, 'the order process lost the log; it reads on');
            const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(count, 5));
            return from(pause(this.#deps.clock, delayMs));
          },
        }),
      ),
    );
    this.#scheduleSave();
  }

  /** Stops reading, lets no further step begin, saves where it was. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#room?.();
    await this.#running;
    this.#saveTimer?.cancel();
    for (const attempts of this.#started.values()) for (const attempt of attempts.values()) attempt.timer?.cancel();
    this.#started.clear();
    // The log has it all; without a saved place the next start reads more of it.
    await this.#saveOrWarn();
  }

  async #follow(): Promise<void> {
    const { store } = this.#deps;
    this.#pastEnds ??= await store.lastPosition();
    // Perhaps there was nothing to read, or it broke off after the last of it.
    if (this.#position >= this.#pastEnds) this.#leavePast();
    const subscription = store.subscribe({
      after: this.#position,
      categories: [orderCategory.name, paymentCategory.name],
      batchSize: BATCH,
      signal: this.#stop.signal,
    });
    for await (const batch of subscription) {
      const touched = new Set<string>();
      try {
        for (const event of batch.events) touched.add(await this.#take(event));
        this.#position = Math.max(this.#position, batch.position);
      } finally {
        // What was taken before a failure may not come again.
        for (const orderNo of touched) this.#recall(orderNo);
      }
      if (batch.caughtUp || this.#position >= this.#pastEnds) this.#leavePast();
      while (this.#atWork > this.#limit && !this.#stop.signal.aborted)
        await new Promise<void>((resolve) => {
          this.#room = resolve;
        });
    }
  }

  /** While the past is read, what an order seems to need may have been done further on: it is kept for later. */
  #recall(orderNo: string): void {
    const tracked = this.#tracked.get(orderNo);
    const isOver = tracked !== undefined && isFinished(tracked) && nextSteps(tracked).length === 0;
    if (this.#past !== undefined && !isOver) {
      this.#past.add(orderNo);
      return;
    }
    this.#past?.delete(orderNo);
    this.#consider(orderNo);
  }

  #leavePast(): void {
    const past = this.#past ?? [];
    this.#past = undefined;
    for (const orderNo of past) this.#consider(orderNo);
  }

  async #take(event: RecordedEvent): Promise<string> {
    const orderNo = orderNoOf(event);
    const known = this.#tracked.get(orderNo);
    // A request that comes again may be of an order that has long ended.
    const isNew = event.type === 'OrderRequested' && event.position > this.#position;
    const before = known ?? (isNew ? untracked : await this.#reload(orderNo));
    this.#set(orderNo, withEvent(before, event));
    return orderNo;
  }

  /** A finished order has been touched again: money came late, say. */
  async #reload(orderNo: string): Promise<TrackedOrder> {
    let tracked = untracked;
    for (const event of await this.#deps.store.readStream(orderCategory.stream(orderNo)))
      tracked = withEvent(tracked, event);
    for (let attempt = 1; ; attempt += 1) {
      const events = await this.#deps.store.readStream(paymentCategory.stream(paymentNoOf(orderNo, attempt)));
      if (events.length === 0) return tracked;
      for (const event of events) tracked = withEvent(tracked, event);
    }
  }

  #set(orderNo: string, tracked: TrackedOrder): void {
    this.#tracked.set(orderNo, tracked);
    this.#unsaved.add(orderNo);
    const { order } = tracked;
    if (order.status === 'QUEUED' && order.request !== undefined) this.queues.enter(runKey(order.request), orderNo);
    else this.queues.leave(orderNo);
  }

  /** Begins the steps that are due and not begun, forgets those that are done, lets go of a finished order. */
  #consider(orderNo: string): void {
    const tracked = this.#tracked.get(orderNo);
    if (tracked === undefined || this.#stop.signal.aborted) return;
    const steps = nextSteps(tracked);
    const started = this.#started.get(orderNo) ?? new Map<string, Attempt>();
    const due = new Set(steps.map(keyOf));
    for (const [key, attempt] of started)
      if (!due.has(key)) {
        attempt.timer?.cancel();
        started.delete(key);
      }
    for (const step of steps) if (!started.has(keyOf(step))) this.#begin(orderNo, step, started, 0);
    if (started.size > 0) {
      this.#started.set(orderNo, started);
      return;
    }
    this.#started.delete(orderNo);
    if (isFinished(tracked)) {
      this.#tracked.delete(orderNo);
      this.#unsaved.add(orderNo);
    }
  }

  #begin(orderNo: string, step: Step, started: Map<string, Attempt>, attempt: number): void {
    const delayMs = step.kind === 'expire' ? Math.max(0, Date.parse(step.at) - this.#deps.clock.now()) : 0;
    const begin = (): void => {
      if (this.#stop.signal.aborted) return;
      this.#atWork += 1;
      void this.#perform(orderNo, step).then(
        () => {
          this.#workDone();
          this.#retryLater(orderNo, step, started, attempt);
        },
        (error: unknown) => {
          this.#workDone();
          this.#deps.logger.warn(
            { err: error, orderNo, step: step.kind, attempt },
            'a step failed; it will be tried again',
          );
          this.#retryLater(orderNo, step, started, attempt);
        },
      );
    };
    if (delayMs === 0) {
      started.set(keyOf(step), { timer: undefined });
      begin();
    } else started.set(keyOf(step), { timer: this.#deps.clock.after(delayMs, begin) });
  }

  #workDone(): void {
    this.#atWork -= 1;
    if (this.#atWork <= this.#limit) this.#room?.();
  }

  async #perform(orderNo: string, step: Step): Promise<void> {
    const current = (): TrackedOrder => this.#tracked.get(orderNo) ?? untracked;
    const released = await this.#deps.steps.run(current, step);
    const tracked = this.#tracked.get(orderNo);
    if (released !== 'seatsReleased' || tracked === undefined) return;
    this.#set(orderNo, { ...tracked, seatsReleased: true });
    this.#consider(orderNo);
  }

  /** The step's event usually comes by the log before this; if it does not, the step is begun again. */
  #retryLater(orderNo: string, step: Step, started: Map<string, Attempt>, attempt: number): void {
    if (this.#started.get(orderNo) !== started || !started.has(keyOf(step))) return;
    const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 10));
    const again = (): void => {
      if (this.#started.get(orderNo) === started && started.has(keyOf(step)))
        this.#begin(orderNo, step, started, attempt + 1);
    };
    started.set(keyOf(step), { timer: this.#deps.clock.after(delayMs, again) });
  }

  #scheduleSave(): void {
    if (this.#stop.signal.aborted) return;
    this.#saveTimer = this.#deps.clock.after(this.#deps.checkpointEveryMs, () => {
      this.#saveOrWarn().finally(() => this.#scheduleSave());
    });
  }

  #saveOrWarn(): Promise<void> {
    return this.#save().catch((error: unknown) => {
      this.#deps.logger.warn({ err: error }, 'the order process could not save its place');
    });
  }

  /** State and position are taken in one turn, so they belong together. */
  async #save(): Promise<void> {
    const position = this.#position;
    if (position === this.#savedPosition && this.#unsaved.size === 0 && !this.#checkpoint.inDoubt) return;
    const touched = [...this.#unsaved];
    const begun = touched.filter((orderNo) => this.#tracked.has(orderNo));
    // An order that came and went between two checkpoints is never written.
    const finished = touched.filter((orderNo) => !this.#tracked.has(orderNo) && this.#saved.delete(orderNo));
    for (const orderNo of begun) this.#saved.add(orderNo);
    this.#unsaved.clear();
    this.#savedPosition = position;
    await this.#checkpoint.save({ position, begun, finished }, () => this.#whole());
  }

  #whole(): ProcessCheckpoint {
    this.#saved = new Set(this.#tracked.keys());
    this.#unsaved.clear();
    this.#savedPosition = this.#position;
    return { position: this.#position, unfinished: [...this.#saved] };
  }
}

/** Every payment event names its order. */
const orderNoOf = (event: RecordedEvent): string => {
  if (paymentCategory.owns(event)) return event.data.orderNo;
  if (orderCategory.owns(event)) return orderCategory.idOf(event.stream);
  throw notUnderstood(orderCategory.holds(event) ? orderCategory : paymentCategory, event);
};

const withEvent = (tracked: TrackedOrder, event: RecordedEvent): TrackedOrder => {
  if (orderCategory.owns(event)) return withOrderEvent(tracked, event, event.revision);
  if (paymentCategory.owns(event)) return withPaymentEvent(tracked, event, event.revision);
  throw notUnderstood(orderCategory.holds(event) ? orderCategory : paymentCategory, event);
};

const isFinished = ({ order }: TrackedOrder): boolean =>
  order.status === 'SUCCESS' || order.status === 'CLOSED' || order.status === 'ABSENT';
