// `railhead reconcile stock|orders|list` on a folder that a process serves, and on one that none does.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RailheadProcess, railhead } from '@railhead/tests/support/railhead-process.ts';
import { ask, passenger, runDate, tokenFor } from '@railhead/tests/support/shopper.ts';
import { smallRailway } from '@railhead/tests/support/small-railway.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';

const root = tempFolder();
const folder = join(root, 'data');
const date = runDate(2);
const name = `G900_${date}_second`;
const args = smallRailway(root, { rows: 9, letters: 'ACDF', stops: 3 });

let server: RailheadProcess | undefined;
const start = async (): Promise<string> => {
  server = await RailheadProcess.start(folder, args);
  const { url } = server;
  await waitUntil('it to serve', async () => (await ask(`${url}/readyz`)).status === 200);
  return url;
};
const stop = async (): Promise<void> => {
  await server?.stop();
  server = undefined;
};
afterAll(stop);

const command = async (...given: readonly string[]) => {
  const { code, stdout, stderr } = await railhead('reconcile', ...given, '--data', folder);
  return { code, stdout, stderr, json: given.includes('--json') ? JSON.parse(stdout) : undefined };
};
/** Changes what is kept while no process serves. What was changed within a row is not noticed after a crash. */
const plant = (sql: string): void => {
  const db = new DatabaseSync(join(folder, 'read.db'));
  db.exec(sql);
  db.close();
  rmSync(join(folder, 'read.db-seal'), { force: true });
};
/** These seats of the first segment are taken, that of the order among them, and none of the second. */
const plantTaken = (bits: number): void =>
  plant(
    `update availability_states set state = json_set(state, '$.class.stock.taken', json('[[0,${bits}]]')) where name = '${name}'`,
  );

let orderNo = '';
beforeAll(async () => {
  const url = await start();
  const token = await tokenFor(folder, 'alice');
  const order = { train: 'G900', date, from: 'ST0', to: 'ST2', seatClass: 'second', passengers: [passenger()] };
  const headers = { Prefer: 'wait=10' };
  orderNo = (await ask(`${url}/v1/orders`, { token, headers, body: order })).body.orderNo;
}, 60_000);

test('the process that serves the folder is asked, and its reports are listed', async () => {
  const stock = await command('stock', '--json');
  expect([stock.code, stock.json]).toEqual([0, expect.objectContaining({ kind: 'stock', inconsistent_count: 0 })]);
  expect(stock.json.total_checked).toBeGreaterThan(1);
  const orders = await command('orders');
  expect([orders.code, orders.stdout]).toEqual([
    0,
    expect.stringMatching(/^\S+_orders_\S+: 1 compared\nno differences\n$/),
  ]);
  const one = await command('stock', '--run', `G900_${date}`, '--json');
  expect(one.json.total_checked).toBe(1);
  expect((await command('list', '--kind', 'stock', '--json')).json.reconciliations).toHaveLength(2);
  expect((await command('list')).stdout).toContain(one.json.task_id);
});

test('what is asked for wrongly is told', async () => {
  expect((await command('stock', '--run', 'G900')).code).toBe(2);
  expect((await command('stock', '--run', 'G900_2026-02-30')).code).toBe(2);
  const unknown = await command('stock', '--run', `G1_${date}`);
  expect([unknown.code, unknown.stderr]).toEqual([6, expect.stringContaining('RUN_NOT_FOUND')]);
  expect((await command('list', '--limit', '0')).code).toBe(2);
});

test('where no process serves, the command repairs what is kept, withholds what it may not repair, and shows it again', async () => {
  await stop();
  plantTaken(0b1111111);
  const few = await command('stock', '--json');
  expect([few.code, few.json.inconsistent_details]).toEqual([
    1,
    [expect.objectContaining({ seat_type: 'second', diff: 7, action: 'auto_fixed', store: 'memory' })],
  ]);
  expect((await command('stock', '--json')).code).toBe(0);

  plantTaken(0b111111111111);
  const many = await command('stock', '--run', `G900_${date}`);
  expect(many.code).toBe(1);
  expect(many.stdout).toContain(`ALARM G900 ${date} second: 12 seats`);
  // A process that serves now has it from there.
  let url = await start();
  expect(Object.keys((await ask(`${url}/readyz`)).body.withheldClasses)).toEqual([name]);
  const availability = `/v1/trains/G900/runs/${date}/availability?from=ST0&to=ST2`;
  expect((await ask(url + availability)).body.classes).toEqual([]);
  // It is killed before it could keep anything else.
  await server?.kill();
  url = await start();
  expect((await ask(url + availability)).body.classes).toEqual([]);

  const repaired = await command('stock', '--run', `G900_${date}`, '--repair');
  expect([repaired.code, repaired.stdout]).toEqual([1, expect.stringContaining('1 of them repaired')]);
  expect((await ask(url + availability)).body.classes).toMatchObject([{ seatClass: 'second', held: 1, available: 35 }]);
  await server?.kill();
  url = await start();
  expect((await ask(url + availability)).body.classes).toMatchObject([{ held: 1, available: 35 }]);
}, 120_000);

test('so it does with orders', async () => {
  await stop();
  plant(`update orders set view = json_set(view, '$.status', 'CLOSED')`);
  const { code, stdout } = await command('orders');
  expect([code, stdout]).toEqual([
    1,
    expect.stringContaining(
      `REPAIRED ${orderNo} in orders: differs in status, columns; shown CLOSED, in the log WAIT_PAY`,
    ),
  ]);
  expect((await command('orders')).code).toBe(0);
}, 60_000);
