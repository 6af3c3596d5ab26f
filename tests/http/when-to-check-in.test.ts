// When a ticket is checked in: from some time before the departure from where its traveller boards until the train has arrived.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import type { Answer } from '../support/shopper.ts';

const MINUTE_MS = 60_000;
const CHECK_IN_MINUTES = 45;

let railway: ServedRailway;
let olga: string;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 20, letters: 'ACDF', stops: 4 }, { checkInMinutes: CHECK_IN_MINUTES });
  olga = await railway.token('olga', { role: 'operator' });
});
afterAll(() => railway.stop());

const atMs = (clockTime: string): number => Date.parse(`${RUN_DATE}T${clockTime}:00.000+08:00`);
const checkIn = (orderNo: string): Promise<Answer> =>
  railway.ask(`/v1/admin/tickets/${orderNo}T1/check-in`, { token: olga, method: 'POST' });

test('A ticket is checked in by the clock of its own journey, and only then', async () => {
  // The train leaves its stops at 10:02, 10:32 and 11:02, and comes to the next one two minutes before it leaves that.
  const ways = [
    { way: { from: 'ST0', to: 'ST1' }, departs: '10:02', arrives: '10:30' },
    { way: { from: 'ST0', to: 'ST3' }, departs: '10:02', arrives: '11:30' },
    { way: { from: 'ST1', to: 'ST3' }, departs: '10:32', arrives: '11:30' },
  ];
  const moments: { nowMs: number; orderNo: string; opens: number; closes: number; isOpen: boolean }[] = [];
  for (const { way, departs, arrives } of ways) {
    const [opens, closes] = [atMs(departs) - CHECK_IN_MINUTES * MINUTE_MS, atMs(arrives)];
    for (const nowMs of [opens - MINUTE_MS, opens + MINUTE_MS, closes - MINUTE_MS, closes + MINUTE_MS]) {
      const { orderNo } = await railway.ticketed(1, way);
      moments.push({ nowMs, orderNo, opens, closes, isOpen: nowMs > opens && nowMs < closes });
    }
  }
  for (const { nowMs, orderNo, opens, closes, isOpen } of moments.toSorted((one, other) => one.nowMs - other.nowMs)) {
    railway.clock.leapTo(nowMs);
    const { status, body } = await checkIn(orderNo);
    const { ticketStatus } = (await railway.orderNow(orderNo)).items[0];
    if (isOpen) expect([status, ticketStatus]).toEqual([200, 'USED']);
    else
      expect([body.code, Date.parse(body.from), Date.parse(body.until), ticketStatus]).toEqual([
        'CHECK_IN_CLOSED',
        opens,
        closes,
        'ISSUED',
      ]);
  }
  // Looked at again at the end, what is used is used.
  for (const { orderNo, isOpen } of moments)
    expect((await checkIn(orderNo)).body).toMatchObject(isOpen ? { already: true } : { code: 'CHECK_IN_CLOSED' });
});
