// What a feed may write in several ways, what it may leave out, and what happens at each limit.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readFeed, skippedOf, smallFeed, type Tables, trainsOf, writeFeed } from './feed-fixture.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gtfs-limits-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const read = (changes: Tables = {}): ReturnType<typeof readFeed> => {
  writeFeed(folder, { ...smallFeed, ...changes });
  return readFeed(folder);
};
const STOP_TIMES = 'trip_id,arrival_time,departure_time,stop_id,stop_sequence\n';
const added = (file: string, ...rows: readonly string[]): Tables => ({
  [file]: `${smallFeed[file]}${rows.map((row) => `${row}\n`).join('')}`,
});

describe('a time', () => {
  const departureOf = async (time: string) => {
    const items = await read({
      'stop_times.txt': `${STOP_TIMES}T1,00:00:00,00:00:00,S1,1\nT1,${time},${time},S2,2\nT1,199:59:59,,S3,3\n`,
    });
    return skippedOf(items)[0] ?? trainsOf(items)[0]?.stops[1]?.departs;
  };

  test('has hours with one, two or three digits', async () => {
    for (const [time, minute] of [
      ['7:05:00', 425],
      ['07:05:00', 425],
      [' 7:05:59', 425],
      ['0:00:00', 0],
      ['23:59:59', 1_439],
      ['24:00:00', 1_440],
      ['24:01:00', 1_441],
      ['47:59:00', 2_879],
      ['100:00:00', 6_000],
    ] as const)
      expect({ time, minute: await departureOf(time) }).toEqual({ time, minute });
  });

  test('is refused in any other form', async () => {
    for (const time of ['7:5:00', '07:05', '07:60:00', '07:05:60', '1000:00:00', '-1:00:00', '7.05.00', ':05:00'])
      expect({ time, skipped: await departureOf(time) }).toEqual({ time, skipped: 'stop_times.txt:3 BAD_TIME' });
  });
});

describe('the number of a train', () => {
  const bus = 'B,A,1,Bus,3';
  const twice = smallFeed['stop_times.txt']?.replaceAll('T1,', 'T2,').split('\n').slice(1, 4) ?? [];

  test('is not used up by a trip that is no train, or has no service', async () => {
    const items = await read({
      ...added('routes.txt', bus),
      'trips.txt': 'route_id,service_id,trip_id,trip_short_name\nB,W,T0,RE 1\nR,none,T9,RE 1\nR,W,T1,RE 1\n',
    });
    expect(trainsOf(items).map(({ train }) => train)).toEqual(['RE1']);
    expect(skippedOf(items)).toEqual(['routes.txt:3 ROUTE_TYPE_IGNORED', 'trips.txt:3 UNKNOWN_SERVICE']);
  });

  test('is not used up by a trip that is skipped for its calls', async () => {
    const items = await read({
      'trips.txt': 'route_id,service_id,trip_id,trip_short_name\nR,W,RE1,\nR,W,T1,RE 1\n',
    });
    expect(trainsOf(items).map(({ train }) => train)).toEqual(['RE1']);
    expect(skippedOf(items)).toEqual(['trips.txt:2 TOO_FEW_STOPS']);
  });

  test('is unique among all that are imported', async () => {
    const items = await read({
      'trips.txt': 'route_id,service_id,trip_id,trip_short_name\nR,W,T2,\nR,W,T1,T-2\n',
      ...added('stop_times.txt', ...twice),
    });
    expect(trainsOf(items).map(({ train }) => train)).toEqual(['T2', expect.stringMatching(/^T2[a-z0-9]{7}$/)]);
  });

  test('has sixteen characters at most; a longer one is cut and stays unique', async () => {
    for (const length of [15, 16, 17]) {
      const [train] = trainsOf(
        await read({ 'trips.txt': `route_id,service_id,trip_id,trip_short_name\nR,W,T1,${'x'.repeat(length)}\n` }),
      );
      expect(train?.train).toMatch(length <= 16 ? new RegExp(`^x{${length}}$`) : /^x{9}[a-z0-9]{7}$/);
    }
  });
});

test('optional columns may be absent, or there and empty', async () => {
  const bare = {
    'routes.txt': 'route_id,route_type\nR,2\n',
    'trips.txt': 'route_id,service_id,trip_id\nR,W,T1\n',
  };
  const empty = {
    'stops.txt':
      'stop_id,stop_code,stop_name,stop_lat,stop_lon,location_type,parent_station\n' +
      'S1,,One,50.0,8,,\nS2,,,50.1,8,,\nS3,,Three,50.2,8,,\n',
    'routes.txt': 'route_id,route_desc,route_long_name,route_type\nR,,,2\n',
    'trips.txt': 'route_id,service_id,trip_id,trip_short_name\nR,W,T1,\n',
    'stop_times.txt':
      'trip_id,arrival_time,departure_time,stop_id,stop_sequence,shape_dist_traveled\n' +
      'T1,08:00:00,,S1,1,\nT1,,08:11:00,S2,2,\nT1,08:20:00,,S3,3,\n',
  };
  for (const [changes, second] of [
    [bare, { name: 'Two', arrives: 490 }],
    [empty, { name: 'S2', arrives: 491 }],
  ] as const) {
    const items = await read(changes);
    expect(skippedOf(items)).toEqual([]);
    expect(trainsOf(items)).toMatchObject([{ train: 'T1', type: 'GTFS route_type 2', stops: [{}, second, {}] }]);
  }
});

describe('at its limit', () => {
  test('a train calls at a hundred stations and not at one more', async () => {
    for (const stops of [99, 100, 101]) {
      const calls = Array.from({ length: stops }, (_, n) => n);
      const clock = (n: number): string => `${8 + Math.floor(n / 60)}:${String(n % 60).padStart(2, '0')}:00`;
      const items = await read({
        'stops.txt': `stop_id,stop_name,stop_lat,stop_lon\n${calls.map((n) => `S${n},N${n},${n * 0.1},8\n`).join('')}`,
        'stop_times.txt': STOP_TIMES + calls.map((n) => `T1,${clock(n)},${clock(n)},S${n},${n}\n`).join(''),
      });
      expect({ stops, trains: trainsOf(items).map((train) => train.stops.length), skipped: skippedOf(items) }).toEqual(
        stops <= 100
          ? { stops, trains: [stops], skipped: [] }
          : { stops, trains: [], skipped: ['trips.txt:2 TOO_MANY_STOPS'] },
      );
    }
  });

  test('a type is cut after 64 characters', async () => {
    for (const length of [63, 64, 65]) {
      const items = await read({ 'routes.txt': `route_id,route_type,route_desc\nR,2,${'x'.repeat(length)}\n` });
      expect(trainsOf(items)[0]?.type).toHaveLength(Math.min(64, length));
    }
  });

  test('coordinates lie on the earth', async () => {
    const good = ['90,180', '-90,-180', '0,0'];
    const bad = ['90.1,0', '-90.1,0', '0,180.1', '0,-180.1', 'north,0', '0,'];
    const items = await read(added('stops.txt', ...[...good, ...bad].map((at, n) => `X${n},X,${at}`)));
    expect(skippedOf(items)).toEqual(bad.map((_, n) => `stops.txt:${5 + good.length + n} BAD_ROW`));
  });

  test('a stop_sequence has nine digits, a route_type four, and rail is 2 and 100 to 199', async () => {
    const sequences = ['999999999', '1000000000', '-4', ''];
    const items = await read(added('stop_times.txt', ...sequences.map((seq) => `T1,09:00:00,09:00:00,S1,${seq}`)));
    expect(skippedOf(items)).toEqual(
      ['stop_times.txt:6', 'stop_times.txt:7', 'stop_times.txt:8'].map((at) => `${at} BAD_ROW`),
    );
    const types = {
      1: 'ROUTE_TYPE_IGNORED',
      3: 'ROUTE_TYPE_IGNORED',
      99: 'ROUTE_TYPE_IGNORED',
      100: '',
      199: '',
      200: 'ROUTE_TYPE_IGNORED',
      10000: 'BAD_ROW',
    };
    for (const [type, code] of Object.entries(types)) {
      const skipped = skippedOf(await read({ ...smallFeed, ...added('routes.txt', `Q,A,Q,Q,${type}`) }));
      expect({ type, skipped }).toEqual({ type, skipped: code === '' ? [] : [`routes.txt:3 ${code}`] });
    }
  });

  test('a name has 128 characters, and what is cut is told', async () => {
    const named = async (name: string) => {
      const items = await read({
        'stops.txt': `stop_id,stop_name,stop_lat,stop_lon\nS1,${name},50.0,8\nS2,Two,50.1,8\nS3,Three,50.2,8\n`,
      });
      const [first] = items.flatMap((item) => (item.kind === 'station' ? [item.station.name] : []));
      return [first, trainsOf(items)[0]?.stops[0]?.name, ...skippedOf(items)];
    };
    for (const letter of ['x', '站', '🚄']) {
      const longest = letter.repeat(128);
      expect(await named(longest)).toEqual([longest, longest]);
      expect(await named(`${longest}${letter}`)).toEqual([longest, longest, 'stops.txt:2 NAME_CUT']);
    }
    expect(await named('One\u0000 \u0007 two')).toEqual(['One two', 'One two']);
  });

  test('a row has a mebibyte, and a quoted value contains fifteen line ends', async () => {
    const row = (length: number): string => `S4,${'x'.repeat(length - 'S4,,50,8'.length)},50,8`;
    for (const [length, skipped] of [
      [1024 * 1024 - 1, ['stops.txt:5 NAME_CUT']],
      [1024 * 1024, ['stops.txt:5 NAME_CUT']],
      [1024 * 1024 + 1, ['stops.txt:5 BAD_ROW']],
    ] as const)
      expect(skippedOf(await read(added('stops.txt', row(length))))).toEqual(skipped);
    for (const [ends, left] of [
      [14, 0],
      [15, 0],
      [16, 17],
    ] as const) {
      const items = await read(added('stops.txt', `S4,"${'x\n'.repeat(ends)}x",50,8`));
      expect({ ends, left: skippedOf(items).length }).toEqual({ ends, left });
      expect(trainsOf(items)).toHaveLength(1);
    }
  });
});
