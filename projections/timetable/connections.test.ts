import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { addDays } from '@railhead/domain/timetable/timetable.ts';
import type { TrainRunEvent } from '@railhead/domain/train-run/events.ts';
import { journeyBetween } from '@railhead/domain/train-run/journey.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { openedRun, stopsOf } from '@railhead/tests/support/opened-run.ts';
import { anyLog, readSideOf } from '@railhead/tests/support/read-side.ts';
import fc from 'fast-check';
import type { ReadDatabase } from '../engine/read-database.ts';
import { timetableModel } from './timetable-model.ts';
import type { TimetableQueries } from './timetable-queries.ts';

const DATE = '2026-12-10';
const DAY_MINUTES = 1_440;

let database: ReadDatabase;
let queries: TimetableQueries;
let position = 0;
beforeEach(async () => {
  position = 0;
  database = await readSideOf(timetableModel);
  queries = timetableModel.open(database).queries;
});
afterEach(() => database.db.destroy());

const happened = async (
  ...news: readonly (readonly [train: string, date: string, event: Pick<TrainRunEvent, 'type' | 'data'>])[]
) => {
  const { projection: model } = timetableModel.open(database);
  await model.load(anyLog);
  const events = news.map(
    ([train, date, { type, data }], index): RecordedEvent => ({
      ...newEvent(data, type),
      version: type === 'TrainRunOpened' ? 2 : 1,
      stream: runCategory.stream({ train, date }),
      revision: index,
      position: position + index + 1,
    }),
  );
  position += events.length;
  await model.apply({ events, position, caughtUp: true });
};
const open = (train: string, date: string, stops = stopsOf('A', 'B', 'C')) =>
  [train, date, { type: 'TrainRunOpened', data: openedRun({ train, date, stops }) }] as const;

const ways = async (from: readonly string[], to: readonly string[], date = DATE): Promise<readonly string[]> =>
  (await queries.connections(from, to, date))
    .map(({ facts, runDate, from, to, status }) => `${facts.train} of ${runDate} ${from}-${to} ${status}`)
    .sort();

describe('trains between two places', () => {
  test('go forward, from any of the stations to any of the others, and are told to be cancelled', async () => {
    await happened(open('G1', DATE), open('G2', DATE, stopsOf('C', 'B', 'A')), open('G3', DATE, stopsOf('B', 'C')), [
      'G3',
      DATE,
      { type: 'TrainRunCancelled', data: { reason: 'snow' } },
    ]);
    expect(await ways(['A'], ['C'])).toEqual([`G1 of ${DATE} 0-2 open`]);
    expect(await ways(['A', 'B'], ['C'])).toEqual([
      `G1 of ${DATE} 0-2 open`,
      `G1 of ${DATE} 1-2 open`,
      `G3 of ${DATE} 0-1 cancelled`,
    ]);
    expect(await ways(['C'], ['A', 'B'])).toEqual([`G2 of ${DATE} 0-1 open`, `G2 of ${DATE} 0-2 open`]);
    for (const [from, to] of [
      [[], ['C']],
      [['A'], []],
      [['A'], ['A']],
      [['X'], ['C']],
    ] as const)
      expect(await ways(from, to)).toEqual([]);
  });

  test('leave on the day, on whatever day their run began, up to six days before', async () => {
    const stops = Array.from({ length: 9 }, (_, day) => ({
      code: `S${day}`,
      name: `S${day}`,
      arrives: day * DAY_MINUTES,
      departs: day * DAY_MINUTES + 1,
      km: day,
    }));
    await happened(...Array.from({ length: 9 }, (_, day) => open('K1', addDays(DATE, -day), stops)));
    for (let day = 0; day < 7; day += 1)
      expect(await ways([`S${day}`], ['S8'])).toEqual([`K1 of ${addDays(DATE, -day)} ${day}-8 open`]);
  });

  test('leave on the day of the minute in which they depart, not of that in which they come', async () => {
    const stops = [
      { code: 'A', name: 'A', arrives: null, departs: DAY_MINUTES - 2, km: 0 },
      { code: 'B', name: 'B', arrives: DAY_MINUTES - 1, departs: DAY_MINUTES, km: 1 },
      { code: 'C', name: 'C', arrives: DAY_MINUTES + 1, departs: null, km: 2 },
    ];
    await happened(open('G1', DATE, stops));
    const next = addDays(DATE, 1);
    expect([await ways(['A'], ['C']), await ways(['A'], ['C'], next)]).toEqual([[`G1 of ${DATE} 0-2 open`], []]);
    expect([await ways(['B'], ['C']), await ways(['B'], ['C'], next)]).toEqual([[], [`G1 of ${DATE} 1-2 open`]]);
  });

  test('that call twice at a station are shown the way on which they are sold, and once', async () => {
    await happened(open('G1', DATE, stopsOf('A', 'B', 'A', 'C', 'B')));
    expect(await ways(['A'], ['C'])).toEqual([`G1 of ${DATE} 2-3 open`]);
    expect(await ways(['A'], ['B'])).toEqual([`G1 of ${DATE} 0-1 open`]);
    expect(await ways(['B'], ['A'])).toEqual([`G1 of ${DATE} 1-2 open`]);
    expect(await ways(['A', 'C'], ['B'])).toEqual([`G1 of ${DATE} 0-1 open`, `G1 of ${DATE} 3-4 open`]);
  });

  test('are just those that sell the journey, on any route', async () => {
    const station = fc.constantFrom('A', 'B', 'C', 'D');
    const routes = fc.array(fc.array(station, { minLength: 2, maxLength: 7 }), { minLength: 1, maxLength: 4 });
    let days = 0;
    await fc.assert(
      fc.asyncProperty(routes, station, station, async (found, from, to) => {
        days += 1;
        const date = addDays(DATE, days * 10);
        const runs = found.map((codes, index) => ({ train: `G${index}`, stops: stopsOf(...codes) }));
        await happened(...runs.map(({ train, stops }) => open(train, date, stops)));
        const sold = runs.flatMap((run) => {
          const journey = journeyBetween(run, from, to);
          return journey.ok ? [`${run.train} of ${date} ${journey.value.from}-${journey.value.to} open`] : [];
        });
        expect(await ways([from], [to], date)).toEqual(sold);
      }),
      { numRuns: 50 },
    );
  });
});

test('a run is found by its train and date, with its route as it is now', async () => {
  const coach = { coach: '02', seatClass: 'first', layout: { kind: 'numbers', seats: 3 } } as const;
  await happened(open('G1', DATE), open('G1', addDays(DATE, 1)), open('G2', DATE), [
    'G1',
    DATE,
    { type: 'CoachesAdded', data: { coaches: [coach] } },
  ]);
  const coachesOf = async (train: string, date: string) =>
    (await queries.run(train, date))?.facts.composition.map((one) => one.coach);
  expect(await coachesOf('G1', DATE)).toEqual(['01', '02']);
  expect(await coachesOf('G1', addDays(DATE, 1))).toEqual(['01']);
  expect(await coachesOf('G2', DATE)).toEqual(['01']);
  expect(await queries.run('G2', addDays(DATE, 1))).toBeUndefined();
  expect(await queries.run('G3', DATE)).toBeUndefined();
});
