import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { orderNoOf } from './order-number.ts';
import { orderOfToken, queueTokenOf } from './queue-token.ts';

const secret = 'a secret for tests';
const orderNo = orderNoOf('s', 'user-1', 'key-1', 0);

describe('queue token', () => {
  test('names its order', () => {
    const token = queueTokenOf(orderNo, secret);
    expect(token).toMatch(/^[0-9A-Z]{18}\.[\w-]{22}$/);
    expect(orderOfToken(token, secret)).toBe(orderNo);
  });

  test('is not valid under another secret, nor for another order', () => {
    const token = queueTokenOf(orderNo, secret);
    expect(orderOfToken(token, 'another')).toBeUndefined();
    const [, signature = ''] = token.split('.');
    expect(orderOfToken(`${orderNoOf('s', 'user-2', 'key-1', 0)}.${signature}`, secret)).toBeUndefined();
  });

  test('is not valid with any character changed, added or missing', () => {
    const token = queueTokenOf(orderNo, secret);
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === 'A' ? 'B' : 'A';
      expect(orderOfToken(token.slice(0, at) + other + token.slice(at + 1), secret)).toBeUndefined();
      expect(orderOfToken(token.slice(0, at) + token.slice(at + 1), secret)).toBeUndefined();
    }
    expect(orderOfToken(`${token}A`, secret)).toBeUndefined();
  });

  test('cannot be guessed', () => {
    for (const token of ['', '.', orderNo, `${orderNo}.`, `.${orderNo}`, 'undefined'])
      expect(orderOfToken(token, secret)).toBeUndefined();
    fc.assert(fc.property(fc.string(), (token) => orderOfToken(token, secret) === undefined));
  });

  test('is not valid with a signature of the right length in other scripts', () => {
    expect(orderOfToken(`${orderNo}.${'é'.repeat(22)}`, secret)).toBeUndefined();
  });

  test('has one spelling', () => {
    expect(orderOfToken(`${queueTokenOf(orderNo, secret)}.and-more`, secret)).toBeUndefined();
  });
});
