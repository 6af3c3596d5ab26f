// Readiness tells the truth: a process that cannot sell says so, and says why, for as long as that lasts.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import type { TimetableItem, TimetableSource } from '@railhead/commands/ports/timetable-source.ts';
import { PARTS } from '@railhead/infra/composition/parts.ts';
import { RailheadServer } from '@railhead/infra/composition/server.ts';
import { loadConfig } from '@railhead/infra/config/load-config.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { ObservedStore } from '@railhead/infra/eventstore/observed-store.ts';
import { openTimetable } from '@railhead/infra/timetable/open-source.ts';
import { newEvents } from '../support/events.ts';
import { GuidedStore } from '../support/guided-store.ts';
import { LeapingClock } from '../support/leaping-clock.ts';
import { ServedRailway, START_MS } from '../support/served-railway.ts';
import { ask, type Json } from '../support/shopper.ts';
import { smallRailway } from '../support/small-railway.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { testOnFile } from '../support/test-on-file.ts';
import { waitUntil } from '../support/wait-until.ts';

const root = tempFolder();
const unreadable: TimetableSource = {
  name: 'unreadable',
  read: async function* () {
    yield await Promise.reject<TimetableItem>(new Error('a page is torn'));
  },
};
const FOLLOWERS = [
  'order process',
  'run process',
  'queue process',
  'sale openings',
  'watch',
  'timetable',
  'availability',
  'orders',
  'orderSearch',
  'deadLetters',
  'waitlists',
  'sales',
  'auditTrail',
] as const;

describe('a process that sells', () => {
  let railway: ServedRailway;
  beforeAll(async () => {
    railway = await ServedRailway.start({ rows: 20, letters: 'ABCDF', stops: 3 });
  });
  afterAll(() => railway.stop());
  const ready = async () => {
    const { status, body } = await railway.ask('/readyz');
    return { status, ...body };
  };
  const order = async (): Promise<number> => (await railway.order({}, {})).status;

  test('is ready, and names all its parts', async () => {
    expect(await order()).toBe(202);
    const live = Object.fromEntries(FOLLOWERS.map((name) => [name, 'live']));
    const isRead = ({ models }: Json): boolean =>
      Object.values(models).every((model) => (model as Json).lagEvents === 0);
    const state = await waitUntil('everything to be read', async () => {
      const now = await ready();
      return now.ready && isRead(now) ? now : undefined;
    });
    expect(state).toEqual({
      status: 200,
      ready: true,
      parts: { process: 'runs', store: 'writable', ...live, sale: 'open' },
      models: Object.fromEntries(
        ['timetable', 'availability', 'orders', 'orderSearch', 'deadLetters', 'waitlists', 'sales', 'auditTrail'].map(
          (name) => [name, { state: 'live', position: expect.any(Number), lagEvents: 0, lagSeconds: 0 }],
        ),
      ),
      stoppedClasses: {},
      streamsSetAside: {},
      withheldClasses: {},
    });
  });

  test.each(['STORE_FULL', 'STORE_UNAVAILABLE', 'OUTCOME_UNKNOWN', 'STORE_CORRUPT'] as const)(
    'is not while the log cannot be written (%s), and is again with the next that is written',
    async (failure) => {
      railway.store.failure = failure;
      expect(await order()).toBeGreaterThanOrEqual(500);
      expect(await ready()).toMatchObject({ status: 503, parts: { store: `${failure}: injected` } });
      railway.store.failure = undefined;
      expect(await order()).toBe(202);
      await waitUntil('the store to be trusted', async () => (await ready()).ready);
    },
  );

  testOnFile(
    'is not while the models are built again because of a row that is no JSON, and then shows what is in the log',
    async () => {
      const { orderNo } = (await railway.order()).body;
      await railway.shown();
      const db = new DatabaseSync(join(railway.server.container.get(PARTS.dataFolder), 'read.db'), { timeout: 5_000 });
      db.exec('UPDATE orders SET view = substr(view, 2)');
      db.close();
      const token = await railway.token('alice');
      const met = await waitUntil('the damage', async () => {
        await order();
        const { status } = await railway.ask(`/v1/orders/${orderNo}`, { token });
        return status === 200 ? undefined : status;
      });
      expect([404, 503]).toContain(met);
      await waitUntil('the models', async () => (await ready()).ready);
      await railway.shown();
      expect(await railway.statusOf(orderNo)).toBe('WAIT_PAY');
    },
  );

  test('is while lists that nobody needs for a ticket are behind, and says which', async () => {
    const optional = ['orderSearch', 'sales', 'auditTrail'];
    const runners = railway.server.container.get(PARTS.projectionRunners).filter(({ name }) => optional.includes(name));
    for (const runner of runners) await runner.hold();
    const { status, parts } = await ready();
    expect([status, ...optional.map((name) => parts[name])]).toEqual([200, ...optional.map(() => 'catchingUp')]);
    for (const runner of runners) runner.start();
    await waitUntil('them to be live', async () => {
      const { parts: now } = await ready();
      return optional.every((name) => now[name] === 'live');
    });
  });

  test('is not while a part has lost the log, and each says so', async () => {
    railway.store.isOutOfReach = true;
    expect(await order()).toBe(202);
    await railway.store.append([{ stream: 'station-ST9', expected: 'any', events: newEvents(1) }]);
    await waitUntil('the losses', async () => /lost/.test((await ready()).parts['order process']));
    const { status, parts } = await ready();
    expect(status).toBe(503);
    for (const name of ['order process', 'watch']) expect(parts[name]).toBe('lost the log: injected: out of reach');
    await waitUntil('the model', async () => (await ready()).parts.orders === 'catchingUp: injected: out of reach');
    railway.store.isOutOfReach = false;
    await waitUntil('all to be found again', async () => {
      railway.clock.leap(10_000);
      return (await ready()).ready;
    });
  });
});

test('a process that was just started is not ready before its sale is open, and says what it does', async () => {
  const data = join(root, 'data');
  mkdirSync(data);
  const [, rollingStock = '', , timetable = ''] = smallRailway(root, { rows: 2, letters: 'A', stops: 2 });
  const secrets = { authSecret: 'x'.repeat(16), gatewaySecret: 'y'.repeat(16) };
  const flags = { data, port: 0, rollingStock, logLevel: 'silent', ...secrets };
  const { config } = loadConfig({ flags, env: {}, file: undefined });
  const store = new GuidedStore();
  const server = await RailheadServer.start(config, { clock: new LeapingClock(START_MS), store });
  try {
    const sale = async () => {
      const { status, body } = await ask(`${server.url}/readyz`);
      return [status, body.parts.sale];
    };
    expect(await sale()).toEqual([503, 'not opened yet']);
    await expect(server.importTimetable(unreadable, () => {})).rejects.toThrow();
    expect(await sale()).toEqual([503, 'importing the timetable failed: a page is torn']);
    store.appends.shut(() => true);
    const imported = server.importTimetable(openTimetable(timetable), () => {});
    await waitUntil('the import', () => store.appends.waiting > 0);
    expect(await sale()).toEqual([503, 'importing the timetable']);
    store.appends.open();
    await imported;
    store.appends.shut(() => true);
    const opened = server.openSale();
    await waitUntil('the opening', () => store.appends.waiting > 0);
    expect(await sale()).toEqual([503, 'opening the runs']);
    store.appends.open();
    await opened;
    await server.caughtUp();
    await waitUntil('everything to be read', async () => (await sale())[0] === 200);
    expect(await sale()).toEqual([200, 'open']);
  } finally {
    store.appends.open();
    await server.stop();
  }
});

describe('a store that is asked', () => {
  test('and does not answer is not ready, nor is one that refuses; each is told once', async () => {
    const lines: unknown[] = [];
    const line = (fields: object, message?: string): unknown => lines.push([message, fields]);
    const logger = { debug: line, info: line, warn: line, error: line };
    const inner = new GuidedStore();
    const store = new ObservedStore(inner, () => 0, logger);
    expect(await store.ask()).toBeUndefined();
    let answers = (): Promise<number> => new Promise(() => {});
    inner.ping = () => answers();
    await waitUntil('the silence', async () => (await store.ask()) === 'STORE_UNAVAILABLE: no answer within 2000 ms');
    answers = () => Promise.reject(new EventStoreError('STORE_CORRUPT', 'torn'));
    await waitUntil('the refusal', async () => (await store.ask()) === 'STORE_CORRUPT: torn');
    answers = () => Promise.resolve(1);
    await waitUntil('the answer', async () => (await store.ask()) === undefined);
    expect(lines).toEqual([
      ['the event log cannot be used', { failure: 'STORE_UNAVAILABLE: no answer within 2000 ms' }],
      ['the event log can be used again', {}],
    ]);
  });

  test('is not asked more often than once a second', async () => {
    const inner = new GuidedStore();
    const store = new ObservedStore(inner, () => 0);
    let asked = 0;
    inner.ping = async () => {
      asked += 1;
    };
    await Promise.all(Array.from({ length: 50 }, () => store.ask()));
    expect(asked).toBe(1);
  });

  test('answers reads, and its appends wait', async () => {
    const inner = new GuidedStore();
    const store = new ObservedStore(inner, () => 0);
    inner.appends.shut(() => true);
    const append = store.append([{ stream: 'a-1', expected: 'any', events: newEvents(1) }]);
    await waitUntil('the wait', async () => /^appends wait/.test((await store.ask()) ?? ''));
    inner.appends.open();
    await append;
    expect(await store.ask()).toBeUndefined();
  });
});

test('a failure to write is not held against the store when nobody has tried for a while, nor is a call that makes no sense', async () => {
  let nowMs = 0;
  const inner = new GuidedStore(new MemoryEventStore());
  const store = new ObservedStore(inner, () => nowMs);
  const write = (stream = 'a-1') => store.append([{ stream, expected: 'any', events: newEvents(1) }]);
  await expect(write('no stream name')).rejects.toThrow();
  expect(store.failure).toBeUndefined();
  inner.failure = 'STORE_UNAVAILABLE';
  await expect(write()).rejects.toThrow();
  await expect(write('no stream name')).rejects.toThrow();
  expect(store.failure).toBe('STORE_UNAVAILABLE: injected');
  nowMs += 10_000;
  expect(store.failure).toBe('STORE_UNAVAILABLE: injected');
  nowMs += 1;
  expect(store.failure).toBeUndefined();
});

describe('a store that was full', () => {
  const full = async (hasRoom?: () => Promise<boolean>) => {
    const clock = { nowMs: 0 };
    const inner = new GuidedStore(new MemoryEventStore());
    const store = new ObservedStore(inner, () => clock.nowMs, undefined, hasRoom);
    const write = () => store.append([{ stream: 'a-1', expected: 'any', events: newEvents(1) }]);
    inner.failure = 'STORE_FULL';
    await expect(write()).rejects.toThrow();
    return { clock, inner, store, write };
  };

  test('stays so, however long ago that was, until something is written', async () => {
    const { clock, inner, store, write } = await full();
    inner.failure = 'STORE_OVERLOADED';
    await expect(write()).rejects.toThrow();
    clock.nowMs += 86_400_000;
    expect([await store.ask(), store.failure]).toEqual(['STORE_FULL: injected', 'STORE_FULL: injected']);
    inner.failure = undefined;
    await write();
    expect([await store.ask(), store.failure]).toEqual([undefined, undefined]);
  });

  test('stays so until there is room, and for ten seconds in any case, because there may be less room than it seems', async () => {
    const early = await full(async () => true);
    early.clock.nowMs += 10_000;
    expect(await early.store.ask()).toBe('STORE_FULL: injected');
    let hasRoom = false;
    const { clock, store } = await full(async () => hasRoom);
    clock.nowMs += 10_001;
    expect(await store.ask()).toBe('STORE_FULL: injected');
    hasRoom = true;
    await waitUntil('the room', async () => (await store.ask()) === undefined);
  });
});
