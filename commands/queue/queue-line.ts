// The queue of one run in this process. Those who join while an append is in flight are written together by the next one.
//
// What is in memory is a cache, not an authority: expected revisions keep every decision exact. Who meets another writer reads
// what that one has written, and decides again. Nothing is answered before it is known to be written.
import { hash } from 'node:crypto';
import { accept, type Decision, type Refusal, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { AdmissionRules } from '@railhead/domain/run-queue/admission.ts';
import { decide, type Joining, type RunQueueCommand, type RunQueueRefusal } from '@railhead/domain/run-queue/decide.ts';
import type { RunQueueEvent } from '@railhead/domain/run-queue/events.ts';
import { isRoomShut, type RunQueue } from '@railhead/domain/run-queue/fold.ts';
import { shuffled } from '@railhead/domain/run-queue/shuffle.ts';
import { runQueueCategory } from '@railhead/domain/run-queue/stream.ts';
import { type RunId, runName } from '@railhead/domain/train-run/stream.ts';
import { type Clock, pause, timestampOf } from '../ports/clock.ts';
import { type EventStore, EventStoreError, type Position, type RecordedEvent } from '../ports/event-store.ts';
import { eventIds } from '../ports/ids.ts';
import type { Logger } from '../ports/logger.ts';
import type { Random } from '../ports/random.ts';
import { expectedAfter, metaOf, type Origin, ownOrigin } from '../streams/append.ts';
import { load } from '../streams/load.ts';
import { NotUnderstood } from '../streams/understood.ts';
import { commitmentOf, newNonce, orderDigest, seedOf } from './seed.ts';

export type QueueRules = AdmissionRules & {
  /** So many may wait for one run. */
  readonly mostWaiting: number;
  /** Who was admitted may order for so long. */
  readonly admittedMinutes: number;
};

export type QueueLineDeps = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly rules: QueueRules;
  /** Seeds follow from it. */
  readonly secret: string;
};

export type JoinRefusal = 'QUEUE_FULL' | RunQueueRefusal | 'CONTENDED';
/** `position` is 0 for a place that was there before. */
export type Joined = { readonly place: number; readonly position: Position };

type WaitingJoin = {
  readonly joining: Joining;
  readonly arrivedMs: number;
  /** When the sale opens by what is known now; undefined: it is open. */
  readonly opensMs: number | undefined;
  readonly resolve: (joined: Result<Joined, JoinRefusal>) => void;
  readonly reject: (error: unknown) => void;
};

type Written = Result<{ readonly position: Position }, RunQueueRefusal | 'CONTENDED'>;

/** Joins in one event: well below the size that a store allows it. */
const MOST_JOINS = 5_000;
const MAX_ATTEMPTS = 20;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 250;

export class QueueLine {
  readonly run: RunId;
  readonly #deps: QueueLineDeps;
  readonly #state: RunQueue;
  #revision: number;
  readonly #joining: WaitingJoin[] = [];
  /** Everything that writes does so after what was begun before it. */
  #turn: Promise<unknown> = Promise.resolve();
  #collects = false;
  /** Free seats, as they were known last. */
  seatsLeft: number | undefined;
  /** When the sale opens by what was said last; undefined: as the room has it. Ms since the epoch. */
  opensMs: number | undefined;

  private constructor(run: RunId, deps: QueueLineDeps, state: RunQueue, revision: number) {
    this.run = run;
    this.#deps = deps;
    this.#state = state;
    this.#revision = revision;
  }

  /** Throws what the store throws, and `EVENT_NOT_UNDERSTOOD`. */
  static async read(run: RunId, deps: QueueLineDeps): Promise<QueueLine> {
    const { state, revision } = await load(deps.store, runQueueCategory, run);
    return new QueueLine(run, deps, state, revision);
  }

  get name(): string {
    return runName(this.run);
  }

  /** Read it, and change nothing. */
  get queue(): Readonly<RunQueue> {
    return this.#state;
  }

  get revision(): number {
    return this.#revision;
  }

  get rules(): QueueRules {
    return this.#deps.rules;
  }

  /** Does anything wait to be written? */
  get isBusy(): boolean {
    return this.#joining.length > 0 || this.#collects;
  }

  /** Takes an event of the stream; one that was taken before changes nothing. */
  apply(event: RecordedEvent): void {
    if (event.revision !== this.#revision + 1) return;
    if (!runQueueCategory.owns(event)) throw new NotUnderstood(event);
    runQueueCategory.evolve(this.#state, event);
    this.#revision = event.revision;
  }

  /** Reads what others have written. */
  async refresh(): Promise<void> {
    const stream = runQueueCategory.stream(this.run);
    for (const event of await this.#deps.store.readStream(stream, { from: this.#revision + 1 })) this.apply(event);
  }

  /** `opensMs`: when the sale opens; undefined: it is open. */
  join(joining: Joining, opensMs: number | undefined): Promise<Result<Joined, JoinRefusal>> {
    if (this.#joining.length >= this.rules.mostWaiting) return Promise.resolve(this.#full());
    return new Promise((resolve, reject) => {
      const arrivedMs = this.#deps.clock.now();
      this.#joining.push({ joining, arrivedMs, opensMs, resolve, reject });
      if (this.#collects) return;
      this.#collects = true;
      void this.#inTurn(() => this.#joinAll());
    });
  }

  /** Writes what is decided on the queue as it is then. */
  write(origin: Origin, commandOn: (queue: Readonly<RunQueue>) => RunQueueCommand): Promise<Written> {
    return this.#inTurn(() => this.#write(origin, commandOn));
  }

  /** The sale opens: the seed decides the order of those in the room. To open it again changes nothing. */
  openRoom(): Promise<Written> {
    return this.#inTurn(() => this.#openRoom());
  }

  #openRoom(): Promise<Written> {
    return this.#write(ownOrigin(`open-room/${this.name}`, this.name), ({ room, users }) => {
      if (room === undefined) return { type: 'Shuffle', seed: '', digest: '' };
      const seed = seedOf(this.#deps.secret, this.run, room.nonce);
      if (commitmentOf(seed) !== room.commitment && room.seed === undefined)
        this.#deps.logger.error(
          { run: this.name },
          'the order secret is not the one with which this waiting room was opened: its order cannot be proved',
        );
      const digest = orderDigest(shuffled(seed, users.length - room.before), room.before);
      return { type: 'Shuffle', seed, digest };
    });
  }

  #full(): { readonly ok: false; readonly refusal: Refusal<'QUEUE_FULL'> } {
    const { train, date } = this.run;
    const detail = `as many wait for ${train} on ${date} as may; come again later. Where a class has no free seats, the waitlist takes requests without a queue`;
    return refuse('QUEUE_FULL', detail, { limit: this.rules.mostWaiting, waitlist: '/v1/waitlist' });
  }

  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #joinAll(): Promise<void> {
    while (this.#joining.length > 0) {
      const batch = this.#joining.splice(0, MOST_JOINS);
      try {
        await this.#joinBatch(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#collects = false;
  }

  /** Who came before the sale opened goes into the room, also when it is written a moment later. */
  async #joinBatch(batch: readonly WaitingJoin[]): Promise<void> {
    const isEarly = ({ opensMs, arrivedMs }: WaitingJoin): boolean => opensMs !== undefined && arrivedMs < opensMs;
    const early = batch.filter(isEarly);
    if (early.length > 0) await this.#joinTogether(early, early[0]?.opensMs);
    const late = batch.filter((one) => !isEarly(one));
    if (late.length === 0) return;
    if (isRoomShut(this.#state)) await this.#openRoom();
    await this.#joinTogether(late, undefined);
  }

  async #joinTogether(batch: readonly WaitingJoin[], opensMs: number | undefined): Promise<void> {
    const { clock, random, rules, secret } = this.#deps;
    const joining = batch.map((one) => one.joining);
    const nonce = newNonce(random);
    const commitment = commitmentOf(seedOf(secret, this.run, nonce));
    const room = opensMs === undefined ? {} : { room: { opensAt: timestampOf(clock, opensMs), commitment, nonce } };
    const written = await this.#write(ownOrigin(`join/${this.name}`, this.name), () => ({
      type: 'Join',
      joining,
      mostWaiting: rules.mostWaiting,
      rules,
      ...room,
      nowMs: clock.now(),
      at: timestampOf(clock),
    }));
    for (const {
      joining: { user, spent },
      resolve,
    } of batch) {
      const place = this.#state.placeOf.get(user);
      if (!written.ok) resolve(written);
      else if (place !== undefined && place !== spent) resolve(accept({ place, position: written.value.position }));
      else if (this.#state.mode === 'OPEN') resolve(accept({ place: 0, position: 0 }));
      else resolve(this.#full());
    }
  }

  async #write(origin: Origin, commandOn: (queue: Readonly<RunQueue>) => RunQueueCommand): Promise<Written> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const decision: Decision<RunQueueEvent, RunQueueRefusal> = decide(this.#state, commandOn(this.#state));
      if (!decision.ok) return decision;
      if (decision.value.length === 0) return accept({ position: 0 });
      const position = await this.#append(origin, decision.value);
      if (position !== undefined) return accept({ position });
      await this.refresh();
      if (attempt > 1) await pause(this.#deps.clock, Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt));
    }
    return refuse('CONTENDED', `others keep changing the queue of ${this.name}; try again`);
  }

  /** Undefined: it was not written, or nobody knows. Then the stream has to be read. */
  async #append(origin: Origin, decided: readonly RunQueueEvent[]): Promise<Position | undefined> {
    const { store, clock } = this.#deps;
    const stream = runQueueCategory.stream(this.run);
    const before = this.#revision;
    // The same decision on the same revision has the same ids, and only that: who cannot tell whether it was written may
    // write it again, and no other decision is taken for it.
    const what = hash('sha256', JSON.stringify(decided), 'hex').slice(0, 24);
    const idOf = eventIds(`${origin.commandId}@${before}/${what}`);
    const meta = metaOf(clock, origin);
    const events = decided.map((event, index) => ({ ...event, id: idOf(index), meta }));
    try {
      const [result] = await store.append([{ stream, expected: expectedAfter(before), events }]);
      if (result?.ok !== true) return undefined;
      if (result.repeated) await this.refresh();
      else
        for (const [index, event] of events.entries()) {
          const position = result.position - events.length + 1 + index;
          this.apply({ ...event, stream, revision: before + 1 + index, position });
        }
      return result.position;
    } catch (error) {
      if (error instanceof EventStoreError && error.code === 'OUTCOME_UNKNOWN') return undefined;
      throw error;
    }
  }
}
