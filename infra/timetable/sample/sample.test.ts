import { describe, expect, test } from '@jest/globals';
import type { TimetableItem } from '@railhead/commands/ports/timetable-source.ts';
import { timetableDefect } from '@railhead/domain/timetable/timetable.ts';
import { sampleSource } from './sample.ts';

const items: TimetableItem[] = [];
for await (const item of sampleSource().read(() => undefined)) items.push(item);
const stations = items.flatMap((item) => (item.kind === 'station' ? [item.station] : []));
const trains = items.flatMap((item) => (item.kind === 'train' ? [item.train] : []));

describe('the sample timetable', () => {
  test('has some twenty trains without a defect', () => {
    expect(trains.length).toBeGreaterThanOrEqual(20);
    expect(trains.map((train) => [train.train, timetableDefect(train)])).toEqual(
      trains.map((train) => [train.train, undefined]),
    );
  });

  test('numbers trains and stations once', () => {
    expect(new Set(trains.map(({ train }) => train)).size).toBe(trains.length);
    expect(new Set(stations.map(({ code }) => code)).size).toBe(stations.length);
    expect(new Set(stations.map(({ name }) => name)).size).toBe(stations.length);
  });

  test('calls only at its own stations, and at each of them', () => {
    const called = new Set(trains.flatMap(({ stops }) => stops.map(({ code, name }) => `${code} ${name}`)));
    expect(called).toEqual(new Set(stations.map(({ code, name }) => `${code} ${name}`)));
    for (const { city, pinyin } of stations) {
      expect(city).not.toBe('');
      expect(pinyin).toMatch(/^[a-z]+$/);
    }
  });

  test('runs several trains a day from Beijing South to Shanghai Hongqiao', () => {
    const direct = trains.filter(({ stops }) => stops[0]?.code === 'VNP' && stops.at(-1)?.code === 'AOH');
    expect(direct.length).toBeGreaterThanOrEqual(5);
    expect(trains.find(({ train }) => train === 'G1')?.stops.map(({ name }) => name)).toEqual([
      '北京南',
      '济南西',
      '南京南',
      '上海虹桥',
    ]);
  });

  test('has night trains and conventional ones', () => {
    expect(trains.filter(({ stops }) => (stops.at(-1)?.arrives ?? 0) > 1440).length).toBeGreaterThanOrEqual(5);
    expect(trains.filter(({ train }) => /^[ZTK1]/.test(train)).length).toBeGreaterThanOrEqual(3);
  });
});
