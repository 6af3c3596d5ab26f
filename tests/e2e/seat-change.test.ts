// No seat is free all the way, but two are, one after the other: only travellers who accept a change get them.
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { RailheadProcess, railhead } from '../support/railhead-process.ts';
import { type Answer, ask, passenger, runDate, tokenFor } from '../support/shopper.ts';
import { smallRailway } from '../support/small-railway.ts';
import { tempFolder } from '../support/temp-folder.ts';

const root = tempFolder();
const folder = join(root, 'data');
const date = runDate(2);
let server: RailheadProcess;
afterAll(() => server?.kill());

test('a seat change on the way is sold to those who accept it, and shown', async () => {
  server = await RailheadProcess.start(folder, smallRailway(root, { rows: 1, letters: 'AC', stops: 3 }));
  const token = await tokenFor(folder, 'alice');
  const order = (from: string, to: string, extra: object, wants?: string): Promise<Answer> => {
    const passengers = [passenger(wants === undefined ? {} : { wants })];
    const body = { train: 'G900', date, from, to, seatClass: 'second', passengers, ...extra };
    return ask(`${server.url}/v1/orders`, { token, body, headers: { Prefer: 'wait=10' } });
  };
  expect((await order('ST0', 'ST1', {}, 'A')).body.items[0].seat).toBe('01A');
  expect((await order('ST1', 'ST2', {}, 'C')).body.items[0].seat).toBe('01C');
  expect(await order('ST0', 'ST2', {})).toMatchObject({ status: 409, body: { code: 'SOLD_OUT' } });
  const changing = await order('ST0', 'ST2', { acceptSeatChange: true });
  expect(changing.status).toBe(201);
  expect(changing.body.items[0]).toMatchObject({
    coach: '01',
    seat: '01C',
    changes: [{ at: 'ST1', coach: '01', seat: '01A' }],
  });
  const headers = { 'Railhead-Min-Position': String(changing.headers.get('railhead-position')) };
  const shown = await ask(`${server.url}/v1/orders/${changing.body.orderNo}`, { token, headers });
  expect(shown.body.items).toEqual(changing.body.items);
  const stock = await ask(`${server.url}/v1/trains/G900/runs/${date}/availability?from=ST0&to=ST2`, { headers });
  expect(stock.body.classes[0]).toMatchObject({ available: 0, held: 2 });
  expect(JSON.parse((await railhead('verify', '--data', folder, '--json')).stdout)).toMatchObject({ ok: true });
});
