// A sandbox gateway whose disk is full says so to the payer and to the merchant, and goes on when there is room again.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startSandboxProcess } from '@railhead/infra/composition/sandbox-process.ts';
import { LeapingClock } from '../support/leaping-clock.ts';
import { GATEWAY_SECRET, ServedRailway, START_MS } from '../support/served-railway.ts';
import { ask } from '../support/shopper.ts';
import { tempFolder } from '../support/temp-folder.ts';

const folder = join(tempFolder(), 'gateway');
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const RAILWAY = { rows: 3, letters: 'AC', stops: 3 };
let gateway: Awaited<ReturnType<typeof startSandboxProcess>>;
let apart: ServedRailway;
let within: ServedRailway;
beforeAll(async () => {
  mkdirSync(folder);
  const listens = { host: '127.0.0.1', port: 0, secret: GATEWAY_SECRET };
  gateway = await startSandboxProcess({ folder, clock: new LeapingClock(START_MS), logger: silent, ...listens });
  apart = await ServedRailway.start(RAILWAY, { gatewayUrl: gateway.url });
  within = await ServedRailway.start(RAILWAY);
});
afterAll(async () => {
  await apart.stop();
  await within.stop();
  await gateway.stop();
});

/** The last number that SQLite has is taken: every further row makes it say that the database is full. */
const FULL = `
  CREATE TABLE last_row (id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT);
  INSERT INTO last_row VALUES (9223372036854775807, '');
  CREATE TRIGGER full_payments AFTER INSERT ON payments BEGIN INSERT INTO last_row (what) VALUES (''); END;
  CREATE TRIGGER full_notices AFTER INSERT ON notices BEGIN INSERT INTO last_row (what) VALUES (''); END;
`;
const ROOM = 'DROP TRIGGER full_payments; DROP TRIGGER full_notices; DROP TABLE last_row;';

const inBook = (path: string, sql: string): void => {
  const db = new DatabaseSync(join(path, 'gateway.db'), { timeout: 5_000 });
  db.exec(sql);
  db.close();
};

test.each(['within the server', 'in a process of its own'])('a gateway %s', async (where) => {
  const railway = where === 'within the server' ? within : apart;
  const book = railway === within ? railway.data : folder;
  const { orderNo } = (await railway.order()).body;
  const { payUrl } = (await railway.pay(orderNo)).body;
  const second = (await railway.order()).body.orderNo;
  const click = () =>
    fetch(payUrl, {
      method: 'POST',
      redirect: 'manual',
      headers: { Accept: 'text/html' },
      body: new URLSearchParams({ outcome: 'paid' }),
    });
  const pay = () => ask(payUrl, { body: { outcome: 'paid' } });

  inBook(book, FULL);
  const refused = await pay();
  expect(refused).toMatchObject({ status: 503, body: { code: 'STORAGE_FULL', instance: '/sandbox-gateway' } });
  expect(refused.headers.get('retry-after')).toBe('1');
  expect((await click()).status).toBe(503);
  expect((await ask(payUrl)).body.status).toBe('created');
  expect(await railway.pay(second)).toMatchObject({ status: 503, body: { code: 'GATEWAY_UNAVAILABLE' } });

  inBook(book, ROOM);
  expect((await railway.pay(second)).status).toBe(201);
  expect(await pay()).toMatchObject({ status: 200, body: { status: 'paid' } });
});
