// A place in the queue of a run, by its token.
import type { Clock } from '@railhead/commands/ports/clock.ts';
import { type EventStore, EventStoreError } from '@railhead/commands/ports/event-store.ts';
import { placeOfToken, type TokenPlace } from '@railhead/commands/queue/place-token.ts';
import type { QueueLine } from '@railhead/commands/queue/queue-line.ts';
import { type QueueStanding, standingIn, wasUsed } from '@railhead/commands/queue/queue-standing.ts';
import type { RunQueues } from '@railhead/commands/queue/run-queues.ts';
import { Problem } from '@railhead/http/problem.ts';
import { queueStandingFields } from '@railhead/http/run-queue-shapes.ts';
import { z } from 'zod';

export type RunPlaceReads = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly queues: RunQueues;
  readonly tokenSecret: string;
};

export const runPlaceShape = z.object(queueStandingFields);

export type FoundPlace = { readonly line: QueueLine; readonly place: TokenPlace };

/** Throws `Problem` QUEUE_TOKEN_UNKNOWN. */
export const runPlaceOf = async ({ queues, tokenSecret }: RunPlaceReads, token: string): Promise<FoundPlace> => {
  const place = placeOfToken(token, tokenSecret);
  if (place === undefined) throw unknown();
  return { line: await queues.line(place), place };
};

/** Throws `Problem` QUEUE_TOKEN_UNKNOWN. */
export const standingOfPlace = async (
  { store, clock }: RunPlaceReads,
  { line, place }: FoundPlace,
): Promise<QueueStanding> => {
  const standing = standingIn(line, place, clock.now());
  if (standing === undefined) throw unknown();
  if (standing.phase !== 'ADMITTED' || place.place === 0) return standing;
  try {
    return (await wasUsed(store, place)) ? { phase: 'CLOSED', reason: 'USED' } : standing;
  } catch (error) {
    // Without the log an order cannot be placed either, and it finds out whether the place was used.
    if (error instanceof EventStoreError) return standing;
    throw error;
  }
};

const unknown = (): Problem => new Problem('QUEUE_TOKEN_UNKNOWN', 'nobody waits under this token');
