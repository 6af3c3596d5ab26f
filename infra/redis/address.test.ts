import { expect, test } from '@jest/globals';
import { isRedisAddress, redisAddress } from './address.ts';

test.each([
  ['redis://cache', { host: 'cache', port: 6379, db: 0, prefix: 'railhead:' }],
  ['redis://cache/', { host: 'cache', port: 6379, db: 0, prefix: 'railhead:' }],
  ['redis://10.0.0.1:7000/3', { host: '10.0.0.1', port: 7000, db: 3, prefix: 'railhead:' }],
  ['redis://cache/beijing', { host: 'cache', port: 6379, db: 0, prefix: 'beijing:' }],
  ['redis://cache/12/beijing.north-1/', { host: 'cache', port: 6379, db: 12, prefix: 'beijing.north-1:' }],
  ['redis://:p%40ss@[::1]:1', { host: '::1', port: 1, password: 'p@ss', db: 0, prefix: 'railhead:' }],
  [
    'redis://anna:pass@cache',
    { host: 'cache', port: 6379, username: 'anna', password: 'pass', db: 0, prefix: 'railhead:' },
  ],
  ['rediss://cache', { host: 'cache', port: 6379, tls: {}, db: 0, prefix: 'railhead:' }],
])('%s is an address', (text, address) => {
  expect(isRedisAddress(text)).toBe(true);
  expect(redisAddress(text)).toEqual(address);
});

test.each([
  '',
  'cache',
  'cache:6379',
  'http://cache',
  'redis:cache',
  'redis://',
  'redis:///3',
  'redis://cache:70000',
  'redis://cache/beijing/3',
  'redis://cache/3/beijing/north',
  'redis://cache/beijing:north',
  'redis://cache/北京',
  'redis://cache/99999',
  'redis://cache?db=3',
  'redis://cache#3',
  'redis://:%zz@cache',
])('%p is none, and the complaint does not repeat it', (text) => {
  expect(isRedisAddress(text)).toBe(false);
  expect(() => redisAddress(text)).toThrow('the address of the read cache names no Redis');
});
