// How many seats one user may have without paying for them.
import { afterEach, expect, test } from '@jest/globals';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Answer, passenger } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
afterEach(() => railway.stop());

const start = async (limit: number): Promise<void> => {
  railway = await ServedRailway.start(
    { rows: 50, letters: 'ACDF', stops: 3 },
    { unpaidSeatsLimit: limit, unlimitedUsers: 'kiosk' },
  );
};

const order = async (
  seats: number,
  user = 'alice',
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const passengers = Array.from({ length: seats }, () => passenger());
  const body = { train: 'G900', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second', passengers };
  return railway.ask('/v1/orders', {
    token: await railway.token(user),
    body,
    headers: { Prefer: 'wait=10', ...headers },
  });
};
const codesOf = (answers: readonly Answer[]): readonly string[] => [
  ...new Set(answers.filter(({ status }) => status >= 400).map(({ body }) => body.code)),
];

test('requests at the same moment have no more seats together than the limit', async () => {
  await start(6);
  const answers = await Promise.all(Array.from({ length: 50 }, () => order(2)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
  expect(codesOf(answers)).toEqual(['TOO_MANY_UNPAID']);
  const refused = answers.find(({ status }) => status === 409);
  expect(refused?.body).toMatchObject({ unpaidSeats: 6, limit: 6 });
  // Nobody else is meant, and who sells for many is not limited.
  expect((await order(2, 'bob')).status).toBe(201);
  for (let n = 0; n < 4; n += 1) expect((await order(5, 'kiosk')).status).toBe(201);
});

test('the seats of an order that was cancelled, paid or expired do not count any more', async () => {
  await start(4);
  const first = await order(2);
  const second = await order(2);
  expect((await order(1)).body.code).toBe('TOO_MANY_UNPAID');
  const token = await railway.token('alice');
  await railway.ask(`/v1/orders/${first.body.orderNo}/cancel`, { method: 'POST', token });
  await waitUntil('room for the cancelled order', async () => (await order(2)).status === 201);
  expect((await order(1)).body.code).toBe('TOO_MANY_UNPAID');
  const payment = await railway.pay(second.body.orderNo);
  const { paymentNo, amountFen } = payment.body;
  expect((await railway.notify({ paymentNo, outcome: 'paid', amountFen })).status).toBe(200);
  await waitUntil('room for the paid order', async () => (await order(2)).status === 201);
  expect((await order(1)).body.code).toBe('TOO_MANY_UNPAID');
  railway.clock.leap(16 * 60_000);
  await waitUntil('room for the expired orders', async () => (await order(2)).status === 201);
});

test('a repeat is answered at the limit, and adds nothing', async () => {
  await start(5);
  const passengers = [passenger(), passenger(), passenger()];
  const body = { train: 'G900', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second', passengers };
  const asked = { token: await railway.token('alice'), body, headers: { 'Idempotency-Key': 'one', Prefer: 'wait=10' } };
  const first = await railway.ask('/v1/orders', asked);
  expect(first.status).toBe(201);
  expect((await order(3)).body.code).toBe('TOO_MANY_UNPAID');
  expect((await railway.ask('/v1/orders', asked)).body.orderNo).toBe(first.body.orderNo);
  expect((await order(3, 'alice', { 'Idempotency-Key': 'two' })).body.code).toBe('TOO_MANY_UNPAID');
  expect((await order(2)).status).toBe(201);
});
