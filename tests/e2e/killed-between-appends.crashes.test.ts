// A server is killed after each call that writes to the log, one after the other, while tickets are given back or changed.
// Started again, it goes on: every ticket has its seat, and every fen is where it belongs.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from '@jest/globals';
import { RailheadProcess, railhead } from '../support/railhead-process.ts';
import { type Answer, ask, type Json, passenger, runDate, tokenFor } from '../support/shopper.ts';
import { smallRailway } from '../support/small-railway.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const ROWS = 2;
const SEATS = ROWS * 4;
const MOST_CALLS = 40;
const PRELOAD = fileURLToPath(new URL('../support/die-after-appends.ts', import.meta.url));
const [date, later] = [runDate(5), runDate(6)];
const root = tempFolder();
const base = join(root, 'base');
const railway = smallRailway(root, { rows: ROWS, letters: 'ACDF', stops: 4 });
let token: string;
let orderNo: string;

const read = async (url: string, path: string): Promise<Json> => (await ask(`${url}${path}`, { token })).body;
const payAt = async (url: string, no: string): Promise<void> => {
  const { payUrl } = (await ask(`${url}/v1/orders/${no}/payments`, { token, body: { channel: 'sandbox' } })).body;
  await ask(payUrl, { body: { outcome: 'paid' } });
};

beforeAll(async () => {
  const server = await RailheadProcess.start(base, railway);
  token = await tokenFor(base, 'alice');
  const body = { train: 'G900', date, from: 'ST0', to: 'ST2', seatClass: 'second' };
  const placed = await ask(`${server.url}/v1/orders`, {
    token,
    headers: { Prefer: 'wait=30' },
    body: { ...body, passengers: [passenger(), passenger()] },
  });
  orderNo = placed.body.orderNo;
  await payAt(server.url, orderNo);
  await waitUntil('the tickets', async () => (await read(server.url, `/v1/orders/${orderNo}`)).status === 'SUCCESS');
  await server.stop();
});

/** What is done, and repeated by the client after the server's death; what of the order is at rest then. */
type Story = {
  readonly from: string;
  act(url: string): Promise<unknown>;
  isAtRest(url: string): Promise<boolean>;
  /** Free seats at last, on the first date and on the later one, from ST0 to ST3. */
  readonly free: readonly [number, number];
};
const headers = { 'Idempotency-Key': 'story' };
const change = (url: string, wish: object): Promise<Answer> =>
  ask(`${url}/v1/orders/${orderNo}/changes`, {
    token,
    headers,
    body: { items: [1], train: 'G900', date: later, from: 'ST0', to: 'ST2', seatClass: 'second', ...wish },
  });
const isChanged = async (url: string): Promise<boolean> => {
  const { changes = [] } = await read(url, `/v1/orders/${orderNo}`);
  if (changes[0]?.status !== 'SUCCESS') return false;
  return (await read(url, `/v1/orders/${changes[0].orderNo}`)).status === 'SUCCESS';
};

const STORIES: Readonly<Record<string, Story>> = {
  'one of two is given back': {
    from: 'OrderRefundRequested',
    act: (url) => ask(`${url}/v1/orders/${orderNo}/refunds`, { token, headers, body: { items: [1] } }),
    isAtRest: async (url) => (await read(url, `/v1/orders/${orderNo}`)).refunds?.[0]?.status === 'DONE',
    free: [SEATS - 1, SEATS],
  },
  'one of two is changed to a nearer destination, and money comes back': {
    from: 'OrderChangeRequested',
    act: (url) => change(url, { to: 'ST1' }),
    isAtRest: async (url) =>
      (await isChanged(url)) && (await read(url, `/v1/orders/${orderNo}`)).payments[0].refundedFen > 0,
    free: [SEATS - 1, SEATS - 1],
  },
  'one of two is changed to a farther destination, and the difference is paid': {
    from: 'PaymentCreated',
    act: async (url) => {
      const { orderNo: newOrderNo } = (await change(url, { to: 'ST3' })).body;
      const statusOf = async (): Promise<string> => (await read(url, `/v1/orders/${newOrderNo}`)).status;
      await waitUntil('the seats', async () => !['QUEUED', undefined].includes(await statusOf()));
      if ((await statusOf()) === 'WAIT_PAY') await payAt(url, newOrderNo);
    },
    isAtRest: isChanged,
    free: [SEATS - 1, SEATS - 1],
  },
};

const freeOn = async (url: string, day: string): Promise<number> =>
  (await read(url, `/v1/trains/G900/runs/${day}/availability?from=ST0&to=ST3`)).classes[0].available;

/** Plays the story with a server that dies after so many calls; false if it came to its end before that. */
const play = async (name: string, { from, act, isAtRest, free }: Story, calls: number): Promise<boolean> => {
  const folder = join(root, `${name}-${calls}`.replaceAll(/\W+/g, '-'));
  cpSync(base, folder, { recursive: true });
  const dying = await RailheadProcess.start(
    folder,
    railway,
    { NODE_OPTIONS: `--import=${PRELOAD}`, DIE_AFTER_APPENDS: `${from}:${calls}` },
    { mayDie: true },
  );
  const lives = act(dying.url).catch(() => undefined); // it may die while it answers
  const hasEnded = async (): Promise<boolean> => {
    if (dying.isGone) return true;
    await lives;
    return isAtRest(dying.url).catch(() => false);
  };
  await waitUntil('its death, or the end of the story', hasEnded);
  const hasDied = dying.isGone;
  await dying.kill();

  const next = await RailheadProcess.start(folder, railway);
  await act(next.url);
  await waitUntil('the end of the story', () => isAtRest(next.url));
  await waitUntil('the seats', async () => (await freeOn(next.url, date)) === free[0]);
  expect([await freeOn(next.url, date), await freeOn(next.url, later)]).toEqual(free);
  expect(await next.stop()).toBe(0);
  const report = JSON.parse((await railhead('verify', '--data', folder, '--json')).stdout);
  expect([name, calls, report.violations]).toEqual([name, calls, []]);
  const { releases, uncommittedHolds, refunds, changes, payments } = report.pending;
  expect({ releases, uncommittedHolds, refunds, changes, payments }).toEqual({
    releases: 0,
    uncommittedHolds: 0,
    refunds: 0,
    changes: 0,
    payments: 0,
  });
  expect(report.money.inFlightFen).toBe(0);
  return hasDied;
};

test.each(Object.entries(STORIES))('%s', async (name, story) => {
  let calls = 0;
  while (await play(name, story, calls)) {
    calls += 1;
    expect(calls).toBeLessThan(MOST_CALLS);
  }
  // It died at least before its first call, after it, and somewhere on the way.
  expect(calls).toBeGreaterThan(3);
});
