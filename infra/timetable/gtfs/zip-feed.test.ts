import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TimetableItem } from '@railhead/commands/ports/timetable-source.ts';
import { readFeed, skippedOf, smallFeed, trainsOf, zipOf } from './feed-fixture.ts';

describe('a zipped feed', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gtfs-zip-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const read = (zip: Buffer): Promise<readonly TimetableItem[]> => {
    const path = join(folder, 'feed.zip');
    writeFileSync(path, zip);
    return readFeed(path);
  };

  test.each(['', 'feed/', 'a/b/'])('is read from “%s” in the archive', async (inside) => {
    const items = await read(zipOf({ ...smallFeed, 'shapes.txt': 'x\n' }, inside));
    expect(trainsOf(items).map(({ train }) => train)).toEqual(['RE1']);
    expect(skippedOf(items)).toEqual(['shapes.txt: FILE_IGNORED']);
  });

  test('is refused when it is cut short anywhere', async () => {
    const zip = zipOf(smallFeed);
    for (const kept of [0, 10, zip.length >> 1, zip.length - 30, zip.length - 1])
      await expect(read(zip.subarray(0, kept))).rejects.toMatchObject({ code: 'ARCHIVE_CORRUPT' });
  });

  test('is refused when its content is damaged', async () => {
    const zip = zipOf(smallFeed);
    const inStops = zip.indexOf('stops.txt') + 20;
    zip.fill(0x55, inStops, inStops + 20);
    await expect(read(zip)).rejects.toMatchObject({ code: 'ARCHIVE_CORRUPT' });
  });

  test('is refused when its content is not what its checksum says', async () => {
    const zip = zipOf(smallFeed);
    for (let at = zip.indexOf('PK\x01\x02'); at !== -1; at = zip.indexOf('PK\x01\x02', at + 4))
      zip.writeUInt32LE(1, at + 16);
    await expect(read(zip)).rejects.toMatchObject({ code: 'ARCHIVE_CORRUPT' });
  });

  test('is refused when it unpacks to more than a timetable can be', async () => {
    const zip = zipOf({ ...smallFeed, 'shapes.txt': '', 'pathways.txt': '', 'levels.txt': '' });
    for (let at = zip.indexOf('PK\x01\x02'); at !== -1; at = zip.indexOf('PK\x01\x02', at + 4))
      zip.writeUInt32LE(0xff_ff_ff_00, at + 24);
    await expect(read(zip)).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' });
  });
});
