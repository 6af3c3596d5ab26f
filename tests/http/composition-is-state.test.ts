// Which coaches are in a train is kept as data: not in the words of a reason, and not by whoever wrote last.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { StreamAppend } from '@railhead/commands/ports/event-store.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import type { Answer, Json } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
beforeEach(async () => {
  railway = await ServedRailway.start({ rows: 2, letters: 'AC', stops: 4, standing: 3 });
});
afterEach(() => railway.stop());

const coach = (number: string) => ({
  coach: number,
  seatClass: 'second',
  layout: { kind: 'rows', rows: 2, letters: 'AC' },
});
const read = async (): Promise<Json> => (await railway.operate('GET', '')).body;
const put = async (coaches: readonly Json[], more: object = {}, reason = 'another set'): Promise<Answer> => {
  const token = await railway.token('olga', { role: 'operator' });
  const path = `/v1/admin/runs/G900/${RUN_DATE}/composition`;
  return railway.ask(path, { method: 'PUT', token, body: { coaches, reason }, headers: { ...more } });
};
/** Free second-class seats on each part of the way. */
const free = async (): Promise<readonly number[]> => {
  await railway.shown();
  const seats: number[] = [];
  for (const seq of [0, 1, 2]) {
    const path = `/v1/trains/G900/runs/${RUN_DATE}/availability?from=ST${seq}&to=ST${seq + 1}`;
    seats.push((await railway.ask(path)).body.classes[0].available);
  }
  return seats;
};

describe('A coach leaves', () => {
  test.each([
    ['coach 05: window broken', undefined],
    ['wet', undefined],
    ['coach 05: window broken', { from: 'ST1', to: 'ST2' }],
  ])('whole, whatever an operator wrote of one of its seats: %s %j', async (reason, way) => {
    const [own] = (await read()).coaches;
    await railway.operate('POST', '/coaches', { coaches: [coach('05')] });
    const seat = { coach: '05', seats: ['01A'], reason, ...way };
    const { withdrawalNo } = (await railway.operate('POST', '/withdrawals', seat)).body;
    const others = way === undefined ? [7, 7, 7] : [8, 7, 8];
    expect(await free()).toEqual(others);
    expect(await put([own])).toMatchObject({ status: 200, body: { withdrawn: ['05'], coaches: ['01'] } });
    expect(await free()).toEqual([4, 4, 4]);
    // The seat stays its operator's, and comes back with its coach, broken.
    expect(await railway.operate('DELETE', `/withdrawals/${withdrawalNo}`)).toMatchObject({
      status: 409,
      body: { code: 'COACH_WITHDRAWN' },
    });
    expect(await free()).toEqual([4, 4, 4]);
    expect(await put([own, coach('05')])).toMatchObject({ body: { returned: ['05'], coaches: ['01', '05'] } });
    expect(await free()).toEqual(others);
    const { withdrawals } = await read();
    expect(withdrawals).toEqual([expect.objectContaining({ withdrawalNo, reason })]);
    expect((await railway.operate('DELETE', `/withdrawals/${withdrawalNo}`)).status).toBe(200);
    expect(await free()).toEqual([8, 8, 8]);
  });

  test('with its places to stand, and is named by the withdrawals it left by', async () => {
    const [own] = (await read()).coaches;
    expect((await put([coach('02')], {}, 'longer')).body).toMatchObject({ added: ['02'], withdrawn: ['01'] });
    const { withdrawals } = await read();
    expect(
      withdrawals.map(({ seatClass, coach: left, reason, seats }: Json) => [seatClass, left, reason, seats.length]),
    ).toEqual([
      ['second', '01', 'longer', 4],
      ['standing', '01', 'longer', 3],
    ]);
    expect((await put([own])).body).toMatchObject({ returned: ['01'], withdrawn: ['02'], coaches: ['01'] });
  });

  test('not at all where a traveller sits in it: nothing is out of sale afterwards', async () => {
    const [own] = (await read()).coaches;
    await railway.operate('POST', '/coaches', { coaches: [coach('02'), coach('03')] });
    expect((await railway.order()).status).toBe(201);
    const before = await free();
    const taken = (await railway.events()).length;
    expect(await put([coach('03')])).toMatchObject({ status: 409, body: { code: 'SEATS_SOLD' } });
    expect(await put([coach('03')])).toMatchObject({ status: 409 });
    expect(await free()).toEqual(before);
    expect((await read()).withdrawals).toEqual([]);
    expect((await railway.events()).slice(taken).map(({ type }) => type)).not.toContain('CompositionChanged');
    expect((await put([own])).body).toMatchObject({ withdrawn: ['02', '03'] });
  });
});

describe('A change of the run as it was read', () => {
  const tagNow = async (): Promise<string> => String((await railway.operate('GET', '')).headers.get('etag'));

  test('is refused once another change has come before it, and then changes nothing', async () => {
    const [own] = (await read()).coaches;
    const tag = await tagNow();
    const first = await put([own, coach('02')], { 'If-Match': tag });
    expect(first).toMatchObject({ status: 200, body: { added: ['02'] } });
    expect(first.headers.get('etag')).toBe(await tagNow());
    const events = (await railway.events()).length;
    for (const stale of [tag, `W/${await tagNow()}`, '"other"', '"01", "99"'])
      expect([stale, await put([own], { 'If-Match': stale })]).toMatchObject([
        stale,
        { status: 412, body: { code: 'RUN_CHANGED' } },
      ]);
    expect((await railway.events()).length).toBe(events);
    for (const bad of ['3', '"3', '']) expect((await put([own], { 'If-Match': bad })).status).toBe(400);
    expect((await put([own], { 'If-Match': await tagNow() })).body).toMatchObject({ withdrawn: ['02'] });
    expect((await put([own, coach('02')], { 'If-Match': `"99" , ${await tagNow()}` })).status).toBe(200);
    expect((await put([own], { 'If-Match': '*' })).status).toBe(200);
    expect((await put([own, coach('02')])).body).toMatchObject({ returned: ['02'] });
  });

  test.each<readonly [string, (own: Json) => readonly (readonly Json[])[]]>([
    [
      'others',
      (own) => [
        [own, coach('02'), coach('04')],
        [own, coach('03')],
        [coach('02'), coach('03')],
      ],
    ],
    ['some of the same', (own) => [[own], [own, coach('03')], [own, coach('02')], [coach('02')]]],
    ['some of the same, and others come', (own) => [[own], [own, coach('04')], [coach('02'), coach('05')]]],
  ])(
    'is one of several at once by which coaches leave, %s: the train is what one of them asked for',
    async (_, wanted) => {
      const [own] = (await read()).coaches;
      await railway.operate('POST', '/coaches', { coaches: [coach('02'), coach('03')] });
      const tag = { 'If-Match': await tagNow() };
      const answers = await Promise.all(wanted(own).map((coaches) => put(coaches, tag)));
      expect(answers.map(({ status }) => status).sort()).toEqual([
        200,
        ...wanted(own)
          .slice(1)
          .map(() => 412),
      ]);
      const won = answers.find(({ status }) => status === 200);
      const { coaches, withdrawals } = await read();
      const out = new Set(withdrawals.map((one: Json) => one.coach));
      expect(coaches.map((one: Json) => one.coach).filter((number: string) => !out.has(number))).toEqual(
        won?.body.coaches,
      );
      expect(await free()).toEqual(Array.from({ length: 3 }, () => 4 * won?.body.coaches.length));
    },
  );

  test('that is overtaken before it is written leaves out of sale what the other change wants out, and nothing else', async () => {
    const [own] = (await read()).coaches;
    await railway.operate('POST', '/coaches', { coaches: [coach('02'), coach('03'), coach('04')] });
    const tag = { 'If-Match': await tagNow() };
    const writes = (number: string) => (appends: readonly StreamAppend[]) =>
      appends.some(({ events }) =>
        events.some(({ type, data }) => type === 'CompositionChanged' && JSON.stringify(data).includes(number)),
      );
    railway.store.appends.shut(writes('03'));
    // It has taken 02 and 04 out when the other change, which wants 02 and 03 out, is written.
    const overtaken = put([own, coach('03')], tag);
    await waitUntil('it to be about to be written', async () => railway.store.appends.waiting === 1);
    expect(await put([own, coach('04')], tag)).toMatchObject({ status: 200, body: { returned: ['04'] } });
    railway.store.appends.open();
    expect(await overtaken).toMatchObject({ status: 412, body: { code: 'RUN_CHANGED' } });
    const { withdrawals } = await read();
    expect(new Set(withdrawals.map((one: Json) => one.coach))).toEqual(new Set(['02', '03']));
    expect(await free()).toEqual([8, 8, 8]);
  });

  test('sent again by its key is the same change, though the run has changed by it', async () => {
    const [own] = (await read()).coaches;
    const headers = { 'If-Match': await tagNow(), 'Idempotency-Key': 'twice' };
    expect((await put([own, coach('02')], headers)).status).toBe(200);
    const events = (await railway.events()).length;
    expect(await put([own, coach('02')], headers)).toMatchObject({ status: 200, body: { coaches: ['01', '02'] } });
    expect((await railway.events()).length).toBe(events);
  });
});
