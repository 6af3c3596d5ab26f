// When sales open. An instant stands for one run, for all runs of a day, or for a station: there the sale of each run date
// opens so many days ahead, at a time of the clock.
import type { DomainEvent } from '../kernel/event.ts';
import type { StationCode } from '../timetable/timetable.ts';

/** `opensAt`: RFC 3339 with a zone. `date`: the run date. */
export type RunOpening = { readonly train: string; readonly date: string; readonly opensAt: string };
export type DayOpening = { readonly date: string; readonly opensAt: string };
/** `opensMinutes` of the clock in the zone of the run, `daysBefore` the run date. */
export type StationOpening = {
  readonly station: StationCode;
  readonly opensMinutes: number;
  readonly daysBefore: number;
};

export type Openings = {
  readonly runs: readonly RunOpening[];
  readonly days: readonly DayOpening[];
  readonly stations: readonly StationOpening[];
};

/** From now on these are all openings that there are. */
export type SaleOpeningsSet = DomainEvent<'SaleOpeningsSet', Openings>;

export type SaleOpeningsEvent = SaleOpeningsSet;
