// May this order pass? On a run without a queue everybody may; on one with a queue whoever was admitted, once.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { QueuePlaceId } from '@railhead/domain/queue-place/stream.ts';
import { admittedAtMs, rankOf } from '@railhead/domain/run-queue/fold.ts';
import { type RunId, runName } from '@railhead/domain/train-run/stream.ts';
import { userKey } from '../limits/keys.ts';
import type { Clock } from '../ports/clock.ts';
import { placeOfToken, type TokenPlace } from './place-token.ts';
import type { QueueLine } from './queue-line.ts';
import type { RunQueues } from './run-queues.ts';

/** A place that the order is to use: written with the order, so that no other one can use it. */
export type PlaceToUse = QueuePlaceId & { readonly user: string };

export type EntryRefusal = 'QUEUE_REQUIRED' | 'QUEUE_TOKEN_INVALID';

/** Why a token lets nobody in; `USED` is found where its use is written down. */
export type TokenDefect = 'FORGED' | 'FOREIGN' | 'OTHER_RUN' | 'UNKNOWN' | 'NOT_ADMITTED' | 'EXPIRED' | 'USED';

export type QueueGateDeps = {
  readonly clock: Clock;
  readonly queues: RunQueues;
  /** Signs tokens. */
  readonly tokenSecret: string;
  /** Told of every order that is asked for. */
  readonly noteRequest: (run: RunId) => void;
};

export type EntryAsked = RunId & { readonly userId: string; readonly queueToken?: string | undefined };

const WAITS_AT = '/v1/queue';
const MINUTE_MS = 60_000;

export class QueueGate {
  readonly #deps: QueueGateDeps;

  constructor(deps: QueueGateDeps) {
    this.#deps = deps;
  }

  /** May everybody order for this run, as far as memory tells? Otherwise `enter` has to be asked. */
  isOpen(run: RunId): boolean {
    this.#deps.noteRequest(run);
    return this.#deps.queues.isOpen(runName(run)) === true;
  }

  /** Undefined: no place is needed. */
  async enter({ train, date, userId, queueToken }: EntryAsked): Promise<Result<PlaceToUse | undefined, EntryRefusal>> {
    const { clock, queues, tokenSecret } = this.#deps;
    const line = await queues.line({ train, date });
    if (line.queue.mode === 'OPEN') return accept(undefined);
    if (queueToken === undefined)
      return refuse('QUEUE_REQUIRED', `there is a queue for ${train} on ${date}; join it first`, { queue: WAITS_AT });
    const token = placeOfToken(queueToken, tokenSecret);
    if (token === undefined) return invalid('FORGED', 'this is no queue token of this railway');
    if (token.train !== train || token.date !== date)
      return invalid('OTHER_RUN', `the token is for ${token.train} on ${token.date}`);
    if (token.user !== userKey(queues.secret, userId)) return invalid('FOREIGN', 'the token is of another user');
    const standing = standingOf(line, token, clock.now());
    if (standing !== 'NOT_ADMITTED') return standing === 'ADMITTED' ? accept(token) : invalid(standing, TOLD[standing]);
    // Another process may have admitted it just now.
    await line.refresh();
    const now = standingOf(line, token, clock.now());
    return now === 'ADMITTED' ? accept(token) : invalid(now, TOLD[now]);
  }
}

const TOLD = {
  NOT_ADMITTED: 'this place is not admitted yet',
  EXPIRED: 'this place was admitted and its time is over; join the queue again',
  UNKNOWN: 'the queue has no such place; join it again',
} as const;

export const standingOf = (
  { queue, rules }: QueueLine,
  { place, user }: Pick<TokenPlace, 'place' | 'user'>,
  nowMs: number,
): 'ADMITTED' | 'NOT_ADMITTED' | 'EXPIRED' | 'UNKNOWN' => {
  if (place === 0 || queue.users[place - 1] !== user) return 'UNKNOWN';
  const rank = rankOf(queue, place);
  const sinceMs = rank === undefined ? undefined : admittedAtMs(queue, rank);
  if (sinceMs === undefined) return 'NOT_ADMITTED';
  return nowMs < sinceMs + rules.admittedMinutes * MINUTE_MS ? 'ADMITTED' : 'EXPIRED';
};

const invalid = (reason: TokenDefect, detail: string) =>
  refuse('QUEUE_TOKEN_INVALID', detail, { reason, queue: WAITS_AT });
