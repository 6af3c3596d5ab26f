// Names in query and body that no endpoint knows are the client's mistake, and it is told of them. And what is too many is the same refusal, however many it is.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Answer, ask, type Json, passenger } from '../support/shopper.ts';

let railway: ServedRailway;
let document: Json;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 50, letters: 'ACDF', stops: 3 });
  ({ body: document } = await ask(`${railway.url}/openapi.json`));
});
afterAll(() => railway.stop());

const PARAMS: Readonly<Record<string, string>> = {
  orderNo: 'NOSUCHORDER',
  train: 'G900',
  date: RUN_DATE,
  token: 'none',
  withdrawalNo: 'W1',
  model: 'orders',
  position: '1',
  seatClass: 'second',
  userId: 'alice',
  kind: 'order',
  name: 'NOSUCHORDER',
};
const pathOf = (path: string): string => path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PARAMS[name] ?? name);
/** Monitors and gateways may add what they like. */
const TAKES_ANYTHING = ['isAlive', 'isReady', 'readMetrics', 'receivePaymentNotice', 'receiveFormPaymentNotice'];
const placesOf = ({ body }: Answer): readonly string[] => (body.errors ?? []).map(({ at }: Json) => at);

describe('every endpoint', () => {
  test('tells of a parameter of the query that it does not know', async () => {
    const token = await railway.token('olga', { role: 'operator' });
    for (const { operationId, method, path, hasBody } of railway.api.operations) {
      const answer = await railway.ask(`${pathOf(path)}?nosuch=1`, { method, token, ...(hasBody ? { body: {} } : {}) });
      const told = TAKES_ANYTHING.includes(operationId) ? [] : ['query.nosuch'];
      expect([operationId, placesOf(answer).filter((at) => at.startsWith('query.nosuch'))]).toEqual([
        operationId,
        told,
      ]);
      if (told.length > 0) expect([operationId, answer.status]).toEqual([operationId, 400]);
    }
  });

  test('that has a body tells of a field that it does not know', async () => {
    const token = await railway.token('olga', { role: 'operator' });
    for (const { operationId, method, path, hasBody } of railway.api.operations) {
      if (!hasBody || TAKES_ANYTHING.includes(operationId)) continue;
      const answer = await railway.ask(pathOf(path), { method, token, body: { nosuch: 1 } });
      expect([operationId, answer.status, answer.body.code]).toEqual([operationId, 400, 'INVALID_REQUEST']);
      expect([operationId, placesOf(answer)]).toEqual([operationId, expect.arrayContaining(['body.nosuch'])]);
    }
  });

  test('says in its schema that there are no other fields, at any depth', () => {
    const open: string[] = [];
    const look = (schema: Json, at: string): void => {
      if (schema.$ref !== undefined) look(document.components.schemas[schema.$ref.split('/').at(-1)], at);
      if (schema.properties !== undefined && schema.additionalProperties !== false) open.push(at);
      for (const [name, field] of Object.entries<Json>(schema.properties ?? {})) look(field, `${at}.${name}`);
      for (const option of schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []) look(option, at);
      if (schema.items !== undefined) look(schema.items, `${at}[]`);
    };
    for (const [path, methods] of Object.entries<Json>(document.paths))
      for (const [method, { operationId, requestBody }] of Object.entries<Json>(methods))
        if (requestBody !== undefined && !TAKES_ANYTHING.includes(operationId))
          look(requestBody.content['application/json'].schema, `${method} ${path}`);
    expect(open).toEqual([]);
  });
});

test('a wish that is misspelt buys nothing else: the order is refused, by the name that is wrong', async () => {
  const misspelt = await railway.order({ seatPreference: 'window' });
  expect(misspelt).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  expect(misspelt.body.detail).toBe('body.seatPreference: there is no such name here');
  const passengers = [passenger({ want: 'window' })];
  expect(placesOf(await railway.order({ passengers }))).toEqual(['body.passengers.0.want']);
  expect((await railway.events()).filter(({ type }) => type === 'OrderRequested')).toEqual([]);
});

test.each([0, 6, 50, 51, 400])('%d passengers are told as a wrong number of passengers', async (count) => {
  const passengers = Array.from({ length: count }, () => passenger());
  expect((await railway.order({ passengers })).body.code).toBe('PASSENGER_COUNT');
});

test.each([99, 100, 300])('%d coaches more are told as numbers that are taken', async (count) => {
  const layout = { kind: 'rows', rows: 1, letters: 'A' };
  const coaches = Array.from({ length: count }, (_, n) => ({
    coach: String(n % 100).padStart(2, '0'),
    seatClass: 'second',
    layout,
  }));
  expect((await railway.operate('POST', '/coaches', { coaches })).body.code).toBe('COACH_NUMBER_TAKEN');
});

test('a parameter without a value is none: it would be read as 0 where a number is asked for', async () => {
  const olga = await railway.token('olga', { role: 'operator' });
  for (const [path, at] of [
    ['/v1/admin/notifications?after=', 'query.after'],
    [`/v1/trains?from=ST0&to=ST1&date=${RUN_DATE}&cursor=`, 'query.cursor'],
    ['/v1/admin/notifications?after=&limit=5', 'query.after'],
  ])
    expect((await railway.ask(path ?? '', { token: olga })).body).toMatchObject({
      code: 'INVALID_REQUEST',
      errors: [{ at, message: 'has no value' }],
    });
  expect((await railway.ask('/healthz?verbose=')).status).toBe(200);
});

test.each([
  ['/v1/stations?q=st&limit=abc', 'query.limit: must be a whole number'],
  ['/v1/stations?q=st&limit=1.5', 'query.limit: must be a whole number'],
  [`/v1/trains?from=ST0&to=ST1&date=${RUN_DATE}&cursor=x`, 'query.cursor: must be a whole number'],
])('%s is told in words', async (path, detail) => {
  expect((await railway.ask(path)).body).toMatchObject({ code: 'INVALID_REQUEST', detail });
});
