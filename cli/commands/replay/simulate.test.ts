// `railhead replay simulate` on a folder that a process serves: what a run would have sold under other rules.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RailheadProcess, railhead } from '@railhead/tests/support/railhead-process.ts';
import { ask, type Json, passenger, runDate, tokenFor } from '@railhead/tests/support/shopper.ts';
import { smallRailway } from '@railhead/tests/support/small-railway.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';

const root = tempFolder();
const data = join(root, 'data');
const date = runDate(2);
const run = `G900/${date}`;
let server: RailheadProcess;
let orders: readonly string[];
afterAll(() => server.stop());

const fileOf = (name: string, policy: object): string => {
  const path = join(root, name);
  writeFileSync(path, JSON.stringify(policy));
  return path;
};
const simulate = (...args: readonly string[]) => railhead('replay', 'simulate', ...args, '--data', data);

/** Number, and status once it has seats or is refused. */
const order = async (user: string, from: string, to: string): Promise<string> => {
  const token = await tokenFor(data, user);
  const body = { train: 'G900', date, from, to, seatClass: 'second', passengers: [passenger()] };
  const headers = { Prefer: 'wait=10', 'Idempotency-Key': user };
  const placed = await waitUntil('the order to be decided', async () => {
    const answer = await ask(`${server.url}/v1/orders`, { token, headers, body });
    return answer.status === 201 || answer.body.code === 'SOLD_OUT' ? answer.body : undefined;
  });
  if (placed.code === 'SOLD_OUT') {
    const listed = await ask(`${server.url}/v1/orders`, { token });
    return listed.body.orders[0].orderNo;
  }
  const own = `${server.url}/v1/orders/${placed.orderNo}`;
  const payment = await ask(`${own}/payments`, { token, body: { channel: 'sandbox' } });
  await ask(payment.body.payUrl, { body: { outcome: 'paid' } });
  await waitUntil('the tickets', async () => (await ask(own, { token })).body.status === 'SUCCESS' || undefined);
  return placed.orderNo;
};

beforeAll(async () => {
  mkdirSync(data);
  server = await RailheadProcess.start(data, smallRailway(root, { rows: 1, letters: 'AB', stops: 3 }));
  orders = [await order('alice', 'ST0', 'ST1'), await order('bob', 'ST0', 'ST1'), await order('carol', 'ST0', 'ST2')];
}, 60_000);

const long = { train: 'G900', seatClass: 'second', from: 'ST0', to: 'ST2', seats: 2 };

test('under the rules of the sale everything is as it was', async () => {
  const { code, stdout } = await simulate('--policy', fileOf('same.json', {}), '--run', run, '--json');
  expect(code).toBe(0);
  const { happened, policies, requests, paidShareThen } = JSON.parse(stdout);
  expect([requests, paidShareThen, happened.served, happened.refused]).toEqual([3, 1, 2, { SOLD_OUT: 1 }]);
  const none = { orders: 0, first: [] };
  const otherwise = { servedNow: none, refusedNow: none, otherSeats: none };
  expect(policies).toEqual([{ name: 'same', figures: happened, otherwise, seatsNotWithdrawn: 0 }]);
});

test('a quota for long journeys has other people travel, and every figure its difference', async () => {
  const files = [fileOf('same.json', {}), fileOf('long.json', { name: 'long first', quotas: [long] })];
  const args = files.flatMap((file) => ['--policy', file]);
  const { code, stdout } = await simulate(...args, '--run', run);
  expect(code).toBe(0);
  const line = (label: string): readonly string[] =>
    (stdout.split('\n').find((one) => one.startsWith(`${label} `)) ?? '').split(/ {2,}/);
  expect(line('orders served')).toEqual(['orders served', '2', '2 (+0)', '1 (-1)']);
  expect(line('seats sold')).toEqual(['seats sold', '2', '2 (+0)', '1 (-1)']);
  expect(line('seat-km sold')).toEqual(['seat-km sold', '200', '200 (+0)', '200 (+0)']);
  expect(line('load ST1 to ST2')).toEqual(['load ST1 to ST2', '0.0 %', '0.0 % (+0.0)', '50.0 % (+50.0)']);
  expect(stdout).toContain(`seats only in the simulation: 1 orders: ${orders[2]}\n`);
  expect(stdout).toContain(`seats only when it was sold: 2 orders: ${orders[0]} ${orders[1]}\n`);
  expect(stdout).toMatch(/Of orders that get seats only in the simulation, 100\.0 % are paid at once/);

  const unpaid = await simulate(...args, '--run', run, '--json', '--paid-share', '0');
  const figures = JSON.parse(unpaid.stdout).policies.map((one: Json) => [one.name, one.figures.seatsHeld]);
  expect(figures).toEqual([
    ['same', 0],
    ['long first', 1],
  ]);
  expect(JSON.parse((await simulate(...args, '--run', run, '--json')).stdout)).toEqual(
    JSON.parse((await simulate(...args, '--run', run, '--json')).stdout),
  );
});

const good = (): readonly string[] => ['--policy', fileOf('good.json', {})];
const underQuota = (rule: object): readonly string[] => [
  '--policy',
  fileOf('a.json', { quotas: [{ ...long, ...rule }] }),
];
const ofRun = ['--run', run];

test.each<[string, () => readonly string[], number, RegExp]>([
  ['no policy', () => ofRun, 2, /--policy/],
  ['no run', good, 2, /--run/],
  ['a file that is not there', () => ['--policy', 'none.json', ...ofRun], 3, /no file none\.json.*POLICY_INVALID/],
  ['a quota that is none', () => [...underQuota({ seats: -1 }), ...ofRun], 3, /QUOTA_INVALID/],
  ['a quota that does not fit', () => [...underQuota({ to: 'X' }), ...ofRun], 3, /a: G900: .*X.*QUOTA_INVALID/],
  [
    'a quota of no class of it',
    () => [...underQuota({ seatClass: 'first' }), ...ofRun],
    3,
    /has no first.*QUOTA_INVALID/,
  ],
  ['two policies of one name', () => [...good(), ...good(), ...ofRun], 2, /called good.*USAGE/],
  ['nine policies', () => [...Array.from({ length: 9 }, good).flat(), ...ofRun], 2, /8 policies.*USAGE/],
  ['a name of no run', () => [...good(), '--run', 'G900'], 2, /NAME_INVALID/],
  ['a share above all', () => [...good(), ...ofRun, '--paid-share', '1.1'], 2, /from 0 to 1.*USAGE/],
  ['no number', () => [...good(), ...ofRun, '--paid-share', '.'], 2, /from 0 to 1.*USAGE/],
  [
    'a run of another train',
    () => [...good(), '--run', `G901/${date}`],
    6,
    new RegExp(`did you mean G900/${date}\\?.*TRAIN_NOT_FOUND`),
  ],
  [
    'a run of another day',
    () => [...good(), '--run', 'G900/2031-01-01'],
    6,
    /did you mean G900\/\S+ or G900\/\S+ or .*TRAIN_NOT_FOUND/,
  ],
  ['a run that nobody asked for', () => [...good(), '--run', `G900/${runDate(3)}`], 6, /nobody has asked.*NO_REQUESTS/],
])('%s is refused', async (_, args, code, why) => {
  const ended = await simulate(...args());
  expect([ended.code, ended.stderr]).toEqual([code, expect.stringMatching(why)]);
});
