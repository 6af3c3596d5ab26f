// When the sale of a journey opens. One answer for search, orders, waiting rooms and whoever else sells: `saleOf` asks it.
import type { Openings } from '@railhead/domain/sale-openings/events.ts';
import { addDays } from '@railhead/domain/timetable/timetable.ts';
import { runName } from '@railhead/domain/train-run/stream.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunAsOpened } from '../runs/run-directory.ts';
import { zoneNamed } from '../time/zone.ts';

type RunOnRoute = Pick<RunAsOpened, 'train' | 'date' | 'zone' | 'stops'>;

export type OpeningTimes = {
  /** Ms since the epoch; undefined: the journey is sold as soon as its date is. `from`: the stop where one boards. */
  opensMs(run: RunOnRoute, from: number): number | undefined;
};

/** What an operator has said of a run stands; else the later one of what was said of its day and of the station. */
export class StatedOpenings implements OpeningTimes {
  readonly #runs: ReadonlyMap<string, number>;
  readonly #days: ReadonlyMap<string, number>;
  readonly #stations: ReadonlyMap<string, { readonly opensMinutes: number; readonly daysBefore: number }>;
  readonly #isEmpty: boolean;

  constructor({ runs, days, stations }: Openings) {
    this.#runs = new Map(runs.map(({ opensAt, ...run }) => [runName(run), Date.parse(opensAt)]));
    this.#days = new Map(days.map(({ date, opensAt }) => [date, Date.parse(opensAt)]));
    this.#stations = new Map(stations.map(({ station, ...opening }) => [station, opening]));
    this.#isEmpty = runs.length + days.length + stations.length === 0;
  }

  opensMs(run: RunOnRoute, from: number): number | undefined {
    // Nearly always: an order must not pay for what nobody has asked for.
    if (this.#isEmpty) return undefined;
    const own = this.#runs.size === 0 ? undefined : this.#runs.get(runName(run));
    if (own !== undefined) return own;
    const [ofDay, ofStation] = [this.#days.get(run.date), this.#ofStation(run, from)];
    if (ofDay === undefined || ofStation === undefined) return ofDay ?? ofStation;
    return Math.max(ofDay, ofStation);
  }

  #ofStation({ date, zone, stops }: RunOnRoute, from: number): number | undefined {
    const opening = this.#stations.get(stops[from]?.code ?? '');
    if (opening === undefined) return undefined;
    return zoneNamed(zone).instantMs(addDays(date, -opening.daysBefore), opening.opensMinutes);
  }
}

/** The first instant at which any journey of the run can be bought; undefined: some are sold already. */
export const runOpensMs = (times: OpeningTimes, run: RunOnRoute): number | undefined => {
  let first: number | undefined;
  for (let from = 0; from < run.stops.length - 1; from += 1) {
    const opensMs = times.opensMs(run, from);
    if (opensMs === undefined) return undefined;
    first = Math.min(first ?? opensMs, opensMs);
  }
  return first;
};

/** The same where it is later than now; undefined: the sale is open. */
export const runOpensLaterMs = (
  clock: Pick<Clock, 'now'>,
  times: OpeningTimes,
  run: RunOnRoute,
): number | undefined => {
  const opensMs = runOpensMs(times, run);
  return opensMs !== undefined && opensMs > clock.now() ? opensMs : undefined;
};
