// A station as a search server has it.
import type { Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { stationCategory } from '@railhead/domain/timetable/stream.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { shownStation } from '../timetable/timetable-model.ts';
import type { StationFacts } from './station-keys.ts';

export type StationDocument = {
  readonly code: string;
  /** The position of the last event in it. */
  readonly version: Position;
  /** Undefined until the station is registered: trains may call there before. */
  readonly facts?: StationFacts;
  /** The trains that call there, on whatever day, each once. */
  readonly trains: readonly string[];
};

/** The stations that an event is about. */
export const stationsOf = (event: RecordedEvent): readonly string[] => {
  if (stationCategory.owns(event)) return [event.data.code];
  return runCategory.owns(event) && event.type === 'TrainRunOpened' ? event.data.stops.map(({ code }) => code) : [];
};

/** The same document where the event changes nothing in it. */
export const stationAfter = (
  before: StationDocument | undefined,
  event: RecordedEvent,
  code: string,
): StationDocument | undefined => {
  if (before !== undefined && event.position <= before.version) return before;
  const document: StationDocument = { ...(before ?? { code, trains: [] }), version: event.position };
  if (stationCategory.owns(event)) return { ...document, facts: shownStation(event.data) };
  if (!runCategory.owns(event) || event.type !== 'TrainRunOpened') return before;
  const { train } = event.data;
  return document.trains.includes(train) ? before : { ...document, trains: [...document.trains, train] };
};
