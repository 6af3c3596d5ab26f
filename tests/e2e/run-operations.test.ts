// What operators can do to a run on sale, through HTTP, and what it means for travellers.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { RailheadProcess, railhead } from '../support/railhead-process.ts';
import { type Answer, ask, type Json, passenger, runDate, tokenFor } from '../support/shopper.ts';
import { type SmallRailway, smallRailway } from '../support/small-railway.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const date = runDate(2);
const all = tempFolder();
let runs = 0;
let running: RailheadProcess | undefined;
afterEach(() => running?.kill());

/** A server of its own with one train, and the two people who use it. */
const open = async (railway: SmallRailway, ...args: readonly string[]) => {
  runs += 1;
  const root = join(all, `run-${runs}`);
  mkdirSync(root);
  const folder = join(root, 'data');
  const world = smallRailway(root, railway);
  let server = await RailheadProcess.start(folder, [...world, ...args]);
  running = server;
  const token = await tokenFor(folder, 'alice');
  const operator = await tokenFor(folder, 'olga', 'operator');
  const run = `/v1/admin/runs/G900/${date}`;
  return {
    folder,
    order: (from: string, to: string, extra: object = {}, party = 1): Promise<Answer> => {
      const passengers = Array.from({ length: party }, () => passenger());
      const body = { train: 'G900', date, from, to, seatClass: 'second', passengers, ...extra };
      return ask(`${server.url}/v1/orders`, { token, body, headers: { Prefer: 'wait=10' } });
    },
    pay: async (orderNo: string): Promise<void> => {
      const created = await ask(`${server.url}/v1/orders/${orderNo}/payments`, { token, body: { channel: 'sandbox' } });
      await ask(created.body.payUrl, { body: { outcome: 'paid' } });
    },
    shown: async (orderNo: string): Promise<Json> => (await ask(`${server.url}/v1/orders/${orderNo}`, { token })).body,
    operate: (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
      ask(`${server.url}${run}${path}`, { method, token: operator, headers, ...(body === undefined ? {} : { body }) }),
    asUser: (path: string, body: unknown): Promise<Answer> => ask(`${server.url}${run}${path}`, { token, body }),
    classes: async (position: Answer, from = 'ST0', to = 'ST2'): Promise<Json> => {
      const headers = { 'Railhead-Min-Position': String(position.headers.get('railhead-position')) };
      const path = `/v1/trains/G900/runs/${date}/availability?from=${from}&to=${to}`;
      return (await ask(`${server.url}${path}`, { headers })).body.classes;
    },
    again: async (...more: readonly string[]): Promise<void> => {
      await server.stop();
      server = await RailheadProcess.start(folder, [...world, ...more]);
      running = server;
    },
    verify: async (): Promise<Json> => JSON.parse((await railhead('verify', '--data', folder, '--json')).stdout),
  };
};

test('withdrawn seats are not sold until they are returned; seats of travellers are not withdrawn', async () => {
  const { order, operate, asUser, classes, verify } = await open({ rows: 1, letters: 'AC', stops: 3 });
  const seat = { coach: '01', seats: ['01A'], reason: 'broken' };
  expect(await asUser('/withdrawals', seat)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  const withdrawn = await operate('POST', '/withdrawals', seat, { 'Idempotency-Key': 'w1' });
  expect(withdrawn).toMatchObject({ status: 201, body: { seats: 1 } });
  const again = await operate('POST', '/withdrawals', seat, { 'Idempotency-Key': 'w1' });
  expect(again.body).toEqual(withdrawn.body);
  expect((await classes(withdrawn))[0]).toMatchObject({ total: 1, available: 1, held: 0, sold: 0 });
  const sold = await order('ST0', 'ST2');
  expect(sold.body.items[0].seat).toBe('01C');
  expect(await order('ST0', 'ST1')).toMatchObject({ status: 409, body: { code: 'SOLD_OUT' } });
  expect(await operate('POST', '/withdrawals', { coach: '01', seats: ['01C'], reason: 'wet' })).toMatchObject({
    status: 409,
    body: { code: 'SEATS_SOLD', holders: [sold.body.orderNo] },
  });
  const run = await operate('GET', '');
  expect(run.body.withdrawals).toEqual([
    {
      withdrawalNo: withdrawn.body.withdrawalNo,
      seatClass: 'second',
      reason: 'broken',
      from: 'ST0',
      to: 'ST2',
      seats: [{ coach: '01', seat: '01A' }],
    },
  ]);
  const returned = await operate('DELETE', `/withdrawals/${withdrawn.body.withdrawalNo}`);
  expect(returned.status).toBe(200);
  expect((await order('ST0', 'ST1')).body.items[0].seat).toBe('01A');
  // Sold on the first part of the way, it can still be withdrawn on the second.
  const part = { coach: '01', seats: ['01A'], from: 'ST1', to: 'ST2', reason: 'broken' };
  expect((await operate('POST', '/withdrawals', part)).status).toBe(201);
  expect(await verify()).toMatchObject({ ok: true, seats: { held: 2, sold: 0 } });
});

test.each([
  ['an unknown coach', { coach: '09', reason: 'r' }, 422, 'COACH_NOT_ON_TRAIN'],
  ['an unknown seat', { coach: '01', seats: ['77Z'], reason: 'r' }, 422, 'NO_SUCH_SEAT'],
  ['no reason', { coach: '01' }, 400, 'INVALID_REQUEST'],
  ['a station off the route', { coach: '01', from: 'ST9', reason: 'r' }, 422, 'STATION_NOT_ON_ROUTE'],
])('a withdrawal with %s is refused', async (_, body, status, code) => {
  const { operate } = await open({ rows: 1, letters: 'AC', stops: 3 });
  expect(await operate('POST', '/withdrawals', body)).toMatchObject({ status, body: { code } });
});

test('coaches are added while the run is sold, and another composition takes coaches away', async () => {
  const { order, operate, classes, verify } = await open({ rows: 1, letters: 'AC', stops: 3 });
  for (let n = 0; n < 2; n += 1) expect((await order('ST0', 'ST2')).status).toBe(201);
  expect((await order('ST0', 'ST2')).status).toBe(409);
  const coach = (number: string) => ({
    coach: number,
    seatClass: 'second',
    layout: { kind: 'rows', rows: 1, letters: 'AC' },
  });
  const added = await operate('POST', '/coaches', { coaches: [coach('02')] });
  expect(added).toMatchObject({ status: 201, body: { coaches: ['02'] } });
  expect((await classes(added))[0]).toMatchObject({ total: 4, available: 2, held: 2 });
  const [ordered] = (await order('ST0', 'ST2')).body.items;
  expect(ordered.coach).toBe('02');
  expect(await operate('POST', '/coaches', { coaches: [coach('02')] })).toMatchObject({
    status: 409,
    body: { code: 'COACH_NUMBER_TAKEN' },
  });
  const bad = await operate('POST', '/coaches', { coaches: [{ ...coach('03'), layout: { kind: 'sofas' } }] });
  expect(bad).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  // Coach 02 has a traveller, so it cannot go; coach 03 comes and goes again.
  const stranding = { coaches: [coach('01'), coach('03')], reason: 'swap' };
  expect(await operate('PUT', '/composition', stranding)).toMatchObject({ status: 409, body: { code: 'SEATS_SOLD' } });
  const all = { coaches: [coach('01'), coach('02'), coach('03')], reason: 'longer' };
  expect((await operate('PUT', '/composition', all)).body).toMatchObject({
    added: ['03'],
    withdrawn: [],
    returned: [],
  });
  const two = { coaches: [coach('01'), coach('02')], reason: 'shorter' };
  const shorter = await operate('PUT', '/composition', two);
  expect(shorter.body).toMatchObject({ added: [], withdrawn: ['03'], returned: [] });
  expect((await classes(shorter))[0]).toMatchObject({ total: 4, available: 1, held: 3 });
  expect((await operate('PUT', '/composition', all)).body).toMatchObject({
    added: [],
    withdrawn: [],
    returned: ['03'],
  });
  expect(await verify()).toMatchObject({ ok: true, seats: { held: 3 } });
});

test('those who accept to stand get places when the seats are sold out, up to the cap, at the fare for standing', async () => {
  const { order, pay, shown, verify } = await open({ rows: 1, letters: 'AC', stops: 3, standing: 2 });
  expect((await order('ST0', 'ST2', {}, 2)).body.amountFen).toBe(18_400);
  expect(await order('ST0', 'ST2')).toMatchObject({ status: 409, body: { code: 'SOLD_OUT' } });
  const standing = await order('ST0', 'ST2', { acceptStanding: true });
  expect(standing).toMatchObject({ status: 201, body: { amountFen: 4_600, items: [{ seatClass: 'standing' }] } });
  expect(standing.body.items[0].seat).toBeUndefined();
  expect((await order('ST0', 'ST2', { acceptStanding: true }, 2)).status).toBe(409);
  // Places to stand are counted: the second one is taken by two travellers after each other.
  expect((await order('ST0', 'ST1', { seatClass: 'standing' })).status).toBe(201);
  expect((await order('ST1', 'ST2', { acceptStanding: true })).status).toBe(201);
  expect((await order('ST1', 'ST2', { acceptStanding: true })).status).toBe(409);
  await pay(standing.body.orderNo);
  await waitUntil('the ticket', async () => (await shown(standing.body.orderNo)).status === 'SUCCESS');
  expect(await verify()).toMatchObject({ ok: true, seats: { sold: 1, held: 4 } });
});

test('seats sold by count are assigned before departure, and nobody has to change', async () => {
  const { order, pay, shown, again, operate, classes, verify } = await open(
    { rows: 1, letters: 'AC', stops: 4, late: true },
    '--assign-minutes',
    '1',
  );
  // Sold by seat in this order, the last could only travel in two seats.
  const journeys = [
    ['ST0', 'ST1'],
    ['ST2', 'ST3'],
    ['ST1', 'ST3'],
    ['ST0', 'ST2'],
  ] as const;
  const orders: string[] = [];
  for (const [from, to] of journeys) {
    const sold = await order(from, to);
    expect(sold.status).toBe(201);
    expect(sold.body.items[0].seat).toBeUndefined();
    orders.push(sold.body.orderNo);
    if (orders.length === 3)
      // Each segment has a place left, though no seat is free all the way.
      expect((await classes(sold))[0]).toMatchObject({ total: 2, available: 1, held: 1 });
  }
  expect(await order('ST1', 'ST2')).toMatchObject({ status: 409, body: { code: 'SOLD_OUT' } });
  await pay(orders[0] ?? '');
  await waitUntil('the ticket', async () => (await shown(orders[0] ?? '')).status === 'SUCCESS');
  await again('--assign-minutes', '43200');
  await waitUntil('the seats', async () => (await operate('GET', '')).body.seatsAssigned === true);
  const seats = new Map<string, string>();
  for (const [index, orderNo] of orders.entries()) {
    await waitUntil('the seat', async () => (await shown(orderNo)).items[0].seat !== undefined);
    const { items } = await shown(orderNo);
    expect(items[0].changes).toBeUndefined();
    const [from, to] = (journeys[index] ?? ['', '']).map((code) => Number(code.slice(2)));
    for (let segment = from ?? 0; segment < (to ?? 0); segment += 1) {
      expect(seats.get(`${segment}/${items[0].seat}`)).toBeUndefined();
      seats.set(`${segment}/${items[0].seat}`, orderNo);
    }
  }
  expect(await order('ST0', 'ST1')).toMatchObject({ status: 422, body: { code: 'SALE_CLOSED' } });
  expect(await verify()).toMatchObject({ ok: true });
});

test('a cancelled run sells nothing more, closes every order and gives all money back', async () => {
  const { order, pay, shown, operate, asUser, classes, verify } = await open({ rows: 2, letters: 'AC', stops: 3 });
  const paid = (await order('ST0', 'ST2', {}, 2)).body.orderNo;
  await pay(paid);
  await waitUntil('the ticket', async () => (await shown(paid)).status === 'SUCCESS');
  const unpaid = (await order('ST0', 'ST1')).body.orderNo;
  expect((await asUser('/cancel', { reason: 'snow' })).status).toBe(403);
  const cancelled = await operate('POST', '/cancel', { reason: 'snow' });
  expect(cancelled).toMatchObject({ status: 202, body: { status: 'cancelled' } });
  expect(await order('ST1', 'ST2')).toMatchObject({ status: 409, body: { code: 'RUN_CANCELLED' } });
  await waitUntil('every order to be closed', async () => (await operate('GET', '')).body.settled === true);
  const gone = async (orderNo: string): Promise<boolean> => (await shown(orderNo)).status === 'CLOSED';
  await waitUntil('both to be shown', async () => (await gone(paid)) && (await gone(unpaid)));
  await waitUntil('the refund', async () => (await shown(paid)).payments[0].status === 'REFUNDED');
  expect(await shown(paid)).toMatchObject({ closeReason: 'RUN_CANCELLED' });
  expect((await classes(cancelled))[0]).toMatchObject({ available: 0 });
  expect((await operate('POST', '/cancel', { reason: 'ice' })).status).toBe(202);
  await waitUntil('the seats', async () => (await verify()).pending.releases === 0);
  expect(await verify()).toMatchObject({
    ok: true,
    orders: { CLOSED: 2 },
    seats: { held: 0, sold: 0 },
    money: { inFen: 18_400, refundsFen: 18_400, ticketsFen: 0 },
  });
});

test('quotas from a file keep seats for long journeys; a file that does not fit the train stops the start', async () => {
  const file = join(all, 'quotas.json');
  const quota = { train: 'G900', seatClass: 'second', from: 'ST0', to: 'ST2', seats: 1 };
  writeFileSync(file, JSON.stringify([quota]));
  const { order, classes } = await open({ rows: 1, letters: 'AC', stops: 3 }, '--quotas', file);
  const bought = await order('ST0', 'ST1');
  expect(bought.status).toBe(201);
  expect((await classes(bought, 'ST0', 'ST1'))[0]).toMatchObject({ available: 0, held: 1, total: 2 });
  expect((await classes(bought, 'ST0', 'ST2'))[0]).toMatchObject({ available: 1, held: 1, total: 2 });
  expect((await classes(bought, 'ST1', 'ST2'))[0]).toMatchObject({ available: 1, held: 0, total: 2 });
  expect(await order('ST0', 'ST1')).toMatchObject({ status: 409, body: { code: 'SOLD_OUT' } });
  expect((await order('ST0', 'ST2')).status).toBe(201);
  for (const [content, says] of [
    [JSON.stringify([{ ...quota, to: 'ST9' }]), 'ST9'],
    [JSON.stringify([{ ...quota, seats: 3 }]), '3 of 2 seats'],
    [JSON.stringify([{ ...quota, seats: -1 }]), 'seats'],
    ['not json', 'JSON'],
  ] as const) {
    writeFileSync(file, content);
    const refused = open({ rows: 1, letters: 'AC', stops: 3 }, '--quotas', file);
    await expect(refused).rejects.toThrow(/ended with 3/);
    await expect(refused).rejects.toThrow('QUOTA_INVALID');
    await expect(refused).rejects.toThrow(says);
  }
});
