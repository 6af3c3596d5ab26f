// A small timetable to try Railhead with: well-known trains with realistic times and distances.
import type { TimetableItem, TimetableSource } from '@railhead/commands/ports/timetable-source.ts';
import { sampleStations } from './stations.ts';
import { sampleTrains } from './trains.ts';

/** Reads nothing and cannot fail: the timetable is part of the program. */
export const sampleSource = (): TimetableSource => ({
  name: 'sample',
  async *read(onProgress): AsyncIterable<TimetableItem> {
    const total = sampleStations.length + sampleTrains.length;
    for (const station of sampleStations) yield { kind: 'station', station };
    for (const train of sampleTrains) yield { kind: 'train', train };
    onProgress({ phase: 'read the sample timetable', done: total, total });
  },
});
