import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ReadProgress } from '@railhead/commands/ports/timetable-source.ts';
import { readFeed, skippedOf, smallFeed, type Tables, trainsOf, writeFeed } from './feed-fixture.ts';
import { gtfsSource } from './gtfs-source.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gtfs-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (changes: Tables = {}, options = {}): ReturnType<typeof readFeed> => {
  writeFeed(folder, { ...smallFeed, ...changes });
  return readFeed(folder, options);
};
const STOP_TIMES = 'trip_id,arrival_time,departure_time,stop_id,stop_sequence,shape_dist_traveled\n';
const KILLED_WHILE_READING = `
  const { gtfsSource } = await import(process.argv[1]);
  for await (const { kind } of gtfsSource(process.argv[2]).read(() => {}))
    if (kind === 'train') process.kill(process.pid, 'SIGKILL');
`;
const firstTrain = async (changes: Tables): Promise<(number | null | undefined)[][]> =>
  (trainsOf(await read(changes))[0]?.stops ?? []).map(({ arrives, departs, km }) => [arrives, departs, km]);

describe('a feed', () => {
  test('becomes stations, then trains', async () => {
    const items = await read();
    expect(items.map(({ kind }) => kind)).toEqual(['station', 'station', 'station', 'train']);
    expect(items[0]).toEqual({ kind: 'station', station: { code: 'S1', name: 'One', city: 'One', pinyin: '' } });
    expect(trainsOf(items)).toEqual([
      {
        train: 'RE1',
        type: 'Regional',
        stops: [
          { code: 'S1', name: 'One', arrives: null, departs: 480, km: 0 },
          { code: 'S2', name: 'Two', arrives: 490, departs: 491, km: 12 },
          { code: 'S3', name: 'Three', arrives: 500, departs: null, km: 23 },
        ],
        service: { from: '2026-01-01', until: '2026-12-31', weekdays: [1, 2, 3, 4, 5], added: [], removed: [] },
      },
    ]);
  });

  test('may have a byte-order mark, quotes and CRLF, columns in any order, rows in any order', async () => {
    const items = await read({
      'stops.txt':
        '\uFEFF"stop_lon","stop_id","stop_name","stop_lat"\r\n8,S1,"One, ""the"" first",50\r\n8,S2,"Two\r\nlines",50.1\r\n8,S3,Three,50.2\r\n',
      'stop_times.txt': `${STOP_TIMES}T1,25:20:00,25:20:00,S3,30,\r\nT1,23:50:00,23:50:00,S1,5,\r\nT1,24:10:00,24:11:00,S2,7,`,
    });
    expect(skippedOf(items)).toEqual([]);
    expect(trainsOf(items)[0]?.stops.map(({ name, arrives }) => [name, arrives])).toEqual([
      ['One, "the" first', null],
      ['Two lines', 1450],
      ['Three', 1520],
    ]);
  });

  test('groups platforms under their station and gives each station one code', async () => {
    const items = await read({
      'stops.txt':
        'stop_id,stop_code,stop_name,stop_lat,stop_lon,location_type,parent_station\n' +
        'P,HBF,Main,50.0,8,1,\nS1,1,Main platform 1,,,0,P\nS2,HBF,Two,50.1,8,0,none\nS3,a-very:long/code-of-a-stop,Three,50.2,8,0,\n',
    });
    const stations = items.flatMap((item) => (item.kind === 'station' ? [item.station] : []));
    expect(stations.map(({ name }) => name)).toEqual(['Main', 'Two', 'Three']);
    expect(stations[0]?.code).toBe('HBF');
    expect(stations[1]?.code).toMatch(/^HBF[a-z0-9]{7}$/);
    expect(stations[2]?.code).toMatch(/^averylong[a-z0-9]{7}$/);
  });

  test('numbers trains by short name where it is unique, by trip otherwise', async () => {
    const times = ['T1', 'T2', 'T-3', 'T_3'].map((id) => smallFeed['stop_times.txt']?.replaceAll('T1', id) ?? '');
    const items = await read({
      'trips.txt': 'route_id,service_id,trip_id,trip_short_name\nR,W,T1,IC 1\nR,W,T2,IC 2\nR,W,T-3,IC 2\nR,W,T_3,\n',
      'stop_times.txt': times
        .map((table, index) => (index === 0 ? table : table.slice(table.indexOf('\n') + 1)))
        .join(''),
    });
    expect(trainsOf(items).map(({ train }) => train)).toEqual(['IC1', 'T2', 'T3', expect.stringMatching(/^T3\w{7}$/)]);
  });

  test('runs on the dates of calendar and calendar_dates, or of the latter alone', async () => {
    const dates = 'service_id,date,exception_type\nW,20260103,1\nW,20260105,2\nW,20260104,1\n';
    expect(trainsOf(await read({ 'calendar_dates.txt': dates }))[0]?.service).toMatchObject({
      from: '2026-01-01',
      added: ['2026-01-03', '2026-01-04'],
      removed: ['2026-01-05'],
    });
    rmSync(join(folder, 'calendar.txt'));
    expect(trainsOf(await readFeed(folder))[0]?.service).toEqual({
      weekdays: [],
      added: ['2026-01-03', '2026-01-04'],
      removed: ['2026-01-05'],
    });
  });

  test('is dated by the day a train leaves its first stop, not by the service day', async () => {
    const items = await read({
      'calendar.txt': smallFeed['calendar.txt']?.replace('1,1,1,1,1,0,0', '1,0,0,0,1,0,1') ?? '',
      'calendar_dates.txt': 'service_id,date,exception_type\nW,20260228,1\nW,20261231,2\n',
      'stop_times.txt': `${STOP_TIMES}T1,23:59:00,24:05:00,S1,1,\nT1,24:30:00,24:31:00,S2,2,\nT1,48:10:00,48:10:00,S3,3,`,
    });
    expect(trainsOf(items)[0]).toMatchObject({
      stops: [
        { arrives: null, departs: 5 },
        { arrives: 30, departs: 31 },
        { arrives: 1450, departs: null },
      ],
      service: {
        from: '2026-01-02',
        until: '2027-01-01',
        weekdays: [1, 2, 6],
        added: ['2026-03-01'],
        removed: ['2027-01-01'],
      },
    });
  });

  test('may date a train several days later, and two trains of one service differently', async () => {
    const items = await read({
      'trips.txt': `${smallFeed['trips.txt']}R,W,T2,RE 2\n`,
      'calendar.txt': smallFeed['calendar.txt']?.replace('20261231', '99991231') ?? '',
      'stop_times.txt': `${smallFeed['stop_times.txt']}T2,71:00:00,72:00:00,S1,1\nT2,72:10:00,72:10:00,S2,2\n`,
    });
    expect(trainsOf(items).map(({ service }) => service)).toMatchObject([
      { from: '2026-01-01', until: '9999-12-31', weekdays: [1, 2, 3, 4, 5] },
      { from: '2026-01-04', until: '9999-12-31', weekdays: [1, 4, 5, 6, 7] },
    ]);
    expect(trainsOf(items)[1]?.stops.map(({ departs }) => departs)).toEqual([0, null]);
  });

  test('has one stop where a train changes platforms within a station', async () => {
    const platforms = {
      'stops.txt':
        'stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n' +
        'S1,One,50.0,8,,\nP,Two,50.1,8,1,\nP1,Two 1,,,0,P\nP2,Two 2,,,0,P\nP3,Two 3,,,0,P\nS3,Three,50.2,8,,\n',
    };
    const rows =
      'T1,08:00:00,08:00:00,S1,1,0\nT1,08:10:00,08:11:00,P1,2,11\nT1,08:15:00,,P2,3,11.2\nT1,08:20:00,08:25:00,P3,4,11.4\n' +
      'T1,08:40:00,08:40:00,S3,5,23\n';
    const items = await read({ ...platforms, 'stop_times.txt': STOP_TIMES + rows });
    expect(skippedOf(items)).toEqual([]);
    expect(trainsOf(items)[0]?.stops.map(({ code, arrives, departs, km }) => [code, arrives, departs, km])).toEqual([
      ['S1', null, 480, 0],
      ['P', 490, 505, 11],
      ['S3', 520, null, 23],
    ]);
    const untimed = 'T1,08:00:00,,S1,1,\nT1,,,P1,2,\nT1,08:15:00,08:16:00,P2,3,\nT1,,,P3,4,\nT1,08:40:00,,S3,5,\n';
    const timed = trainsOf(await read({ ...platforms, 'stop_times.txt': STOP_TIMES + untimed }));
    expect(timed[0]?.stops[1]).toMatchObject({ code: 'P', arrives: 495, departs: 496 });
    const within = 'T1,08:10:00,08:11:00,P1,2,11\nT1,08:15:00,08:16:00,P2,3,11.2\n';
    expect(skippedOf(await read({ ...platforms, 'stop_times.txt': STOP_TIMES + within }))).toEqual([
      'trips.txt:2 TOO_FEW_STOPS',
    ]);
  });

  test('may have a train of many calls at few stations, not of many stations', async () => {
    const calls = (stopAt: (call: number) => string): string =>
      Array.from({ length: 240 }, (_, call) => {
        const time = `${String(Math.floor(call / 60)).padStart(2, '0')}:${String(call % 60).padStart(2, '0')}:00`;
        return `T1,${time},${time},${stopAt(call)},${call},\n`;
      }).join('');
    const atFew = await read({ 'stop_times.txt': STOP_TIMES + calls((call) => `S${1 + Math.floor(call / 80)}`) });
    expect(trainsOf(atFew)[0]?.stops.map(({ code, departs }) => [code, departs])).toEqual([
      ['S1', 79],
      ['S2', 159],
      ['S3', null],
    ]);
    const atMany = await read({ 'stop_times.txt': STOP_TIMES + calls((call) => `S${1 + (call % 3)}`) });
    expect(skippedOf(atMany)).toEqual(['trips.txt:2 TOO_MANY_STOPS']);
  });

  test('has times between timepoints filled in evenly', async () => {
    const rows = 'T1,08:00:00,08:00:00,S1,1,\nT1,,,S2,2,\nT1,,,S1,3,\nT1,08:30:00,,S3,4,\n';
    expect((await firstTrain({ 'stop_times.txt': STOP_TIMES + rows })).map(([arrives]) => arrives)).toEqual([
      null,
      490,
      500,
      510,
    ]);
  });

  test.each([
    ['kilometres', [0.4, 15.2, 30.1], [0, 15, 30]],
    ['metres', [0, 15_200, 30_100], [0, 15, 30]],
    ['something else: straight lines', [0, 1, 2], [0, 12, 23]],
    ['not growing: straight lines', [0, 20, 20], [0, 12, 23]],
    ['incomplete: straight lines', [0, '', 30], [0, 12, 23]],
  ])('has distances in %s', async (_, travelled, expected) => {
    const rows = travelled.map(
      (value, index) => `T1,0${8 + index}:00:00,0${8 + index}:00:00,S${index + 1},${index},${value}`,
    );
    const stops = await firstTrain({ 'stop_times.txt': STOP_TIMES + rows.join('\n') });
    expect(stops.map(([, , km]) => km)).toEqual(expected);
  });

  test('is rail unless all route types are asked for', async () => {
    const bus = { 'routes.txt': 'route_id,route_type\nR,3\n' };
    expect(skippedOf(await read(bus))).toEqual(['routes.txt:2 ROUTE_TYPE_IGNORED']);
    expect(trainsOf(await read(bus, { allRouteTypes: true }))[0]?.type).toBe('GTFS route_type 3');
    expect(trainsOf(await read({ 'routes.txt': 'route_id,route_type\nR,102\n' }))).toHaveLength(1);
  });

  test('reports progress to the end', async () => {
    writeFeed(folder, smallFeed);
    const seen: ReadProgress[] = [];
    for await (const _ of gtfsSource(folder).read((progress) => seen.push(progress))) break;
    expect(seen.at(-1)).toMatchObject({ phase: 'put trains together', done: seen.at(-1)?.total });
    expect(seen.filter(({ done }, index) => done < (seen[index - 1]?.done ?? 0))).toEqual([]);
  });

  test('leaves no file behind, even when its reader is killed', () => {
    writeFeed(folder, smallFeed);
    const scratch = join(folder, 'scratch');
    mkdirSync(scratch);
    const flags = ['--no-warnings', '--input-type=module', '-e', KILLED_WHILE_READING];
    const source = new URL('./gtfs-source.ts', import.meta.url).href;
    const env = { ...process.env, TMPDIR: scratch, SQLITE_TMPDIR: scratch };
    expect(spawnSync(process.execPath, [...flags, source, folder], { env }).signal).toBe('SIGKILL');
    expect(readdirSync(scratch)).toEqual([]);
  });
});

describe('a skipped row', () => {
  const addTo = (file: string, row: string): Tables => ({ [file]: `${smallFeed[file]}${row}\n` });

  test.each([
    ['stops.txt', ',Nowhere,50,8', 5, 'BAD_ROW'],
    ['stops.txt', 'S4,Nowhere,,8', 5, 'BAD_ROW'],
    ['stops.txt', 'S4,Nowhere,500,8', 5, 'BAD_ROW'],
    ['stops.txt', 'S1,Again,50,8', 5, 'BAD_ROW'],
    ['stops.txt', 'S4,"open,50,8', 5, 'BAD_ROW'],
    ['stops.txt', 'S4,a"b,50,8', 5, 'BAD_ROW'],
    ['stops.txt', 'S4,a,50,8,9', 5, 'BAD_ROW'],
    ['routes.txt', 'Q,A,Q,Q,rail', 3, 'BAD_ROW'],
    ['calendar.txt', 'V,1,1,1,1,1,0,0,20260230,20261231', 3, 'BAD_ROW'],
    ['calendar.txt', 'V,1,1,1,1,1,0,,20260101,20261231', 3, 'BAD_ROW'],
    ['trips.txt', 'R,W,T1,', 3, 'BAD_ROW'],
    ['trips.txt', 'Q,W,T2,', 3, 'UNKNOWN_ROUTE'],
    ['trips.txt', 'R,V,T2,', 3, 'UNKNOWN_SERVICE'],
    ['trips.txt', 'R,W,T2,', 3, 'TOO_FEW_STOPS'],
    ['stop_times.txt', 'T2,09:00:00,09:00:00,S1,4', 5, 'UNKNOWN_TRIP'],
    ['stop_times.txt', 'T1,09:00:00,09:00:00,S4,4', 5, 'UNKNOWN_STOP'],
    ['stop_times.txt', 'T1,09:60:00,09:00:00,S1,4', 5, 'BAD_TIME'],
    ['stop_times.txt', 'T1,09:00:00,09:00:00,S1,four', 5, 'BAD_ROW'],
    ['stop_times.txt', 'T1,09:00:00,09:00:00,S1,3', 5, 'BAD_ROW'],
  ])('%s: %s', async (file, row, line, code) => {
    const items = await read(addTo(file, row));
    expect(skippedOf(items)).toEqual([`${file}:${line} ${code}`]);
    expect(trainsOf(items)).toHaveLength(1);
  });

  test('a train whose times run backwards, or have no first time', async () => {
    const after = (row: string): string => STOP_TIMES + row;
    const defects = async (rows: string): Promise<readonly string[]> =>
      skippedOf(await read({ 'stop_times.txt': after(rows) }));
    expect(await defects('T1,08:00:00,08:00:00,S1,1,\nT1,07:00:00,07:00:00,S2,2,')).toEqual([
      'trips.txt:2 TIMES_NOT_ASCENDING',
    ]);
    expect(await defects('T1,,,S1,1,\nT1,07:00:00,07:00:00,S2,2,')).toEqual(['trips.txt:2 MISSING_TIME']);
  });

  test('does not affect the rows after it', async () => {
    const rows = smallFeed['stops.txt']?.replace('S1,', '"S0,Zero,50,8\nS1,') ?? '';
    const items = await read({ 'stops.txt': rows });
    expect(skippedOf(items)).toEqual(['stops.txt:2 BAD_ROW']);
    expect(trainsOf(items)[0]?.stops).toHaveLength(3);
  });

  test('is reported once for a file that contains nothing for a timetable', async () => {
    expect(skippedOf(await read({ 'shapes.txt': 'a\n1\n2\n', 'frequencies.txt': '' }))).toEqual([
      'frequencies.txt: FILE_IGNORED',
      'shapes.txt: FILE_IGNORED',
    ]);
  });
});

describe('a feed that cannot be read', () => {
  test.each(['agency.txt', 'stops.txt', 'routes.txt', 'trips.txt', 'stop_times.txt', 'calendar.txt'])(
    'without %s',
    async (file) => {
      writeFeed(folder, smallFeed);
      rmSync(join(folder, file));
      await expect(readFeed(folder)).rejects.toMatchObject({ code: 'FILE_MISSING' });
    },
  );

  test.each([
    ['stops.txt', 'stop_id,stop_name\nS1,One\n'],
    ['stop_times.txt', ''],
  ])('with %s lacking a column', async (file, text) => {
    await expect(read({ [file]: text })).rejects.toMatchObject({ code: 'COLUMN_MISSING' });
  });

  test('is refused for being absent', async () => {
    await expect(readFeed(join(folder, 'none'))).rejects.toMatchObject({ code: 'TIMETABLE_NOT_FOUND' });
  });
});
