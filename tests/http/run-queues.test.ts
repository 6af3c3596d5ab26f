// The queue of a run: joining, waiting, being admitted, ordering; the waiting room before a sale opens; what operators do.
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import { commitmentOf } from '@railhead/commands/queue/seed.ts';
import type { Config } from '@railhead/infra/config/settings.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { LastingStore } from '../support/lasting-store.ts';
import { join, opensLater, orderOf, placeOf } from '../support/queue-shopper.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Answer, type Json, passenger } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let open: ServedRailway[] = [];
afterEach(async () => {
  await Promise.all(open.map((railway) => railway.stop()));
  open = [];
});

/** Twelve seats; of each queue one is admitted at once, and one a second. */
const served = async (settings: Partial<Config> = {}, log?: EventStore): Promise<ServedRailway> => {
  const railway = await ServedRailway.start(
    { rows: 3, letters: 'ABCD', stops: 3 },
    { queueFirst: 1, ...settings },
    log === undefined ? undefined : new LastingStore(log),
  );
  open.push(railway);
  return railway;
};

const phase = (railway: ServedRailway, joined: Answer, wanted: string): Promise<Json> =>
  waitUntil(`the phase ${wanted}`, async () => {
    const place = await placeOf(railway, joined);
    return place.phase === wanted ? place : undefined;
  });

describe('a run with a queue', () => {
  test('takes orders of those who were admitted, each place once, and a repeat is the same order', async () => {
    const railway = await served();
    const begun = await railway.operate('POST', '/queue', { mode: 'QUEUED' });
    expect(begun).toMatchObject({ status: 200, body: { mode: 'QUEUED', cause: 'operator', waiting: 0 } });
    const refused = await orderOf(railway, 'alice');
    expect(refused).toMatchObject({ status: 428, body: { code: 'QUEUE_REQUIRED', queue: '/v1/queue' } });
    const joined = await join(railway, 'alice');
    expect(joined).toMatchObject({ status: 201, body: { phase: 'ADMITTED', admittedUntil: expect.any(String) } });
    const { queueToken } = joined.body;
    const wanted = { key: 'one', passengers: [passenger()] };
    const ordered = await orderOf(railway, 'alice', queueToken, wanted);
    expect(ordered.status).toBe(201);
    const again = await orderOf(railway, 'alice', queueToken, wanted);
    expect(again).toMatchObject({ status: 201, body: { orderNo: ordered.body.orderNo } });
    // Also without the token, and when the place is long out of time.
    railway.clock.leap(16 * 60_000);
    expect((await orderOf(railway, 'alice', undefined, wanted)).body.orderNo).toBe(ordered.body.orderNo);
    expect(await placeOf(railway, joined)).toEqual({ phase: 'CLOSED', reason: 'EXPIRED' });
  });

  test('lets a place in once, however many orders come at the same moment', async () => {
    const railway = await served();
    await railway.operate('POST', '/queue', { mode: 'QUEUED' });
    const { queueToken } = (await join(railway, 'alice')).body;
    const orders = await Promise.all(Array.from({ length: 8 }, () => orderOf(railway, 'alice', queueToken)));
    expect(orders.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const { status, body } of orders)
      if (status !== 201) expect(body).toMatchObject({ code: 'QUEUE_TOKEN_INVALID', reason: 'USED' });
    expect((await railway.ask(`/v1/queue/${queueToken}`)).body).toEqual({ phase: 'CLOSED', reason: 'USED' });
    // Whoever wants more joins again, behind all others.
    const second = await join(railway, 'alice');
    expect(second.body.queueToken).not.toBe(queueToken);
    expect((await railway.events()).filter(({ type }) => type === 'QueuePlaceUsed')).toHaveLength(1);
  });

  test('a refused order does not use the place', async () => {
    const railway = await served();
    await railway.operate('POST', '/queue', { mode: 'QUEUED' });
    const { queueToken } = (await join(railway, 'alice')).body;
    const twice = passenger();
    const refused = await orderOf(railway, 'alice', queueToken, { passengers: [twice, twice] });
    expect(refused.body.code).toBe('PASSENGER_TWICE');
    expect((await orderOf(railway, 'alice', queueToken)).status).toBe(201);
  });

  test('admits in the order of arrival, as many a second as its rate, and tells positions and times', async () => {
    const railway = await served();
    await railway.operate('POST', '/queue', { mode: 'QUEUED', ratePerSecond: 0.01 });
    const first = await join(railway, 'u0');
    expect(first.body.phase).toBe('ADMITTED');
    const waiting: Answer[] = [];
    for (let n = 1; n <= 4; n += 1) waiting.push(await join(railway, `u${n}`));
    expect(waiting.map(({ body }) => body.position)).toEqual([1, 2, 3, 4]);
    expect(waiting[3]?.body.etaSeconds).toBeGreaterThanOrEqual(400);
    expect(Number(waiting[3]?.headers.get('retry-after'))).toBeGreaterThan(0);
    for (let n = 1; n <= 4; n += 1) {
      railway.clock.leap(100_000);
      const admitted = await phase(railway, waiting[n - 1] as Answer, 'ADMITTED'); // there are four
      expect(admitted.admittedUntil).toEqual(expect.any(String));
      const positions = await Promise.all(waiting.slice(n).map(async (one) => (await placeOf(railway, one)).position));
      expect(positions).toEqual(waiting.slice(n).map((_, index) => index + 1));
    }
    const admissions = (await railway.events()).filter(({ type }) => type === 'QueueAdmitted');
    expect(admissions.map(({ data }) => (data as Json).upTo)).toEqual([1, 2, 3, 4, 5]);
  });

  test('gives whoever joins twice the same place', async () => {
    const railway = await served();
    await railway.operate('POST', '/queue', { mode: 'PAUSED' });
    await join(railway, 'bob');
    const answers = await Promise.all(Array.from({ length: 5 }, () => join(railway, 'alice')));
    expect(new Set(answers.map(({ body }) => body.queueToken)).size).toBe(1);
    expect(new Set(answers.map(({ body }) => body.position))).toEqual(new Set([2]));
    const joins = (await railway.events()).filter(({ type }) => type === 'QueueJoined');
    expect(joins.flatMap(({ data }) => (data as Json).joins)).toHaveLength(2);
    expect(JSON.stringify(joins)).not.toContain('alice');
  });

  test('is full at its limit, and says where else to go; who has a place keeps it', async () => {
    const railway = await served({ queuePlacesLimit: 2 });
    await railway.operate('POST', '/queue', { mode: 'PAUSED' });
    const [one] = [await join(railway, 'u1'), await join(railway, 'u2')];
    const full = await join(railway, 'u3');
    expect(full).toMatchObject({ status: 503, body: { code: 'QUEUE_FULL', limit: 2, waitlist: '/v1/waitlist' } });
    expect((await join(railway, 'u1')).body.queueToken).toBe(one.body.queueToken);
  });

  test.each(['FORGED', 'OTHER_RUN', 'FOREIGN', 'NOT_ADMITTED', 'EXPIRED', 'UNKNOWN'])(
    'refuses a token that is %s',
    async (reason) => {
      const railway = await served();
      await railway.operate('POST', '/queue', { mode: 'QUEUED', ratePerSecond: 0.01 });
      const [alice, bob] = [await join(railway, 'alice'), await join(railway, 'bob')];
      const token: string = alice.body.queueToken;
      const tokenFor = async (): Promise<string> => {
        switch (reason) {
          case 'FORGED':
            return `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
          case 'OTHER_RUN':
            return (await join(railway, 'alice', { date: '2026-12-03' })).body.queueToken;
          case 'FOREIGN':
            return bob.body.queueToken;
          case 'NOT_ADMITTED':
            return (await join(railway, 'carol')).body.queueToken;
          case 'UNKNOWN': {
            // Of the time before the run had a queue.
            await railway.operate('POST', '/queue', { mode: 'OPEN' });
            const before = (await join(railway, 'dora')).body.queueToken;
            await railway.operate('POST', '/queue', { mode: 'QUEUED' });
            return before;
          }
          default:
            railway.clock.leap(15 * 60_000 + 1);
            return token;
        }
      };
      const users: Readonly<Record<string, string>> = { NOT_ADMITTED: 'carol', UNKNOWN: 'dora' };
      const queueToken = await tokenFor();
      const refused = await orderOf(railway, users[reason] ?? 'alice', queueToken);
      expect(refused).toMatchObject({ status: 409, body: { code: 'QUEUE_TOKEN_INVALID', reason } });
      expect((await railway.events()).filter(({ type }) => type === 'OrderRequested')).toHaveLength(0);
    },
  );

  test('keeps every place through a restart, and admits nobody twice', async () => {
    const log = new MemoryEventStore();
    const first = await served({}, log);
    await first.operate('POST', '/queue', { mode: 'PAUSED' });
    const joined: Answer[] = [];
    for (let n = 0; n < 6; n += 1) joined.push(await join(first, `u${n}`));
    await first.stop();
    open = [];
    const second = await served({}, log);
    // From its first request on it knows that the run has a queue.
    expect((await orderOf(second, 'u0')).status).toBe(428);
    expect(await Promise.all(joined.map(async (one) => (await placeOf(second, one)).position))).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
    await second.operate('POST', '/queue', { mode: 'QUEUED' });
    for (const one of joined) {
      await phase(second, one, 'ADMITTED');
      second.clock.leap(1_000);
    }
    const ups = (await second.events())
      .filter(({ type }) => type === 'QueueAdmitted')
      .map(({ data }) => (data as Json).upTo);
    expect(ups).toEqual([...new Set(ups)].sort((a, b) => a - b));
    expect(ups.at(-1)).toBe(6);
  });

  test('begins by itself where orders come too fast for the seats, and ends when nobody waits', async () => {
    const railway = await served({ queueFromRequests: 5, queueFromSeatsPercent: 10 });
    const orders = await Promise.all(Array.from({ length: 8 }, (_, n) => orderOf(railway, `u${n}`)));
    expect(orders.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(5);
    await waitUntil('the queue', async () => (await orderOf(railway, 'late')).status === 428);
    const shown = await railway.operate('GET', '/queue');
    expect(shown.body).toMatchObject({ mode: 'QUEUED', cause: 'load' });
    await waitUntil('the end of it', async () => {
      railway.clock.leap(20_000);
      return (await railway.operate('GET', '/queue')).body.mode === 'OPEN';
    });
    expect((await orderOf(railway, 'late')).status).toBe(201);
  });
});

test('a change of tickets to a run with a queue needs a place as well, and uses it once', async () => {
  const railway = await served();
  const { orderNo } = await railway.ticketed(1, { date: '2026-12-03' });
  await railway.operate('POST', '/queue', { mode: 'QUEUED' });
  const token = await railway.token('alice');
  const wanted = { train: 'G900', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second' };
  const change = (key: string, queueToken?: string, extra: object = {}) =>
    railway.ask(`/v1/orders/${orderNo}/changes`, {
      token,
      body: { ...wanted, ...extra },
      headers: { 'Idempotency-Key': key, ...(queueToken === undefined ? {} : { 'Queue-Token': queueToken }) },
    });
  expect((await change('one')).body.code).toBe('QUEUE_REQUIRED');
  const { queueToken } = (await join(railway, 'alice')).body;
  // Refused for another reason, it leaves the place as it was.
  expect((await change('two', queueToken, { quotedPayFen: 1 })).body.code).toBe('QUOTE_EXPIRED');
  expect((await railway.ask(`/v1/queue/${queueToken}`)).body.phase).toBe('ADMITTED');
  expect((await change('three', queueToken)).status).toBe(201);
  expect((await change('three', queueToken)).status).toBe(201);
  expect((await orderOf(railway, 'alice', queueToken)).body).toMatchObject({ reason: 'USED' });
  expect((await railway.events()).filter(({ type }) => type === 'QueuePlaceUsed')).toHaveLength(2);
});

describe('operators', () => {
  test('open a queue with people in it: each is admitted, and nobody needs a token any more', async () => {
    const railway = await served();
    await railway.operate('POST', '/queue', { mode: 'PAUSED' });
    const joined = [await join(railway, 'u1'), await join(railway, 'u2')];
    expect(await placeOf(railway, joined[1] as Answer)).toMatchObject({ phase: 'QUEUED', paused: true }); // there are two
    expect((await railway.operate('POST', '/queue', { mode: 'OPEN' })).body).toMatchObject({ waiting: 0, admitted: 2 });
    for (const one of joined) expect(await placeOf(railway, one)).toEqual({ phase: 'ADMITTED' });
    expect((await orderOf(railway, 'u3')).status).toBe(201);
    // Queued again, those who were admitted then are so still, for their time.
    await railway.operate('POST', '/queue', { mode: 'QUEUED' });
    expect((await orderOf(railway, 'u2', joined[1]?.body.queueToken)).status).toBe(201);
  });

  test('are told who said what of a queue, and how many wait in all', async () => {
    const railway = await served();
    await railway.operate('POST', '/queue', { mode: 'PAUSED' });
    await join(railway, 'u1');
    await join(railway, 'u2');
    const waiting = async (): Promise<string> => (await fetch(`${railway.url}/metrics`)).text();
    await waitUntil('the number of them', async () => (await waiting()).includes('\nrailhead_queue_waiting 2\n'));
    const token = await railway.token('olga', { role: 'operator' });
    const [entry] = await waitUntil('the audit trail', async () => {
      const { body } = await railway.ask(`/v1/admin/audit?run=G900_${RUN_DATE}&type=QueueModeSet`, { token });
      if (body.entries === undefined) throw new Error(JSON.stringify(body));
      return body.entries.length > 0 ? body.entries : undefined;
    });
    expect(entry).toMatchObject({ actor: 'olga', category: 'runQueue', train: 'G900', date: RUN_DATE });
  });

  test('are understood once: the same request sent again after another one changes nothing', async () => {
    const railway = await served();
    await railway.operate('POST', '/queue', { mode: 'QUEUED' }, 'one');
    await railway.operate('POST', '/queue', { mode: 'PAUSED' }, 'two');
    const again = await railway.operate('POST', '/queue', { mode: 'QUEUED' }, 'one');
    expect(again).toMatchObject({ status: 200, body: { mode: 'PAUSED' } });
    const set = (await railway.events()).filter(({ type }) => type === 'QueueModeSet');
    expect(set.map(({ meta }) => meta.actor)).toEqual(['olga', 'olga']);
  });

  test('two at once with different wishes: one of them stands, and both are told which', async () => {
    const railway = await served();
    const answers = await Promise.all([
      railway.operate('POST', '/queue', { mode: 'QUEUED' }),
      railway.operate('POST', '/queue', { mode: 'PAUSED' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const { mode } = (await railway.operate('GET', '/queue')).body;
    expect(answers.some(({ body }) => body.mode === mode)).toBe(true);
  });

  test('cannot begin a queue for a run that is cancelled, and nobody who waits is admitted to it', async () => {
    const railway = await served();
    await railway.operate('POST', '/queue', { mode: 'QUEUED', ratePerSecond: 0.01 });
    await join(railway, 'u0');
    const waiting = await join(railway, 'u1');
    await railway.operate('POST', '/cancel', { reason: 'snow' });
    const begun = await railway.operate('POST', '/queue', { mode: 'QUEUED', ratePerSecond: 5 });
    expect(begun).toMatchObject({ status: 409, body: { code: 'QUEUE_CLOSED' } });
    await waitUntil('who waits to be told', async () => {
      railway.clock.leap(500);
      return (await placeOf(railway, waiting)).reason === 'RUN_CANCELLED';
    });
    const admissions = (await railway.events()).filter(({ type }) => type === 'QueueAdmitted');
    expect(admissions).toHaveLength(1);
  });

  test('end the queue of a run that is cancelled: whoever waits is told', async () => {
    const railway = await served();
    await railway.operate('POST', '/queue', { mode: 'PAUSED' });
    const joined = await join(railway, 'alice');
    await railway.operate('POST', '/cancel', { reason: 'snow' });
    const place = await waitUntil('the end', async () => {
      railway.clock.leap(30_000);
      const now = await placeOf(railway, joined);
      return now.phase === 'CLOSED' ? now : undefined;
    });
    expect(place).toEqual({ phase: 'CLOSED', reason: 'RUN_CANCELLED' });
    expect((await join(railway, 'bob')).body.code).toBe('RUN_CANCELLED');
  });

  test.each([
    [{ mode: 'SHUT' }, 'body.mode'],
    [{ mode: 'QUEUED', ratePerSecond: 0 }, 'body.ratePerSecond'],
    [{ mode: 'QUEUED', ratePerSecond: 1e9 }, 'body.ratePerSecond'],
    [{ mode: 'QUEUED', rate: 5 }, 'body.rate'],
    [{}, 'body.mode'],
  ])('are told what is not well formed: %j', async (body, at) => {
    const railway = await served();
    expect(await railway.operate('POST', '/queue', body)).toMatchObject({ status: 400, body: { errors: [{ at }] } });
  });
});

test('a run without a queue admits everybody at once, and writes nothing', async () => {
  const railway = await served();
  const joined = await join(railway, 'alice');
  expect(joined).toMatchObject({ status: 201, body: { phase: 'ADMITTED' } });
  expect((await orderOf(railway, 'alice', joined.body.queueToken)).status).toBe(201);
  expect((await railway.events()).filter(({ stream }) => stream.startsWith('queue'))).toEqual([]);
});

test.each([
  [{ train: 'G1' }, 404, 'TRAIN_NOT_FOUND'],
  [{ date: '2027-12-02' }, 422, 'DATE_OUTSIDE_SALE'],
  [{ date: 'soon' }, 400, 'INVALID_REQUEST'],
])('nobody joins a queue that cannot be: %j', async (extra, status, code) => {
  const railway = await served();
  expect(await join(railway, 'alice', extra)).toMatchObject({ status, body: { code } });
});

describe('the waiting room', () => {
  const OPENS_AT = '2026-11-30T09:00:00.000+08:00';
  test('puts those who came before the sale in the order of a seed that was committed to', async () => {
    const railway = await served({ queueFirst: 3 });
    await opensLater(railway, OPENS_AT);
    const early: Answer[] = [];
    for (let n = 0; n < 8; n += 1) early.push(await join(railway, `u${n}`));
    const { commitment } = early[0]?.body ?? {};
    for (const { body } of early) expect(body).toMatchObject({ phase: 'WAITING_ROOM', opensAt: OPENS_AT, commitment });
    expect(early[7]?.body.waiting).toBe(8);
    expect((await orderOf(railway, 'u0', early[0]?.body.queueToken)).body.code).toBe('SALE_NOT_OPEN');
    railway.clock.leapTo(Date.parse(OPENS_AT));
    const late = await join(railway, 'late');
    expect(late.body).toMatchObject({ phase: 'QUEUED' });
    const shuffled = (await railway.events()).find(({ type }) => type === 'WaitingRoomShuffled')?.data as Json;
    expect(shuffled.places).toBe(8);
    expect(commitmentOf(shuffled.seed)).toBe(commitment);
    await waitUntil('the first three', async () => {
      const places = await Promise.all(early.map((one) => placeOf(railway, one)));
      return places.filter((place) => place.phase === 'ADMITTED').length >= 3;
    });
    // Who was late is behind all of them.
    const places = await Promise.all(early.map((one) => placeOf(railway, one)));
    const last = await placeOf(railway, late);
    for (const place of places) if (place.phase === 'QUEUED') expect(place.position).toBeLessThan(last.position);
    const admitted = early[places.findIndex((place) => place.phase === 'ADMITTED')];
    const user = `u${early.indexOf(admitted as Answer)}`; // one of them is
    expect((await orderOf(railway, user, admitted?.body.queueToken)).status).toBe(201);
  });

  test('opens at the instant that is said last, also when it was said after people came', async () => {
    const railway = await served();
    await opensLater(railway, OPENS_AT);
    const joined = await join(railway, 'alice');
    await opensLater(railway, '2026-11-30T10:00:00.000+08:00');
    railway.clock.leapTo(Date.parse(OPENS_AT) + 1_000);
    expect((await placeOf(railway, joined)).phase).toBe('WAITING_ROOM');
    await waitUntil('the new instant to be told', async () => {
      railway.clock.leap(1_000);
      return (await placeOf(railway, joined)).opensAt === '2026-11-30T10:00:00.000+08:00';
    });
    await opensLater(railway, '2026-11-30T08:00:00.000+08:00');
    await waitUntil('the room to open', async () => {
      railway.clock.leap(5_000);
      return (await placeOf(railway, joined)).phase === 'ADMITTED';
    });
  });

  test('an opening that is put off after its order was drawn: nobody is admitted before it, and newcomers stand behind', async () => {
    const railway = await served();
    await opensLater(railway, OPENS_AT);
    const early = [await join(railway, 'u0'), await join(railway, 'u1'), await join(railway, 'u2')];
    await railway.operate('POST', '/queue', { mode: 'PAUSED' });
    railway.clock.leapTo(Date.parse(OPENS_AT));
    await phase(railway, early[0] as Answer, 'QUEUED');
    const later = '2026-11-30T11:00:00.000+08:00';
    await opensLater(railway, later);
    await railway.operate('POST', '/queue', { mode: 'QUEUED' });
    const newcomer = await join(railway, 'newcomer');
    expect(newcomer.body).toMatchObject({ phase: 'QUEUED', position: 4, opensAt: later });
    const place = await placeOf(railway, newcomer);
    expect(place).toMatchObject({ position: 4, opensAt: later });
    expect(place.etaSeconds).toBeGreaterThan((Date.parse(later) - railway.clock.now()) / 1_000);
    expect((await railway.operate('GET', '/queue')).body.opensAt).toBe(later);
    for (let n = 0; n < 5; n += 1) {
      railway.clock.leap(60_000);
      // An answer takes longer than a step of the queue.
      expect((await railway.operate('GET', '/queue')).body).toMatchObject({ admitted: 0, waiting: 4, mode: 'QUEUED' });
    }
    railway.clock.leapTo(Date.parse(later));
    await waitUntil('all to be admitted', async () => {
      railway.clock.leap(1_000);
      return (await railway.operate('GET', '/queue')).body.admitted === 4;
    });
    expect((await orderOf(railway, 'newcomer', newcomer.body.queueToken)).status).toBe(201);
  });

  test('a queue that has gone begins again when somebody joins before an opening that was put off', async () => {
    const railway = await served();
    await opensLater(railway, OPENS_AT);
    await join(railway, 'u0');
    railway.clock.leapTo(Date.parse(OPENS_AT));
    await waitUntil('the queue to go', async () => {
      railway.clock.leap(5_000);
      return (await railway.operate('GET', '/queue')).body.mode === 'OPEN';
    });
    await opensLater(railway, '2026-12-01T09:00:00.000+08:00');
    const joined = [await join(railway, 'u1'), await join(railway, 'u2')];
    expect(joined.map(({ body }) => [body.phase, body.position])).toEqual([
      ['QUEUED', 1],
      ['QUEUED', 2],
    ]);
    expect((await railway.operate('GET', '/queue')).body).toMatchObject({ mode: 'QUEUED', cause: 'waitingRoom' });
  });

  test('keeps its seed through a restart before the sale opens', async () => {
    const log = new MemoryEventStore();
    const first = await served({}, log);
    await opensLater(first, OPENS_AT);
    const joined = [await join(first, 'u0'), await join(first, 'u1')];
    await first.stop();
    open = [];
    const second = await served({}, log);
    expect(await placeOf(second, joined[0] as Answer)).toMatchObject({ phase: 'WAITING_ROOM' }); // there are two
    second.clock.leapTo(Date.parse(OPENS_AT));
    await waitUntil('the seed', async () => (await second.events()).some(({ type }) => type === 'WaitingRoomShuffled'));
    const shown = await second.operate('GET', '/queue');
    expect(commitmentOf(shown.body.waitingRoom.seed)).toBe(shown.body.waitingRoom.commitment);
  });
});

describe('the stream of a place', () => {
  const watch = async (railway: ServedRailway, { body }: Answer) => {
    const [response]: IncomingMessage[] = await once(
      get(`${railway.url}/v1/queue/${body.queueToken}/events`),
      'response',
    );
    let text = '';
    let ended = false;
    response?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    response?.on('end', () => {
      ended = true;
    });
    const events = (): readonly Json[] =>
      [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, event, data = '']) => ({
        event,
        ...JSON.parse(data),
      }));
    return { events, isOver: () => ended, response };
  };

  test('tells each change until the place is good for nothing, and a lost connection keeps the place', async () => {
    const railway = await served();
    await railway.operate('POST', '/queue', { mode: 'PAUSED' });
    const [, second] = [await join(railway, 'u1'), await join(railway, 'u2')];
    const lost = await watch(railway, second);
    await waitUntil('the first event', () => lost.events().length > 0);
    lost.response?.destroy();
    const watched = await watch(railway, second);
    await waitUntil('the place', () => watched.events().some(({ position }) => position === 2));
    await railway.operate('POST', '/queue', { mode: 'QUEUED' });
    await waitUntil('the admission', () => {
      railway.clock.leap(1_000);
      return watched.events().some((event) => event.phase === 'ADMITTED');
    });
    railway.clock.leap(16 * 60_000);
    await waitUntil('the end', () => {
      railway.clock.leap(1_000);
      return watched.isOver();
    });
  });

  test('ends when the server stops', async () => {
    const railway = await served();
    await railway.operate('POST', '/queue', { mode: 'PAUSED' });
    const watched = await watch(railway, await join(railway, 'alice'));
    await waitUntil('the first event', () => watched.events().length > 0);
    open = [];
    await railway.stop();
    await waitUntil('the end', () => watched.isOver());
  });
});
