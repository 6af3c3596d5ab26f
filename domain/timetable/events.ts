// The published timetable: each change of a train or station is an event in its own stream.
import type { DomainEvent } from '../kernel/event.ts';
import type { Station, Train } from './timetable.ts';

export type TrainTimetabled = DomainEvent<'TrainTimetabled', Train>;
export type StationRegistered = DomainEvent<'StationRegistered', Station>;

export type TimetableEvent = TrainTimetabled | StationRegistered;
