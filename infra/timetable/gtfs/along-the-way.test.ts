import { describe, expect, test } from '@jest/globals';
import { cityOfStation } from '../city.ts';
import { interpolated } from './interpolate.ts';
import { greatCircleKm, kilometres } from './kilometres.ts';

describe('times that a feed leaves out', () => {
  const timed = (arrives: number | null, departs: number | null = arrives) => ({ arrives, departs });
  const blank = timed(null);

  test('are spread evenly between the departure before and the arrival after, to the nearest minute', () => {
    expect(interpolated([timed(90, 100), blank, blank, timed(131, 140), blank, timed(150)])).toEqual([
      timed(90, 100),
      timed(110),
      timed(121),
      timed(131, 140),
      timed(145),
      timed(150),
    ]);
  });

  test('of one end of a call are those of the other, and before the first and after the last nothing is known', () => {
    const calls = [blank, timed(null, 10), timed(20, null), blank];
    expect(interpolated(calls)).toEqual([blank, timed(10), timed(20), blank]);
    expect(calls[1]).toEqual({ arrives: null, departs: 10 });
  });
});

describe('kilometres', () => {
  /** 0.1 degrees of a meridian apart, some 11 km. */
  const points = [50, 50.1, 50.2].map((lat) => ({ lat, lon: 8 }));

  test('of a great circle', () => {
    expect(greatCircleKm({ lat: 0, lon: 0 }, { lat: 0, lon: 90 })).toBeCloseTo((6371 * Math.PI) / 2, 3);
    expect(greatCircleKm({ lat: 39.9, lon: 116.4 }, { lat: 31.2, lon: 121.5 })).toBeCloseTo(1_071, -1);
    expect(greatCircleKm({ lat: 10, lon: 20 }, { lat: 10, lon: 20 })).toBe(0);
  });

  test.each<[string, readonly (number | undefined)[], readonly number[]]>([
    ['km', [0, 12, 25], [0, 12, 25]],
    ['km from somewhere else', [1_000, 1_012, 1_025], [0, 12, 25]],
    ['metres from somewhere else', [5_000, 17_000, 30_400], [0, 12, 25]],
    ['km, though rounded too short', [0, 10, 20.1], [0, 10, 20]],
    ['km of a long way round', [0, 44, 88], [0, 44, 88]],
    // Straight lines, rounded up, otherwise.
    ['too short to be true', [0, 10, 19], [0, 12, 23]],
    ['too long to be true', [0, 45, 92], [0, 12, 23]],
    ['in what is no unit', [0, 0.012, 0.025], [0, 12, 23]],
    ['that do not grow', [0, 12, 12], [0, 12, 23]],
    ['that are given in part', [0, undefined, 25], [0, 12, 23]],
    ['that are not given', [undefined, undefined, undefined], [0, 12, 23]],
  ])('of a feed that gives them %s', (_, travelled, km) => {
    expect(kilometres(points, travelled)).toEqual(km);
  });

  test('grow by one at least', () => {
    const near = [50, 50.0001, 50.0002, 50.1].map((lat) => ({ lat, lon: 8 }));
    expect(kilometres(near, [])).toEqual([0, 1, 2, 12]);
  });
});

test.each([
  ['北京南', '北京'],
  ['北京西', '北京'],
  ['北京', '北京'],
  ['上海虹桥', '上海虹桥'],
  ['东莞', '东莞'],
  ['南京东站', '南京东站'],
  ['济南', '济南'],
  ['西安北', '西安'],
  ['南东西北京', '南东西北京'],
])('%s is in %s', (name, city) => {
  expect(cityOfStation(name)).toBe(city);
});
