// What somebody who waits is told: the phase, the position, how long it will take.
import { queuePlaceCategory } from '@railhead/domain/queue-place/stream.ts';
import { etaSecondsOf } from '@railhead/domain/run-queue/estimate.ts';
import { admittedAtMs, rankOf } from '@railhead/domain/run-queue/fold.ts';
import type { EventStore } from '../ports/event-store.ts';
import { load } from '../streams/load.ts';
import type { TokenPlace } from './place-token.ts';
import type { QueueLine } from './queue-line.ts';

/** Why somebody does not wait any more, other than being admitted. */
export type QueueEnd = 'USED' | 'EXPIRED' | 'JOIN_AGAIN' | 'SALE_CLOSED' | 'RUN_CANCELLED';

export type QueueStanding =
  /** Until the sale opens there is no order: `waiting` are in the room. */
  | { readonly phase: 'WAITING_ROOM'; readonly opensMs: number; readonly waiting: number; readonly commitment: string }
  | {
      readonly phase: 'QUEUED';
      /** From 1. */
      readonly position: number;
      readonly etaSeconds?: number;
      /** The sale was put off after the order was drawn: nobody is admitted before. */
      readonly opensMs?: number;
      readonly paused?: true;
      readonly soldOut?: true;
    }
  /** Without `admittedUntilMs` everybody may order. */
  | { readonly phase: 'ADMITTED'; readonly admittedUntilMs?: number }
  | { readonly phase: 'CLOSED'; readonly reason: QueueEnd };

const MINUTE_MS = 60_000;
const ended = (reason: QueueEnd): QueueStanding => ({ phase: 'CLOSED', reason });

/** From memory alone: fifty thousand ask. Undefined: there is no such place. Whether it was used, `wasUsed` tells. */
export const standingIn = (
  line: QueueLine,
  { place, user }: Pick<TokenPlace, 'place' | 'user'>,
  nowMs: number,
): QueueStanding | undefined => {
  const { queue, rules } = line;
  if (place === 0) return queue.mode === 'OPEN' ? { phase: 'ADMITTED' } : ended('JOIN_AGAIN');
  if (queue.users[place - 1] !== user) return undefined;
  if (queue.closed !== undefined) return ended(queue.closed);
  const rank = rankOf(queue, place);
  if (rank === undefined) {
    const { opensAt = '', commitment = '', before = 0 } = queue.room ?? {};
    // It may have been put off since the room was opened.
    const opensMs = line.opensMs ?? Date.parse(opensAt);
    return { phase: 'WAITING_ROOM', opensMs, waiting: queue.users.length - before, commitment };
  }
  const sinceMs = admittedAtMs(queue, rank);
  if (sinceMs !== undefined) {
    if (queue.mode === 'OPEN') return { phase: 'ADMITTED' };
    const admittedUntilMs = sinceMs + rules.admittedMinutes * MINUTE_MS;
    return nowMs < admittedUntilMs ? { phase: 'ADMITTED', admittedUntilMs } : ended('EXPIRED');
  }
  const position = rank - queue.admitted;
  const closedMs = Math.max(0, (line.opensMs ?? nowMs) - nowMs);
  const onceOpen = etaSecondsOf(rules, queue, position, line.seatsLeft);
  const etaSeconds = onceOpen === undefined ? undefined : onceOpen + Math.ceil(closedMs / 1_000);
  return {
    phase: 'QUEUED',
    position,
    ...(etaSeconds === undefined ? {} : { etaSeconds }),
    ...(closedMs === 0 || line.opensMs === undefined ? {} : { opensMs: line.opensMs }),
    ...(queue.mode === 'PAUSED' ? { paused: true } : {}),
    ...(line.seatsLeft === 0 ? { soldOut: true } : {}),
  };
};

/** Has an order used the place? */
export const wasUsed = async (
  store: Pick<EventStore, 'readStream'>,
  { train, date, place }: Pick<TokenPlace, 'train' | 'date' | 'place'>,
): Promise<boolean> => (await load(store, queuePlaceCategory, { train, date, place })).state.use !== undefined;
