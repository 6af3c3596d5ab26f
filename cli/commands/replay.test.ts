// `railhead replay show|diff` on a folder that a process serves: what was shown then, from the log alone.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RailheadProcess, railhead } from '@railhead/tests/support/railhead-process.ts';
import { ask, type Json, passenger, runDate, tokenFor } from '@railhead/tests/support/shopper.ts';
import { smallRailway } from '@railhead/tests/support/small-railway.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';

const root = tempFolder();
const data = join(root, 'data');
const date = runDate(2);
let server: RailheadProcess;
let order: Json;
let events: readonly Json[];
afterAll(() => server.stop());

const replay = (...args: readonly string[]) => railhead('replay', ...args, '--data', data);
const answerOf = async (...args: readonly string[]): Promise<Json> => {
  const { code, stdout, stderr } = await replay(...args, '--json');
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return JSON.parse(stdout);
};
const positionOf = (wanted: string): number => events.find(({ type }) => type === wanted)?.position ?? 0;

beforeAll(async () => {
  mkdirSync(data);
  server = await RailheadProcess.start(data, smallRailway(root, { rows: 20, letters: 'AB', stops: 3 }));
  const token = await tokenFor(data, 'alice');
  const journey = { train: 'G900', date, from: 'ST0', to: 'ST1', seatClass: 'second' };
  const placed = await waitUntil('the order to be taken', async () => {
    const headers = { Prefer: 'wait=10', 'Idempotency-Key': 'one' };
    const body = { ...journey, passengers: [passenger({ idNo: 'E70000001' })] };
    const answer = await ask(`${server.url}/v1/orders`, { token, headers, body });
    return answer.status === 201 ? answer.body : undefined;
  });
  const own = `${server.url}/v1/orders/${placed.orderNo}`;
  await ask(`${own}/cancel`, { method: 'POST', token });
  order = await waitUntil('it to be over', async () => {
    const { body } = await ask(own, { token });
    return body.status === 'CLOSED' ? body : undefined;
  });
  await waitUntil('its seats to be free', async () => {
    events = (await railhead('events', '--json', '--data', data)).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    return positionOf('SeatsReleased') > 0;
  });
}, 60_000);

describe('show', () => {
  test('prints an order as it was, and what of the log is in it', async () => {
    const held = positionOf('OrderSeatsHeld');
    const { code, stdout } = await replay('show', 'order', order.orderNo, '--at', String(held));
    expect(code).toBe(0);
    expect(stdout).toContain(`order ${order.orderNo} of alice: WAIT_PAY\n`);
    expect(stdout).toContain('item 1: 张* *****0001, coach 01 seat');
    expect(stdout).not.toContain('E70000001');
    expect(stdout).toMatch(new RegExp(`last event {2}${held} {2}\\S+ {2}OrderSeatsHeld`));
    expect(stdout).toContain(`at position ${held}, written`);

    const now = await answerOf('show', 'order', `order-${order.orderNo}`);
    const { actions: _, ...shown } = order;
    expect(now).toMatchObject(shown);
    expect(now.moment.end).toBeGreaterThanOrEqual(events.at(-1).position);
  });

  test('takes a time in place of a position', async () => {
    const requested = positionOf('OrderRequested');
    const { at } = events[positionOf('OrderSeatsHeld') - 1].meta;
    const later = events.findIndex(({ meta }) => Date.parse(meta.at) > Date.parse(at));
    const shown = await answerOf('show', 'order', order.orderNo, '--at', at);
    expect(shown.moment.position).toBe(events[later - 1].position);
    const ms = Date.parse(events[requested - 1].meta.at) - 60_000;
    const before = await replay('show', 'order', order.orderNo, '--at', new Date(ms).toISOString());
    expect([before.code, before.stderr]).toEqual([6, expect.stringContaining('[NOT_YET]')]);
    expect(before.stderr).toContain(`position ${requested}, ${events[requested - 1].meta.at}`);
  });

  test('prints a class: what was free, and who had what', async () => {
    const acquired = String(positionOf('SeatLocksAcquired'));
    const { stdout } = await replay('show', 'class', `G900/${date}/second`, '--at', acquired);
    expect(stdout).toContain(
      'ST0 to ST1: 39 free, 1 held, 0 sold of 40\n  ST1 to ST2: 40 free, 0 held, 0 sold of 40\n',
    );
    expect(stdout).toMatch(
      new RegExp(`${order.orderNo}\\.\\d+\\.\\d+ held for ${order.orderNo}: ST0 to ST1 01/\\S+\n`),
    );
    const journey = ['--from', 'ST0', '--to', 'ST2'];
    const whole = await answerOf('show', 'class', `G900_${date}_second`, '--at', acquired, ...journey);
    expect(whole.journeys).toEqual([expect.objectContaining({ available: 39, held: 1, sold: 0, total: 40 })]);
  });

  test('prints a run, and the orders of a user', async () => {
    const run = await replay('show', 'run', `trainRun-G900_${date}`);
    expect(run.stdout).toContain(`run G900 of ${date}: open\n`);
    expect(run.stdout).toContain('second: 40 free, 0 held, 0 sold of 40');
    const user = await replay('show', 'user', 'alice');
    expect(user.stdout).toContain('user alice: 1 orders, newest first\n');
    expect(user.stderr).toContain('1 found by reading the log to position');
  });
});

describe('diff', () => {
  test('tells what changed of an order, and by which events', async () => {
    const between = ['--from', String(positionOf('OrderSeatsHeld')), '--to', String(positionOf('OrderClosed'))];
    const { stdout } = await replay('diff', 'order', order.orderNo, ...between);
    expect(stdout).toContain('  status: "WAIT_PAY" -> "CLOSED"\n');
    expect(stdout).toMatch(new RegExp(`^ {4}${positionOf('OrderClosed')} {2}\\S+ {2}OrderClosed {2}by alice$`, 'm'));
    const few = await answerOf('diff', 'order', order.orderNo, ...between, '--limit', '1');
    expect([few.changes.length, few.leftOut > 0]).toEqual([1, true]);
  });

  test('tells what changed of the whole railway', async () => {
    const from = String(positionOf('OrderRequested') - 1);
    const { stdout } = await replay('diff', '--from', from, '--to', String(positionOf('SeatLocksAcquired')));
    expect(stdout).toContain(`${order.orderNo}: new -> `);
    expect(stdout).toContain(`G900/${date}/second: free 40 -> 39, held 0 -> 1, sold 0 -> 0, total 40 -> 40; `);
    const all = await answerOf('diff', '--from', from);
    expect(all.orders).toMatchObject({ changed: 1, transitions: [{ after: 'CLOSED', orders: 1 }] });
    expect(all.classes.list).toEqual([]);
  });
});

const SOON = '2999-01-01T00:00:00Z';
test.each([
  ['a kind that is misspelt', ['show', 'ordr', 'X'], 2, /did you mean order\?.*\[KIND_UNKNOWN\]/],
  ['a kind that there is not', ['diff', 'weather', 'X', '--from', '0'], 2, /there are order, run.*\[KIND_UNKNOWN\]/],
  ['an order that is none', ['show', 'order', 'NOSUCHORDER'], 6, /ORDER_NOT_FOUND/],
  ['a name that no order has', ['show', 'order', 'a b'], 2, /number of an order.*\[NAME_INVALID\]/],
  ['a run that is not on sale', ['show', 'run', `G1/${date}`], 6, /TRAIN_NOT_FOUND/],
  ['a day that there is not', ['show', 'run', 'G900/2026-02-30'], 2, /NAME_INVALID/],
  ['a class that no train has', ['show', 'class', `G900/${date}/third`], 2, /NAME_INVALID/],
  ['a class that this train has not', ['show', 'class', `G900/${date}/first`], 6, /CLASS_NOT_ON_TRAIN/],
  ['a user without an order', ['show', 'user', 'nobody'], 6, /USER_NOT_FOUND/],
  [
    'a position beyond the log',
    ['show', 'run', `G900/${date}`, '--at', '999999'],
    6,
    /position \d+ \[MOMENT_IN_FUTURE\]/,
  ],
  ['a time to come', ['show', 'run', `G900/${date}`, '--at', SOON], 6, /MOMENT_IN_FUTURE/],
  ['a moment that is none', ['show', 'run', `G900/${date}`, '--at', 'noon'], 2, /MOMENT_INVALID/],
  ['moments the wrong way round', ['diff', '--from', '5', '--to', '4'], 2, /MOMENTS_BACKWARDS/],
  [
    'a station elsewhere',
    ['show', 'class', `G900/${date}/second`, '--from', 'ST0', '--to', 'X'],
    6,
    /STATION_NOT_ON_ROUTE/,
  ],
  ['a way back', ['show', 'class', `G900/${date}/second`, '--from', 'ST1', '--to', 'ST0'], 6, /JOURNEY_BACKWARDS/],
  ['half a journey', ['show', 'class', `G900/${date}/second`, '--from', 'ST0'], 2, /USAGE/],
  ['a journey of an order', ['show', 'order', 'X', '--from', 'ST0', '--to', 'ST1'], 2, /USAGE/],
  ['a limit of nothing', ['diff', '--from', '0', '--limit', '0'], 2, /USAGE/],
  ['a kind without a name', ['diff', 'order', '--from', '0'], 2, /USAGE/],
  ['a part that there is not', ['shw'], 2, /Did you mean show/],
  ['no first moment', ['diff'], 2, /--from/],
])('%s is refused', async (_, args, code, why) => {
  const ended = await replay(...args);
  expect([ended.code, ended.stderr]).toEqual([code, expect.stringMatching(why)]);
});

test('a folder without a log is named', async () => {
  const { code, stderr } = await railhead('replay', 'show', 'order', 'X', '--data', join(root, 'other'));
  expect([code, stderr]).toEqual([5, expect.stringContaining('STORE_UNAVAILABLE')]);
});
