// A person is one text in one form: what is sent otherwise is the same request, and what nobody can see is refused.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ServedRailway } from '../support/served-railway.ts';
import type { Answer } from '../support/shopper.ts';

let railway: ServedRailway;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 9, letters: 'ACDF', stops: 3 });
});
afterAll(() => railway.stop());

const ada = { name: 'Zoë Lovelace', idType: 'passport', idNo: 'E1234567', kind: 'adult' };
const order = (passengers: readonly object[], key = ''): Promise<Answer> =>
  railway.order({ passengers }, { Prefer: 'wait=10', ...(key === '' ? {} : { 'Idempotency-Key': key }) });

test('Forms of one name and one document are one person, in one order and under one key', async () => {
  const forms = [
    { ...ada, idNo: 'e1234567' },
    { ...ada, idNo: ' E1234567 ' },
    { ...ada, idNo: 'Ｅ1234567' },
    { ...ada, name: ' Zoe\u0308  Lovelace' },
  ];
  const first = await order([ada], 'one');
  expect(first.status).toBe(201);
  for (const form of forms) {
    expect((await order([form], 'one')).body.orderNo).toBe(first.body.orderNo);
    expect((await order([ada, form])).body.code).toBe('PASSENGER_TWICE');
  }
  const kept = (await railway.events()).find(({ type }) => type === 'OrderRequested');
  expect(kept?.data).toMatchObject({ request: { passengers: [ada] } });
});

test('Hyphens make no other document of a number, and are kept as they were sent', async () => {
  expect((await order([ada, { ...ada, idNo: 'E-123-4567' }])).body.code).toBe('PASSENGER_TWICE');
  const { body } = await order([{ ...ada, idNo: 'E-123-4567' }]);
  expect(body.items[0].passenger.idNo).toBe('******4567');
  // The number of another kind of document is another document.
  expect((await order([ada, { ...ada, idType: 'residencePermit' }])).status).toBe(201);
});

test.each([
  [{ name: 'A\u200bda' }, 'name'],
  [{ name: '\u3164' }, 'name'],
  [{ name: 'Ada\u202eecalevoL' }, 'name'],
  [{ name: 'Ada\nLovelace' }, 'name'],
  [{ name: 'Ada\u0000' }, 'name'],
  [{ name: '...' }, 'name'],
  [{ name: 'x'.repeat(61) }, 'name'],
  [{ idNo: '----' }, 'idNo'],
  [{ idNo: 'E12' }, 'idNo'],
  [{ idNo: 'E'.repeat(33) }, 'idNo'],
  [{ idNo: 'E12345\u200b' }, 'idNo'],
  [{ idType: 'idCard' }, 'idNo'],
  [{ idType: 'idCard', idNo: '110105194912310021' }, 'idNo'],
  [{ idType: 'idCard', idNo: '11010519490229002X' }, 'idNo'],
  [{ wants: 'win\u200bdow' }, 'wants'],
])('%j is refused, with its place', async (change, field) => {
  const answer = await order([{ ...ada, ...change }]);
  expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  expect(answer.body.errors.map(({ at }: { at: string }) => at)).toEqual([`body.passengers.0.${field}`]);
});

test.each([
  [{ name: '阿卜杜·热合曼' }, '阿******'],
  [{ name: '𠮷野' }, '𠮷*'],
  [{ name: '李' }, '*'],
  [{ name: 'x'.repeat(60) }, `x${'*'.repeat(59)}`],
  [{ idType: 'idCard', idNo: '11010519491231002x' }, 'Z***********'],
  [{ idNo: 'A-12' }, 'Z***********'],
])('%j is taken, and shown as %s', async (change, shown) => {
  const answer = await order([{ ...ada, ...change }]);
  expect([answer.status, answer.body.items?.[0].passenger.name]).toEqual([201, shown]);
});
