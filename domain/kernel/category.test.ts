import { describe, expect, test } from '@jest/globals';
import { orderCategory } from '../order/stream.ts';
import { paymentCategory } from '../payment/stream.ts';
import { lockBookCategory } from '../seat-lock/stream.ts';
import { segmentCategory } from '../segment-inventory/stream.ts';
import { stationCategory, trainCategory } from '../timetable/stream.ts';
import { runCategory } from '../train-run/stream.ts';
import type { LoggedEvent } from './category.ts';

const run = { train: 'G1', date: '2026-12-01' };
const meta = { commandId: 'c', correlationId: 'c', causationId: 'c', actor: 'a', at: '2026-11-21T08:00:00.000+08:00' };

/** Each category with an id, the stream it names, and an event type of its own in its newest version. */
const CATEGORIES = [
  [orderCategory, 'N1', 'order-N1', 'OrderPaid', 1],
  [paymentCategory, 'N1P2', 'payment-N1P2', 'PaymentRefunded', 2],
  [runCategory, run, 'trainRun-G1_2026-12-01', 'TrainRunOpened', 2],
  [lockBookCategory, { ...run, seatClass: 'second' }, 'seatLock-G1_2026-12-01_second', 'SeatLocksExpired', 2],
  [
    segmentCategory,
    { ...run, seq: 3, seatClass: 'hardSleeper' },
    'segmentInventory-G1_2026-12-01_3_hardSleeper',
    'SeatsHeld',
    2,
  ],
  [trainCategory, 'G1', 'train-G1', 'TrainTimetabled', 1],
  [stationCategory, 'VNP', 'station-VNP', 'StationRegistered', 1],
] as const;

describe.each(CATEGORIES)('category %#', (...[category, id, stream, type, newest]) => {
  // The table pairs each category with an id of its own.
  const { idOf, owns, holds, strangeness } = category;
  const nameOf = category.stream as (of: unknown) => string;
  const event = (change: Partial<LoggedEvent> = {}): LoggedEvent => ({
    stream,
    type,
    version: newest,
    data: {},
    meta,
    ...change,
  });

  test('names a stream by its id and finds the id again', () => {
    expect(nameOf(id)).toBe(stream);
    for (const time of ['first', 'again']) expect([time, idOf(stream)]).toEqual([time, id]);
  });

  test('owns its events up to the newest version, and no others', () => {
    expect(owns(event())).toBe(true);
    expect(owns(event({ version: newest + 1 }))).toBe(false);
    expect(owns(event({ type: 'OrderUpgraded' }))).toBe(false);
    for (const [, , other] of CATEGORIES)
      expect([other, owns(event({ stream: other }))]).toEqual([other, other === stream]);
  });

  test('holds every event of its streams, and says why it does not own one', () => {
    expect(strangeness(event())).toBeUndefined();
    for (const [change, why] of [
      [{ type: 'OrderUpgraded' }, 'UNKNOWN_TYPE'],
      [{ version: newest + 1 }, 'NEWER_VERSION'],
    ] as const) {
      expect(holds(event(change))).toBe(true);
      expect(strangeness(event(change))).toBe(why);
    }
    expect(holds({ stream: `x${stream}` })).toBe(false);
  });

  test('has no id for a stream of another category', () => {
    expect(() => idOf(`x${stream}`)).toThrow('no stream of category');
  });
});

test.each([
  [runCategory, 'trainRun-G1'],
  [runCategory, 'trainRun-G1_2026-12-01_second'],
  [lockBookCategory, 'seatLock-G1_2026-12-01'],
  [lockBookCategory, 'seatLock-G1_2026-12-01_third'],
  [lockBookCategory, 'seatLock-G1_2026-12-01_second_2'],
  [segmentCategory, 'segmentInventory-G1_2026-12-01_second'],
  [segmentCategory, 'segmentInventory-G1_2026-12-01_x_second'],
  [segmentCategory, 'segmentInventory-G1_2026-12-01_3_third'],
  [segmentCategory, 'segmentInventory-G1_2026-12-01_3_second_9'],
])('%# %s is no name of its kind', (category, stream) => {
  const type = 'SeatsHeld';
  expect(() => category.idOf(stream)).toThrow('no stream of category');
  const known = { TrainRunOpened: runCategory, BookOpened: lockBookCategory, [type]: segmentCategory };
  const [own = ''] = Object.entries(known).find(([, one]) => one === category) ?? [];
  expect(category.strangeness({ stream, type: own, version: 1 })).toBe('BAD_NAME');
});
