// `railhead demo sale-opening`: everybody of the crowd has one answer, and the log is clean.
import { expect, test } from '@jest/globals';
import { railhead } from '@railhead/tests/support/railhead-process.ts';

test('a crowd at the opening of a sale: each has one answer, and nobody a seat too much', async () => {
  const asked = ['--people', '40', '--seats', '10', '--opens-in', '2', '--lasts', '4', '--json'];
  const { code, stdout } = await railhead('demo', 'sale-opening', ...asked);
  const end = JSON.parse(stdout);
  expect([code, end.withoutAnswer, end.violations]).toEqual([0, [], []]);
  const { ticket, ticketByWaiting, gaveBack, cancelled, leftWithout } = end;
  expect(ticket + ticketByWaiting + gaveBack + cancelled + leftWithout).toBe(40);
  expect(ticket + ticketByWaiting).toBeLessThanOrEqual(10);
  expect(end.money.inFlightFen).toBe(0);
}, 120_000);

test.each([
  ['--people', '0'],
  ['--seats', 'many'],
  ['--lasts', '1.5'],
])('%s %s is wrong use', async (flag, value) => {
  const { code, stderr } = await railhead('demo', 'sale-opening', flag, value);
  expect([code, stderr]).toEqual([2, expect.stringContaining(flag)]);
});
