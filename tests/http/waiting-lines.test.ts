// Who waits for seats of a run, for those who run the railway.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PeopleWhoWait } from '../support/people-who-wait.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Answer, type Json, passenger } from '../support/shopper.ts';

let railway: ServedRailway;
let people: PeopleWhoWait;
/** Two seats on each of its trains, and places to stand on none. */
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 1, letters: 'AF', stops: 4, trains: 3 });
  people = new PeopleWhoWait(railway);
});
afterAll(() => railway.stop());

const olga = (): Promise<string> => railway.token('olga', { role: 'operator' });
/** After all that the log has now. */
const ask = async (query: string): Promise<Answer> => {
  const headers = { 'Railhead-Min-Position': String(await railway.store.lastPosition()) };
  return railway.ask(`/v1/admin/waitlist?${query}`, { token: await olga(), headers });
};
const held = async (of: string): Promise<string> => {
  const { status, body } = await railway.order({ train: of, passengers: [passenger(), passenger()] });
  expect([status, body.status]).toEqual([201, 'WAIT_PAY']);
  return body.orderNo;
};
const choice = (of: string, to = 'ST2'): object => ({
  train: of,
  date: RUN_DATE,
  from: 'ST0',
  to,
  seatClass: 'second',
});

test('operators see the line of a run as its people are told it, until they are served', async () => {
  const [orderNo] = [await held('G900'), await held('G901')];
  const paul = await people.wait('paul', [choice('G901'), choice('G900', 'ST3')], { party: 2 });
  railway.clock.leap(1_000);
  const anna = await people.wait('anna', [choice('G900')]);
  const { status, body } = await ask(`train=G900&date=${RUN_DATE}`);
  expect(status).toBe(200);
  const line = {
    ...{ seatClass: 'second', from: expect.objectContaining({ code: 'ST0' }), acceptStanding: false },
    ...{ since: expect.stringMatching(/\+08:00$/), until: expect.stringMatching(/\+08:00$/), chance: 0.5 },
  };
  const to = (code: string) => expect.objectContaining({ code });
  expect(body).toEqual({
    waiting: [
      { ...line, position: 1, waitlistNo: paul, userId: 'paul', choice: 1, to: to('ST3'), travellers: 2 },
      { ...line, position: 2, waitlistNo: anna, userId: 'anna', choice: 0, to: to('ST2'), travellers: 1 },
    ],
  });
  for (const { waitlistNo, userId, choice: index, position, until, chance } of body.waiting) {
    const { choices } = await people.now(userId, waitlistNo);
    expect(choices[index]).toMatchObject({ position, until, chance, waiting: 2 });
  }
  expect((await ask(`train=G901&date=${RUN_DATE}&seatClass=second`)).body.waiting).toMatchObject([
    { waitlistNo: paul, position: 1, choice: 0 },
  ]);
  expect((await ask(`train=G902&date=${RUN_DATE}`)).body).toEqual({ waiting: [] });

  // Page by page.
  const first = (await ask(`train=G900&date=${RUN_DATE}&limit=1`)).body;
  expect(first.waiting).toEqual([body.waiting[0]]);
  const rest = (await ask(`train=G900&date=${RUN_DATE}&limit=1&cursor=${first.nextCursor}`)).body;
  expect(rest).toEqual({ waiting: [body.waiting[1]] });

  const token = await railway.token('alice');
  expect((await railway.ask(`/v1/orders/${orderNo}/cancel`, { method: 'POST', token })).status).toBe(200);
  await people.until('paul', paul, 'SUCCESS');
  expect((await ask(`train=G900&date=${RUN_DATE}`)).body.waiting).toMatchObject([{ waitlistNo: anna, position: 1 }]);
  expect((await ask(`train=G901&date=${RUN_DATE}`)).body).toEqual({ waiting: [] });
});

test.each([
  ['train=G999&date=2026-12-02', 404, 'TRAIN_NOT_FOUND'],
  ['train=G900&date=2027-12-02', 404, 'TRAIN_NOT_FOUND'],
  ['train=G900&date=2026-12-02&seatClass=first', 422, 'CLASS_NOT_ON_TRAIN'],
])('%s is answered with %d %s', async (query, status, code) => {
  const answer = await ask(query);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
});

const cursor = (content: unknown): string => Buffer.from(JSON.stringify(content)).toString('base64url');
test.each([
  ['date=2026-12-02', 'query.train'],
  ['train=G900', 'query.date'],
  ['train=G900&date=tomorrow', 'query.date'],
  ['train=G%2F0&date=2026-12-02', 'query.train'],
  ['train=G900&date=2026-12-02&seatClass=gold', 'query.seatClass'],
  ['train=G900&date=2026-12-02&limit=501', 'query.limit'],
  ['train=G900&date=2026-12-02&cursor=x', 'query.cursor'],
  [`train=G900&date=2026-12-02&cursor=${cursor(['first', 1, 'W1'])}`, 'query.cursor'],
  [`train=G900&date=2026-12-02&cursor=${cursor(['second', -1, 'W1'])}`, 'query.cursor'],
  [`train=G900&date=2026-12-02&cursor=${cursor(['second', 1, "W1' or 1"])}`, 'query.cursor'],
])('%s is refused, with the name that is wrong', async (query, at) => {
  const { status, body } = await ask(query);
  expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
  const named = (body.errors ?? []).map((one: Json) => one.at);
  expect([...named, String(body.detail).split(':')[0]]).toContain(at);
});
