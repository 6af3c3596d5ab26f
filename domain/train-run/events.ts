import type { Tariff } from '../fare/fare.ts';
import type { DomainEvent } from '../kernel/event.ts';
import type { Stop } from '../timetable/timetable.ts';
import type { Composition } from './composition.ts';

/**
 * A run is on sale: everything that seats and prices are decided by stands in this one event, so that both can be
 * proved from the log whatever happens to the timetable later. `date` is the day the train leaves its first stop.
 */
export type TrainRunOpened = DomainEvent<
  'TrainRunOpened',
  {
    readonly train: string;
    readonly date: string;
    readonly trainType: string;
    readonly stops: readonly Stop[];
    readonly composition: Composition;
    readonly tariff: Tariff;
  }
>;

export type TrainRunEvent = TrainRunOpened;
