// What readers can rely on: complete lists page by page, a history in log order, and their own writes.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newEvent } from '../support/events.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import type { Answer, Json } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

const TRAINS = 8;
let railway: ServedRailway;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 20, letters: 'ACDF', stops: 3, trains: TRAINS });
});
afterAll(() => railway.stop());

/** All pages of a list; `between` is called after each. */
const pagesOf = async (
  path: string,
  name: string,
  limit: number,
  { token, between }: { readonly token?: string; readonly between?: () => Promise<void> } = {},
): Promise<readonly (readonly Json[])[]> => {
  const pages: Json[][] = [];
  let cursor: string | undefined;
  do {
    const query = `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor === undefined ? '' : `&cursor=${cursor}`}`;
    const { status, body } = await railway.ask(query, token === undefined ? {} : { token });
    expect(status).toBe(200);
    pages.push(body[name]);
    cursor = body.nextCursor;
    await between?.();
  } while (cursor !== undefined && pages.length < 100);
  return pages;
};

const expectedSizes = (total: number, limit: number): readonly number[] =>
  Array.from({ length: Math.max(1, Math.ceil(total / limit)) }, (_, page) => Math.min(limit, total - page * limit));

describe('a list', () => {
  test('of trains is in the order of departure, whole and without repetition by pages of any size', async () => {
    const path = `/v1/trains?from=ST0&to=ST2&date=${RUN_DATE}`;
    const { body } = await railway.ask(path);
    expect(body.trains).toHaveLength(TRAINS);
    expect(body.nextCursor).toBeUndefined();
    const keys = body.trains.map(({ departs, train }: Json) => `${departs} ${train}`);
    expect(keys).toEqual([...keys].sort());
    for (let limit = 1; limit <= TRAINS + 1; limit += 1) {
      const pages = await pagesOf(path, 'trains', limit);
      expect(pages.map((page) => page.length)).toEqual(expectedSizes(TRAINS, limit));
      expect(pages.flat().map(({ train }) => train)).toEqual(body.trains.map(({ train }: Json) => train));
    }
  });

  test('of orders is newest first, and stays whole while orders come and change', async () => {
    const token = await railway.token('alice');
    const ordered: string[] = [];
    for (let n = 0; n < 6; n += 1) ordered.unshift((await railway.order()).body.orderNo);
    const bob = await railway.token('bob');
    await railway.shown();
    expect((await railway.ask('/v1/orders', { token: bob })).body).toEqual({ orders: [] });
    for (let limit = 1; limit <= 7; limit += 1) {
      const pages = await pagesOf('/v1/orders', 'orders', limit, { token });
      expect(pages.map((page) => page.length)).toEqual(expectedSizes(6, limit));
      expect(pages.flat().map(({ orderNo }) => orderNo)).toEqual(ordered);
    }
    const statuses = async (status: string): Promise<readonly string[]> =>
      (await pagesOf(`/v1/orders?status=${status}`, 'orders', 2, { token })).flat().map(({ orderNo }) => orderNo);
    // After each page the oldest order that is not shown yet changes, and a new one comes.
    const oldestFirst = [...ordered].reverse();
    const between = async (): Promise<void> => {
      const path = `/v1/orders/${oldestFirst.shift()}/cancel`;
      if (path.includes('undefined')) return;
      await railway.ask(path, { method: 'POST', token });
      await railway.order();
      await railway.shown();
    };
    const pages = await pagesOf('/v1/orders', 'orders', 2, { token, between });
    expect(pages.flat().map(({ orderNo }) => orderNo)).toEqual(ordered);
    expect(await statuses('CLOSED')).toEqual(ordered.slice(-3));
    expect((await statuses('WAIT_PAY')).slice(-3)).toEqual(ordered.slice(0, 3));
    expect(await statuses('NONE')).toEqual([]);
    const all = (await pagesOf('/v1/orders', 'orders', 100, { token })).flat();
    expect(all).toHaveLength(9);
    expect(all.every((order) => order.userId === undefined)).toBe(true);
  });
});

describe('the history of an order', () => {
  /** Events of nobody, up to so many in the log. */
  const fillTo = async (position: number): Promise<void> => {
    const missing = position - (await railway.store.lastPosition());
    expect(missing).toBeGreaterThanOrEqual(0);
    const events = Array.from({ length: missing }, () => newEvent());
    if (missing > 0) await railway.store.append([{ stream: 'filler-1', expected: 'any', events }]);
  };

  test.each([1_000, 10_000])('is in the order of the log, across position %d and all payments', async (power) => {
    await fillTo(power - 3);
    const { orderNo, amountFen } = (await railway.order({ passengers: [{ ...secret }] })).body;
    const first = (await railway.pay(orderNo)).body.paymentNo;
    await railway.notify({ paymentNo: first, outcome: 'declined', amountFen });
    const second = (await railway.pay(orderNo)).body.paymentNo;
    expect(second).not.toBe(first);
    await railway.notify({ paymentNo: second, outcome: 'paid', amountFen });
    await waitUntil('the ticket', async () => (await railway.statusOf(orderNo)) === 'SUCCESS');
    // The money of the first attempt comes after all, and has to go back.
    await railway.notify({ paymentNo: first, outcome: 'paid', amountFen, version: 2 });
    const goesBack = async (): Promise<boolean> =>
      (await railway.events()).some(
        ({ type, stream }) => type === 'PaymentRefundRequested' && stream === `payment-${first}`,
      );
    await waitUntil('the refund to be asked for', goesBack);
    await railway.shown();
    const answer = await railway.ask(`/v1/orders/${orderNo}/history`, { token: await railway.token('alice') });
    const own = (await railway.events()).filter(({ stream }) => stream.includes(orderNo));
    expect(answer.body.events.map(({ position }: Json) => position)).toEqual(own.map(({ position }) => position));
    expect(own.some(({ position }) => position < power) && own.some(({ position }) => position >= power)).toBe(true);
    for (const [index, { type, stream, meta, position, data }] of own.entries()) {
      // Personal data is masked, and nothing else is left out.
      const { request } = data as { request?: object };
      const passengers = [expect.objectContaining({ kind: 'adult' })];
      const shown = request === undefined ? data : { ...(data as object), request: { ...request, passengers } };
      expect(answer.body.events[index]).toEqual({
        type,
        stream,
        at: meta.at,
        actor: meta.actor,
        position,
        data: shown,
      });
    }
    const text = JSON.stringify([
      answer.body,
      (await railway.ask(`/v1/orders/${orderNo}`, { token: await railway.token('alice') })).body,
    ]);
    for (const personal of [secret.name, secret.idNo]) expect(text).not.toContain(personal);
    expect(text).toContain('*');
  });
});

const secret = { name: 'Grace Hopper', idType: 'passport', idNo: 'USN19061209', kind: 'adult' };

/** For each model a category that no other model reads; processes may. */
const CATEGORY = { timetable: 'station', availability: 'segmentInventory', orders: 'payment' } as const;
type Model = keyof typeof CATEGORY;

const READS: readonly { readonly path: string; readonly models: readonly Model[] }[] = [
  { path: '/v1/stations?q=ST0', models: ['timetable'] },
  { path: `/v1/trains?from=ST0&to=ST1&date=${RUN_DATE}`, models: ['timetable', 'availability'] },
  { path: `/v1/trains/G900?date=${RUN_DATE}`, models: ['timetable'] },
  { path: `/v1/trains/G900/runs/${RUN_DATE}/availability?from=ST0&to=ST1`, models: ['timetable', 'availability'] },
  { path: '/v1/orders', models: ['orders'] },
  { path: '/v1/orders/ORDER', models: ['orders'] },
  { path: '/v1/orders/ORDER/history', models: ['orders'] },
];

describe('a read that names a position', () => {
  let token = '';
  let reads: typeof READS = [];
  beforeAll(async () => {
    token = await railway.token('alice');
    const { orderNo } = (await railway.order()).body;
    reads = READS.map(({ path, models }) => ({ path: path.replace('ORDER', orderNo), models }));
    await railway.shown();
  });
  const readAt = (path: string, position: number | string): Promise<Answer> =>
    railway.ask(path, { token, headers: { 'Railhead-Min-Position': String(position) } });

  test.each(Object.entries(CATEGORY))('waits for the model of %s exactly if it reads it', async (model, category) => {
    const { store, clock } = railway;
    const before = await railway.shown();
    store.followers.shut((categories) => categories.includes(category));
    await store.append([{ stream: 'filler-2', expected: 'any', events: [newEvent()] }]);
    const position = await store.lastPosition();
    for (const { path, models } of reads) {
      const asked = readAt(path, position);
      if (!models.includes(model as Model)) {
        expect([path, (await asked).status]).toEqual([path, 200]);
        continue;
      }
      const began = clock.now();
      let answer: Answer | undefined;
      void asked.then((given) => {
        answer = given;
      });
      await waitUntil('the answer', () => {
        if (answer === undefined) clock.leap(1_000);
        return answer;
      });
      expect([path, answer?.status, answer?.body.code]).toEqual([path, 503, 'MODEL_BEHIND']);
      expect(answer?.body.position).toBe(before);
      expect(answer?.headers.get('retry-after')).toBe('1');
      expect(clock.now() - began).toBeGreaterThanOrEqual(4_000);
    }
    const waiting = reads.map(({ path }) => readAt(path, position));
    // They are let go on, most of them, while they wait.
    for (const { path } of reads) await readAt(path, before);
    store.followers.open();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(reads.map(() => 200));
  });

  test('that all models have reached does not wait; a text that is no position is refused', async () => {
    for (const { path } of reads) {
      for (const position of ['0', '1', String(await railway.store.lastPosition())])
        expect([path, (await readAt(path, position)).status]).toEqual([path, 200]);
      for (const garbage of ['soon', '-1', '1.5', '', '1e3', '0x10', '1,2', '9007199254740993', 'NaN'])
        expect([garbage, (await readAt(path, garbage)).body.code]).toEqual([garbage, 'POSITION_INVALID']);
    }
  });
});

describe('a write', () => {
  const positionIn = (answer: Answer): number => Number(answer.headers.get('railhead-position'));
  const typeAt = async (position: number): Promise<string | undefined> =>
    (await railway.events()).find((event) => event.position === position)?.type;

  test('answers with the place of its event, and a read that names it shows the write', async () => {
    const token = await railway.token('alice');
    const shown = async (orderNo: string, after: Answer): Promise<Json> => {
      const headers = { 'Railhead-Min-Position': String(positionIn(after)) };
      return (await railway.ask(`/v1/orders/${orderNo}`, { token, headers })).body;
    };
    const placed = await railway.order({}, {});
    const { orderNo } = placed.body;
    expect(await typeAt(positionIn(placed))).toBe('OrderRequested');
    expect((await shown(orderNo, placed)).orderNo).toBe(orderNo);
    await waitUntil('the seats', async () => (await railway.statusOf(orderNo)) === 'WAIT_PAY');
    const created = await railway.pay(orderNo);
    expect(await typeAt(positionIn(created))).toBe('PaymentCreated');
    expect((await shown(orderNo, created)).payments).toMatchObject([{ status: 'CREATED' }]);
    // Nothing is written when it is asked for again.
    const again = await railway.pay(orderNo);
    expect(again).toMatchObject({ status: 201, body: created.body });
    expect(again.headers.has('railhead-position')).toBe(false);
    const { paymentNo, amountFen } = created.body;
    const heard = await railway.notify({ paymentNo, amountFen, outcome: 'declined' });
    expect(await typeAt(positionIn(heard))).toBe('PaymentDeclined');
    expect((await shown(orderNo, heard)).payments).toMatchObject([{ status: 'DECLINED' }]);
    const cancelled = await railway.ask(`/v1/orders/${orderNo}/cancel`, { method: 'POST', token });
    expect(await typeAt(positionIn(cancelled))).toBe('OrderClosed');
    expect((await shown(orderNo, cancelled)).status).toBe('CLOSED');
  });

  test('of an operator answers with a place from which on it is seen', async () => {
    const free = async (after: Answer): Promise<number> => {
      const headers = { 'Railhead-Min-Position': String(positionIn(after)) };
      const path = `/v1/trains/G900/runs/${RUN_DATE}/availability?from=ST0&to=ST2`;
      return (await railway.ask(path, { headers })).body.classes[0].total;
    };
    const coach = (number: string) => ({
      coach: number,
      seatClass: 'second',
      layout: { kind: 'rows', rows: 1, letters: 'AC' },
    });
    const withdrawn = await railway.operate('POST', '/withdrawals', { coach: '01', seats: ['20F'], reason: 'r' });
    expect(await free(withdrawn)).toBe(79);
    const { withdrawalNo } = withdrawn.body;
    expect(await free(await railway.operate('DELETE', `/withdrawals/${withdrawalNo}`))).toBe(80);
    expect(await free(await railway.operate('POST', '/coaches', { coaches: [coach('02')] }))).toBe(82);
    const { coaches } = (await railway.operate('GET', '')).body;
    const change = (list: readonly Json[]): Promise<Answer> =>
      railway.operate('PUT', '/composition', { coaches: list, reason: 'r' });
    expect(await free(await change([...coaches, coach('03')]))).toBe(84);
    expect(await free(await change(coaches))).toBe(82);
    expect(await free(await change([...coaches, coach('03')]))).toBe(84);
    expect(await typeAt(positionIn(await railway.operate('POST', '/cancel', { reason: 'r' })))).toBe(
      'TrainRunCancelled',
    );
  });

  test('carries the request id it was given into the log, and makes one of its own for what is none', async () => {
    const date = '2026-12-03';
    const correlated = async (): Promise<string | undefined> =>
      (await railway.events()).filter(({ type }) => type === 'OrderRequested').at(-1)?.meta.correlationId;
    const given = await railway.order({ date }, { 'X-Request-Id': 'my.request_id-1' });
    expect([given.headers.get('x-request-id'), await correlated()]).toEqual(['my.request_id-1', 'my.request_id-1']);
    for (const bad of ['two words', 'x'.repeat(129), 'ä']) {
      const made = (await railway.order({ date }, { 'X-Request-Id': bad })).headers.get('x-request-id');
      expect(made).toMatch(/^[0-9a-f-]{36}$/);
      expect(await correlated()).toBe(made);
    }
  });
});
