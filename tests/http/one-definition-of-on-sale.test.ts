// What can be bought now: search, availability and orders answer alike, at every stop, on both sides of midnight.
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { RUN_DATE, ServedRailway, START_MS, TODAY } from '../support/served-railway.ts';
import type { Json } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway | undefined;
const stop = async (): Promise<void> => {
  await railway?.stop();
  railway = undefined;
};
afterEach(stop);
afterAll(stop);

const MINUTE_MS = 60_000;
const MIDNIGHT_MS = Date.parse(`${TODAY}T00:00:00+08:00`);

/** On the way from a stop to the next: what each of the three says. */
const saidOf = async (served: ServedRailway, date: string, seq: number, departs: string) => {
  const [from, to] = [`ST${seq}`, `ST${seq + 1}`];
  const found = (await served.ask(`/v1/trains?from=${from}&to=${to}&date=${departs}`)).body.trains.find(
    ({ runDate }: Json) => runDate === date,
  );
  const shown = await served.ask(`/v1/trains/G900/runs/${date}/availability?from=${from}&to=${to}`);
  const order = await served.order({ date, from, to });
  return {
    search: found.classes[0].available > 0,
    availability: shown.body.classes[0].available > 0,
    order: order.status === 201 ? true : order.body.code,
  };
};

test('A night train is sold at each stop until it leaves it, also those it comes to on the day after its date', async () => {
  // It leaves its stops at 23:22, 23:52 and, on the next day, 0:22.
  const leaves = 23 * 60 + 20;
  railway = await ServedRailway.start({ rows: 20, letters: 'ACDF', stops: 4, leaves });
  const boardingMs = [0, 1, 2].map((seq) => MIDNIGHT_MS + (leaves + 2 + seq * 30) * MINUTE_MS);
  const departs = [TODAY, TODAY, '2026-12-01'];
  const moments = boardingMs.flatMap((ms) => [ms - 5 * MINUTE_MS, ms + MINUTE_MS]);
  for (const nowMs of [START_MS, ...moments, MIDNIGHT_MS + 40 * 60 * MINUTE_MS]) {
    railway.clock.leapTo(nowMs);
    for (const seq of [0, 1, 2]) {
      const isSold = (boardingMs[seq] ?? 0) > nowMs;
      expect([new Date(nowMs), seq, await saidOf(railway, TODAY, seq, departs[seq] ?? '')]).toEqual([
        new Date(nowMs),
        seq,
        { search: isSold, availability: isSold, order: isSold || 'SALE_CLOSED' },
      ]);
    }
  }
});

test('A run that is cancelled, or beyond the days of the sale, is shown without seats and refused', async () => {
  railway = await ServedRailway.start({ rows: 9, letters: 'AC', stops: 3 });
  const last = '2026-12-14';
  expect(await saidOf(railway, last, 0, last)).toEqual({ search: true, availability: true, order: true });
  await railway.operate('POST', '/cancel', { reason: 'snow' });
  await railway.shown();
  expect(await saidOf(railway, RUN_DATE, 0, RUN_DATE)).toEqual({
    search: false,
    availability: false,
    order: 'RUN_CANCELLED',
  });
  // Seen from the day before, the last run is one day too far ahead.
  railway.clock.leap(-24 * 60 * MINUTE_MS);
  expect(await saidOf(railway, last, 0, last)).toEqual({
    search: false,
    availability: false,
    order: 'DATE_OUTSIDE_SALE',
  });
});

test('A class whose seats have been given out is sold to nobody, and no change to it is quoted', async () => {
  railway = await ServedRailway.start({ rows: 9, letters: 'AC', stops: 3, late: true, trains: 2 });
  const token = await railway.token('alice');
  const { orderNo } = await railway.ticketed(1, { train: 'G901' });
  const wish = { train: 'G900', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second' };
  const quoted = `/v1/orders/${orderNo}/change-quote?${new URLSearchParams(wish)}`;
  expect((await railway.ask(quoted, { token })).status).toBe(200);
  // G900 leaves at 10:02, and its seats are given out an hour before.
  railway.clock.leapTo(Date.parse(`${RUN_DATE}T09:03:00+08:00`));
  await waitUntil('the seats to be given out', async () => (await railway?.operate('GET', ''))?.body.seatsAssigned);
  await railway.shown();
  expect(await saidOf(railway, RUN_DATE, 0, RUN_DATE)).toEqual({
    search: false,
    availability: false,
    order: 'SALE_CLOSED',
  });
  const before = await railway.store.lastPosition();
  for (const asked of [
    await railway.ask(quoted, { token }),
    await railway.ask(`/v1/orders/${orderNo}/changes`, { token, body: wish }),
  ])
    expect(asked).toMatchObject({ status: 422, body: { code: 'SALE_CLOSED' } });
  expect(await railway.store.lastPosition()).toBe(before);
});
