// The limits for travellers and operators: the last moment, the last seat, the last attempt.
import { afterEach, describe, expect, test } from '@jest/globals';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import type { Answer, Json } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let open: ServedRailway[] = [];
const start = async (...options: Parameters<typeof ServedRailway.start>): Promise<ServedRailway> => {
  const railway = await ServedRailway.start(...options);
  open.push(railway);
  return railway;
};
afterEach(async () => {
  await Promise.all(open.map((railway) => railway.stop()));
  open = [];
});

/** When G900 leaves a stop: half an hour from one to the next. */
const leavesMs = (stop: number): number => Date.parse(`${RUN_DATE}T10:02:00+08:00`) + stop * 30 * 60_000;

describe('a train under way', () => {
  test('is sold at the stops ahead of it and at none that it has left, to the second', async () => {
    const railway = await start({ rows: 9, letters: 'AC', stops: 4 });
    for (let passed = 0; passed < 3; passed += 1) {
      railway.clock.leapTo(leavesMs(passed) - 60_000);
      expect((await railway.order({ from: `ST${passed}`, to: 'ST3' })).status).toBe(201);
      railway.clock.leapTo(leavesMs(passed));
      for (let stop = 0; stop < 3; stop += 1) {
        const { status, body } = await railway.order({ from: `ST${stop}`, to: 'ST3' });
        expect([passed, stop, status === 201 ? 'sold' : body.code]).toEqual([
          passed,
          stop,
          stop > passed ? 'sold' : 'SALE_CLOSED',
        ]);
      }
    }
  });

  test('limits the time to pay to its departure', async () => {
    const railway = await start({ rows: 9, letters: 'AC', stops: 4 });
    railway.clock.leapTo(leavesMs(1) - 5 * 60_000);
    const near = (await railway.order({ from: 'ST1', to: 'ST3' })).body;
    expect(Date.parse(near.payBefore)).toBe(leavesMs(1));
    const far = (await railway.order({ from: 'ST2', to: 'ST3' })).body;
    expect(Date.parse(far.payBefore) - railway.clock.now()).toBeGreaterThan(14 * 60_000);
    expect(Date.parse(far.payBefore)).toBeLessThanOrEqual(railway.clock.now() + 15 * 60_000);
  });
});

describe('an order', () => {
  test('is not paid once its time is over or its train has left, though nobody has closed it yet', async () => {
    const railway = await start({ rows: 9, letters: 'AC', stops: 4 });
    const early = (await railway.order({ from: 'ST0', to: 'ST3' })).body;
    railway.store.appends.shut((appends) =>
      appends.some(({ events }) => events.some(({ type }) => type === 'OrderClosed')),
    );
    railway.clock.leapTo(Date.parse(early.payBefore) - 60_000);
    expect((await railway.pay(early.orderNo)).status).toBe(201);
    railway.clock.leapTo(Date.parse(early.payBefore));
    expect(await railway.pay(early.orderNo)).toMatchObject({ status: 409, body: { code: 'ORDER_STATE' } });
    railway.clock.leapTo(leavesMs(0) - 60_000);
    const late = (await railway.order({ from: 'ST0', to: 'ST3' })).body;
    railway.clock.leapTo(leavesMs(0));
    const refused = await railway.pay(late.orderNo);
    expect(refused).toMatchObject({ status: 409, body: { code: 'ORDER_STATE', orderStatus: 'WAIT_PAY' } });
    expect((await railway.events()).filter(({ type }) => type === 'PaymentCreated')).toHaveLength(1);
    railway.store.appends.open();
    await waitUntil('the end', async () => (await railway.statusOf(late.orderNo)) === 'CLOSED');
    expect(await railway.pay(late.orderNo)).toMatchObject({ status: 409, body: { orderStatus: 'CLOSED' } });
  });

  test('is paid in ten attempts, and not in eleven', async () => {
    const railway = await start({ rows: 9, letters: 'AC', stops: 3 });
    const { orderNo, amountFen } = (await railway.order()).body;
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      const { status, body } = await railway.pay(orderNo);
      expect([status, body.paymentNo]).toEqual([201, `${orderNo}P${attempt}`]);
      // Asked again while it is open it is the same.
      expect((await railway.pay(orderNo)).body).toEqual(body);
      await railway.notify({ paymentNo: body.paymentNo, amountFen, outcome: 'declined' });
    }
    for (let times = 0; times < 2; times += 1)
      expect(await railway.pay(orderNo)).toMatchObject({ status: 409, body: { code: 'TOO_MANY_PAYMENTS' } });
    await railway.notify({ paymentNo: `${orderNo}P10`, amountFen, outcome: 'paid', version: 2 });
    await waitUntil('the ticket', async () => (await railway.statusOf(orderNo)) === 'SUCCESS');
  });

  test('has twenty changes that come to nothing, and not twenty-one: its tickets stay, and can be given back', async () => {
    const railway = await start({ rows: 9, letters: 'AC', stops: 4 });
    const token = await railway.token('alice');
    const { orderNo } = await railway.ticketed(1);
    const farther = { train: 'G900', date: '2026-12-04', from: 'ST0', to: 'ST3', seatClass: 'second' };
    const change = () => railway.ask(`/v1/orders/${orderNo}/changes`, { token, body: farther });
    const quote = () => railway.ask(`/v1/orders/${orderNo}/change-quote?${new URLSearchParams(farther)}`, { token });
    const actions = (order: Json) => order.actions.map(({ kind }: Json) => kind);
    for (let times = 1; times <= 20; times += 1) {
      expect((await quote()).status).toBe(200);
      const { status, body } = await change();
      expect([status, body.changeNo, body.status]).toEqual([201, `${orderNo}C${times}`, 'WAIT_PAY']);
      await railway.ask(`/v1/orders/${body.orderNo}/cancel`, { method: 'POST', token });
      const free = await railway.orderAtLast(orderNo, ({ changes }) => changes.at(-1)?.status === 'FAIL');
      expect(actions(free)).toEqual(times < 20 ? ['REFUND', 'CHANGE'] : ['REFUND']);
    }
    for (const asked of [change, quote, change])
      expect(await asked()).toMatchObject({ status: 409, body: { code: 'TOO_MANY_CHANGES' } });
    expect((await railway.orderNow(orderNo)).changes).toHaveLength(20);
    expect((await railway.ask(`/v1/orders/${orderNo}/refunds`, { token, body: {} })).status).toBe(202);
  });

  test('that is paid, or about to be, is neither paid again nor cancelled', async () => {
    const railway = await start({ rows: 9, letters: 'AC', stops: 3 });
    const token = await railway.token('alice');
    const cancel = (orderNo: string): Promise<Answer> =>
      railway.ask(`/v1/orders/${orderNo}/cancel`, { method: 'POST', token });
    const { orderNo, amountFen } = (await railway.order()).body;
    const { paymentNo } = (await railway.pay(orderNo)).body;
    railway.store.appends.shut((appends) => appends.some(({ stream }) => stream.startsWith('order-')));
    await railway.notify({ paymentNo, amountFen, outcome: 'paid' });
    expect(await railway.pay(orderNo)).toMatchObject({
      status: 409,
      body: { code: 'ORDER_STATE', orderStatus: 'PAID' },
    });
    railway.store.appends.open();
    await waitUntil('the ticket', async () => (await railway.statusOf(orderNo)) === 'SUCCESS');
    expect(await railway.pay(orderNo)).toMatchObject({ status: 409, body: { orderStatus: 'SUCCESS' } });
    expect(await cancel(orderNo)).toMatchObject({ status: 409, body: { code: 'ORDER_STATE', orderStatus: 'SUCCESS' } });
    const other = (await railway.order()).body.orderNo;
    for (let times = 0; times < 2; times += 1) expect((await cancel(other)).status).toBe(200);
    expect(await railway.pay(other)).toMatchObject({
      status: 409,
      body: { code: 'ORDER_STATE', orderStatus: 'CLOSED' },
    });
    expect((await cancel('NOSUCHORDER')).body.code).toBe('ORDER_NOT_FOUND');
    const closed = (await railway.events()).filter(({ type }) => type === 'OrderClosed');
    expect(closed.map(({ data }) => data)).toMatchObject([{ reason: 'CANCELLED' }]);
  });

  test('that is sold out offers the other classes with seats enough, and no others', async () => {
    const railway = await start({ rows: 1, letters: 'AC', stops: 3, standing: 2 });
    const party = (count: number) => ({
      passengers: Array.from({ length: count }, (_, n) => ({ name: 'n', idType: 'passport', idNo: `E100${n}` })),
    });
    // The class itself is no alternative, whatever the read model still shows of it.
    railway.store.followers.shut((categories) => categories.includes('segmentInventory'));
    expect((await railway.order(party(2))).status).toBe(201);
    const soldOut = await railway.order(party(2));
    expect(soldOut).toMatchObject({
      status: 409,
      body: { code: 'SOLD_OUT', alternatives: [{ seatClass: 'standing' }] },
    });
    expect(soldOut.body.alternatives).toHaveLength(1);
    railway.store.followers.open();
    await railway.shown();
    const again = await railway.order(party(2));
    expect(again.body.alternatives).toEqual([
      { kind: 'otherClass', train: 'G900', date: RUN_DATE, seatClass: 'standing', available: 2, fareFen: 4_600 },
    ]);
    expect((await railway.order(party(3))).body.alternatives).toEqual([]);
    expect(again.headers.get('railhead-position')).not.toBeNull();
  });
});

describe('a change of the composition', () => {
  const coach = (number: string, seatClass = 'second') => ({
    coach: number,
    seatClass,
    layout: { kind: 'rows', rows: 1, letters: 'AC' },
  });

  test('that is refused half-way leaves the run as it was, and can be made later', async () => {
    const railway = await start({ rows: 1, letters: 'AC', stops: 3 });
    const run = async (): Promise<Json> => (await railway.operate('GET', '')).body;
    const change = (...coaches: readonly Json[]): Promise<Answer> =>
      railway.operate('PUT', '/composition', { coaches, reason: 'r' });
    const free = async (): Promise<number> => {
      await railway.shown();
      const path = `/v1/trains/G900/runs/${RUN_DATE}/availability?from=ST0&to=ST2`;
      return (await railway.ask(path)).body.classes[0].available;
    };
    expect((await change(coach('01'), coach('02'), coach('03'), coach('04'))).status).toBe(200);
    // Of the coaches that stay, one has a traveller; the one that goes would come back.
    const token = await railway.token('alice');
    expect((await change(coach('02'), coach('03'), coach('04'))).body.withdrawn).toEqual(['01']);
    const order = (await railway.order()).body;
    const held: string = order.items[0].coach;
    const [one = '', other = ''] = ['02', '03', '04'].filter((number) => number !== held);
    const before = { run: await run(), free: await free() };
    const refusals: readonly (readonly [readonly Json[], string])[] = [
      [[coach('01'), coach(one)], 'SEATS_SOLD'],
      [[coach('01'), coach(other)], 'SEATS_SOLD'],
      [[coach(held), coach('05', 'first')], 'CLASS_WITHOUT_FARE'],
      [[coach(held), coach('05'), coach('05')], 'COACH_NUMBER_TAKEN'],
      [[coach(held), { ...coach(one), standing: 1 }], 'COACH_DIFFERS'],
      [
        [coach(held), ...Array.from({ length: 98 }, (_, n) => coach(String(n < 5 ? n + 10 : n + 2).padStart(2, '0')))],
        'COACH_NUMBER_TAKEN',
      ],
    ];
    for (const [coaches, code] of refusals) {
      expect([code, (await change(...coaches)).body.code]).toEqual([code, code]);
      expect([code, await run(), await free()]).toEqual([code, before.run, before.free]);
    }
    await railway.ask(`/v1/orders/${order.orderNo}/cancel`, { method: 'POST', token });
    expect((await change(coach('01'), coach('05'))).body).toMatchObject({
      added: ['05'],
      withdrawn: ['02', '03', '04'],
      returned: ['01'],
    });
  });

  test('makes a train of 99 coaches, and of no more', async () => {
    const railway = await start({ rows: 1, letters: 'AC', stops: 3 });
    const numbered = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, n) => coach(String(from + n).padStart(2, '0')));
    expect((await railway.operate('POST', '/coaches', { coaches: numbered(2, 98) })).status).toBe(201);
    const tooMany = { coaches: [coach('99'), coach('00')] };
    const refused = await railway.operate('POST', '/coaches', tooMany);
    expect(refused).toMatchObject({ status: 422, body: { code: 'TOO_MANY_COACHES' } });
    expect((await railway.operate('POST', '/coaches', { coaches: [coach('99')] })).status).toBe(201);
    expect((await railway.operate('POST', '/coaches', { coaches: [coach('00')] })).status).toBe(422);
    expect((await railway.operate('POST', '/coaches', { coaches: [] })).status).toBe(400);
  });
});

describe('what an operator does', () => {
  const coach = { coach: '02', seatClass: 'second', layout: { kind: 'rows', rows: 1, letters: 'AC' } };

  test('takes effect at once in its own process, before the event comes back through the log', async () => {
    const railway = await start({ rows: 1, letters: 'A', stops: 3 });
    expect((await railway.order()).status).toBe(201);
    expect((await railway.order()).body.code).toBe('SOLD_OUT');
    railway.store.followers.shut((categories) => categories.includes('trainRun'));
    expect((await railway.operate('POST', '/coaches', { coaches: [coach] })).status).toBe(201);
    expect((await railway.order()).body.items[0].coach).toBe('02');
    expect((await railway.operate('POST', '/cancel', { reason: 'snow' })).status).toBe(202);
    const position = await railway.store.lastPosition();
    expect((await railway.order()).body.code).toBe('RUN_CANCELLED');
    expect(await railway.store.lastPosition()).toBe(position);
  });

  test('to a part of the way leaves the rest; to a whole coach takes those who stand there too', async () => {
    const railway = await start({ rows: 2, letters: 'AC', stops: 3, standing: 3 });
    const withdraw = (body: object): Promise<Answer> =>
      railway.operate('POST', '/withdrawals', { coach: '01', reason: 'r', ...body });
    const parts = [
      [{ seats: ['01A'], to: 'ST1' }, 'ST0', 'ST1'],
      [{ seats: ['01A'], from: 'ST1' }, 'ST1', 'ST2'],
      [{ seats: ['01C', '01C'] }, 'ST0', 'ST2'],
    ] as const;
    for (const [body, from, to] of parts) {
      const { withdrawalNo, seats } = (await withdraw(body)).body;
      const { withdrawals } = (await railway.operate('GET', '')).body;
      const made = withdrawals.find((one: Json) => one.withdrawalNo === withdrawalNo);
      expect([seats, made.from, made.to, made.seats]).toEqual([1, from, to, [{ coach: '01', seat: body.seats[0] }]]);
      expect((await railway.operate('DELETE', `/withdrawals/${withdrawalNo}`)).status).toBe(200);
    }
    expect((await withdraw({ from: 'ST2', to: 'ST1' })).body.code).toBe('JOURNEY_BACKWARDS');
    expect((await withdraw({})).body.seats).toBe(7);
    expect((await railway.order({ seatClass: 'standing' })).body.code).toBe('SOLD_OUT');
    expect((await railway.order()).body.code).toBe('SOLD_OUT');
  });
});

describe('operators of a run that has left or is cancelled', () => {
  const coach = { coach: '02', seatClass: 'second', layout: { kind: 'rows', rows: 1, letters: 'AC' } };
  const seat = { coach: '01', seats: ['01A'], reason: 'r' };

  test('add no coaches once it has left its first stop', async () => {
    const railway = await start({ rows: 1, letters: 'AC', stops: 3 });
    railway.clock.leapTo(leavesMs(0) - 60_000);
    expect((await railway.operate('POST', '/coaches', { coaches: [coach] })).status).toBe(201);
    railway.clock.leapTo(leavesMs(0));
    const late = await railway.operate('POST', '/coaches', { coaches: [{ ...coach, coach: '03' }] });
    expect(late).toMatchObject({ status: 422, body: { code: 'SALE_CLOSED' } });
  });

  test('are told that it is cancelled, or not on sale at all', async () => {
    const railway = await start({ rows: 1, letters: 'AC', stops: 3 });
    await railway.operate('POST', '/cancel', { reason: 'snow' });
    expect((await railway.order()).body.code).toBe('RUN_CANCELLED');
    await waitUntil('the settlement', async () => (await railway.operate('GET', '')).body.settled);
    expect((await railway.operate('GET', '')).body.status).toBe('cancelled');
    const refused = [
      await railway.operate('POST', '/coaches', { coaches: [coach] }),
      await railway.operate('PUT', '/composition', { coaches: [coach], reason: 'r' }),
      await railway.operate('POST', '/withdrawals', seat),
    ];
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(refused.map(() => [409, 'RUN_CANCELLED']));
    const token = await railway.token('olga', { role: 'operator' });
    const nowhere = '/v1/admin/runs/G900/2027-01-01';
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['POST', '/withdrawals', seat],
      ['DELETE', '/withdrawals/W1', undefined],
      ['POST', '/coaches', { coaches: [coach] }],
      ['PUT', '/composition', { coaches: [coach], reason: 'r' }],
      ['POST', '/cancel', { reason: 'r' }],
    ] as const) {
      const answer = await railway.ask(nowhere + path, { method, token, ...(body === undefined ? {} : { body }) });
      expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 404, 'TRAIN_NOT_FOUND']);
    }
  });
});
