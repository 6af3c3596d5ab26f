// What cannot be compared is refused with a code, and is never a day without differences.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { BEIJING } from '@railhead/tests/support/fixed-clock.ts';
import { railhead } from '@railhead/tests/support/railhead-process.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { Command, CommanderError } from 'commander';
import { codeOf } from '../exit-codes.ts';
import { reconcileCommand } from './reconcile.ts';

const root = tempFolder();
const DAY_MS = 86_400_000;
const HEADER = 'type,kind,at,paymentNo,refundNo,amountFen,currency,count\n';
const ZERO = `${HEADER}total,payment,,,,0,CNY,0\n`;
const dateIn = (days: number): string => BEIJING.date(Date.now() + days * DAY_MS);
const file = (name: string, text: string): readonly string[] => {
  const path = join(root, name);
  writeFileSync(path, text);
  return ['--statement', path];
};

/** The code of the refusal; the log of the folder is empty. */
const refused = async (...args: readonly string[]): Promise<string> => {
  const command = reconcileCommand(new Command('reconcile')).configureOutput({ writeErr: () => {} });
  for (const each of [command, ...command.commands]) each.exitOverride().configureOutput({ writeErr: () => {} });
  const given = ['payments', '--data', join(root, 'none'), '--time-zone', 'Asia/Shanghai', ...args];
  return command.parseAsync(given, { from: 'user' }).then(
    () => 'no refusal',
    (error: unknown) => (error instanceof CommanderError ? 'USAGE' : codeOf(error)),
  );
};

test('a channel that there is not, a date that is none and a date to come are errors of usage', async () => {
  const zero = file('zero.csv', ZERO);
  expect(await refused('--date', dateIn(-1), '--channel', 'foo', ...zero)).toBe('USAGE');
  expect(await refused('--date', '2026-02-30', ...zero)).toBe('USAGE');
  // Two days, because midnight may come while the test runs.
  expect(await refused('--date', dateIn(2), ...zero)).toBe('USAGE');
  // There is no log to compare with: a day that has begun came as far as that.
  for (const args of [
    ['--date', dateIn(0)],
    ['--date', dateIn(-1), '--channel', 'form'],
  ])
    expect(await refused(...args, ...zero)).toBe('STORE_UNAVAILABLE');
});

test.each([
  ['no totals', HEADER],
  ['nothing at all', ''],
  ['totals without numbers', `${HEADER}total,payment,,,,,CNY,0\ntotal,refund,,,,0,CNY,0\n`],
  ['totals without counts', `${HEADER}total,payment,,,,0,CNY,\ntotal,refund,,,,0,CNY,0\n`],
  [
    'a movement of nothing',
    `${HEADER}movement,payment,2026-11-27T09:00:00+08:00,N1P1,,,CNY,\ntotal,payment,,,,0,CNY,1\n`,
  ],
  ['totals that do not fit', `${HEADER}total,payment,,,,500,CNY,1\n`],
])('a statement with %s is refused', async (_, text) => {
  expect(await refused('--date', dateIn(-1), ...file('cut.csv', text))).toBe('STATEMENT_INVALID');
});

test('a gateway that is away, fails or refuses is told in one line', async () => {
  let status = 503;
  const server = createServer((_, response) => {
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Safe cast: it listens on a port.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const asked = ['--date', dateIn(-1), '--gateway-url', url];
  expect(await refused(...asked)).toBe('GATEWAY_UNAVAILABLE');
  status = 401;
  expect(await refused(...asked)).toBe('GATEWAY_REFUSED');
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
  const { code, stderr } = await railhead('reconcile', 'payments', '--data', join(root, 'none'), ...asked);
  expect([code, stderr]).toEqual([
    6,
    `railhead: the payment gateway at ${url} does not answer [GATEWAY_UNAVAILABLE]\n`,
  ]);
});
