// A search server answers about stations where it can; in every other case the embedded index does.
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { stationCategory } from '@railhead/domain/timetable/stream.ts';
import { GrowingPause } from '@railhead/projections/engine/growing-pause.ts';
import type { ReadDatabase } from '@railhead/projections/engine/read-database.ts';
import { EmbeddedStations } from '@railhead/projections/station-search/embedded-stations.ts';
import { keysBy } from '@railhead/projections/station-search/station-keys.ts';
import { timetableModel } from '@railhead/projections/timetable/timetable-model.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { ManualClock, realClock } from '@railhead/tests/support/fixed-clock.ts';
import { anyLog, readSideOf, silentLogger } from '@railhead/tests/support/read-side.ts';
import { StationSearch } from './station-search.ts';

const EMBEDDED = { code: 'A', name: '甲地', city: '甲', pinyin: 'jiadi' };
const ON_SERVER = { ...EMBEDDED, code: 'B' };
const POSITION = 7;

let database: ReadDatabase;
let search: StationSearch;
const clock = new ManualClock();
const warnings: object[] = [];
const server = {
  asked: 0,
  upTo: undefined as number | undefined,
  isReady: true,
  position: POSITION,
  failure: undefined as Error | undefined,
  moving: undefined as Promise<void> | undefined,
};
beforeEach(async () => {
  Object.assign(server, { asked: 0, isReady: true, position: POSITION, failure: undefined, moving: undefined });
  database = await readSideOf(timetableModel);
  const { projection, queries } = timetableModel.open(database);
  const registered = { ...newEvent(EMBEDDED, 'StationRegistered'), stream: stationCategory.stream('A'), revision: 0 };
  await projection.load(anyLog);
  await projection.apply({ events: [{ ...registered, position: 1 }], position: 1, caughtUp: true });
  const index = {
    search: async (_: string, __: number, upTo?: number) => {
      server.asked += 1;
      server.upTo = upTo;
      if (server.failure !== undefined) throw server.failure;
      return [ON_SERVER];
    },
  };
  const feed = {
    unreadable: undefined,
    get isReady() {
      return server.isReady;
    },
    gate: {
      get position() {
        return server.position;
      },
    },
  };
  const timetable = { queries, gate: { position: POSITION, waitFor: async () => true } };
  const pause = new GrowingPause(clock);
  warnings.length = 0;
  const logger = { ...silentLogger, warn: (fields: object) => void warnings.push(fields) };
  const now = () => ({ queries: index, feed, moving: server.moving });
  search = new StationSearch(timetable, new EmbeddedStations(keysBy({}), realClock), { now, pause, logger });
});
afterEach(() => database.db.destroy());

const found = async (position?: number): Promise<readonly string[]> => {
  const request = new IncomingMessage(new Socket());
  if (position !== undefined) request.headers['railhead-min-position'] = String(position);
  return (await search.find(request, '甲', 5)).map(({ code }) => code);
};

describe('stations are answered', () => {
  test('by the server with everything that the embedded index had when it answered in its place', async () => {
    await found();
    expect(server.upTo).toBe(POSITION);
    server.position = POSITION + 2;
    await found();
    expect(server.upTo).toBe(POSITION);
    server.isReady = false;
    expect(await found()).toEqual(['A']);
    server.isReady = true;
    await found();
    expect(server.upTo).toBe(POSITION + 2);
    await found(POSITION + 1);
    expect(server.upTo).toBe(POSITION + 2);
  });

  test('by the server, also to whoever names a position that it has', async () => {
    expect(await found()).toEqual(['B']);
    expect(await found(POSITION)).toEqual(['B']);
  });

  test('by the server once another generation that has just taken over may be asked', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    server.moving = promise;
    const answer = found();
    await new Promise(setImmediate);
    expect(server.asked).toBe(0);
    resolve();
    expect(await answer).toEqual(['B']);
  });

  test('by the embedded index where the server is behind the position, or has not everything', async () => {
    expect(await found(POSITION + 1)).toEqual(['A']);
    server.isReady = false;
    expect(await found()).toEqual(['A']);
    expect(server.asked).toBe(0);
  });

  test('by the embedded index where the server fails, which is then left alone for a growing pause', async () => {
    server.failure = new TypeError('an answer that nobody expected');
    expect(await found()).toEqual(['A']);
    server.failure = undefined;
    expect(await found()).toEqual(['A']);
    expect(server.asked).toBe(1);
    expect(warnings).toEqual([{ err: new TypeError('an answer that nobody expected') }]);
    await clock.advance(250);
    expect(await found()).toEqual(['B']);
  });
});
