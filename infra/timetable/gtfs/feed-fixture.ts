// Feeds for tests: tables as text, written to a folder or packed into a zip.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import type { TimetableItem } from '@railhead/commands/ports/timetable-source.ts';
import type { Train } from '@railhead/domain/timetable/timetable.ts';
import { type GtfsOptions, gtfsSource } from './gtfs-source.ts';

export type Tables = Readonly<Record<string, string>>;

/** One train a day between three stations on a meridian, about 11 km apart. */
export const smallFeed: Tables = {
  'agency.txt': 'agency_id,agency_name,agency_url,agency_timezone\nA,Rail,https://example.org,Europe/Berlin\n',
  'stops.txt': 'stop_id,stop_name,stop_lat,stop_lon\nS1,One,50.0,8\nS2,Two,50.1,8\nS3,Three,50.2,8\n',
  'routes.txt': 'route_id,agency_id,route_short_name,route_long_name,route_type\nR,A,RE,Regional,2\n',
  'calendar.txt':
    'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n' +
    'W,1,1,1,1,1,0,0,20260101,20261231\n',
  'trips.txt': 'route_id,service_id,trip_id,trip_short_name\nR,W,T1,RE 1\n',
  'stop_times.txt':
    'trip_id,arrival_time,departure_time,stop_id,stop_sequence\n' +
    'T1,08:00:00,08:00:00,S1,1\nT1,08:10:00,08:11:00,S2,2\nT1,08:20:00,08:20:00,S3,3\n',
};

export const writeFeed = (folder: string, tables: Tables): void => {
  for (const [file, text] of Object.entries(tables)) writeFileSync(join(folder, file), text);
};

/** `folder` is empty or ends in a slash. */
export const zipOf = (tables: Tables, folder = ''): Buffer => {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [file, text] of Object.entries(tables)) {
    const name = Buffer.from(folder + file);
    const data = Buffer.from(text);
    const packed = deflateRawSync(data);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(data), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(data.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, name, packed]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), fields, tail, name]));
    locals.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
};

export const readFeed = async (path: string, options?: GtfsOptions): Promise<readonly TimetableItem[]> => {
  const items: TimetableItem[] = [];
  for await (const item of gtfsSource(path, options).read(() => undefined)) items.push(item);
  return items;
};

export const trainsOf = (items: readonly TimetableItem[]): readonly Train[] =>
  items.flatMap((item) => (item.kind === 'train' ? [item.train] : []));

/** `file:line CODE` of each skipped row. */
export const skippedOf = (items: readonly TimetableItem[]): readonly string[] =>
  items.flatMap((item) =>
    item.kind === 'skipped' ? [`${item.row.file}:${item.row.line ?? ''} ${item.row.code}`] : [],
  );
