// When sales open: said by an operator, kept by orders and shown by the search.
import { afterEach, describe, expect, test } from '@jest/globals';
import { SaleOpeningsHere } from '@railhead/commands/sale-openings/sale-openings.ts';
import { setSaleOpenings } from '@railhead/commands/sale-openings/set-sale-openings.ts';
import { NamedInTimetable } from '@railhead/commands/timetable/named-in-timetable.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '../support/events.ts';
import { ManualClock } from '../support/fixed-clock.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import type { Answer, Json } from '../support/shopper.ts';

let open: ServedRailway[] = [];
afterEach(async () => {
  await Promise.all(open.map((railway) => railway.stop()));
  open = [];
});

const served = async (log?: MemoryEventStore): Promise<ServedRailway> => {
  const railway = await ServedRailway.start({ rows: 2, letters: 'AC', stops: 3 }, {}, log);
  open.push(railway);
  return railway;
};

const PATH = '/v1/admin/config/saleOpenings';
const OPENS_AT = '2026-11-30T09:00:00.000+08:00';
const ofRun = { train: 'G900', date: RUN_DATE, opensAt: OPENS_AT };

const say = async (railway: ServedRailway, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  railway.ask(PATH, { method: 'PUT', token: await railway.token('olga', { role: 'operator' }), headers, body });
const said = async (railway: ServedRailway): Promise<Answer> =>
  railway.ask(PATH, { token: await railway.token('olga', { role: 'operator' }) });
const classesOf = async (railway: ServedRailway, from = 'ST0'): Promise<readonly Json[]> =>
  (await railway.ask(`/v1/trains?from=${from}&to=ST2&date=${RUN_DATE}`)).body.trains[0].classes;

test.each([
  '9999-12-31T23:59:59Z',
  '9999-12-31T23:59:59-23:59',
  '3000-01-01T00:00:00+08:00',
  '0000-01-01T00:00:00+23:59',
])('no sale opens at %s', async (opensAt) => {
  const refused = await say(await served(), { runs: [{ ...ofRun, opensAt }] });
  expect(refused).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
});

describe('a sale that opens at an instant', () => {
  test('refuses orders before it and says when, and takes them from that instant on', async () => {
    const railway = await served();
    expect(await say(railway, { runs: [ofRun] })).toMatchObject({ status: 200, body: { runs: [ofRun] } });
    const refused = await railway.order();
    expect(refused).toMatchObject({ status: 425, body: { code: 'SALE_NOT_OPEN', opensAt: OPENS_AT } });
    expect(await classesOf(railway)).toMatchObject([{ seatClass: 'second', available: 0, opensAt: OPENS_AT }]);
    const shown = await railway.ask(`/v1/trains/G900/runs/${RUN_DATE}/availability?from=ST0&to=ST2`);
    expect(shown.body.classes).toMatchObject([{ available: 0, opensAt: OPENS_AT }]);
    // Another date is sold.
    expect((await railway.order({ date: '2026-12-03' })).status).toBe(201);
    railway.clock.leapTo(Date.parse(OPENS_AT) - 60_000);
    expect((await railway.order()).status).toBe(425);
    railway.clock.leapTo(Date.parse(OPENS_AT));
    expect((await railway.order()).status).toBe(201);
    const [now] = await classesOf(railway);
    expect(now.available).toBeGreaterThan(0);
    expect(now).not.toHaveProperty('opensAt');
  });

  test('opens by station, in the zone of the run, as many days ahead as its date enters the sale window', async () => {
    const railway = await served();
    // The window has 15 days: the second of December came into it fourteen days before.
    await say(railway, { stations: [{ station: 'ST0', opens: '18:00' }] });
    expect((await said(railway)).body.stations).toEqual([{ station: 'ST0', opens: '18:00', daysBefore: 14 }]);
    expect((await railway.order()).status).toBe(201);
    await say(railway, { stations: [{ station: 'ST0', opens: '18:00', daysBefore: 2 }] });
    expect((await railway.order()).body.opensAt).toBe('2026-11-30T18:00:00.000+08:00');
    expect((await railway.order({ from: 'ST1' })).status).toBe(201);
    expect((await classesOf(railway, 'ST1'))[0]).not.toHaveProperty('opensAt');
  });

  test('is also kept by a change of tickets', async () => {
    const railway = await served();
    const { orderNo } = await railway.ticketed(1, { date: '2026-12-03' });
    await say(railway, { days: [{ date: RUN_DATE, opensAt: OPENS_AT }] });
    const wanted = { train: 'G900', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second' };
    const token = await railway.token('alice');
    const asked = await railway.ask(`/v1/orders/${orderNo}/changes`, { token, body: wanted });
    expect(asked).toMatchObject({ status: 425, body: { code: 'SALE_NOT_OPEN' } });
  });

  test('answers a repeat with its order, also if the opening was put off meanwhile', async () => {
    const railway = await served();
    const [extra, headers] = [
      { passengers: [{ name: 'A', idType: 'passport', idNo: 'E777777' }] },
      { 'Idempotency-Key': 'k', Prefer: 'wait=10' },
    ];
    const first = await railway.order(extra, headers);
    await say(railway, { runs: [ofRun] });
    expect(await railway.order(extra, headers)).toMatchObject({ status: 201, body: { orderNo: first.body.orderNo } });
  });

  test('is known again after a restart, and told with the operator in the log', async () => {
    const log = new MemoryEventStore();
    const first = await served(log);
    await say(first, { runs: [ofRun] });
    const written = (await first.events()).find(({ type }) => type === 'SaleOpeningsSet');
    expect(written).toMatchObject({ stream: 'config-saleOpenings', meta: { actor: 'olga' }, data: { runs: [ofRun] } });
    const second = await served(log);
    expect((await second.order()).status).toBe(425);
  });
});

describe('what an operator says of openings', () => {
  test('is changed only as it was read', async () => {
    const railway = await served();
    const before = await said(railway);
    expect(before).toMatchObject({ status: 200, body: { version: 0, runs: [], days: [], stations: [] } });
    const tag = before.headers.get('etag') ?? '';
    const [one, two] = await Promise.all([
      say(railway, { runs: [ofRun] }, { 'If-Match': tag }),
      say(railway, { days: [{ date: RUN_DATE, opensAt: OPENS_AT }] }, { 'If-Match': tag }),
    ]);
    expect([one.status, two.status].sort()).toEqual([200, 412]);
    const stands = await said(railway);
    expect(stands.body.version).toBe(1);
    expect((await say(railway, {}, { 'If-Match': stands.headers.get('etag') ?? '' })).body.runs).toEqual([]);
  });

  test('changes things once, also when it is sent again after somebody else', async () => {
    const railway = await served();
    await say(railway, { runs: [ofRun] }, { 'Idempotency-Key': 'one' });
    await say(railway, {}, { 'Idempotency-Key': 'two' });
    const again = await say(railway, { runs: [ofRun] }, { 'Idempotency-Key': 'one' });
    expect(again).toMatchObject({ status: 200, body: { runs: [] } });
    expect((await railway.events()).filter(({ type }) => type === 'SaleOpeningsSet')).toHaveLength(2);
  });

  test.each([
    [{ runs: [{ ...ofRun, opensAt: '2026-11-30T09:00:00' }] }, 'body.runs.0.opensAt'],
    [{ runs: [{ ...ofRun, opensAt: 'soon' }] }, 'body.runs.0.opensAt'],
    [{ runs: [ofRun, ofRun] }, 'body.runs'],
    [{ stations: [{ station: 'ST0', opens: '24:00' }] }, 'body.stations.0.opens'],
    [{ stations: [{ station: 'ST0', opens: '08:00', daysBefore: -1 }] }, 'body.stations.0.daysBefore'],
    [
      {
        stations: [
          { station: 'ST0', opens: '08:00' },
          { station: 'ST0', opens: '09:00' },
        ],
      },
      'body.stations',
    ],
    [{ days: [{ date: '2026-02-30', opensAt: OPENS_AT }] }, 'body.days.0.date'],
    [{ trains: [] }, 'body.trains'],
  ])('is refused with its place if it is not well formed: %#', async (body, place) => {
    const railway = await served();
    const refused = await say(railway, body);
    expect(refused).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST', errors: [{ at: place }] } });
  });
});

describe('an opening that names what the timetable does not have', () => {
  const unknownRun = { ...ofRun, train: 'G9OO' };
  const slip = { runs: [ofRun, unknownRun], stations: [{ station: 'XXX', opens: '08:00' }] };
  const unknown = { trains: ['G9OO'], stations: ['XXX'] };

  test('is refused with all such names, and changes nothing', async () => {
    const railway = await served();
    expect(await say(railway, slip)).toMatchObject({
      status: 422,
      body: {
        code: 'NOT_IN_TIMETABLE',
        detail: 'the timetable does not have train G9OO, nor station XXX',
        unknown,
      },
    });
    expect((await said(railway)).body).toMatchObject({ version: 0, runs: [], unknown: { trains: [], stations: [] } });
  });

  test('is taken on request, and named as unknown until the timetable has it', async () => {
    const railway = await served();
    expect(await say(railway, { ...slip, allowUnknown: true })).toMatchObject({ status: 200, body: { unknown } });
    expect((await said(railway)).body).toMatchObject({ version: 1, unknown });
    // What stands already is not asked about again: another opening can be changed beside it.
    const changed = { ...slip, days: [{ date: RUN_DATE, opensAt: OPENS_AT }] };
    expect(await say(railway, changed)).toMatchObject({ status: 200, body: { unknown } });
    const another = { ...changed, stations: [...slip.stations, { station: 'YYY', opens: '08:00' }] };
    expect(await say(railway, another)).toMatchObject({
      status: 422,
      body: { unknown: { trains: [], stations: ['YYY'] } },
    });
    const train = (await railway.events()).find(({ stream }) => stream === 'train-G900');
    const published = newEvent({ ...(train?.data as Json), train: 'G9OO' }, 'TrainTimetabled');
    await railway.store.append([{ stream: 'train-G9OO', expected: 'noStream', events: [published] }]);
    expect((await said(railway)).body.unknown).toEqual({ trains: [], stations: ['XXX'] });
  });

  test('is refused only after the precondition, and a repeat of what was taken is answered as before', async () => {
    const railway = await served();
    const taken = { ...slip, allowUnknown: true };
    const first = await say(railway, taken, { 'Idempotency-Key': 'one' });
    await say(railway, {}, { 'Idempotency-Key': 'two' });
    expect(await say(railway, taken, { 'Idempotency-Key': 'one' })).toMatchObject({ status: 200, body: { runs: [] } });
    const outdated = await say(railway, slip, { 'If-Match': first.headers.get('etag') ?? '' });
    expect(outdated.status).toBe(412);
  });
});

test('before there is a timetable every name is taken, and named as unknown', async () => {
  const store = new MemoryEventStore();
  const clock = new ManualClock(Date.parse(OPENS_AT));
  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const timetable = new NamedInTimetable(store);
  const openings = new SaleOpeningsHere({ store, clock, logger });
  const asked = { operator: 'olga', idempotencyKey: 'k', correlationId: 'c', allowUnknown: false };
  const done = await setSaleOpenings(
    { store, clock, openings, timetable },
    { ...asked, openings: { runs: [ofRun], days: [], stations: [] } },
  );
  expect(done).toMatchObject({ ok: true, value: { unknown: { trains: ['G900'], stations: [] } } });
  expect(openings.now.openings.runs).toEqual([ofRun]);
});
