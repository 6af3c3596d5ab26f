import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { A_HANG_MS } from '@railhead/tests/support/wait-until.ts';
import { smallFeed, writeFeed } from './feed-fixture.ts';

const TRIPS = 10_000;
const CALLS = 20;

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}:00`;

/** 200,000 calls, the rows of each trip far apart. */
const writeLargeFeed = (folder: string): void => {
  writeFeed(folder, {
    ...smallFeed,
    'stops.txt': [
      'stop_id,stop_name,stop_lat,stop_lon',
      ...Array.from({ length: CALLS }, (_, index) => `S${index},Stop ${index},${50 + index / 10},8`),
    ].join('\n'),
    'trips.txt': [
      'route_id,service_id,trip_id',
      ...Array.from({ length: TRIPS }, (_, trip) => `R,W,a-rather-long-trip-id-${trip}`),
    ].join('\n'),
  });
  const file = join(folder, 'stop_times.txt');
  writeFileSync(file, 'trip_id,arrival_time,departure_time,stop_id,stop_sequence\n');
  for (let call = 0; call < CALLS; call += 1)
    appendFileSync(
      file,
      Array.from({ length: TRIPS }, (_, trip) => {
        const time = clock((trip % 1440) + call * 10);
        return `a-rather-long-trip-id-${trip},${time},${time},S${call},${call}\n`;
      }).join(''),
    );
};

const COUNT_ITEMS = `
  const { gtfsSource } = await import(process.argv[1]);
  const counts = {};
  for await (const { kind } of gtfsSource(process.argv[2]).read(() => {})) counts[kind] = (counts[kind] ?? 0) + 1;
  console.log(JSON.stringify(counts));
`;

test('a large feed is read in little memory', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gtfs-large-'));
  try {
    writeLargeFeed(folder);
    const source = new URL('./gtfs-source.ts', import.meta.url).href;
    const flags = ['--max-old-space-size=96', '--no-warnings', '--input-type=module', '-e', COUNT_ITEMS];
    const output = execFileSync(process.execPath, [...flags, source, folder], { encoding: 'utf8', timeout: A_HANG_MS });
    expect(JSON.parse(output)).toEqual({ station: CALLS, train: TRIPS });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
