// Whoever waits for seats gets them before the public, first come first served, and pays what they cost.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LogAudit } from '@railhead/commands/audit/log-audit.ts';
import { PeopleWhoWait } from '../support/people-who-wait.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Answer, type Json, passenger } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
let people: PeopleWhoWait;
/** Two seats on each of its trains, and places to stand on none. */
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 1, letters: 'AF', stops: 4, trains: 20 });
  people = new PeopleWhoWait(railway);
});
afterAll(() => railway.stop());

/** Each test has a train of its own, so nothing of another is in the way. */
let train = 899;
const nextTrain = (): string => {
  train += 1;
  return `G${train}`;
};

const choice = (of: string, extra: object = {}): object => ({
  ...{ train: of, date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second' },
  ...extra,
});

const cancel = async (orderNo: string): Promise<void> => {
  const token = await railway.token('alice');
  expect((await railway.ask(`/v1/orders/${orderNo}/cancel`, { method: 'POST', token })).status).toBe(200);
};

const held = async (of: string, party = 1, extra: object = {}): Promise<string> => {
  const passengers = Array.from({ length: party }, () => passenger());
  const { status, body } = await railway.order({ train: of, passengers, ...extra });
  expect([status, body.status]).toEqual([201, 'WAIT_PAY']);
  return body.orderNo;
};

const verified = async (): Promise<void> => {
  const audit = new LogAudit();
  for (const event of await railway.events()) audit.add(event);
  expect(audit.report().violations).toEqual([]);
};

describe('a seat that comes free', () => {
  test('goes to who waits and not to who asks later; the rest of the money comes back', async () => {
    const of = nextTrain();
    const [first] = [await held(of), await held(of)];
    const waitlistNo = await people.wait('walter', [choice(of)]);
    const shown = await people.now('walter', waitlistNo);
    expect(shown).toMatchObject({
      prepaid: true,
      choices: [{ train: of, position: 1, waiting: 1, chance: 0.5, alternatives: [] }],
    });
    await cancel(first);
    const served = await people.until('walter', waitlistNo, 'SUCCESS');
    expect(served).toMatchObject({ orderNo: waitlistNo, served: { choice: 0, seatClass: 'second' } });
    const late = await railway.order({ train: of });
    expect([late.status, late.body.code]).toEqual([409, 'SOLD_OUT']);
    const order = (await railway.ask(`/v1/orders/${waitlistNo}`, { token: await railway.token('walter') })).body;
    expect(order).toMatchObject({
      status: 'SUCCESS',
      items: [{ coach: '01', ticketStatus: 'ISSUED' }],
      payments: [{ status: 'SUCCEEDED', amountFen: order.amountFen }],
    });
    await verified();
  });

  test('goes to the first who can use it; a party that finds no room waits on, and is passed', async () => {
    const of = nextTrain();
    const orders = [await held(of), await held(of)];
    const [party, alone, last] = [
      await people.wait('paul', [choice(of)], { party: 2 }),
      await people.wait('anna', [choice(of)]),
      await people.wait('lars', [choice(of)]),
    ];
    expect((await people.now('lars', last)).choices).toMatchObject([{ position: 3, waiting: 3 }]);
    await cancel(orders[0] ?? '');
    await people.until('anna', alone, 'SUCCESS');
    expect((await people.now('paul', party)).status).toBe('MATCHING');
    await cancel(orders[1] ?? '');
    await people.until('lars', last, 'SUCCESS');
    expect((await people.now('paul', party)).choices).toMatchObject([{ position: 1, waiting: 1 }]);
    // Both of them give their tickets back: now there is room for two.
    for (const [user, orderNo] of [
      ['anna', alone],
      ['lars', last],
    ] as const) {
      const token = await railway.token(user);
      const { status } = await railway.ask(`/v1/orders/${orderNo}/refunds`, { token, body: {} });
      expect(status).toBe(202);
    }
    await people.until('paul', party, 'SUCCESS');
    await verified();
  });
});

test('of several choices one is served, and the others are void', async () => {
  const of = nextTrain();
  const other = { date: '2026-12-03', from: 'ST0', to: 'ST3' };
  const orders = [await held(of), await held(of), await held(of, 2, { ...other })];
  const dear = await people.wait('dora', [choice(of), choice(of, other)]);
  const { prepayFen } = await people.now('dora', dear);
  await cancel(orders[0] ?? '');
  const { orderNo } = await people.until('dora', dear, 'SUCCESS');
  const token = await railway.token('dora');
  const order = await waitUntil('the rest to come back', async () => {
    const { body } = await railway.ask(`/v1/orders/${orderNo}`, { token });
    return body.payments[0]?.refundedFen > 0 ? body : undefined;
  });
  expect(order.payments).toMatchObject([
    { amountFen: prepayFen, refundedFen: prepayFen - order.amountFen, status: 'SUCCEEDED' },
  ]);
  await cancel(orders[2] ?? '');
  await waitUntil('the seats of the other day to be on sale', async () => {
    const path = `/v1/trains/${of}/runs/2026-12-03/availability?from=ST0&to=ST3`;
    return (await railway.ask(path)).body.classes[0].available === 2;
  });
  await verified();
});

describe('a request is refused', () => {
  const full = async (): Promise<string> => {
    const of = nextTrain();
    await held(of, 2);
    return of;
  };
  const refusal = ({ status, body }: Answer): readonly unknown[] => [status, body.code, body.choice];

  test('where there are seats, where the train has left, or where it does not run', async () => {
    const of = nextTrain();
    expect(refusal(await people.submit('rita', [choice(of)]))).toEqual([409, 'SEATS_FREE', 0]);
    expect(refusal(await people.submit('rita', [choice('G1000')]))).toEqual([404, 'TRAIN_NOT_FOUND', 0]);
    expect(refusal(await people.submit('rita', [choice(of, { date: '2027-11-30' })]))).toEqual([
      422,
      'DATE_OUTSIDE_SALE',
      0,
    ]);
    expect(refusal(await people.submit('rita', [choice(of, { from: 'ST2', to: 'ST0' })]))).toEqual([
      422,
      'JOURNEY_BACKWARDS',
      0,
    ]);
    expect(refusal(await people.submit('rita', [choice(of, { seatClass: 'first' })]))).toEqual([
      422,
      'CLASS_NOT_ON_TRAIN',
      0,
    ]);
  });

  test('for too many people, choices or days, and with a deadline that cannot be', async () => {
    const of = await full();
    expect(refusal(await people.submit('rita', [choice(of)], { party: 4 }))).toEqual([
      422,
      'PASSENGER_COUNT',
      undefined,
    ]);
    expect(refusal(await people.submit('rita', [choice(of)], { party: 0 }))).toEqual([
      422,
      'PASSENGER_COUNT',
      undefined,
    ]);
    expect(refusal(await people.submit('rita', [], {}))).toEqual([422, 'CHOICE_COUNT', undefined]);
    expect(refusal(await people.submit('rita', [choice(of), choice(of, { to: 'ST3' })]))).toEqual([
      422,
      'CHOICE_TWICE',
      undefined,
    ]);
    for (const deadline of ['2026-11-29T08:00:00+08:00', '2026-12-02T11:00:00+08:00', '2030-01-01T00:00:00Z'])
      expect(refusal(await people.submit('rita', [choice(of)], { deadline }))).toEqual([
        422,
        'DEADLINE_INVALID',
        undefined,
      ]);
    expect((await people.submit('rita', [choice(of)], { deadline: 'tomorrow' })).status).toBe(400);
  });

  test('as a third one of a user; the same one sent again is one request', async () => {
    const of = await full();
    const first = await people.submit('theo', [choice(of)], { key: 'first' });
    expect((await people.submit('theo', [choice(of)], { key: 'second' })).status).toBe(201);
    expect(refusal(await people.submit('theo', [choice(of)]))).toEqual([409, 'WAITLIST_LIMIT', undefined]);
    const token = await railway.token('theo');
    const { waitlistNo } = first.body;
    const given = await railway.ask(`/v1/waitlist/${waitlistNo}`, { method: 'DELETE', token });
    expect([given.status, given.body]).toEqual([200, { waitlistNo, status: 'FAIL' }]);
    const third = await people.submit('theo', [choice(of)], { key: 'third' });
    expect(third.status).toBe(201);
    const list = (await railway.ask('/v1/waitlist', { token, headers: await atTheEnd() })).body.waitlists;
    expect(list.map(({ status }: Json) => status)).toEqual(['PENDING', 'PENDING', 'FAIL']);
  });
});

const atTheEnd = async (): Promise<Record<string, string>> => ({
  'Railhead-Min-Position': String(await railway.store.lastPosition()),
});

describe('money that was prepaid comes back whole', () => {
  const refunded = (waitlistNo: string): Promise<unknown> =>
    waitUntil('the money to be back', async () =>
      (await railway.events()).find(
        ({ type, data }) => type === 'PaymentRefunded' && (data as Json).orderNo === waitlistNo,
      ),
    );

  test('to who gives up, who then gets no seat', async () => {
    const of = nextTrain();
    const orders = [await held(of), await held(of)];
    const waitlistNo = await people.wait('gina', [choice(of)]);
    const token = await railway.token('gina');
    const foreign = await railway.ask(`/v1/waitlist/${waitlistNo}`, {
      method: 'DELETE',
      token: await railway.token('eve'),
    });
    expect([foreign.status, foreign.body.code]).toEqual([404, 'WAITLIST_NOT_FOUND']);
    expect((await railway.ask(`/v1/waitlist/${waitlistNo}`, { method: 'DELETE', token })).status).toBe(200);
    await refunded(waitlistNo);
    await cancel(orders[0] ?? '');
    expect((await railway.order({ train: of })).status).toBe(201);
    expect(await people.now('gina', waitlistNo)).toMatchObject({ status: 'FAIL', reason: 'GIVEN_UP' });
    await verified();
  });

  test('to everybody whose train is cancelled, and they are told', async () => {
    const of = nextTrain();
    await held(of, 2);
    const waitlistNo = await people.wait('carl', [choice(of)]);
    const operator = await railway.token('olga', { role: 'operator' });
    const path = `/v1/admin/runs/${of}/${RUN_DATE}/cancel`;
    expect((await railway.ask(path, { token: operator, body: { reason: 'snow' } })).status).toBe(202);
    railway.clock.leap(2 * 60_000);
    expect(await people.until('carl', waitlistNo, 'FAIL')).toMatchObject({ reason: 'RUN_CANCELLED' });
    await refunded(waitlistNo);
    const told = (await railway.ask('/v1/admin/notifications?limit=1000', { token: operator })).body.notifications;
    expect(told.filter(({ orderNo }: Json) => orderNo === waitlistNo)).toMatchObject([
      { kind: 'WAITLIST_WAITING', train: of },
      { kind: 'WAITLIST_FAILED', detail: 'RUN_CANCELLED', amountFen: expect.any(Number) },
    ]);
    await verified();
  });

  test('to who is not served by the deadline; who never paid just ends', async () => {
    const of = nextTrain();
    await held(of, 2);
    await railway.payAtGateway(await held(of, 2, { date: '2026-12-03' }));
    const late = { date: '2026-12-03' };
    const waitlistNo = await people.wait('dan', [choice(of, late)], { deadline: '2026-12-01T08:00:00+08:00' });
    const { body } = await people.submit('dan', [choice(of, late)]);
    railway.clock.leap(20 * 60_000);
    expect(await people.until('dan', body.waitlistNo, 'FAIL')).toMatchObject({ reason: 'UNPAID', prepaid: false });
    railway.clock.leap(24 * 60 * 60_000);
    expect(await people.until('dan', waitlistNo, 'FAIL')).toMatchObject({ reason: 'DEADLINE', prepaid: true });
    await refunded(waitlistNo);
    await verified();
  });
});

test('a seat that comes free in the moment of the payment serves who paid, every time', async () => {
  const of = nextTrain();
  for (const date of ['2026-12-02', '2026-12-03', '2026-12-04', '2026-12-05', '2026-12-06', '2026-12-07']) {
    const orderNo = await held(of, 2, { date });
    const user = `at-once-${date}`;
    const { body } = await people.submit(user, [choice(of, { date })]);
    await Promise.all([people.prepay(user, body.waitlistNo), cancel(orderNo)]);
    await people.until(user, body.waitlistNo, 'SUCCESS');
  }
  await verified();
});

describe('who may not have the tickets when they come', () => {
  test('gets all of the money back, and the next in the line gets the seat', async () => {
    const limited = await ServedRailway.start(
      { rows: 1, letters: 'AF', stops: 3, trains: 3 },
      { journeysAtOnceLimit: 1, cancelledOrdersLimit: 2 },
    );
    try {
      const others = new PeopleWhoWait(limited);
      const two = [passenger(), passenger()];
      const full = (await limited.order({ train: 'G900', passengers: two })).body.orderNo;
      const token = await limited.token('alice');
      const stop = (no: string): Promise<Answer> => limited.ask(`/v1/orders/${no}/cancel`, { method: 'POST', token });
      const [first, second] = [
        await others.wait('first', [choice('G900')]),
        await others.wait('second', [choice('G900')]),
      ];
      // The first buys another train at that time meanwhile.
      const submitted = (await limited.events()).find(
        ({ stream, type }) => stream === `waitlist-${first}` && type === 'WaitlistSubmitted',
      );
      const { passengers } = (submitted?.data ?? {}) as Json;
      const own = await limited.token('first');
      const body = { train: 'G902', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second' };
      const bought = await limited.ask('/v1/orders', {
        token: own,
        headers: { Prefer: 'wait=10' },
        body: { ...body, passengers },
      });
      expect(bought.status).toBe(201);
      await stop(full);
      await others.until('first', first, 'FAIL');
      expect(await others.now('first', first)).toMatchObject({ reason: 'JOURNEY_OVERLAPS' });
      await others.until('second', second, 'SUCCESS');
      const audit = new LogAudit();
      for (const event of await limited.events()) audit.add(event);
      expect(audit.report().violations).toEqual([]);
    } finally {
      await limited.stop();
    }
  });

  test('is not asked how many orders they have cancelled: what they wait for is paid', async () => {
    const limited = await ServedRailway.start(
      { rows: 1, letters: 'AF', stops: 3, trains: 2 },
      { cancelledOrdersLimit: 1 },
    );
    try {
      const others = new PeopleWhoWait(limited);
      const full = (await limited.order({ train: 'G900', passengers: [passenger(), passenger()] })).body.orderNo;
      const first = await others.wait('first', [choice('G900')]);
      const own = await limited.token('first');
      const body = { train: 'G901', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second' };
      const placed = await limited.ask('/v1/orders', {
        token: own,
        headers: { Prefer: 'wait=10' },
        body: { ...body, passengers: [passenger()] },
      });
      await limited.ask(`/v1/orders/${placed.body.orderNo}/cancel`, { method: 'POST', token: own });
      const token = await limited.token('alice');
      await limited.ask(`/v1/orders/${full}/cancel`, { method: 'POST', token });
      await others.until('first', first, 'SUCCESS');
    } finally {
      await limited.stop();
    }
  });
});
