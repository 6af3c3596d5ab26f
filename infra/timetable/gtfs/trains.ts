// Turns trips with their calls into trains, in the order of the feed.
import type { TimetableItem } from '@railhead/commands/ports/timetable-source.ts';
import { MAX_STOPS, type Train, timetableDefect } from '@railhead/domain/timetable/timetable.ts';
import { uniqueCode } from './codes.ts';
import { interpolated } from './interpolate.ts';
import { kilometres } from './kilometres.ts';
import { daysLate, MINUTES_PER_DAY } from './run-date.ts';
import { serviceReader } from './services.ts';
import type { Spill } from './spill.ts';

type TripRow = {
  readonly trip: number;
  readonly id: string;
  readonly line: number;
  readonly service: number;
  readonly short_name: string;
  readonly type: string;
};

type CallRow = {
  readonly seq: number;
  readonly call_line: number;
  readonly arrives: number | null;
  readonly departs: number | null;
  readonly travelled: number | null;
  readonly code: string;
  readonly name: string;
  readonly lat: number;
  readonly lon: number;
};

/** With the joins in this order, the index on calls delivers the rows sorted. */
const TRIPS_AND_CALLS = `
  SELECT t.key AS trip, t.id, t.line, t.service, t.short_name, r.type,
         c.seq, c.line AS call_line, c.arrives, c.departs, c.travelled, s.code, s.name, s.lat, s.lon
  FROM trips t CROSS JOIN routes r ON r.key = t.route
  LEFT JOIN calls c ON c.trip = t.key
  LEFT JOIN stops s ON s.key = c.station
  WHERE NOT t.left_out
  ORDER BY t.key, c.seq, c.line
`;

/** `repeats`: lines of calls with the same stop_sequence as the call before. */
type TripRows = { readonly trip: TripRow; readonly calls: CallRow[]; readonly repeats: number[] };

/** A trip with so many calls has more than a train may have; the rest need not be kept. */
const ENOUGH_CALLS = MAX_STOPS + 1;

/** A call at another platform of the same station continues the call: one stop, not two. */
const goesOn = (call: CallRow, next: CallRow): CallRow => ({
  ...call,
  seq: next.seq,
  arrives: call.arrives ?? call.departs ?? next.arrives,
  departs: next.departs ?? next.arrives ?? call.departs,
});

const addCall = ({ calls, repeats }: TripRows, call: CallRow): void => {
  const last = calls.at(-1);
  if (last?.seq === call.seq) {
    if (repeats.length < ENOUGH_CALLS) repeats.push(call.call_line);
  } else if (last?.code === call.code) {
    calls[calls.length - 1] = goesOn(last, call);
  } else if (calls.length < ENOUGH_CALLS) calls.push(call);
};

function* tripsWithCalls({ db }: Spill): Generator<TripRows> {
  let current: TripRows | undefined;
  // Safe cast: it has the columns of the SELECT. A trip without calls has one row with nulls for the call.
  const rows = db.prepare(TRIPS_AND_CALLS).iterate() as Iterable<TripRow & (CallRow | { readonly seq: null })>;
  for (const row of rows) {
    if (current?.trip.trip !== row.trip) {
      if (current !== undefined) yield current;
      current = { trip: row, calls: [], repeats: [] };
    }
    if (row.seq !== null) addCall(current, row);
  }
  if (current !== undefined) yield current;
}

/** A train's number until it is known whether the train gets one. */
const NO_NUMBER = '0';

const unnumbered = ({ trip, calls }: TripRows, serviceOf: ReturnType<typeof serviceReader>): Train => {
  const times = interpolated(calls);
  const days = daysLate(times[0]?.departs);
  const ofRun = (minute: number | null | undefined): number | null =>
    minute === null || minute === undefined ? null : minute - days * MINUTES_PER_DAY;
  const kms = kilometres(
    calls,
    calls.map(({ travelled }) => travelled ?? undefined),
  );
  const stops = calls.map(({ code, name }, index) => ({
    code,
    name,
    arrives: index === 0 ? null : ofRun(times[index]?.arrives),
    departs: index === calls.length - 1 ? null : ofRun(times[index]?.departs),
    km: kms[index] ?? 0,
  }));
  return { train: NO_NUMBER, type: trip.type, stops, service: serviceOf(trip.service, days) };
};

/** The trains, and the skipped trips. Every station must have its code before. */
export function* trainsOfFeed(spill: Spill): Generator<TimetableItem> {
  const claim = spill.claims('train');
  const serviceOf = serviceReader(spill);
  for (const rows of tripsWithCalls(spill)) {
    const { trip, repeats } = rows;
    for (const line of repeats) {
      const detail = `trip ${trip.id} repeats a stop_sequence`;
      yield { kind: 'skipped', row: { file: 'stop_times.txt', line, code: 'BAD_ROW', detail } };
    }
    const train = unnumbered(rows, serviceOf);
    const defect = timetableDefect(train);
    // A skipped trip uses up no number.
    if (defect === undefined)
      yield { kind: 'train', train: { ...train, train: uniqueCode(trip.short_name || trip.id, trip.id, claim) } };
    else
      yield {
        kind: 'skipped',
        row: { file: 'trips.txt', line: trip.line, code: defect, detail: `trip ${trip.id}` },
      };
  }
}
