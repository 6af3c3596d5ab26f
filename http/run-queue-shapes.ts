// The queue of a run as those who wait see it, and as operators do.
import { type Clock, timestampOf } from '@railhead/commands/ports/clock.ts';
import type { QueueStanding } from '@railhead/commands/queue/queue-standing.ts';
import { z } from 'zod';
import { instantShape } from './shapes.ts';

export const queueStandingFields = {
  phase: z.enum(['WAITING_ROOM', 'QUEUED', 'ADMITTED', 'CLOSED']),
  opensAt: instantShape.optional(),
  waiting: z.int().optional().meta({ description: 'How many are in the waiting room.' }),
  commitment: z
    .string()
    .optional()
    .meta({ description: 'SHA-256 of the seed that will decide the order of the room.' }),
  position: z.int().optional().meta({ description: 'From 1, of those who wait for their admission.' }),
  etaSeconds: z.int().optional(),
  paused: z.literal(true).optional().meta({ description: 'Nobody is admitted at the moment.' }),
  soldOut: z.literal(true).optional().meta({ description: 'No seat is left at the moment.' }),
  admittedUntil: instantShape.optional().meta({ description: 'Order before; without it everybody may order.' }),
  reason: z
    .enum(['USED', 'EXPIRED', 'JOIN_AGAIN', 'SALE_CLOSED', 'RUN_CANCELLED'])
    .optional()
    .meta({ description: 'Why the place is good for nothing any more.' }),
};

export const shownStanding = (
  clock: Clock,
  standing: QueueStanding,
): z.output<z.ZodObject<typeof queueStandingFields>> => {
  if (standing.phase === 'WAITING_ROOM' || standing.phase === 'QUEUED') {
    const { opensMs, ...waits } = standing;
    return { ...waits, ...(opensMs === undefined ? {} : { opensAt: timestampOf(clock, opensMs) }) };
  }
  if (standing.phase !== 'ADMITTED') return standing;
  const { admittedUntilMs } = standing;
  return {
    phase: 'ADMITTED',
    ...(admittedUntilMs === undefined ? {} : { admittedUntil: timestampOf(clock, admittedUntilMs) }),
  };
};

/** Those far behind need not ask often. */
const ASKS_OF_THE_WAIT = 10;
const LONGEST_SECONDS = 30;

/** When to ask again, in seconds; undefined for who does not wait. */
export const retryAfterSeconds = (clock: Clock, standing: QueueStanding): number | undefined => {
  const bounded = (seconds: number): number => Math.min(LONGEST_SECONDS, Math.max(1, Math.ceil(seconds)));
  if (standing.phase === 'WAITING_ROOM') return bounded((standing.opensMs - clock.now()) / 1_000 / ASKS_OF_THE_WAIT);
  if (standing.phase !== 'QUEUED') return undefined;
  return bounded((standing.etaSeconds ?? LONGEST_SECONDS * ASKS_OF_THE_WAIT) / ASKS_OF_THE_WAIT);
};

export const queueModeShape = z.enum(['OPEN', 'QUEUED', 'PAUSED']);

export const runQueueShape = z
  .object({
    train: z.string(),
    date: z.string(),
    mode: queueModeShape,
    cause: z
      .enum(['operator', 'load', 'waitingRoom', 'calm'])
      .optional()
      .meta({ description: 'Who said so; nobody yet.' }),
    ratePerSecond: z.number().optional().meta({ description: 'The operator lets so many in at most.' }),
    joined: z.int(),
    admitted: z.int(),
    waiting: z.int(),
    seatsLeft: z.int().optional(),
    opensAt: instantShape
      .optional()
      .meta({ description: 'When its sale opens, as is known now; absent once it is open.' }),
    closed: z.enum(['SALE_CLOSED', 'RUN_CANCELLED']).optional(),
    waitingRoom: z
      .object({ opensAt: instantShape, commitment: z.string(), seed: z.string().optional() })
      .optional()
      .meta({
        description: '`opensAt` as it was when the room was opened. The seed is there once its order is drawn.',
      }),
  })
  .meta({ id: 'RunQueue' });
