// The replicas of a process, and what it knows of the primary to compare them with.
import type { Clock, Timer } from '@railhead/commands/ports/clock.ts';
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { ReadModel } from '../read-model.ts';
import { ModelReplicas } from './model-replicas.ts';
import { PlaceHistory } from './place-history.ts';
import { Replica, type ReplicaDatabase } from './replica.ts';
import { type ProvingLog, ReplicaPlace } from './replica-place.ts';

export type ReplicaSettings = {
  readonly databases: readonly ReplicaDatabase[];
  /** A replica that is further behind answers only who names a position that it has. */
  readonly maxLagMs: number;
};

/** How far a model is in the primary, as far as this process knows. */
export type PrimaryPlace = {
  readonly name: string;
  readonly gate: { readonly position: Position };
  /** Does it know? */
  readonly isReady: boolean;
};

/** One model on one replica. Without a position where it may not be shown. */
export type ReplicaState = {
  readonly replica: string;
  readonly model: string;
  readonly says: string;
  readonly position?: Position;
  /** Absent while it is not known. */
  readonly lagMs?: number;
};

/** So often it is noted where the primary is. */
const NOTE_EVERY_MS = 500;

type Followed = {
  readonly primary: PrimaryPlace;
  readonly history: PlaceHistory;
  readonly places: readonly ReplicaPlace[];
  readonly replicas: ModelReplicas<unknown>;
};

export class Replicas {
  readonly #all: readonly Replica[];
  readonly #maxLagMs: number;
  readonly #log: ProvingLog;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #models: Followed[] = [];
  #timer: Timer | undefined;
  #isStarted = false;
  #isNoting = false;
  #isOver = false;

  /** Without settings there are none, and nothing is done. */
  constructor(
    settings: ReplicaSettings | undefined,
    log: ProvingLog,
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#all = (settings?.databases ?? []).map((database) => new Replica(database, clock, logger));
    this.#maxLagMs = settings?.maxLagMs ?? 0;
    this.#log = log;
    this.#clock = clock;
    this.#logger = logger;
  }

  get areThere(): boolean {
    return this.#all.length > 0;
  }

  /** Undefined: the model is not on replicas. */
  ofModel<Queries>(model: ReadModel<Queries>, primary: PrimaryPlace): ModelReplicas<Queries> | undefined {
    const { name, schema, queriesOn } = model;
    if (!this.areThere || schema === undefined || queriesOn === undefined) return undefined;
    const ports = { clock: this.#clock, logger: this.#logger };
    const sides = this.#all.map((replica) => ({
      place: new ReplicaPlace(replica, { name, version: schema.version }, this.#log, ports),
      queries: queriesOn(replica.database),
    }));
    const history = new PlaceHistory(this.#maxLagMs);
    const replicas = new ModelReplicas(sides, history, this.#maxLagMs, this.#clock);
    // Safe cast: whoever looks at all of them asks nothing.
    const seen = replicas as ModelReplicas<unknown>;
    this.#models.push({ primary, history, places: sides.map(({ place }) => place), replicas: seen });
    this.#noteFromNowOn();
    return replicas;
  }

  /** Nobody asks this model any more. */
  leave(primary: PrimaryPlace): void {
    const at = this.#models.findIndex((model) => model.primary === primary);
    for (const { places } of at < 0 ? [] : this.#models.splice(at, 1)) for (const place of places) place.end();
  }

  start(): void {
    this.#isStarted = true;
    this.#noteFromNowOn();
  }

  /** Once there is a model: another generation may come later. */
  #noteFromNowOn(): void {
    if (!this.#isStarted || this.#isNoting || this.#models.length === 0) return;
    this.#isNoting = true;
    void this.#note();
  }

  stop(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    for (const replica of this.#all) replica.end();
    for (const place of this.#places()) place.end();
  }

  /** Looks at those that were not looked at just now, and waits a moment at most. */
  async states(): Promise<readonly ReplicaState[]> {
    await Promise.all(this.#places().map((place) => place.freshen()));
    return this.#models.flatMap(({ primary: { name: model }, places, replicas }) =>
      places.map((place): ReplicaState => {
        const { shown, replica } = place;
        if (shown === undefined) return { replica: replica.name, model, says: place.leftOut ?? 'was not asked yet' };
        const lagMs = replicas.lagMs(shown.position);
        const lag = Number.isFinite(lagMs) ? { lagMs } : {};
        const says = replicas.isBehind(shown) ? 'behind' : 'used';
        return { replica: replica.name, model, says, position: shown.position, ...lag };
      }),
    );
  }

  /** How many reads of each model went where. */
  reads(): readonly { readonly model: string; readonly from: string; readonly value: number }[] {
    return this.#models.flatMap(({ primary, replicas }) =>
      [...replicas.reads].map(([from, value]) => ({ model: primary.name, from, value })),
    );
  }

  #places(): readonly ReplicaPlace[] {
    return this.#models.flatMap(({ places }) => places);
  }

  /** While it is not known how far the primary is, replicas are compared with the log itself. */
  async #note(): Promise<void> {
    const now = this.#clock.now();
    const isKnown = this.#models.every(({ primary }) => primary.isReady);
    const end = isKnown ? undefined : await this.#log.lastPosition().catch(() => undefined);
    for (const { primary, history } of this.#models) {
      const position = primary.isReady ? primary.gate.position : end;
      if (position !== undefined) history.note(now, position);
    }
    if (!this.#isOver) this.#timer = this.#clock.after(NOTE_EVERY_MS, () => void this.#note());
  }
}
