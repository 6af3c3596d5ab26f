import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import type { Openings, SaleOpeningsEvent } from './events.ts';
import type { SaleOpenings } from './fold.ts';

/** `version`: how often they have been set. `ifVersion`: those that the operator has read; undefined: whatever is there is replaced. */
export type SetOpenings = {
  readonly id: string;
  readonly openings: Openings;
  readonly version: number;
  readonly ifVersion?: readonly number[];
  /** Names that are not taken unless an opening that stands now has them; absent: all are taken. */
  readonly unknown?: NamedInOpenings;
};

export type NamedInOpenings = { readonly trains: readonly string[]; readonly stations: readonly string[] };

export type OpeningsRefusal = 'PRECONDITION_FAILED' | 'NOT_IN_TIMETABLE';

/** A command that was handled before changes nothing, also where another one has come since. */
export const decide = (
  now: SaleOpenings,
  { id, openings, version, ifVersion, unknown }: SetOpenings,
): Decision<SaleOpeningsEvent, OpeningsRefusal> => {
  if (now.handled.includes(id)) return unchanged;
  if (ifVersion !== undefined && !ifVersion.includes(version))
    return refuse('PRECONDITION_FAILED', 'somebody else has changed the openings since they were read');
  if (textOf(now) === textOf(openings)) return unchanged;
  const added = unknown === undefined ? undefined : notAmong(unknown, namedIn(now));
  if (added !== undefined && added.trains.length + added.stations.length > 0)
    return refuse('NOT_IN_TIMETABLE', `the timetable does not have ${told(added)}`, { unknown: added });
  return emit({ type: 'SaleOpeningsSet', version: 1, data: openings });
};

/** The trains and stations that openings name, each once. */
export const namedIn = ({ runs, stations }: Openings): NamedInOpenings => ({
  trains: [...new Set(runs.map(({ train }) => train))],
  stations: [...new Set(stations.map(({ station }) => station))],
});

const notAmong = (names: NamedInOpenings, { trains, stations }: NamedInOpenings): NamedInOpenings => ({
  trains: names.trains.filter((one) => !trains.includes(one)),
  stations: names.stations.filter((one) => !stations.includes(one)),
});

/** Of more, the first ones. */
const TOLD = 10;
const listed = (what: string, names: readonly string[]): readonly string[] => {
  if (names.length === 0) return [];
  const more = names.length > TOLD ? ` and ${names.length - TOLD} more` : '';
  return [`${what} ${names.slice(0, TOLD).join(', ')}${more}`];
};
/** For people. */
export const told = ({ trains, stations }: NamedInOpenings): string =>
  [...listed('train', trains), ...listed('station', stations)].join(', nor ');

const textOf = ({ runs, days, stations }: Openings): string =>
  JSON.stringify([
    runs.map(({ train, date, opensAt }) => [train, date, opensAt]),
    days.map(({ date, opensAt }) => [date, opensAt]),
    stations.map(({ station, opensMinutes, daysBefore }) => [station, opensMinutes, daysBefore]),
  ]);
