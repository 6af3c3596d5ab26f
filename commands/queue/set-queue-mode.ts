// An operator opens, pauses or begins the queue of a run. Whoever waits when it is opened is admitted by that.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { QueueMode } from '@railhead/domain/run-queue/events.ts';
import { commandIdOf, type OperatorCommand, originOf } from '../inventory/operator.ts';
import type { Clock } from '../ports/clock.ts';
import type { Position } from '../ports/event-store.ts';
import type { RunDirectory } from '../runs/run-directory.ts';
import type { QueueLine } from './queue-line.ts';
import { endOf } from './queue-workflow.ts';
import type { RunQueues } from './run-queues.ts';

export type QueueModeDeps = { readonly runs: RunDirectory; readonly queues: RunQueues; readonly clock: Clock };

export type SetQueueMode = OperatorCommand & { readonly mode: QueueMode; readonly ratePerSecond?: number | undefined };

export type QueueModeRefusal = 'TRAIN_NOT_FOUND' | 'QUEUE_CLOSED' | 'CONTENDED';

/** `position` is 0 if it was so before. */
export const setQueueMode = async (
  { runs, queues, clock }: QueueModeDeps,
  command: SetQueueMode,
): Promise<Result<{ readonly line: QueueLine; readonly position: Position }, QueueModeRefusal>> => {
  const { train, date, mode, ratePerSecond } = command;
  const run = await runs.find(train, date);
  if (run === undefined) return refuse('TRAIN_NOT_FOUND', `${train} does not run on ${date}`);
  if (endOf(run, clock.now()) !== undefined) return refuse('QUEUE_CLOSED', 'nothing is sold any more, so nobody waits');
  const line = await queues.line({ train, date });
  await line.refresh();
  const id = `queue-${commandIdOf(command, [mode, ratePerSecond ?? null])}`;
  const rate = ratePerSecond === undefined ? {} : { ratePerSecond };
  const written = await line.write(originOf(command, id), () => ({ type: 'SetMode', id, mode, ...rate }));
  return written.ok ? accept({ line, position: written.value.position }) : written;
};
