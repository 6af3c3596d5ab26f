// A change of tickets under the limits of users and documents: the tickets that it replaces are neither counted beside the
// new ones nor in their way, and all others are.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { audited } from '../support/clean-logs.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Answer, type Json, passenger } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
let token: string;
beforeEach(async () => {
  // G900 leaves at ten, G902 half an hour later; both take an hour and a half.
  railway = await ServedRailway.start(
    { rows: 20, letters: 'ACDF', stops: 4, trains: 3 },
    { ticketsPerTrainLimit: 5, ticketsPerDocumentLimit: 10, journeysAtOnceLimit: 1, cancelledOrdersLimit: 3 },
  );
  token = await railway.token('alice');
});
afterEach(async () => {
  try {
    expect(audited(await railway.events()).violations).toEqual([]);
  } finally {
    await railway.stop();
  }
});

const shown = async (orderNo: string): Promise<Json> =>
  (
    await railway.ask(`/v1/orders/${orderNo}`, {
      token,
      headers: { 'Railhead-Min-Position': String(await railway.store.lastPosition()) },
    })
  ).body;
const reached = (orderNo: string, isSo: (order: Json) => boolean): Promise<unknown> =>
  waitUntil('the order to come so far', async () => isSo(await shown(orderNo)));
const ticketed = async (passengers: readonly object[], more: object = {}): Promise<string> => {
  const placed = await railway.order({ passengers, to: 'ST2', ...more });
  expect(placed.status).toBe(201);
  const { orderNo } = placed.body;
  const { paymentNo, amountFen } = (await railway.pay(orderNo)).body;
  await railway.notify({ paymentNo, outcome: 'paid', amountFen });
  await reached(orderNo, ({ status }) => status === 'SUCCESS');
  return orderNo;
};
const SAME_TIME = { train: 'G902', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second' };
const change = (orderNo: string, body: object = {}, key: string = crypto.randomUUID()): Promise<Answer> =>
  railway.ask(`/v1/orders/${orderNo}/changes`, {
    token,
    body: { ...SAME_TIME, ...body },
    headers: { 'Idempotency-Key': key },
  });
const codeOf = ({ body }: Answer): string => body.code ?? body.status;
const party = (count: number): readonly object[] => Array.from({ length: count }, () => passenger());
const ordered = async (passengers: readonly object[], more: object = {}): Promise<string> =>
  codeOf(await railway.order({ passengers, ...more }));

describe('tickets', () => {
  test('change to a train at the same time, and then their own places are free', async () => {
    const five = party(5);
    const orderNo = await ticketed(five);
    expect(await ordered(five.slice(0, 1), SAME_TIME)).toBe('JOURNEY_OVERLAPS');
    expect(codeOf(await change(orderNo, { items: [1, 2] }))).toBe('SUCCESS');
    await reached(orderNo, ({ changes }) => changes[0].status === 'SUCCESS');
    // Two places of the user are free on the old train, and one may leave it before the new one departs.
    expect(await ordered(party(3))).toBe('LIMIT_TRAIN');
    expect(await ordered(five.slice(0, 1), { to: 'ST2' })).toBe('JOURNEY_OVERLAPS');
    expect(await ordered(five.slice(0, 1), { to: 'ST1' })).toBe('WAIT_PAY');
    expect(await ordered(party(1))).toBe('WAIT_PAY');
    expect(await ordered(party(1))).toBe('LIMIT_TRAIN');
    expect(await ordered(party(4), SAME_TIME)).toBe('LIMIT_TRAIN');
    expect(await ordered(party(3), SAME_TIME)).toBe('WAIT_PAY');
  });

  test('of the same train count once: all five change to a farther stop', async () => {
    const orderNo = await ticketed(party(5));
    const asked = await change(orderNo, { train: 'G900', to: 'ST3' });
    expect(codeOf(asked)).toBe('WAIT_PAY');
    expect(await ordered(party(1))).toBe('LIMIT_TRAIN');
    // Nothing comes of it, and the old ones count as before; then something does.
    await railway.ask(`/v1/orders/${asked.body.orderNo}/cancel`, { token, method: 'POST' });
    await reached(orderNo, ({ changes }) => changes[0].status === 'FAIL');
    expect(await ordered(party(1))).toBe('LIMIT_TRAIN');
    const again = await change(orderNo, { train: 'G900', to: 'ST3' });
    const { paymentNo, amountFen } = (await railway.pay(again.body.orderNo)).body;
    await railway.notify({ paymentNo, outcome: 'paid', amountFen });
    await reached(orderNo, ({ status }) => status === 'CLOSED');
    expect(await ordered(party(1))).toBe('LIMIT_TRAIN');
  });
});

describe('a change that its people may not have', () => {
  test('is refused, also when it is asked again, and leaves the tickets valid and free', async () => {
    const [ada, bea, cyd] = party(3);
    const orderNo = await ticketed([cyd as object, ada as object]);
    // Ada goes on, on a train that leaves an hour later, when she has arrived.
    await ticketed([ada as object], { train: 'G901', from: 'ST2', to: 'ST3' });
    const refused = await change(orderNo, { train: 'G901', to: 'ST2' }, 'same');
    expect([refused.status, codeOf(refused)]).toEqual([409, 'JOURNEY_OVERLAPS']);
    expect(refused.body.detail).toMatch(/^passenger 2: the document has /);
    const again = await change(orderNo, { train: 'G901', to: 'ST2' }, 'same');
    expect([again.status, { ...again.body, instance: '' }]).toEqual([409, { ...refused.body, instance: '' }]);
    await reached(orderNo, ({ changes }) => changes[0].status === 'FAIL');
    const kept = await shown(orderNo);
    expect([kept.status, kept.items[0].ticketStatus, kept.changes.length]).toEqual(['SUCCESS', 'ISSUED', 1]);
    expect(await shown(refused.body.orderNo)).toMatchObject({ status: 'CLOSED', closeReason: 'JOURNEY_OVERLAPS' });
    const olga = await railway.token('olga', { role: 'operator' });
    const { notifications } = (await railway.ask('/v1/admin/notifications?limit=1000', { token: olga })).body;
    expect(notifications.map(({ kind }: Json) => kind)).toContain('JOURNEY_OVERLAPS');
    // Nothing was reserved for it.
    expect(await ordered([bea as object], { train: 'G901', to: 'ST2' })).toBe('WAIT_PAY');
    expect(codeOf(await change(orderNo, { date: '2026-12-04' }))).toBe('SUCCESS');
  });

  test('by the number of tickets of the user, however many ask at once', async () => {
    const orderNo = await ticketed(party(3));
    await ticketed(party(4), { train: 'G902' });
    const asked = await Promise.all([1, 2, 3].map((item) => change(orderNo, { items: [item] })));
    expect(asked.map(codeOf).filter((code) => code === 'SUCCESS')).toHaveLength(1);
    for (const answer of asked) expect(['SUCCESS', 'LIMIT_TRAIN', 'CONTENDED']).toContain(codeOf(answer));
    expect(codeOf(await change(orderNo))).toMatch(/^(LIMIT_TRAIN|NOT_CHANGEABLE)$/);
  });
});
