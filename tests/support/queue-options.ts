// Queues of runs as a railway has them that sets nothing: used where nobody waits, or with what a test sets.
import type { QueueRules } from '@railhead/commands/queue/queue-line.ts';
import type { SelfStart } from '@railhead/commands/queue/queue-process.ts';

export const QUEUE_RULES: QueueRules = {
  first: 1_000,
  share: 0.02,
  mostPerSecond: 2_000,
  leastPerSecond: 1,
  mostWaiting: 50_000,
  admittedMinutes: 15,
};

export const NO_SELF_START: SelfStart = { requestsPerSecond: 0, shareOfSeats: 0 };
