// How far a model is behind the log.
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { EventStore, Position } from '@railhead/commands/ports/event-store.ts';
import type { PositionGate } from './position-gate.ts';

/** A page, not one event: a store may leave events of its own out of it. */
const PAGE = 100;

export class ModelLag {
  /** When the newest event that the model took since the start was written, RFC 3339. */
  newestTakenAt: string | undefined;
  readonly #store: Pick<EventStore, 'lastPosition' | 'readAll'>;
  readonly #gate: Pick<PositionGate, 'position'>;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(
    store: Pick<EventStore, 'lastPosition' | 'readAll'>,
    gate: Pick<PositionGate, 'position'>,
    clock: Pick<Clock, 'now'>,
  ) {
    this.#store = store;
    this.#gate = gate;
    this.#clock = clock;
  }

  /** At most so many events are missing in the model. `end`: the last position of the log, for who has asked for it. */
  async events(end?: Position): Promise<number> {
    return Math.max(0, (end ?? (await this.#store.lastPosition())) - this.#gate.position);
  }

  /**
   * While the model is behind: the age of the newest event that it has taken, in seconds. If it has taken none since
   * the start: the age of the first event that it lacks. 0 when it has everything.
   */
  async seconds(end?: Position): Promise<number> {
    if ((await this.events(end)) === 0) return 0;
    const at = this.newestTakenAt ?? (await this.#firstMissingAt());
    return at === undefined ? 0 : Math.max(0, this.#clock.now() - Date.parse(at)) / 1_000;
  }

  async #firstMissingAt(): Promise<string | undefined> {
    const { events } = await this.#store.readAll({ after: this.#gate.position, limit: PAGE });
    return events[0]?.meta.at;
  }
}
