// An event that a read model cannot take: operators see it, skip it, or have it tried again.
import { afterEach, expect, test } from '@jest/globals';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { newEvent } from '../support/events.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Answer, ask, type Json } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
afterEach(() => railway.stop());

const start = async (settings: object = {}): Promise<void> => {
  railway = await ServedRailway.start({ rows: 20, letters: 'AB', stops: 3 }, settings);
};
const asOperator = async (method: string, path: string, body?: object): Promise<Answer> => {
  const token = await railway.token('olga', { role: 'operator' });
  return railway.ask(`/v1/admin/read-models${path}`, { method, token, ...(body === undefined ? {} : { body }) });
};
const modelNow = async (name: string): Promise<Json> =>
  (await asOperator('GET', '')).body.readModels.find(({ model }: Json) => model === name);

/** A notice that was refused, without most of what it has to have: no row can be made of it. */
const poison = async (stream: string): Promise<RecordedEvent> => {
  const event = { ...newEvent({ orderNo: 'N1' }, 'PaymentNoticeRefused'), version: 1 };
  await railway.store.append([{ stream, expected: 'any', events: [event] }]);
  const [written] = (await railway.store.readStream(stream)).slice(-1);
  if (written === undefined) throw new Error('it was written');
  return written;
};
const standsAt = (position: number): Promise<Json> =>
  waitUntil('the model to stop', async () => {
    await railway.clock.leap(20_000);
    const model = await modelNow('deadLetters');
    return model.state === 'failed' && model.refused?.position === position ? model : undefined;
  });
const isLive = (): Promise<Json> =>
  waitUntil('the model to go on', async () => {
    await railway.clock.leap(2_000);
    const model = await modelNow('deadLetters');
    return model.state === 'live' && model.lagEvents === 0 ? model : undefined;
  });

test('the model stops there and says so; the sale and the other models go on; skipped, it goes on', async () => {
  await start();
  const { position, stream } = await poison('payment-P1');
  const stopped = await standsAt(position);
  expect(stopped).toMatchObject({ refused: { position, stream, eventType: 'PaymentNoticeRefused' } });
  expect(stopped.refused.why).not.toBe('');
  const ready = await ask(`${railway.url}/readyz`);
  expect([ready.status, ready.body.parts.deadLetters]).toEqual([503, expect.stringContaining('failed: ')]);
  expect((await railway.order()).status).toBe(201);

  const skipped = await asOperator('POST', `/deadLetters/events/${position}/skip`, { reason: 'it says nothing' });
  expect(skipped).toMatchObject({ status: 200, body: { model: 'deadLetters', position, stream } });
  expect(skipped.headers.get('Railhead-Position')).toMatch(/^\d+$/);
  expect((await isLive()).skipped).toMatchObject([{ position, reason: 'it says nothing', by: 'olga' }]);
  const again = await asOperator('POST', `/deadLetters/events/${position}/skip`, { reason: 'once more' });
  expect([again.status, again.headers.get('Railhead-Position')]).toEqual([200, null]);

  expect((await asOperator('POST', `/deadLetters/events/${position}/retry`)).status).toBe(200);
  await standsAt(position);
});

test('where it may, the model sets the stream aside, and takes the others', async () => {
  await start({ setAsideIn: 'deadLetters' });
  const { position } = await poison('payment-P1');
  const model = await waitUntil('the stream to be set aside', async () => {
    await railway.clock.leap(20_000);
    const now = await modelNow('deadLetters');
    return now.setAside.length > 0 ? now : undefined;
  });
  expect(model.setAside).toMatchObject([{ stream: 'payment-P1', position }]);
  await isLive();
  const { body } = await ask(`${railway.url}/readyz`);
  expect(body.streamsSetAside['payment-P1']).toContain('was refused');
  expect(body.ready).toBe(true);
});

test('every model is built again without an event, and with it again', async () => {
  await start();
  const { orderNo } = (await railway.order()).body;
  const events = await railway.events();
  const positionOf = (type: string): number => events.find((event) => event.type === type)?.position ?? 0;
  const free = async (headers: Readonly<Record<string, string>>): Promise<number> => {
    const path = `/v1/trains/G900/runs/${RUN_DATE}/availability?from=ST0&to=ST1`;
    const { classes } = (await railway.ask(path, { headers })).body;
    return classes.find(({ seatClass }: Json) => seatClass === 'second').available;
  };
  const found = async (headers: Readonly<Record<string, string>>): Promise<number> => {
    const token = await railway.token('olga', { role: 'operator' });
    return (await railway.ask(`/v1/admin/orders?orderNo=${orderNo}`, { token, headers })).body.orders.length;
  };
  const known = async (headers: Readonly<Record<string, string>>): Promise<number> =>
    (await railway.ask(`/v1/orders/${orderNo}`, { token: await railway.token('alice'), headers })).status;
  const cases = [
    ['orders', 'OrderRequested', known, 200, 404],
    ['orderSearch', 'OrderRequested', found, 1, 0],
    ['availability', 'SeatsHeld', free, 39, 40],
  ] as const;
  for (const [model, type, shown, withIt, without] of cases) {
    const asOfNow = async (): Promise<number> =>
      shown({ 'Railhead-Min-Position': String(await railway.store.lastPosition()) });
    expect([model, await asOfNow()]).toEqual([model, withIt]);
    const path = `/${model}/events/${positionOf(type)}`;
    await asOperator('POST', `${path}/skip`, { reason: 'to see' });
    expect([model, await asOfNow()]).toEqual([model, without]);
    // What is left out on purpose is no difference.
    for (const kind of ['stock', 'orders']) {
      const token = await railway.token('olga', { role: 'operator' });
      const compared = await railway.ask('/v1/admin/reconciliations', { token, body: { kind } });
      expect([compared.status, compared.body.inconsistent_details]).toEqual([200, []]);
    }
    await asOperator('POST', `${path}/retry`);
    expect([model, await asOfNow()]).toEqual([model, withIt]);
  }
});

test.each([
  ['/nothing/events/1/skip', 404, 'READ_MODEL_UNKNOWN'],
  ['/deadLetters/events/1/skip', 404, 'EVENT_UNKNOWN'],
  ['/deadLetters/events/99999999/skip', 404, 'EVENT_UNKNOWN'],
  ['/deadLetters/events/0/skip', 400, 'INVALID_REQUEST'],
  ['/deadLetters/events/x/skip', 400, 'INVALID_REQUEST'],
  ['/deadLetters/events/0x1/skip', 400, 'INVALID_REQUEST'],
  ['/deadLetters/events/1.0/skip', 400, 'INVALID_REQUEST'],
  ['/dead-letters/events/1/skip', 400, 'INVALID_REQUEST'],
])('POST %s is refused', async (path, status, code) => {
  await start();
  expect(await asOperator('POST', path, { reason: 'why not' })).toMatchObject({ status, body: { code } });
  expect((await asOperator('POST', path, {})).body.code).toBe('INVALID_REQUEST');
  const user = { method: 'POST', token: await railway.token('alice'), body: { reason: 'why not' } };
  expect((await railway.ask(`/v1/admin/read-models${path}`, user)).status).toBe(403);
});
