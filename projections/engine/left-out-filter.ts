// Between the log and a model: leaves out what is to be left out, and finds the event that the model refuses.
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { EventBatch, EventStore, Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { setStreamAside } from '@railhead/commands/read-models/left-out.ts';
import type { StreamsSetAside } from '@railhead/commands/streams/understood.ts';
import type { EventPlace } from '@railhead/domain/read-model/events.ts';
import type { LeftOut } from '@railhead/domain/read-model/fold.ts';
import { readModelCategory } from '@railhead/domain/read-model/stream.ts';
import { baseNameOf, EventsLeftOut } from './left-out.ts';
import type { Projection } from './projection.ts';

export type RefusedEvent = EventPlace & { readonly why: string };

/** Somebody has decided about an event that the rows have, or lack: they are made again. */
export class LeftOutChanged extends Error {
  constructor() {
    super('it is built again, because of what was decided about an event');
  }
}

type Deps = { readonly store: EventStore; readonly clock: Clock; readonly logger: Logger };

export class LeftOutFilter {
  /** The event that the model refused last, if it was one alone. */
  refused: RefusedEvent | undefined;
  readonly #deps: Deps;
  readonly #projection: Projection;
  /** May the stream of a refused event be set aside? */
  readonly #setsAside: boolean;
  readonly #readsDecisions: boolean;
  #events = EventsLeftOut.none;
  /** The rows were thrown away when the decisions up to here were known. Whatever was made since knows them as well. */
  #knownWhenDropped: Position = 0;

  constructor(deps: Deps, projection: Projection, setsAside: boolean) {
    this.#deps = deps;
    this.#projection = projection;
    this.#setsAside = setsAside;
    this.#readsDecisions = projection.categories?.includes(readModelCategory.name) ?? true;
  }

  get leftOut(): LeftOut {
    return this.#events.leftOut;
  }

  /** Streams of which the model takes nothing more, and why. */
  get setAside(): StreamsSetAside {
    const { setAside } = this.leftOut;
    if (setAside.size === 0) return this.#projection.setAside;
    const all = new Map(this.#projection.setAside);
    for (const [stream, { eventType, position, why }] of setAside)
      all.set(stream, `${eventType} at position ${position} was refused: ${why}`);
    return all;
  }

  /** What the log has decided about events of this model. */
  async read(): Promise<void> {
    this.#events = await EventsLeftOut.read(this.#deps.store, this.#projection.name);
  }

  /** False also where the log cannot be read now. */
  async hasNewDecisions(): Promise<boolean> {
    const { store } = this.#deps;
    const now = await EventsLeftOut.read(store, this.#projection.name).catch(() => undefined);
    return now !== undefined && now.end > this.#events.end;
  }

  /** Throws the rows away if they were made before a decision that is about one of their events. */
  async dropIfAgainst(place: Position): Promise<boolean> {
    if (!this.#events.areAgainst(place, this.#knownWhenDropped)) return false;
    const known = this.#events.end;
    await this.#projection.drop();
    this.#knownWhenDropped = known;
    this.#deps.logger.warn({ model: this.#projection.name, position: place }, new LeftOutChanged().message);
    return true;
  }

  /** What the model is to take. Throws `LeftOutChanged`. `place`: how far the model is. */
  async takenOf(batch: EventBatch, place: Position): Promise<EventBatch> {
    const decided = batch.events.findLast(readModelCategory.holds);
    if (decided !== undefined && decided.position > this.#events.end) {
      await this.read();
      if (this.#events.areAgainst(place, this.#knownWhenDropped)) throw new LeftOutChanged();
    }
    if (decided === undefined && this.#events.count === 0) return batch;
    const isTaken = (event: RecordedEvent): boolean =>
      this.#events.takes(event) && (this.#readsDecisions || !readModelCategory.holds(event));
    return { ...batch, events: batch.events.filter(isTaken) };
  }

  /** Finds out which event the model refuses. `isLast`: its stream is set aside now, where it may be. */
  async applySingly({ events }: EventBatch, isLast: boolean, isPassing: (error: unknown) => boolean): Promise<void> {
    for (const event of events) {
      if (!this.#events.takes(event)) continue;
      try {
        await this.#projection.apply({ events: [event], position: event.position, caughtUp: false });
      } catch (error) {
        if (isPassing(error)) throw error;
        const why = error instanceof Error ? error.message : String(error);
        this.refused = { position: event.position, stream: event.stream, eventType: event.type, why };
        if (!this.#setsAside || !isLast || !(await this.#setStreamAside(event, why))) throw error;
      }
    }
  }

  /** False: too many are set aside already. */
  async #setStreamAside(event: RecordedEvent, why: string): Promise<boolean> {
    const { name } = this.#projection;
    const model = baseNameOf(name);
    const done = await setStreamAside(this.#deps, { model, event, why, round: this.#events.count });
    if (!done.ok) return false;
    await this.read();
    const told = { model: name, stream: event.stream, position: event.position, why };
    this.#deps.logger.error(told, 'a read model refuses an event; its stream is set aside');
    return true;
  }
}
