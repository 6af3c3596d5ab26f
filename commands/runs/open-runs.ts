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
import { appendOf, metaOf, ownOrigin } from '../streams/append.ts';

/** A train's coaches and tariff. */
export type RollingStockOf = (train: Train) => {
  readonly composition: Composition;
  readonly tariff: Tariff;
  readonly lateAssignment?: readonly SeatClass[];
};

export type OpenRunsDeps = {
  readonly store: EventStore;
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
  { store, rollingStock, clock }: OpenRunsDeps,
  trains: Iterable<Train>,
  dates: readonly string[],
  onProgress: (done: number) => void = () => {},
): Promise<OpenRunsReport> => {
  let opened = 0;
  let known = 0;
  let done = 0;
  const refused: { train: string; date: string; code: string }[] = [];
  let pending: StreamAppend[] = [];
  const flush = async (): Promise<void> => {
    const results = await store.append(pending);
    for (const result of results)
      if (result.ok && !result.repeated) opened += 1;
      else known += 1;
    done += pending.length;
    pending = [];
    onProgress(done);
  };
  for (const train of trains)
    for (const date of dates) {
      if (!runsOn(train.service, date)) continue;
      const decision = decide(absentRun, {
        type: 'OpenRun',
        train,
        date,
        zone: clock.zone.name,
        ...rollingStock(train),
      });
      if (!decision.ok) {
        refused.push({ train: train.train, date, code: decision.refusal.code });
        continue;
      }
      const meta = metaOf(clock, ownOrigin(`open-run/${runName({ train: train.train, date })}`));
      pending.push(appendOf(runCategory.stream({ train: train.train, date }), -1, decision.value, meta));
      if (pending.length >= RUNS_PER_APPEND) await flush();
    }
  if (pending.length > 0) await flush();
  return { opened, known, refused };
};
