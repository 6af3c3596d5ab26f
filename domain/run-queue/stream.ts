import { category, remembered } from '../kernel/category.ts';
import { parseRunName, type RunId, runName } from '../train-run/stream.ts';
import type { RunQueueEvent } from './events.ts';
import { evolve, noQueue, type RunQueue } from './fold.ts';

export const runQueueCategory = category<RunId, RunQueue, RunQueueEvent>({
  name: 'runQueue',
  nameOf: runName,
  parse: remembered(parseRunName),
  initial: noQueue,
  evolve,
  versions: {
    QueueModeSet: 1,
    WaitingRoomOpened: 1,
    QueueJoined: 1,
    WaitingRoomShuffled: 1,
    QueueAdmitted: 1,
    QueueClosed: 1,
  },
});
