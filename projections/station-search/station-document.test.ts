import { expect, test } from '@jest/globals';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { stationCategory } from '@railhead/domain/timetable/stream.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { openedRun, stopsOf } from '@railhead/tests/support/opened-run.ts';
import { type StationDocument, stationAfter, stationsOf } from './station-document.ts';

const registered = (position: number, name: string): RecordedEvent => ({
  ...newEvent({ code: 'B', name, city: name, pinyin: '' }, 'StationRegistered'),
  stream: stationCategory.stream('B'),
  revision: 0,
  position,
});
const opened = (position: number, train: string, date: string): RecordedEvent => ({
  ...newEvent(openedRun({ train, date, stops: stopsOf('A', 'B', 'C') }), 'TrainRunOpened'),
  version: 2,
  stream: runCategory.stream({ train, date }),
  revision: 0,
  position,
});
const cancelled: RecordedEvent = {
  ...newEvent({ reason: 'snow' }, 'TrainRunCancelled'),
  stream: runCategory.stream({ train: 'G1', date: '2026-12-01' }),
  revision: 1,
  position: 6,
};
const EVENTS = [
  opened(1, 'G1', '2026-12-01'),
  registered(2, '北京'),
  opened(3, 'G1', '2026-12-02'),
  opened(4, 'G2', '2026-12-02'),
  registered(5, '北京南'),
  cancelled,
];
const after = (events: readonly RecordedEvent[], from?: StationDocument): StationDocument | undefined =>
  events.reduce(
    (document: StationDocument | undefined, event) =>
      stationsOf(event).includes('B') ? stationAfter(document, event, 'B') : document,
    from,
  );

test('a station has each train once that has ever called there, also from before it was registered', () => {
  expect(after(EVENTS.slice(0, 1))).toEqual({ code: 'B', version: 1, trains: ['G1'] });
  const facts = { code: 'B', name: '北京南', city: '北京南', pinyin: 'beijingnan' };
  expect(after(EVENTS)).toEqual({ code: 'B', version: 5, trains: ['G1', 'G2'], facts });
});

test('events that are in it change nothing, nor does a further day of a train', () => {
  const document = after(EVENTS);
  expect(after(EVENTS, document)).toBe(document);
  expect(after([opened(9, 'G2', '2026-12-09')], document)).toBe(document);
});
