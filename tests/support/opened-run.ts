// A run as it is put on sale, for tests that care about little of it.
import type { TrainRunOpened } from '@railhead/domain/train-run/events.ts';

type Run = TrainRunOpened['data'];

/** G1 on 2026-12-01 from A to B, a coach of one seat, everything for nothing. */
export const openedRun = (changes: Partial<Run> = {}): Run => ({
  train: 'G1',
  date: '2026-12-01',
  zone: 'Asia/Shanghai',
  trainType: '',
  stops: stopsOf('A', 'B'),
  composition: [{ coach: '01', seatClass: 'second', layout: { kind: 'rows', rows: 1, letters: 'A' } }],
  tariff: {
    name: 'flat',
    ratesMilliFenPerKm: {},
    bands: [{ percent: 100 }],
    minimumFen: 0,
    roundToFen: 1,
    percentOfAdult: { adult: 100, child: 50, student: 75 },
  },
  ...changes,
});

/** A minute and a hundred km from one to the next. */
export const stopsOf = (...codes: readonly string[]): Run['stops'] =>
  codes.map((code, seq) => ({ code, name: code, arrives: seq, departs: seq, km: seq * 100 }));
