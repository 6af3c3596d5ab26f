import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import type { Openings, SaleOpeningsEvent } from './events.ts';
import type { SaleOpenings } from './fold.ts';

/** `version`: how often they have been set. `ifVersion`: those that the operator has read; undefined: whatever is there is replaced. */
export type SetOpenings = {
  readonly id: string;
  readonly openings: Openings;
  readonly version: number;
  readonly ifVersion?: readonly number[];
};

export type OpeningsRefusal = 'PRECONDITION_FAILED';

/** A command that was handled before changes nothing, also where another one has come since. */
export const decide = (
  now: SaleOpenings,
  { id, openings, version, ifVersion }: SetOpenings,
): Decision<SaleOpeningsEvent, OpeningsRefusal> => {
  if (now.handled.includes(id)) return unchanged;
  if (ifVersion !== undefined && !ifVersion.includes(version))
    return refuse('PRECONDITION_FAILED', 'somebody else has changed the openings since they were read');
  if (textOf(now) === textOf(openings)) return unchanged;
  return emit({ type: 'SaleOpeningsSet', version: 1, data: openings });
};

const textOf = ({ runs, days, stations }: Openings): string =>
  JSON.stringify([
    runs.map(({ train, date, opensAt }) => [train, date, opensAt]),
    days.map(({ date, opensAt }) => [date, opensAt]),
    stations.map(({ station, opensMinutes, daysBefore }) => [station, opensMinutes, daysBefore]),
  ]);
