// Random journeys, and which run is hot: one at a time, the next when it is nearly full.
import type { WantedJourney } from './placing.ts';
import { trainName } from './world.ts';

type Below = { below(limit: number): number };

/** Two different stops, each as likely as any other. */
export const randomStops = (random: Below, stops: number): { readonly from: number; readonly to: number } => {
  const a = random.below(stops);
  const b = (a + 1 + random.below(stops - 1)) % stops;
  return { from: Math.min(a, b), to: Math.max(a, b) };
};

/** Orders that fill a run to nine tenths: a random journey takes (stops + 1) / 3 of stops - 1 segments. */
export const ordersPerRun = (seats: number, stops: number): number =>
  Math.max(1, Math.floor((0.9 * seats * (stops - 1) * 3) / (stops + 1)));

export type HotRuns = {
  readonly seats: number;
  readonly stops: number;
  readonly firstTrain: number;
  readonly trains: number;
  readonly dates: readonly string[];
};

/** The `n`-th journey; undefined when every run has been hot. */
export const hotJourneys = (
  { seats, stops, firstTrain, trains, dates }: HotRuns,
  random: Below,
): ((n: number) => WantedJourney | undefined) => {
  const each = ordersPerRun(seats, stops);
  return (n) => {
    const run = Math.floor(n / each);
    const date = dates[run % dates.length];
    if (run >= trains * dates.length || date === undefined) return undefined;
    return { train: trainName(firstTrain + Math.floor(run / dates.length)), date, ...randomStops(random, stops) };
  };
};

/** Any run as likely as any other. */
export const spreadJourneys =
  ({ stops, firstTrain, trains, dates }: HotRuns, random: Below): (() => WantedJourney | undefined) =>
  () => {
    const [train, date] = [
      trainName(firstTrain + random.below(trains - firstTrain)),
      dates[random.below(dates.length)],
    ];
    return date === undefined ? undefined : { train, date, ...randomStops(random, stops) };
  };
