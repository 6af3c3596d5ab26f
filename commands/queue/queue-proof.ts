// Proves the queue of a run from its events alone: who waited in the room stands where the seed puts them, the seed is the one
// that was committed to before anybody joined the room, places are admitted in their order, none twice, and used once.
import { decide as decidePlace } from '@railhead/domain/queue-place/decide.ts';
import { evolve as evolvePlace, type QueuePlace, unusedPlace } from '@railhead/domain/queue-place/fold.ts';
import { queuePlaceCategory } from '@railhead/domain/queue-place/stream.ts';
import type { RunQueueEvent } from '@railhead/domain/run-queue/events.ts';
import {
  admittedAtMs,
  evolve,
  inLine,
  isRoomShut,
  noQueue,
  type RunQueue,
  rankOf,
} from '@railhead/domain/run-queue/fold.ts';
import { isSeed, shuffled } from '@railhead/domain/run-queue/shuffle.ts';
import { runQueueCategory } from '@railhead/domain/run-queue/stream.ts';
import type { AuditCode } from '../audit/violation.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import { commitmentOf, orderDigest } from './seed.ts';

export type QueueFinding = {
  readonly code: Extract<AuditCode, 'SEED_DIFFERS' | 'QUEUE_BACKWARDS' | 'QUEUE_PLACE_MISUSED'>;
  readonly detail: string;
};

/** Of one run. Events of other streams are not looked at. */
export class QueueProof {
  readonly #queue: RunQueue = noQueue();
  readonly #places = new Map<number, QueuePlace>();
  readonly findings: QueueFinding[] = [];

  /** As far as it has been read; change nothing. */
  get queue(): Readonly<RunQueue> {
    return this.#queue;
  }

  get used(): number {
    let used = 0;
    for (const { use } of this.#places.values()) if (use !== undefined) used += 1;
    return used;
  }

  /** Takes the events in the order of the log. */
  add(event: RecordedEvent): void {
    if (runQueueCategory.owns(event)) {
      const wrong = this.#defectOf(event);
      if (wrong !== undefined) this.#find(wrong.code, event, wrong.detail);
      // A seed that is none orders nobody.
      if (event.type !== 'WaitingRoomShuffled' || isSeed(event.data.seed)) evolve(this.#queue, event);
    } else if (queuePlaceCategory.owns(event)) this.#place(event);
  }

  /** Everything that was used is admitted by the end: some stores write the streams one after another. */
  end(): readonly QueueFinding[] {
    const late: QueueFinding[] = [];
    for (const [place, { use }] of this.#places) {
      if (use === undefined) continue;
      const rank = rankOf(this.#queue, place);
      const detail = `place ${place} was used for order ${use.orderNo}`;
      if (rank === undefined || admittedAtMs(this.#queue, rank) === undefined)
        late.push({ code: 'QUEUE_PLACE_MISUSED', detail: `${detail} and is not admitted` });
      else if (this.#queue.users[place - 1] !== use.user)
        late.push({ code: 'QUEUE_PLACE_MISUSED', detail: `${detail} by another user than has it` });
    }
    return [...this.findings, ...late];
  }

  #find(code: QueueFinding['code'], { type, stream, position }: RecordedEvent, detail: string): void {
    this.findings.push({ code, detail: `${type} of ${stream} at position ${position}: ${detail}` });
  }

  #defectOf(event: RunQueueEvent): QueueFinding | undefined {
    const queue = this.#queue;
    const backwards = (detail: string): QueueFinding => ({ code: 'QUEUE_BACKWARDS', detail });
    if (queue.closed !== undefined) return backwards('the queue has ended');
    switch (event.type) {
      case 'WaitingRoomOpened':
        return queue.room === undefined ? undefined : backwards('there is a waiting room already');
      case 'QueueJoined': {
        const waits = event.data.joins.find((user) => this.#waits(user));
        return waits === undefined ? undefined : backwards(`user ${waits} waits already`);
      }
      case 'QueueAdmitted': {
        const { upTo } = event.data;
        if (upTo <= queue.admitted) return backwards(`rank ${upTo} was admitted before`);
        if (upTo > inLine(queue)) return backwards(`${upTo} are admitted, and ${inLine(queue)} are in line`);
        return queue.mode === 'QUEUED' ? undefined : backwards(`the queue is ${queue.mode}`);
      }
      case 'WaitingRoomShuffled':
        return this.#seedDefect(event.data);
      case 'QueueModeSet':
      case 'QueueClosed':
        return undefined;
    }
  }

  #waits(user: string): boolean {
    const place = this.#queue.placeOf.get(user);
    if (place === undefined) return false;
    const rank = rankOf(this.#queue, place);
    return rank === undefined || rank > this.#queue.admitted;
  }

  #seedDefect({ seed, places, digest }: { readonly seed: string; readonly places: number; readonly digest: string }) {
    const { room, users } = this.#queue;
    const differs = (detail: string): QueueFinding => ({ code: 'SEED_DIFFERS', detail });
    if (room === undefined || !isRoomShut(this.#queue)) return differs('no waiting room waits for a seed');
    if (!isSeed(seed)) return differs('this is no seed');
    if (commitmentOf(seed) !== room.commitment) return differs('the seed is not the one that was committed to');
    const joined = users.length - room.before;
    if (places !== joined) return differs(`${places} places are put in order, and ${joined} are in the room`);
    const computed = orderDigest(shuffled(seed, places), room.before);
    return computed === digest ? undefined : differs('the order is not the one that follows from the seed');
  }

  #place(event: RecordedEvent): void {
    if (!queuePlaceCategory.owns(event)) return;
    const { place } = queuePlaceCategory.idOf(event.stream);
    const before = this.#places.get(place) ?? unusedPlace;
    const decided =
      event.type === 'QueuePlaceUsed'
        ? decidePlace(before, { type: 'Use', ...event.data })
        : decidePlace(before, { type: 'Return', orderNo: event.data.orderNo });
    if (!decided.ok) this.#find('QUEUE_PLACE_MISUSED', event, decided.refusal.detail);
    else if (decided.value.length === 0)
      this.#find('QUEUE_PLACE_MISUSED', event, 'the place was not used by that order');
    this.#places.set(place, evolvePlace(before, event));
  }
}

/** The places of the room in the order of the seed, first to last; undefined before the sale opens. */
export const orderOfRoom = ({ room }: Readonly<RunQueue>): readonly number[] | undefined => {
  if (room?.seed === undefined || room.ranks === undefined) return undefined;
  const { before, seed, ranks } = room;
  return Array.from(shuffled(seed, ranks.length), (index) => before + index + 1);
};
