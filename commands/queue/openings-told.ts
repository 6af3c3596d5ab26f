// All that a log says about when the sale of one run opens: each instant, when it was decided and by whom, and when the room
// was put in order. What a queue proves refers to the last instant before that.

import { runQueueCategory } from '@railhead/domain/run-queue/stream.ts';
import { saleOpeningsCategory } from '@railhead/domain/sale-openings/stream.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import type { RunAsOpened } from '../runs/run-directory.ts';
import { runOpensMs, StatedOpenings } from '../sale-openings/opening-times.ts';
import { NotUnderstood } from '../streams/understood.ts';
import { zoneNamed } from '../time/zone.ts';

/** Instants are RFC 3339. Without `opensAt` nothing keeps the sale from being open. */
export type ToldOpening = {
  readonly opensAt?: string;
  readonly decidedAt: string;
  readonly by: string;
  readonly position: number;
};

/** When the seed was written that put the room in order. */
export type Revealed = { readonly at: string; readonly position: number };

type RunOnRoute = Pick<RunAsOpened, 'train' | 'date' | 'zone' | 'stops'>;

export class OpeningsTold {
  readonly openings: ToldOpening[] = [];
  revealed: Revealed | undefined;
  readonly #run: RunOnRoute | undefined;
  #opensMs: number | undefined;

  /** Undefined for a run that was never opened: then only its room tells when its sale opens. */
  constructor(run: RunOnRoute | undefined) {
    this.#run = run;
  }

  /** Takes the openings of sales and the events of the queue, in the order of the log. */
  add(event: RecordedEvent): void {
    if (saleOpeningsCategory.holds(event)) {
      if (!saleOpeningsCategory.owns(event)) throw new NotUnderstood(event);
      if (this.#run !== undefined) this.#decided(event, runOpensMs(new StatedOpenings(event.data), this.#run));
    } else if (runQueueCategory.owns(event) && event.type === 'WaitingRoomOpened')
      this.#decided(event, Date.parse(event.data.opensAt), event.data.opensAt);
    else if (runQueueCategory.owns(event) && event.type === 'WaitingRoomShuffled')
      this.revealed ??= { at: event.meta.at, position: event.position };
  }

  #decided({ meta, position }: RecordedEvent, opensMs: number | undefined, text?: string): void {
    if (opensMs === this.#opensMs) return;
    this.#opensMs = opensMs;
    const opensAt = text ?? (opensMs === undefined ? undefined : this.#text(opensMs));
    const told = { decidedAt: meta.at, by: meta.actor, position };
    this.openings.push(opensAt === undefined ? told : { opensAt, ...told });
  }

  #text(opensMs: number): string {
    return this.#run === undefined ? new Date(opensMs).toISOString() : zoneNamed(this.#run.zone).timestamp(opensMs);
  }
}
