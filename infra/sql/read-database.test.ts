import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, test } from '@jest/globals';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { stationCategory } from '@railhead/domain/timetable/stream.ts';
import { allIn } from '@railhead/projections/engine/read-databases.ts';
import { READ_MODELS } from '@railhead/projections/read-models.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { openModels } from '@railhead/tests/support/open-models.ts';
import { anyLog, raised, silentLogger } from '@railhead/tests/support/read-side.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { openReadDatabase } from './read-database.ts';

const root = tempFolder();
const MODELS = Object.values(READ_MODELS);
const STATION = { code: 'VNP', name: '北京南', city: '北京', pinyin: '' };
const END = 9;

let folder = '';
let lines: string[] = [];
const logger: Logger = { ...silentLogger, warn: (_, message) => lines.push(message) };
beforeEach(() => {
  folder = mkdtempSync(join(root, 'data-'));
  lines = [];
});

const open = (models: Parameters<typeof openReadDatabase>[1] = MODELS) => openReadDatabase(folder, models, logger);

/** Writes one station, and the position of the model. */
const fill = async (position = END): Promise<void> => {
  const database = await open();
  const { projection } = openModels(allIn(database)).timetable;
  const event = { ...newEvent(STATION, 'StationRegistered'), stream: stationCategory.stream('VNP'), revision: 0 };
  await projection.load(anyLog);
  await projection.apply({ events: [{ ...event, position }], position, caughtUp: true });
  await database.db.destroy();
};
const found = async (...opening: Parameters<typeof open>): Promise<{ stations: number; position: number }> => {
  const database = await open(...opening);
  const { queries, projection } = openModels(allIn(database)).timetable;
  const read = { stations: (await queries.allStations()).length, position: await projection.load(anyLog) };
  await database.db.destroy();
  return read;
};

const KEPT = { stations: 1, position: END };
const EMPTY = { stations: 0, position: 0 };

test('a new folder gets an empty read side, and nothing is logged', async () => {
  expect(await found()).toEqual(EMPTY);
  expect([existsSync(join(folder, 'read.db')), lines]).toEqual([true, []]);
});

test('a read side goes on where it was', async () => {
  await fill();
  expect(await found()).toEqual(KEPT);
  expect(lines).toEqual([]);
});

test('a model of another version is built again, and the others stay', async () => {
  await fill();
  const { timetable, orders, availability } = READ_MODELS;
  expect(await found([timetable, availability, raised(orders)])).toEqual(KEPT);
  expect(lines).toHaveLength(1);
  const database = await open([raised(timetable), availability, raised(orders)]);
  expect(await openModels(allIn(database)).timetable.queries.allStations()).toEqual([]);
  expect(lines).toHaveLength(2);
  await database.db.destroy();
});

test.each([
  ['damaged', 'are damaged', () => writeFileSync(join(folder, 'read.db'), 'no database at all'.repeat(100))],
  [
    'of the older scheme, with one version for all models',
    'do not fit this program',
    () => {
      const db = new DatabaseSync(join(folder, 'read.db'));
      db.exec(`
        CREATE TABLE model_positions (model varchar(64) PRIMARY KEY, position bigint NOT NULL);
        INSERT INTO model_positions VALUES ('timetable', 5);
        CREATE TABLE stations (code varchar(16) PRIMARY KEY, name varchar(128) NOT NULL);
        INSERT INTO stations VALUES ('VNP', '北京南');
        PRAGMA user_version = 3;
      `);
      db.close();
    },
  ],
])('a file that is %s is built again, and the log line says so', async (_, why, write) => {
  write();
  expect(await found()).toEqual(EMPTY);
  await fill();
  expect(await found()).toEqual(KEPT);
  expect(lines).toEqual([`the stored read models ${why}; they are built again`]);
});

test('a file that cannot be opened at the moment is left as it is', async () => {
  await fill();
  const path = join(folder, 'read.db');
  rmSync(`${path}-seal`);
  const other = new DatabaseSync(path);
  other.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  await expect(open()).rejects.toMatchObject({ code: 'DATA_UNUSABLE' });
  other.exec('ROLLBACK');
  other.close();
  expect((await found()).stations).toBe(1);
}, 30_000);

test('a letter changed within a row, while nobody had the file open, is found; in a file that was not closed it is not', async () => {
  await fill();
  const path = join(folder, 'read.db');
  const bytes = readFileSync(path);
  const at = bytes.indexOf(Buffer.from('北京南'));
  bytes.write('南', at);
  writeFileSync(path, bytes);
  expect(await found()).toEqual(EMPTY);
  expect(lines).toEqual(['the stored read models are damaged; they are built again']);
  await fill();
  writeFileSync(path, bytes);
  rmSync(`${path}-seal`);
  expect(await found()).toEqual(KEPT);
});

test('a page that is broken is found, whether the file was closed or not', async () => {
  await fill();
  const path = join(folder, 'read.db');
  const bytes = readFileSync(path);
  bytes.fill(0xff, 4_096 * 2, 4_096 * 3);
  writeFileSync(path, bytes);
  rmSync(`${path}-seal`);
  expect(await found()).toEqual(EMPTY);
  expect(lines).toEqual(['the stored read models are damaged; they are built again']);
});

test('a page that SQLite cannot read while it is used is told as what it is', async () => {
  await fill();
  const database = await open();
  const { repair } = database;
  if (repair === undefined) throw new Error('unreachable');
  const met: unknown[] = [];
  repair.onDamage = (error) => met.push(error);
  const path = join(folder, 'read.db');
  const file = openSync(path, 'r+');
  for (let page = 4_096; page < statSync(path).size; page += 4_096)
    writeSync(file, Buffer.alloc(4_096, 0xff), 0, 4_096, page);
  closeSync(file);
  const { queries } = openModels(allIn(database)).timetable;
  await expect(queries.allStations()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(met).toHaveLength(1);
  await repair.renew();
  expect(await queries.allStations()).toEqual([]);
  await database.db.destroy();
});

test('damage that is met while it is used is told, and the tables can be made anew', async () => {
  await fill();
  const database = await open();
  const { queries, projection } = openModels(allIn(database)).timetable;
  await projection.load(anyLog);
  const { repair } = database;
  if (repair === undefined) throw new Error('unreachable');
  const met: unknown[] = [];
  repair.onDamage = (error) => met.push(error);
  expect(() => database.dialect.fromJson('{' as never)).toThrow('they are built again from the log');
  expect(met).toHaveLength(1);
  await repair.renew();
  expect(await queries.allStations()).toEqual([]);
  const late = projection.apply({ events: [], position: 100_000, caughtUp: true });
  await expect(late).rejects.toThrow('were made anew');
  expect(await projection.load(anyLog)).toBe(0);
  await projection.apply({ events: [], position: 100_000, caughtUp: true });
  await database.db.destroy();
});

test('two models that share a table are refused, and nothing is changed', async () => {
  const { orders } = READ_MODELS;
  await expect(open([orders, { ...orders, name: 'again' }])).rejects.toThrow('declared by again and by orders');
  expect(await found()).toEqual(EMPTY);
});
