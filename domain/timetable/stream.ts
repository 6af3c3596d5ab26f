import { category } from '../kernel/category.ts';
import type { StationRegistered, TrainTimetabled } from './events.ts';
import type { Station, StationCode, Train } from './timetable.ts';

/** One stream for each train number. Its state is the train as last published. */
export const trainCategory = category<string, Train | undefined, TrainTimetabled>({
  name: 'train',
  nameOf: (train) => train,
  parse: (name) => name,
  initial: () => undefined,
  evolve: (_, event) => event.data,
  versions: { TrainTimetabled: 1 },
});

/** One stream for each station, by its code. */
export const stationCategory = category<StationCode, Station | undefined, StationRegistered>({
  name: 'station',
  nameOf: (code) => code,
  parse: (name) => name,
  initial: () => undefined,
  evolve: (_, event) => event.data,
  versions: { StationRegistered: 1 },
});
