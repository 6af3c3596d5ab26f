// When a journey begins and ends, and the days whose streams it is reserved in.
import { addDays } from '@railhead/domain/timetable/timetable.ts';
import type { Journey } from '@railhead/domain/train-run/journey.ts';
import type { RunAsOpened } from '../runs/run-directory.ts';
import { boardingMs } from '../runs/sale-window.ts';
import { zoneNamed } from '../time/zone.ts';

/** `from` and `to`: RFC 3339 in the zone of the run. */
export type Travel = { readonly from: string; readonly to: string; readonly dates: readonly string[] };

/** A cache: thousands buy the same few journeys of a run. */
const known = new WeakMap<RunAsOpened, Map<string, Travel>>();

export const travelOf = (run: RunAsOpened, journey: Journey): Travel => {
  const travels = known.get(run) ?? new Map<string, Travel>();
  const name = `${journey.from}-${journey.to}`;
  const travel = travels.get(name) ?? newTravel(run, journey);
  known.set(run, travels.set(name, travel));
  return travel;
};

/** The run date, which all journeys of the run have in common, and every day from boarding until alighting. */
const newTravel = (run: RunAsOpened, { from, to }: Journey): Travel => {
  const zone = zoneNamed(run.zone);
  const boards = boardingMs(run, from);
  const alights = zone.instantMs(run.date, run.stops[to]?.arrives ?? 0);
  const dates = new Set([run.date]);
  const last = zone.date(alights);
  for (let date = zone.date(boards); date <= last; date = addDays(date, 1)) dates.add(date);
  return { from: zone.timestamp(boards), to: zone.timestamp(alights), dates: [...dates] };
};
