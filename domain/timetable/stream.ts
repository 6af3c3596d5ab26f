import { category } from '../kernel/category.ts';
import type { StationRegistered, TrainTimetabled } from './events.ts';
import type { Station, StationCode, Train } from './timetable.ts';

/** One stream a train number; its state is what was published last. */
export const trainCategory = category<string, Train | undefined, TrainTimetabled>({
  name: 'train',
  nameOf: (train) => train,
  parse: (name) => name,
  initial: () => undefined,
  evolve: (_, event) => event.data,
  versions: { TrainTimetabled: 1 },
});

/** One stream a station, by its code. */
export const stationCategory = category<StationCode, Station | undefined, StationRegistered>({
  name: 'station',
  nameOf: (code) => code,
  parse: (name) => name,
  initial: () => undefined,
  evolve: (_, event) => event.data,
  versions: { StationRegistered: 1 },
});
