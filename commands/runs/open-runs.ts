// Opens the sale: one event for each train and date, which fixes the route, seats and tariff of that run.

import type { Tariff } from '@railhead/domain/fare/fare.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { runsOn, type Train } from '@railhead/domain/timetable/timetable.ts';
import type { Composition } from '@railhead/domain/train-run/composition.ts';
import { decide } from '@railhead/domain/train-run/decide.ts';
import { absentRun } from '@railhead/domain/train-run/fold.ts';
import { runCategory, runName } from '@railhead/domain/train-run/stream.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore, StreamAppend } from '../ports/event-store.ts';
import type { Snapshots } from '../ports/snapshots.ts';
import { appendOf, metaOf, ownOrigin } from '../streams/append.ts';
import { OpenedDays } from './opened-days.ts';

/** A train's coaches and tariff. */
export type RollingStockOf = (train: Train) => {
  readonly composition: Composition;
  readonly tariff: Tariff;
  readonly lateAssignment?: readonly SeatClass[];
};

export type OpenRunsDeps = {
  readonly store: EventStore;
  /** Remembers which days were opened whole, so that a start need not ask the log about each of their runs. */
  readonly snapshots?: Snapshots;
  readonly rollingStock: RollingStockOf;
  readonly clock: Clock;
};

export type OpenRunsReport = {
  readonly opened: number;
  /** Runs that were open before, and left as they were. */
  readonly known: number;
  readonly refused: readonly { readonly train: string; readonly date: string; readonly code: string }[];
};

/** Runs in one append; a run takes one to two KB. */
const RUNS_PER_APPEND = 500;

/** Safe to repeat: an open run is never opened again, whatever happened to the timetable. */
export const openRuns = async (
  deps: OpenRunsDeps,
  trains: Iterable<Train>,
  dates: readonly string[],
  onProgress: (done: number) => void = () => {},
): Promise<OpenRunsReport> => {
  const days = deps.snapshots === undefined ? undefined : new OpenedDays(deps.snapshots, deps.store);
  const known = [...trains];
  const total = { opened: 0, known: 0, refused: [] as OpenRunsReport['refused'] };
  for (const date of dates) {
    const running = known.filter(({ service }) => runsOn(service, date));
    const names = running.map(({ train }) => train);
    const before = total.opened + total.known;
    if ((await days?.areOpen(date, names)) === true) total.known += running.length;
    else {
      const day = await openDay(deps, running, date, (done) => onProgress(before + done));
      total.opened += day.opened;
      total.known += day.known;
      total.refused = [...total.refused, ...day.refused];
      // What was refused is tried and told again at the next start.
      if (day.refused.length === 0) await days?.remember(date, names);
    }
    onProgress(total.opened + total.known);
  }
  return total;
};

const openDay = async (
  { store, rollingStock, clock }: OpenRunsDeps,
  trains: readonly Train[],
  date: string,
  onProgress: (done: number) => void,
): Promise<OpenRunsReport> => {
  const refused: { train: string; date: string; code: string }[] = [];
  const appends: StreamAppend[] = [];
  for (const train of trains) {
    const zone = clock.zone.name;
    const decision = decide(absentRun, { type: 'OpenRun', train, date, zone, ...rollingStock(train) });
    if (!decision.ok) {
      refused.push({ train: train.train, date, code: decision.refusal.code });
      continue;
    }
    const meta = metaOf(clock, ownOrigin(`open-run/${runName({ train: train.train, date })}`));
    appends.push(appendOf(runCategory.stream({ train: train.train, date }), -1, decision.value, meta));
  }
  let opened = 0;
  for (let from = 0; from < appends.length; from += RUNS_PER_APPEND) {
    const results = await store.append(appends.slice(from, from + RUNS_PER_APPEND));
    opened += results.filter((result) => result.ok && !result.repeated).length;
    onProgress(Math.min(appends.length, from + RUNS_PER_APPEND));
  }
  return { opened, known: appends.length - opened, refused };
};
