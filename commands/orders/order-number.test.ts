import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { orderNoOf, plainOrderNoOf, shardOf } from './order-number.ts';

const SECRET = 'a-secret-of-the-tests';

/** Eighteen characters of Crockford's base 32: no I, L, O, U. */
const ORDER_NO = /^[0-9A-HJKMNP-TV-Z]{18}$/;

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });

describe('order numbers', () => {
  test('are eighteen characters that nobody misreads', () => {
    fc.assert(
      fc.property(text, text, fc.nat(1000), (user, key, round) => ORDER_NO.test(orderNoOf(SECRET, user, key, round))),
    );
    for (const bad of ['0123456789ABCDEFG', '0123456789ABCDEFGHJ', '0123456789ABCDEFGI', '0123456789abcdefgh'])
      expect(bad).not.toMatch(ORDER_NO);
  });

  test('begin with the shard of the user', () => {
    fc.assert(
      fc.property(text, text, (user, key) => {
        const [high = '', low = ''] = orderNoOf(SECRET, user, key, 0);
        expect(ALPHABET.indexOf(high) * 32 + ALPHABET.indexOf(low)).toBe(shardOf(SECRET, user));
        expect(shardOf(SECRET, user)).toBeGreaterThanOrEqual(0);
        expect(shardOf(SECRET, user)).toBeLessThan(1024);
      }),
    );
  });

  test('tell nothing to whoever has not the secret: not the user, nor the key, nor the shard', () => {
    const request = ['user-1', 'key-1', 0] as const;
    const numbers = [
      orderNoOf(SECRET, ...request),
      orderNoOf(`${SECRET}.`, ...request),
      orderNoOf('', ...request),
      plainOrderNoOf(...request),
    ];
    expect(new Set(numbers).size).toBe(4);
    expect(new Set(numbers.map((number) => number.slice(0, 2))).size).toBe(4);
  });

  test('are the same for the same request, and for nothing else', () => {
    expect(orderNoOf(SECRET, 'user-1', 'key-1', 0)).toBe(orderNoOf(SECRET, 'user-1', 'key-1', 0));
    const others = [
      orderNoOf(SECRET, 'user-1', 'key-1', 0),
      orderNoOf(SECRET, 'user-1', 'key-1', 1),
      orderNoOf(SECRET, 'user-1', 'key-2', 0),
      orderNoOf(SECRET, 'user-2', 'key-1', 0),
    ];
    expect(new Set(others).size).toBe(others.length);
  });

  test('tell users and keys apart where a slash could belong to either', () => {
    const hashed = (user: string, key: string): string => orderNoOf(SECRET, user, key, 0).slice(2);
    expect(hashed('user/110', 'key')).not.toBe(hashed('user', '110/key'));
  });

  test('never change: links and tickets of old orders must find them', () => {
    expect(orderNoOf(SECRET, 'user-1', 'key-1', 0)).toBe('G9NM3EZZSRKWXCH9AP');
    expect(plainOrderNoOf('user-1', 'key-1', 0)).toBe('VSJD9KMEPVFEGBRK2Y');
  });

  test('spread users over the shards', () => {
    const shards = Array.from({ length: 4096 }, (_, user) => shardOf(SECRET, `user-${user}`));
    const sizes = new Map<number, number>();
    for (const shard of shards) sizes.set(shard, (sizes.get(shard) ?? 0) + 1);
    // Four users a shard on average: hardly any shard is empty (e to the -4), and none is crowded.
    expect(sizes.size).toBeGreaterThan(970);
    expect(Math.max(...sizes.values())).toBeLessThan(20);
  });
});
