// The queue of a run as operators see it.
import { type Clock, timestampOf } from '@railhead/commands/ports/clock.ts';
import type { QueueLine } from '@railhead/commands/queue/queue-line.ts';
import { waitingOf } from '@railhead/domain/run-queue/fold.ts';
import type { z } from 'zod';
import type { runQueueShape } from './run-queue-shapes.ts';

export const shownRunQueue = (
  { run, queue, seatsLeft, opensMs }: QueueLine,
  clock: Clock,
): z.output<typeof runQueueShape> => {
  const { mode, cause, ratePerSecond, users, admitted, closed, room } = queue;
  return {
    train: run.train,
    date: run.date,
    mode,
    ...(cause === undefined ? {} : { cause }),
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    joined: users.length,
    admitted,
    waiting: waitingOf(queue),
    ...(seatsLeft === undefined ? {} : { seatsLeft }),
    ...(opensMs === undefined || opensMs <= clock.now() ? {} : { opensAt: timestampOf(clock, opensMs) }),
    ...(closed === undefined ? {} : { closed }),
    ...(room === undefined
      ? {}
      : {
          waitingRoom: {
            opensAt: room.opensAt,
            commitment: room.commitment,
            ...(room.seed === undefined ? {} : { seed: room.seed }),
          },
        }),
  };
};
