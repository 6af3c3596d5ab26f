import type { Tariff } from '../fare/fare.ts';
import type { DomainEvent } from '../kernel/event.ts';
import type { SeatClass } from '../kernel/seat-class.ts';
import type { Stop } from '../timetable/timetable.ts';
import type { Coach, Composition } from './composition.ts';

/**
 * A run is on sale. Everything that decides its seats and prices is in this one event, so the log proves both, whatever
 * happens to the timetable later. `date` is the day the train leaves its first stop. `zone`: the IANA name of the time
 * zone of its clock. `lateAssignment`: classes sold by count, whose seats are assigned shortly before departure.
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
    readonly zone: string;
    readonly lateAssignment?: readonly SeatClass[];
  },
  2
>;
/** Coaches were added after the existing ones; existing seats keep their indexes. */
export type CoachesAdded = DomainEvent<'CoachesAdded', { readonly coaches: readonly Coach[] }>;
/** From here on the train is made of these coaches, of those it has had: the others are withdrawn. */
export type CompositionChanged = DomainEvent<'CompositionChanged', { readonly coaches: readonly string[] }>;
/** The train will not run. Every holder gets their money back. */
export type TrainRunCancelled = DomainEvent<'TrainRunCancelled', { readonly reason: string }>;
/** Every order that held seats has been closed; `orders` is their number. Refunds may still be on their way. */
export type TrainRunCancellationSettled = DomainEvent<'TrainRunCancellationSettled', { readonly orders: number }>;

/** Late assignment is done, for so many orders. Nothing more is sold in those classes. */
export type TrainRunSeatsAssigned = DomainEvent<'TrainRunSeatsAssigned', { readonly orders: number }>;

export type TrainRunEvent =
  | TrainRunOpened
  | CoachesAdded
  | CompositionChanged
  | TrainRunCancelled
  | TrainRunCancellationSettled
  | TrainRunSeatsAssigned;
