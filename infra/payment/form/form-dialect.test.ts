import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fenOf, formDialect, yuanOf } from './form-dialect.ts';
import { keysOfBothSides } from './form-keys.ts';

const NOW_MS = 1_000_000_000;
const keys = keysOfBothSides();
const [merchant, gateway] = [formDialect(keys.merchant), formDialect(keys.gateway)];
const notice = { paymentNo: 'N1P1', outcome: 'paid', version: 1, amountFen: 60_650, gatewayRef: 'r=1&2' };
const none = () => undefined;

describe('a signed form', () => {
  test('has the amount in yuan, and is read as it was meant', async () => {
    const { headers, body } = await gateway.seal(JSON.stringify(notice), NOW_MS);
    expect(headers).toEqual({ 'Content-Type': 'application/x-www-form-urlencoded' });
    expect(new URLSearchParams(body.toString()).get('amount')).toBe('606.50');
    expect(await merchant.open(none, body, NOW_MS)).toEqual({ message: notice });
  });

  test('is refused if anything in it was changed, if it is old, or signed by somebody else', async () => {
    const { body } = await gateway.seal(JSON.stringify(notice), NOW_MS);
    const changed = (change: (fields: URLSearchParams) => void): Buffer => {
      const fields = new URLSearchParams(body.toString());
      change(fields);
      return Buffer.from(fields.toString());
    };
    const forged = [
      changed((fields) => fields.set('amount', '606.51')),
      changed((fields) => fields.set('extra', '1')),
      changed((fields) => fields.delete('outcome')),
      changed((fields) => fields.append('outcome', 'declined')),
      changed((fields) => fields.set('timestamp', '1000001')),
      changed((fields) => fields.delete('timestamp')),
      changed((fields) => fields.delete('sign')),
      Buffer.from(''),
      Buffer.from('sign=%%%'),
    ];
    for (const form of forged)
      expect([form.toString(), await merchant.open(none, form, NOW_MS)]).toEqual([form.toString(), undefined]);
    for (const ageMs of [302_000, -302_000]) expect(await merchant.open(none, body, NOW_MS + ageMs)).toBeUndefined();
    expect(await gateway.open(none, body, NOW_MS)).toBeUndefined();
  });
});

test('fen become yuan with two decimals and come back, exactly', () => {
  expect([0, 1, 29, 100, 60_650].map(yuanOf)).toEqual(['0.00', '0.01', '0.29', '1.00', '606.50']);
  fc.assert(fc.property(fc.nat({ max: 999_999_999_999 }), (fen) => expect(fenOf(yuanOf(fen))).toBe(fen)));
  for (const text of ['1', '1.5', '1.505', '-1.00', '1,00', '1e2', '', ' 1.00', '0x1.00'])
    expect(fenOf(text)).toBeUndefined();
});
