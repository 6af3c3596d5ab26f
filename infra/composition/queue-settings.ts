// The queues of runs: how fast they are admitted, how many they hold, when they begin by themselves.
import type { QueueRules } from '@railhead/commands/queue/queue-line.ts';
import type { SelfStart } from '@railhead/commands/queue/queue-process.ts';
import { z } from 'zod';
import { type Settings, saying, setting, type ValuesOf, whole } from '../config/setting.ts';

const between = (least: number, most: number) =>
  z.coerce
    .number({ error: saying('must be a number') })
    .min(least)
    .max(most);
const percent = between(0.01, 100);

export const queueSettings = {
  queueFirst: setting(whole(0, 1_000_000), 1_000, 'RAILHEAD_QUEUE_FIRST', 'of a queue, so many are admitted at once'),
  queueSeatsPercent: setting(
    percent,
    2,
    'RAILHEAD_QUEUE_SEATS_PERCENT',
    'a queue admits as many a second as this part of the seats left',
  ),
  queueMostPerSecond: setting(
    whole(1, 100_000),
    2_000,
    'RAILHEAD_QUEUE_MOST_PER_SECOND',
    'a queue admits so many a second at most',
  ),
  queueLeastPerSecond: setting(
    between(0.01, 100_000),
    1,
    'RAILHEAD_QUEUE_LEAST_PER_SECOND',
    'and at least so many, also when no seat is left, so that everybody gets an answer',
  ),
  queuePlacesLimit: setting(
    whole(1, 1_000_000),
    50_000,
    'RAILHEAD_QUEUE_PLACES_LIMIT',
    'people who may wait in the queue of one run',
  ),
  queueTokenMinutes: setting(
    whole(1, 1_440),
    15,
    'RAILHEAD_QUEUE_TOKEN_MINUTES',
    'how long somebody who was admitted may place their order',
  ),
  queueListenersLimit: setting(
    whole(0, 1_000_000),
    20_000,
    'RAILHEAD_QUEUE_LISTENERS_LIMIT',
    'event streams of places in queues that may be open at once',
  ),
  queueFromRequests: setting(
    whole(0, 1_000_000),
    0,
    'RAILHEAD_QUEUE_FROM_REQUESTS',
    'a queue begins by itself with so many orders a second for one run; 0: only operators begin one',
  ),
  queueFromSeatsPercent: setting(
    percent,
    10,
    'RAILHEAD_QUEUE_FROM_SEATS_PERCENT',
    'and if these are more than this part of the seats left',
  ),
} as const satisfies Settings;

const PERCENT = 100;

export const queueOptionsOf = (
  config: ValuesOf<typeof queueSettings>,
): { readonly queueRules: QueueRules; readonly selfStart: SelfStart } => ({
  queueRules: {
    first: config.queueFirst,
    share: config.queueSeatsPercent / PERCENT,
    mostPerSecond: config.queueMostPerSecond,
    leastPerSecond: config.queueLeastPerSecond,
    mostWaiting: config.queuePlacesLimit,
    admittedMinutes: config.queueTokenMinutes,
  },
  selfStart: {
    requestsPerSecond: config.queueFromRequests,
    shareOfSeats: config.queueFromSeatsPercent / PERCENT,
  },
});
