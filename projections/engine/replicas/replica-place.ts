// How far one model is on one replica, and whether its rows there may be shown: they are of this version and of this log,
// and not being built again.
import { type Clock, LATE, within } from '@railhead/commands/ports/clock.ts';
import { bearsOut, type EventStore, type Position } from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { GrowingPause } from '../growing-pause.ts';
import type { EngineTables } from '../read-database.ts';
import { ANSWER_MS, LOOK_EVERY_MS } from './limits.ts';
import type { Replica } from './replica.ts';

/** The log, where it is asked whether a place belongs to it. */
export type ProvingLog = Pick<EventStore, 'fingerprintAt' | 'lastPosition'>;

/** A place whose rows may be shown. Whoever takes the model over, or builds it again, begins another epoch. */
export type ShownPlace = { readonly position: Position; readonly owner: string; readonly epoch: number };

type StoredPlace = Pick<EngineTables['model_places'], 'version' | 'position' | 'fingerprint' | 'owner' | 'epoch'>;

/** Why a model is not asked on a replica. Anybody may read it. */
export type LeftOut =
  | 'does not answer'
  | 'has no tables of it'
  | 'has tables of another version'
  | 'is not known to be of this log'
  | 'is built again'
  | 'fails';

export class ReplicaPlace {
  readonly replica: Replica;
  readonly #model: { readonly name: string; readonly version: number };
  readonly #log: ProvingLog;
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  readonly #logger: Logger;
  readonly #pause: GrowingPause;
  #shown: ShownPlace | undefined;
  #leftOut: LeftOut | undefined;
  #lookedAt = 0;
  /** The newest position that was met here in this log. */
  #newest: Position = 0;
  /** The ownership whose rows are known to be of this log. */
  #proven: Pick<ShownPlace, 'owner' | 'epoch'> | undefined;
  /** A look that has begun, and one that begins when it has ended. */
  #looking: Promise<ShownPlace | undefined> | undefined;
  #next: Promise<ShownPlace | undefined> | undefined;

  constructor(
    replica: Replica,
    model: { readonly name: string; readonly version: number },
    log: ProvingLog,
    { clock, logger }: { readonly clock: Pick<Clock, 'now' | 'after'>; readonly logger: Logger },
  ) {
    this.replica = replica;
    this.#model = model;
    this.#log = log;
    this.#clock = clock;
    this.#logger = logger;
    this.#pause = new GrowingPause(clock);
  }

  /** Where the model was when it was last looked at; undefined while it may not be shown. */
  get shown(): ShownPlace | undefined {
    return this.leftOut === undefined ? this.#shown : undefined;
  }

  get leftOut(): LeftOut | undefined {
    return this.replica.isAway ? 'does not answer' : this.#leftOut;
  }

  /** Looks if it is time to. Nobody need wait for it; it resolves when the look, if there is one, has ended. */
  async freshen(): Promise<void> {
    if (this.#looking === undefined) {
      if (!this.#pause.isOver || !this.replica.mayBeTried) return;
      const isFresh = Math.abs(this.#clock.now() - this.#lookedAt) < LOOK_EVERY_MS;
      if (isFresh && this.leftOut === undefined) return;
    }
    await this.look();
  }

  /** What a look finds that may have begun already. It takes a moment at most, and never rejects. */
  look(): Promise<ShownPlace | undefined> {
    return this.#looking ?? this.#begin();
  }

  /** The same of a look that begins from now on. */
  lookAnew(): Promise<ShownPlace | undefined> {
    if (this.#looking === undefined) return this.#begin();
    this.#next ??= this.#looking.then(() => {
      this.#next = undefined;
      return this.#begin();
    });
    return this.#next;
  }

  /** A question about the model failed there, for another reason than that the replica is away. */
  failed(error: unknown): void {
    this.#leave('fails', error);
  }

  /** A request was answered from here. */
  answered(): void {
    this.#pause.end();
    this.replica.answered(true);
  }

  end(): void {
    this.#pause.end();
  }

  #begin(): Promise<ShownPlace | undefined> {
    const looking = this.#look().finally(() => {
      this.#looking = undefined;
    });
    this.#looking = looking;
    return looking;
  }

  async #look(): Promise<ShownPlace | undefined> {
    this.#lookedAt = this.#clock.now();
    let stored: StoredPlace | undefined | typeof LATE;
    try {
      const reading = this.replica.ask(() => this.#read());
      stored = await within(this.#clock, ANSWER_MS, reading);
    } catch (error) {
      if (this.replica.database.dialect.isPassing(error)) return this.#away(error);
      return this.#leave('has no tables of it', error);
    }
    if (stored === LATE) return this.#away(new Error('it has not said in time how far its read models are'));
    this.replica.answered(false);
    return this.#judge(stored);
  }

  #read(): Promise<StoredPlace | undefined> {
    return this.replica.database.db
      .selectFrom('model_places')
      .select(['version', 'position', 'fingerprint', 'owner', 'epoch'])
      .where('model', '=', this.#model.name)
      .executeTakeFirst();
  }

  async #judge(stored: StoredPlace | undefined): Promise<ShownPlace | undefined> {
    if (stored === undefined) return this.#leave('has no tables of it');
    if (stored.version !== this.#model.version) return this.#leave('has tables of another version');
    const { position, owner, epoch } = stored;
    if (!(await this.#isOfThisLog(stored))) return this.#leave('is not known to be of this log');
    // A backup of the log that was put back is shorter than what was met before.
    if (position < this.#newest) this.#newest = Math.min(this.#newest, await this.#end());
    if (position < this.#newest) return this.#leave('is built again');
    this.#newest = position;
    if (this.#leftOut !== undefined)
      this.#logger.info(
        { replica: this.replica.name, model: this.#model.name },
        'a read model is used on a replica again',
      );
    this.#leftOut = undefined;
    this.#shown = { position, owner, epoch };
    return this.#shown;
  }

  /** Asks the log once for each ownership, as long as the model has an owner. */
  async #isOfThisLog(stored: StoredPlace): Promise<boolean> {
    const { owner, epoch } = stored;
    if (owner !== '' && owner === this.#proven?.owner && epoch === this.#proven.epoch) return true;
    // A log that cannot be asked, or not in time, proves nothing.
    const proof = bearsOut(this.#log, stored).catch(() => false);
    if ((await within(this.#clock, ANSWER_MS, proof)) !== true) return false;
    this.#proven = { owner, epoch };
    return true;
  }

  async #end(): Promise<Position> {
    const end = this.#log.lastPosition().catch(() => this.#newest);
    const known = await within(this.#clock, ANSWER_MS, end);
    return known === LATE ? this.#newest : known;
  }

  #away(error: unknown): undefined {
    this.replica.failed(error);
    this.#shown = undefined;
    return undefined;
  }

  #leave(why: LeftOut, error?: unknown): undefined {
    if (this.#leftOut !== why) {
      const left = { replica: this.replica.name, model: this.#model.name, why };
      this.#logger.warn(error === undefined ? left : { ...left, err: error }, 'a read model is not used on a replica');
    }
    this.#leftOut = why;
    this.#shown = undefined;
    this.#pause.begin();
    return undefined;
  }
}
