// A server is killed after each call that writes to the log, one after the other, while seats come free and serve somebody
// who waits for them on two days. Started again, it goes on: one seat, one ticket, and the rest of the money back.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from '@jest/globals';
import { RailheadProcess, railhead } from '../support/railhead-process.ts';
import { ask, type Json, passenger, runDate, tokenFor } from '../support/shopper.ts';
import { smallRailway } from '../support/small-railway.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const SEATS = 4;
const MOST_CALLS = 40;
const PRELOAD = fileURLToPath(new URL('../support/die-after-appends.ts', import.meta.url));
const [date, later] = [runDate(5), runDate(6)];
const root = tempFolder();
const base = join(root, 'base');
const railway = smallRailway(root, { rows: 1, letters: 'ACDF', stops: 4 });
let alice: string;
let walter: string;
let orderNo: string;
let waitlistNo: string;

const readAs = async (token: string, url: string, path: string): Promise<Json> =>
  (await ask(`${url}${path}`, { token })).body;

beforeAll(async () => {
  const { url, ...server } = await started(base);
  [alice, walter] = [await tokenFor(base, 'alice'), await tokenFor(base, 'walter')];
  const full = async (on: string): Promise<string> => {
    const passengers = Array.from({ length: SEATS }, () => passenger());
    const body = { train: 'G900', date: on, from: 'ST0', to: 'ST3', seatClass: 'second', passengers };
    const placed = await ask(`${url}/v1/orders`, { token: alice, headers: { Prefer: 'wait=30' }, body });
    return placed.body.orderNo;
  };
  orderNo = await full(date);
  await full(later);
  const choices = [
    { train: 'G900', date, from: 'ST0', to: 'ST2', seatClass: 'second' },
    { train: 'G900', date: later, from: 'ST0', to: 'ST3', seatClass: 'second' },
  ];
  const submitted = await ask(`${url}/v1/waitlist`, { token: walter, body: { choices, passengers: [passenger()] } });
  waitlistNo = submitted.body.waitlistNo;
  const payments = `${url}/v1/waitlist/${waitlistNo}/payments`;
  const { payUrl } = (await ask(payments, { token: walter, body: { channel: 'sandbox' } })).body;
  await ask(payUrl, { body: { outcome: 'paid' } });
  await waitUntil('walter to wait', async () => (await waitlist(url)).status === 'MATCHING');
  await server.stop();
});

const started = async (
  folder: string,
  env: Readonly<Record<string, string>> = {},
  options: { readonly mayDie?: boolean } = {},
) => {
  const process = await RailheadProcess.start(folder, railway, env, options);
  return {
    url: process.url,
    stop: () => process.stop(),
    kill: () => process.kill(),
    isGone: () => process.isGone,
  };
};

const waitlist = (url: string): Promise<Json> => readAs(walter, url, `/v1/waitlist/${waitlistNo}`);
const cancel = (url: string) => ask(`${url}/v1/orders/${orderNo}/cancel`, { method: 'POST', token: alice });

/** He has his ticket, and what the other day would have cost more is back. */
const isServed = async (url: string): Promise<boolean> => {
  if ((await waitlist(url)).status !== 'SUCCESS') return false;
  const { payments = [] } = await readAs(walter, url, `/v1/orders/${waitlistNo}`);
  return payments[0]?.refundedFen > 0;
};

const freeOn = async (url: string, day: string): Promise<number> =>
  (await readAs(alice, url, `/v1/trains/G900/runs/${day}/availability?from=ST0&to=ST2`)).classes[0].available;

/** False if the server came to the end of it before so many calls. */
const play = async (calls: number): Promise<boolean> => {
  const folder = join(root, `after-${calls}`);
  cpSync(base, folder, { recursive: true });
  const env = { NODE_OPTIONS: `--import=${PRELOAD}`, DIE_AFTER_APPENDS: `OrderClosed:${calls}` };
  const dying = await started(folder, env, { mayDie: true });
  const lives = cancel(dying.url).catch(() => undefined); // it may die while it answers
  await waitUntil('its death, or the end', async () => {
    if (dying.isGone()) return true;
    await lives;
    return isServed(dying.url).catch(() => false);
  });
  const hasDied = dying.isGone();
  await dying.kill();

  const next = await started(folder);
  await cancel(next.url);
  await waitUntil('the ticket and the money', () => isServed(next.url));
  await waitUntil('the other seats', async () => (await freeOn(next.url, date)) === SEATS - 1);
  expect(await freeOn(next.url, later)).toBe(0);
  expect((await waitlist(next.url)).served).toEqual({ choice: 0, seatClass: 'second' });
  expect(await next.stop()).toBe(0);
  const report = JSON.parse((await railhead('verify', '--data', folder, '--json')).stdout);
  expect([calls, report.violations]).toEqual([calls, []]);
  const { releases, uncommittedHolds, waitlists } = report.pending;
  expect({ releases, uncommittedHolds, waitlists }).toEqual({ releases: 0, uncommittedHolds: 0, waitlists: 0 });
  expect(report.money.inFlightFen).toBe(0);
  return hasDied;
};

test('whoever waits is served once, whenever the server dies', async () => {
  let calls = 0;
  while (await play(calls)) {
    calls += 1;
    expect(calls).toBeLessThan(MOST_CALLS);
  }
  expect(calls).toBeGreaterThan(3);
});
