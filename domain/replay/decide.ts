import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import type { Part, ReplayEvent } from './events.ts';
import { type Beside, type Generations, isPartial, type Verified } from './fold.ts';

export type ReplayCommand =
  | { readonly type: 'Start'; readonly eventsPerSecond: number; readonly part: Part; readonly workers?: number }
  | { readonly type: 'Pause' }
  | { readonly type: 'Resume' }
  | { readonly type: 'Throttle'; readonly eventsPerSecond: number }
  /** `of`: the generation that was compared. */
  | { readonly type: 'NoteVerified'; readonly of: number; readonly verified: Omit<Verified, 'at'> }
  | { readonly type: 'NoteUnverified'; readonly of: number }
  /** `isWhole`: the generation has had everything that was in the log. */
  | { readonly type: 'Swap'; readonly isWhole: boolean; readonly unverified: boolean }
  | { readonly type: 'RollBack'; readonly isWhole: boolean }
  | { readonly type: 'Cancel' }
  | { readonly type: 'Drop' };

export type ReplayRefusal =
  | 'REPLAY_UNDER_WAY'
  | 'GENERATION_KEPT'
  | 'NO_REPLAY'
  | 'NOTHING_KEPT'
  | 'REPLAY_PARTIAL'
  | 'REPLAY_UNFINISHED'
  | 'REPLAY_UNVERIFIED'
  | 'REPLAY_DIFFERS';

export const decide = (
  { serving, beside, last }: Generations,
  command: ReplayCommand,
): Decision<ReplayEvent, ReplayRefusal> => {
  const replay = beside !== undefined && beside.generation > serving ? beside : undefined;
  const kept = beside !== undefined && beside.generation < serving ? beside : undefined;
  switch (command.type) {
    case 'Start': {
      if (replay !== undefined)
        return refuse('REPLAY_UNDER_WAY', `generation ${replay.generation} stands beside already; cancel it first`);
      if (kept !== undefined)
        return refuse('GENERATION_KEPT', `generation ${kept.generation} is kept to go back to; drop it first`);
      const { eventsPerSecond, part, workers = 1 } = command;
      const several = workers === 1 ? {} : { workers };
      const data = { generation: last + 1, eventsPerSecond, part, ...several };
      return emit({ type: 'ReplayStarted', version: 1, data });
    }
    case 'Pause':
      if (replay === undefined) return noReplay;
      if (replay.isPaused) return unchanged;
      return emit({ type: 'ReplayPaused', version: 1, data: { generation: replay.generation } });
    case 'Resume':
      if (replay === undefined) return noReplay;
      if (!replay.isPaused) return unchanged;
      return emit({ type: 'ReplayResumed', version: 1, data: { generation: replay.generation } });
    case 'Throttle': {
      if (replay === undefined) return noReplay;
      const { eventsPerSecond } = command;
      if (replay.eventsPerSecond === eventsPerSecond) return unchanged;
      return emit({ type: 'ReplayThrottled', version: 1, data: { generation: replay.generation, eventsPerSecond } });
    }
    case 'NoteVerified':
      if (beside?.generation !== command.of) return noReplay;
      return emit({ type: 'GenerationVerified', version: 1, data: { generation: command.of, ...command.verified } });
    case 'NoteUnverified':
      if (beside?.generation !== command.of || beside.verified === undefined) return unchanged;
      return emit({ type: 'VerificationFailed', version: 1, data: { generation: command.of } });
    case 'Swap':
      return replay === undefined ? noReplay : swap(replay, command);
    case 'RollBack':
      if (kept === undefined && replay !== undefined)
        return refuse('NOTHING_KEPT', `generation ${replay.generation} was not read last: compare it and swap`);
      if (kept === undefined) return nothingKept;
      if (!command.isWhole)
        return refuse('REPLAY_UNFINISHED', `generation ${kept.generation} lacks events that the log has; wait for it`);
      return emit({ type: 'ModelRolledBack', version: 1, data: { generation: kept.generation } });
    case 'Cancel':
      if (replay === undefined) return noReplay;
      return emit({ type: 'GenerationDropped', version: 1, data: { generation: replay.generation } });
    case 'Drop':
      if (beside === undefined) return nothingKept;
      return emit({ type: 'GenerationDropped', version: 1, data: { generation: beside.generation } });
  }
};

const noReplay = refuse('NO_REPLAY', 'nothing is built beside this model');
const nothingKept = refuse('NOTHING_KEPT', 'no generation is kept beside this model');

const swap = (
  { generation, part, verified }: Beside,
  { isWhole, unverified }: { readonly isWhole: boolean; readonly unverified: boolean },
): Decision<ReplayEvent, ReplayRefusal> => {
  if (isPartial(part)) return refuse('REPLAY_PARTIAL', `generation ${generation} has only a part of the log`);
  if (!isWhole)
    return refuse('REPLAY_UNFINISHED', `generation ${generation} lacks events that the log has; wait for it`);
  if (unverified) return emit({ type: 'ModelSwapped', version: 1, data: { generation, unverified } });
  if (verified?.unlikeLog === undefined)
    return refuse('REPLAY_UNVERIFIED', `generation ${generation} has to be compared with the log first: verify it`);
  if (verified.unlikeLog > 0)
    return refuse(
      'REPLAY_DIFFERS',
      `${verified.unlikeLog} rows of generation ${generation} are not as the log has them`,
    );
  return emit({ type: 'ModelSwapped', version: 1, data: { generation } });
};
