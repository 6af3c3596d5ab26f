// The queue process: keeps the queues of runs going, and begins one by itself where orders come too fast for the seats.
import { type RunId, runName } from '@railhead/domain/train-run/stream.ts';
import type { Timer } from '../ports/clock.ts';
import { OpeningWarmer, type WarmDeps } from '../sale-openings/warm-openings.ts';
import { ownOrigin } from '../streams/append.ts';
import { type RunnerDeps, WorkflowRunner } from '../workflow/workflow-runner.ts';
import { admitNow, type QueueState, type QueueWorkDeps, queueWorkflow } from './queue-workflow.ts';
import { RequestMeter } from './request-meter.ts';

/** When a queue begins by itself. */
export type SelfStart = {
  /** With at least so many orders a second for one run; 0: never. */
  readonly requestsPerSecond: number;
  /** And more a second than this share of the seats left. */
  readonly shareOfSeats: number;
};

export type QueueProcessDeps = Omit<QueueWorkDeps, 'isHot'> &
  RunnerDeps & { readonly selfStart: SelfStart; readonly openings: WarmDeps['openings'] };

const CHECKPOINT_EVERY_MS = 1_000;
/** Clocks of processes that differ by less make no difference. */
const LOOKS_AT_CLOCK_EVERY_MS = 5_000;

export class QueueProcess extends WorkflowRunner<QueueState> {
  readonly #deps: QueueProcessDeps;
  readonly #meter: RequestMeter;
  readonly #warmer: OpeningWarmer;
  #clockTimer: Timer | undefined;
  #isStopped = false;
  /** Runs whose queue is being begun. */
  readonly #beginning = new Set<string>();

  constructor(deps: QueueProcessDeps) {
    const meter = new RequestMeter(deps.clock);
    const { queues, selfStart } = deps;
    const isHot = (name: string): boolean =>
      selfStart.requestsPerSecond > 0 && meter.perSecond(name) >= selfStart.requestsPerSecond;
    super(queueWorkflow({ ...deps, isHot }), deps, {
      checkpointEveryMs: CHECKPOINT_EVERY_MS,
      onState: (name, state) => (state === undefined ? queues.letGo(name) : queues.keep(name)),
    });
    this.#deps = deps;
    this.#meter = meter;
    this.#warmer = new OpeningWarmer({ ...deps, warm: ({ train, date }) => deps.pool.warm(train, date) });
    queues.isComplete = () => this.isCaughtUp && this.unread === 0;
  }

  override async start(): Promise<void> {
    await super.start();
    this.#warmer.start();
    this.#watchClock();
  }

  /**
   * Steps wait for instants. A clock that is set back an hour would have a queue wait for an hour, so a line whose last
   * admission lies in the future is gone on with from here.
   */
  #watchClock(): void {
    const { clock, queues, logger } = this.#deps;
    this.#clockTimer = clock.after(LOOKS_AT_CLOCK_EVERY_MS, () => {
      for (const line of queues.atWork()) {
        const lastMs = line.queue.admissions.at(-1)?.atMs ?? 0;
        if (line.queue.mode !== 'QUEUED' || lastMs <= clock.now() + LOOKS_AT_CLOCK_EVERY_MS) continue;
        admitNow(this.#deps, line).catch((err: unknown) =>
          logger.warn(
            { err, run: line.name },
            'a queue could not go on after the clock was set back; it is tried again',
          ),
        );
      }
      if (!this.#isStopped) this.#watchClock();
    });
  }

  override async stop(): Promise<void> {
    this.#isStopped = true;
    this.#clockTimer?.cancel();
    this.#deps.queues.end();
    await this.#warmer.stop();
    await super.stop();
  }

  /** An order is asked for. Costs nothing where no queue begins by itself. */
  noteRequest(run: RunId): void {
    const { requestsPerSecond } = this.#deps.selfStart;
    if (requestsPerSecond === 0) return;
    const name = runName(run);
    const requests = this.#meter.count(name);
    if (requests < requestsPerSecond || this.#beginning.has(name) || !this.isCaughtUp) return;
    this.#beginning.add(name);
    this.#begin(run, requests)
      .catch((err: unknown) => this.#deps.logger.warn({ err, run: name }, 'a queue could not be begun'))
      .finally(() => this.#deps.clock.after(MAY_BEGIN_AGAIN_MS, () => this.#beginning.delete(name)));
  }

  async #begin({ train, date }: RunId, requests: number): Promise<void> {
    const { pool, queues, selfStart, logger } = this.#deps;
    const seatsLeft = await pool.seatsLeft(train, date);
    if (requests <= seatsLeft * selfStart.shareOfSeats) return;
    const line = await queues.line({ train, date });
    if (line.queue.mode !== 'OPEN') return;
    const begun = await line.write(ownOrigin(`hot/${line.name}`, line.name), () => ({ type: 'TurnOn' }));
    if (begun.ok && begun.value.position > 0)
      logger.info({ run: line.name, requests, seatsLeft }, 'orders come too fast for the seats: a queue begins');
  }
}

/** A queue that was not needed is not thought of again within a second. */
const MAY_BEGIN_AGAIN_MS = 1_000;
