// Trips with their calls, in the order of the feed, as trains.
import type { TimetableItem } from '@railhead/commands/ports/timetable-source.ts';
import { MAX_STOPS, type Service, type Train, timetableDefect } from '@railhead/domain/timetable/timetable.ts';
import { uniqueCode } from './codes.ts';
import { interpolated } from './interpolate.ts';
import { kilometres } from './kilometres.ts';
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

/** The joins stay in this order, so that the index on calls delivers the rows sorted. */
const TRIPS_AND_CALLS = `
  SELECT t.key AS trip, t.id, t.line, t.service, t.short_name, r.type,
         c.seq, c.line AS call_line, c.arrives, c.departs, c.travelled, s.code, s.name, s.lat, s.lon
  FROM trips t CROSS JOIN routes r ON r.key = t.route
  LEFT JOIN calls c ON c.trip = t.key
  LEFT JOIN stops s ON s.key = c.station
  WHERE NOT t.left_out
  ORDER BY t.key, c.seq, c.line
`;

type TripRows = { readonly trip: TripRow; readonly calls: CallRow[] };

/** A trip has more calls than a train may have after so many; the rest need not be kept to know it. */
const ENOUGH_CALLS = MAX_STOPS + 1;

function* tripsWithCalls({ db }: Spill): Generator<TripRows> {
  let current: TripRows | undefined;
  // The cast names the columns of the SELECT; a trip without calls has one row with nulls for the call.
  const rows = db.prepare(TRIPS_AND_CALLS).iterate() as Iterable<TripRow & (CallRow | { readonly seq: null })>;
  for (const row of rows) {
    if (current?.trip.trip !== row.trip) {
      if (current !== undefined) yield current;
      current = { trip: row, calls: [] };
    }
    if (row.seq !== null && current.calls.length < ENOUGH_CALLS) current.calls.push(row);
  }
  if (current !== undefined) yield current;
}

const repeats = (call: CallRow, index: number, calls: readonly CallRow[]): boolean =>
  calls[index - 1]?.seq === call.seq;

const trainOf = (number: string, { trip, calls }: TripRows, service: Service): Train => {
  const times = interpolated(calls);
  const kms = kilometres(
    calls,
    calls.map(({ travelled }) => travelled ?? undefined),
  );
  const stops = calls.map(({ code, name }, index) => ({
    code,
    name,
    arrives: index === 0 ? null : (times[index]?.arrives ?? null),
    departs: index === calls.length - 1 ? null : (times[index]?.departs ?? null),
    km: kms[index] ?? 0,
  }));
  return { train: number, type: trip.type, stops, service };
};

/** Trains, and what is left out of them; every station must have its code by now. */
export function* trainsOfFeed(spill: Spill): Generator<TimetableItem> {
  const claim = spill.claims('train');
  const serviceOf = serviceReader(spill);
  for (const { trip, calls } of tripsWithCalls(spill)) {
    for (const { call_line } of calls.filter(repeats)) {
      const detail = `trip ${trip.id} repeats a stop_sequence`;
      yield { kind: 'skipped', row: { file: 'stop_times.txt', line: call_line, code: 'BAD_ROW', detail } };
    }
    const once = calls.filter((call, index) => !repeats(call, index, calls));
    const number = uniqueCode(trip.short_name || trip.id, trip.id, claim);
    const train = trainOf(number, { trip, calls: once }, serviceOf(trip.service));
    const defect = timetableDefect(train);
    if (defect === undefined) yield { kind: 'train', train };
    else
      yield {
        kind: 'skipped',
        row: { file: 'trips.txt', line: trip.line, code: defect, detail: `trip ${trip.id}` },
      };
  }
}
