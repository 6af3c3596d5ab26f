// Whatever can be shown as it was at a moment: which of its events are read, and what they make of it.
import type { Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { StreamsSetAside } from '@railhead/commands/streams/understood.ts';
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { Leaves } from './leaves.ts';
import type { Moment } from './moment.ts';
import { eachEvent, type PastLog } from './past-log.ts';

export interface PastFold<Shown> {
  add(event: RecordedEvent): void;
  /** Undefined before it begins. */
  readonly shown: Shown | undefined;
  /** The leaves of what is shown that this event may change: those that are there now. */
  leaves(event: RecordedEvent): Leaves;
  /** Streams that this version does not understand to their end. */
  readonly setAside: StreamsSetAside;
}

export type PastKind<Id, Shown, Code extends string> = {
  /** Its events up to a position, in the order of the log, and the fold of them, which has had none yet. */
  readonly read: (
    log: PastLog,
    id: Id,
    upTo: Position,
  ) => Promise<{ readonly events: readonly RecordedEvent[]; readonly fold: PastFold<Shown> }>;
  /** Asked where nothing is to be shown: its first event, if there is one at all, or why it is not known. */
  readonly beginning: (log: PastLog, id: Id, moment: Moment) => Promise<Result<RecordedEvent, Code>>;
};

/** `last`: the last event that is in what is shown. */
export type PastState<Shown> = {
  readonly moment: Moment;
  readonly shown: Shown;
  readonly last: RecordedEvent | undefined;
  readonly setAside: StreamsSetAside;
};

/** It was not there yet, or has never been. */
export const absentAt = async <Id, Shown, Code extends string>(
  kind: PastKind<Id, Shown, Code>,
  log: PastLog,
  id: Id,
  moment: Moment,
): Promise<Result<never, Code | 'NOT_YET'>> => {
  const began = await kind.beginning(log, id, moment);
  if (!began.ok) return began;
  const { position, meta } = began.value;
  return refuse(
    'NOT_YET',
    `at position ${moment.position} it was not there yet; it began at position ${position}, ${meta.at}`,
    {
      position,
      at: meta.at,
    },
  );
};

export const stateAt = async <Id, Shown, Code extends string>(
  kind: PastKind<Id, Shown, Code>,
  log: PastLog,
  id: Id,
  moment: Moment,
): Promise<Result<PastState<Shown>, Code | 'NOT_YET'>> => {
  const { events, fold } = await kind.read(log, id, moment.position);
  await eachEvent(log, events, (event) => fold.add(event));
  const { shown, setAside } = fold;
  if (shown === undefined) return absentAt(kind, log, id, moment);
  return accept({ moment, shown, last: events.at(-1), setAside });
};
