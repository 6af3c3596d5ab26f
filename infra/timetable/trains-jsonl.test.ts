import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TimetableItem } from '@railhead/commands/ports/timetable-source.ts';
import { everyDay } from '@railhead/domain/timetable/timetable.ts';
import { trainsJsonlSource } from './trains-jsonl.ts';

const train = (number: string): string =>
  JSON.stringify({
    train: number,
    type: '高速动车组',
    stops: [
      ['VNP', '北京南', null, 540, 0],
      ['AOH', '上海虹桥', 816, null, 1318],
    ],
  });

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trains-jsonl-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const read = async (path: string): Promise<TimetableItem[]> => {
  const items: TimetableItem[] = [];
  for await (const item of trainsJsonlSource(path).read(() => undefined)) items.push(item);
  return items;
};
const skipped = async (path: string): Promise<unknown[]> =>
  (await read(path)).flatMap((item) => (item.kind === 'skipped' ? [[item.row.line, item.row.code]] : []));

describe('a file of trains', () => {
  test('yields each station before the first train that calls there', async () => {
    const items = await read(file('t.jsonl', `${train('G1')}\n${train('G3')}\n`));
    expect(items.map(({ kind }) => kind)).toEqual(['station', 'station', 'train', 'train']);
    expect(items[0]).toEqual({
      kind: 'station',
      station: { code: 'VNP', name: '北京南', city: '北京', pinyin: '' },
    });
    expect(items[2]).toEqual({
      kind: 'train',
      train: {
        train: 'G1',
        type: '高速动车组',
        stops: [
          { code: 'VNP', name: '北京南', arrives: null, departs: 540, km: 0 },
          { code: 'AOH', name: '上海虹桥', arrives: 816, departs: null, km: 1318 },
        ],
        service: everyDay,
      },
    });
  });

  test('takes city and pinyin from stations.csv beside it', async () => {
    file('stations.csv', '\uFEFFtelecode,name,pinyin,province,city\r\nAOH,上海虹桥,shanghaihongqiao,上海市,上海市\r\n');
    const items = await read(file('t.jsonl', train('G1')));
    expect(items[1]).toEqual({
      kind: 'station',
      station: { code: 'AOH', name: '上海虹桥', city: '上海', pinyin: 'shanghaihongqiao' },
    });
  });

  test('is unpacked when it is gzip, whatever its name, and reports progress', async () => {
    const path = file('t.data', gzipSync(`${train('G1')}\n`));
    const seen: number[] = [];
    const items: TimetableItem[] = [];
    for await (const item of trainsJsonlSource(path).read(({ done, total }) => seen.push(done / total)))
      items.push(item);
    expect(items).toHaveLength(3);
    expect(seen.at(-1)).toBe(1);
  });

  test('skips bad lines and says which and why', async () => {
    const withStops = (stops: unknown): string => JSON.stringify({ train: 'G5', type: '', stops });
    const lines = [
      train('G1'),
      '{"train":',
      '{"train":"G5"}',
      withStops([['VNP', '北京南', null, 540, 0]]),
      withStops([
        ['VNP', '北京南', null, 540, 0],
        ['AOH', '上海虹桥', 500, null, 10],
      ]),
      train('G1'),
      'x'.repeat(300_000),
      '',
      train('G 1'),
      train('G7'),
    ];
    const path = file('t.jsonl', lines.join('\r\n'));
    expect(await skipped(path)).toEqual([
      [2, 'BAD_JSON'],
      [3, 'BAD_SHAPE'],
      [4, 'TOO_FEW_STOPS'],
      [5, 'TIMES_NOT_ASCENDING'],
      [6, 'DUPLICATE_TRAIN'],
      [7, 'LINE_TOO_LONG'],
      [9, 'BAD_TRAIN_NUMBER'],
    ]);
    expect((await read(path)).filter(({ kind }) => kind === 'train')).toHaveLength(2);
  });
});

describe('a file that cannot be read', () => {
  test('for being absent', async () => {
    await expect(read(join(folder, 'none.jsonl'))).rejects.toMatchObject({ code: 'TIMETABLE_NOT_FOUND' });
  });

  test('for being a folder', async () => {
    await expect(read(folder)).rejects.toMatchObject({ code: 'TIMETABLE_NOT_READABLE' });
  });

  test('for being cut short or damaged', async () => {
    const packed = gzipSync(Array.from({ length: 2000 }, (_, index) => train(`G${index}`)).join('\n'));
    await expect(read(file('a.gz', packed.subarray(0, packed.length >> 1)))).rejects.toMatchObject({
      code: 'ARCHIVE_CORRUPT',
    });
    packed.fill(0, 100, 200);
    await expect(read(file('b.gz', packed))).rejects.toMatchObject({ code: 'ARCHIVE_CORRUPT' });
  });

  test('for being called .gz and being something else', async () => {
    await expect(read(file('t.jsonl.gz', train('G1')))).rejects.toMatchObject({ code: 'NOT_GZIP' });
  });

  test('for a stations.csv without its columns', async () => {
    file('stations.csv', 'a,b\n1,2\n');
    await expect(read(file('t.jsonl', train('G1')))).rejects.toMatchObject({ code: 'COLUMN_MISSING' });
  });
});

test.each(['a\u0000b', 'a\nb', '\ud800', ' a'])('a stop called %j is no stop', async (name) => {
  const line = JSON.stringify({
    train: 'G1',
    type: 't',
    stops: [
      ['VNP', name, null, 540, 0],
      ['AOH', 'b', 600, null, 1],
    ],
  });
  expect(await skipped(file('t.jsonl', `${line}\n`))).toEqual([[1, 'BAD_SHAPE']]);
});

test.each(['name', 'pinyin', 'city'])(
  'a %s of more than 128 characters in stations.csv is refused by name',
  async (column) => {
    const row = (characters: number) =>
      ['telecode', 'name', 'pinyin', 'city'].map((one) =>
        one === column ? '站'.repeat(characters) : one === 'telecode' ? 'VNP' : 'x',
      );
    const path = file('t.jsonl', `${train('G1')}\n`);
    file('stations.csv', `telecode,name,pinyin,city\n${row(128).join()}\n`);
    expect(await skipped(path)).toEqual([]);
    file('stations.csv', `telecode,name,pinyin,city\n${row(129).join()}\n`);
    await expect(read(path)).rejects.toThrow(/a name of station VNP has more than 128 characters/);
  },
);
