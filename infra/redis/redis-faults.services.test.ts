// A railway whose free seats are in Redis, while that Redis is killed, paused, emptied, full, locked and exchanged: reads
// say 503, the sale goes on, readiness says why, and afterwards Redis has what a fold of the log has.
import { afterEach, expect, test } from '@jest/globals';
import { PARTS } from '@railhead/infra/composition/parts.ts';
import { availabilityModel } from '@railhead/projections/availability/availability.ts';
import { AvailabilityModel } from '@railhead/projections/availability/availability-model.ts';
import { closeRedis, REDIS } from '@railhead/tests/services/redis.ts';
import type { RunningServer } from '@railhead/tests/services/running-server.ts';
import { describeServerFaults } from '@railhead/tests/services/under-test.ts';
import { anyLog, countOf, readSideOf } from '@railhead/tests/support/read-side.ts';
import { RUN_DATE, ServedRailway } from '@railhead/tests/support/served-railway.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { Redis } from 'ioredis';

const [ROWS, LETTERS, STOPS] = [40, 'ABCDF', 4];
const SEATS = ROWS * LETTERS.length;
const MODEL_KEY = 'faults:availability';
const SEARCH = `/v1/trains?from=ST0&to=ST2&date=${RUN_DATE}`;

/** Something goes wrong with a server, and is put right again. */
type Fault = {
  readonly begin: (server: RunningServer, admin: Redis) => Promise<unknown>;
  readonly end: (server: RunningServer, admin: () => Promise<Redis>) => Promise<unknown>;
  /** Is what is there still shown meanwhile? It is not wrong, only older. */
  readonly isShown?: boolean;
};

const cutOff = (admin: Redis): Promise<unknown> => admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');

const FAULTS: Readonly<Record<string, Fault>> = {
  'is killed': { begin: (server) => server.kill(), end: (server) => server.restart() },
  'is killed and comes back empty': {
    begin: (server) => server.kill(),
    end: async (server, admin) => {
      await server.restart();
      await (await admin()).flushall();
    },
  },
  'is paused': { begin: (server) => server.pause(), end: async (server) => server.resume() },
  'wants a password': {
    begin: async (_, admin) => {
      await admin.config('SET', 'requirepass', 'another');
      await cutOff(admin);
    },
    end: async (_, admin) => (await admin()).config('SET', 'requirepass', ''),
  },
  'has no memory left': {
    begin: async (_, admin) => {
      await admin.config('SET', 'maxmemory-policy', 'noeviction');
      await admin.config('SET', 'maxmemory', '1');
    },
    end: async (_, admin) => (await admin()).config('SET', 'maxmemory', '0'),
    isShown: true,
  },
  'is a read-only replica': {
    begin: (_, admin) => admin.replicaof('127.0.0.1', 1),
    end: async (_, admin) => (await admin()).replicaof('NO', 'ONE'),
    isShown: true,
  },
  'has the states of a newer program': {
    begin: (_, admin) => admin.hset(MODEL_KEY, '@version', 99),
    end: async (_, admin) => (await admin()).unlink(MODEL_KEY),
  },
  'has something else under the name of the model': {
    begin: (_, admin) => admin.set(MODEL_KEY, 'a text'),
    end: async (_, admin) => (await admin()).unlink(MODEL_KEY),
  },
};

describeServerFaults(REDIS, (server) => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const adminOf = async (password?: string): Promise<Redis> => {
    const client = new Redis({ port: server().place.port, ...(password === undefined ? {} : { password }) });
    client.on('error', () => {});
    ends.push(async () => closeRedis(client));
    return client;
  };
  const served = async (): Promise<ServedRailway> => {
    const readCache = `${server().url}/faults`;
    const railway = await ServedRailway.start({ rows: ROWS, letters: LETTERS, stops: STOPS }, { readCache });
    ends.push(() => railway.stop());
    return railway;
  };
  const readiness = async (railway: ServedRailway): Promise<{ readonly ready: boolean; readonly says: string }> => {
    const { body } = await railway.ask('/readyz');
    return { ready: body.ready, says: body.parts.availability };
  };
  const order = async (railway: ServedRailway, from: number): Promise<void> => {
    const answer = await railway.order({ from: `ST${from}`, to: `ST${from + 1}` });
    expect([answer.status, answer.body.status]).toEqual([201, 'WAIT_PAY']);
  };
  /** Redis has all of the log, and the same of it as a fold in memory. */
  const expectTruth = async (railway: ServedRailway): Promise<void> => {
    const position = await railway.store.lastPosition();
    const headers = { 'Railhead-Min-Position': String(position) };
    await waitUntil('Redis to have all', async () => (await railway.ask(SEARCH, { headers })).status === 200);
    const database = await readSideOf(availabilityModel);
    const truth = new AvailabilityModel(database);
    await truth.load(anyLog);
    await truth.apply(await railway.store.readAll({ after: 0, limit: 100_000, categories: truth.categories }));
    const { queries } = railway.server.container.get(PARTS.models).availability;
    const id = { train: 'G900', date: RUN_DATE, seatClass: 'second' } as const;
    for (let from = 0; from < STOPS - 1; from += 1)
      for (let to = from + 1; to < STOPS; to += 1)
        expect([from, to, await countOf(queries, id, SEATS, from, to)]).toEqual([
          from,
          to,
          await countOf(truth, id, SEATS, from, to),
        ]);
    await database.db.destroy();
  };

  test.each(Object.keys(FAULTS))('%s', async (name) => {
    const fault = FAULTS[name];
    if (fault === undefined) throw new Error('it is one of them');
    const [railway, admin] = [await served(), await adminOf()];
    await order(railway, 0);
    await expectTruth(railway);
    await fault.begin(server(), admin);
    await waitUntil('readiness to say so', async () => !(await readiness(railway)).ready);
    expect((await readiness(railway)).says).toMatch(/: ./);
    await order(railway, 0);
    await order(railway, 1);
    const headers = { 'Railhead-Min-Position': String(await railway.store.lastPosition()) };
    let isAnswered = false;
    const asked = Promise.all([railway.ask(SEARCH), railway.ask(SEARCH, { headers })]).finally(() => {
      isAnswered = true;
    });
    await waitUntil('both answers', () => {
      railway.clock.leap(1_000);
      return isAnswered;
    });
    const [search, newest] = await asked;
    // Nobody who asks for trains is told where it is.
    expect(JSON.stringify([search.body, newest.body, await readiness(railway)])).not.toContain(
      String(server().place.port),
    );
    const codes = [search.body.code, newest.body.code];
    expect([search.status, newest.status]).toEqual([fault.isShown === true ? search.status : 503, 503]);
    expect([undefined, 'UNAVAILABLE', 'MODEL_BEHIND']).toEqual(expect.arrayContaining(codes));
    await fault.end(server(), () => adminOf(name === 'wants a password' ? 'another' : undefined));
    await waitUntil('readiness to be back', async () => {
      railway.clock.leap(1_000);
      return (await readiness(railway)).ready;
    });
    await order(railway, 2);
    await expectTruth(railway);
  });

  test('a Redis that is emptied under load, again and again, has all of it afterwards', async () => {
    const [railway, admin] = [await served(), await adminOf()];
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(Array.from({ length: 10 }, (_, n) => order(railway, n % (STOPS - 1))));
      await admin.flushall();
      const { status } = await railway.ask(SEARCH);
      expect([200, 503]).toContain(status);
    }
    await expectTruth(railway);
    await admin.flushall();
    // Also when nobody orders any more.
    await waitUntil('it to be filled', async () => (await admin.exists(MODEL_KEY)) === 1);
    await expectTruth(railway);
  });

  test('a state that is damaged is shown to nobody, and written anew with the next event', async () => {
    const [railway, admin] = [await served(), await adminOf()];
    await order(railway, 0);
    await expectTruth(railway);
    const field = `=G900_${RUN_DATE}_second`;
    expect(await admin.hexists(MODEL_KEY, field)).toBe(1);
    await admin.hset(MODEL_KEY, field, Buffer.alloc(500, 0xff));
    expect((await railway.ask(SEARCH)).status).toBe(503);
    expect((await railway.ask('/healthz')).status).toBe(200);
    await order(railway, 1);
    await expectTruth(railway);
  });

  test('a process can be started while Redis is away, and sells', async () => {
    const readCache = 'redis://127.0.0.1:1/faults';
    const start = ServedRailway.begin({ rows: 2, letters: 'A', stops: 2 }, { readCache, readSql: '' });
    const railway = await start;
    ends.push(() => railway.stop());
    expect((await railway.order({ to: 'ST1' })).status).toBe(201);
    expect((await railway.ask(`/v1/trains?from=ST0&to=ST1&date=${RUN_DATE}`)).body.code).toBe('UNAVAILABLE');
    // The second order finds the only other seat, and the third is told that there is none, without alternatives.
    expect((await railway.order({ to: 'ST1' })).status).toBe(201);
    expect(await railway.order({ to: 'ST1' })).toMatchObject({ status: 409, body: { code: 'SOLD_OUT' } });
  });
});
