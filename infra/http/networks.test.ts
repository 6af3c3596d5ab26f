import { expect, test } from '@jest/globals';
import { addressOf, networksOf, networksText } from './networks.ts';

test.each([
  ['loopback', '127.0.0.1', true],
  ['loopback', '::1', true],
  ['loopback', '::ffff:127.0.0.1', true],
  ['loopback', '10.0.0.1', false],
  ['10.0.0.0/8, 2001:db8::/32', '10.1.2.3', true],
  ['10.0.0.0/8, 2001:db8::/32', '2001:db8::7', true],
  ['10.0.0.0/8, 2001:db8::/32', '2001:db9::7', false],
  ['203.0.113.7', '203.0.113.7', true],
  ['203.0.113.7', '203.0.113.8', false],
  ['', '127.0.0.1', false],
  ['loopback', '', false],
])('"%s" has %s: %s', (text, address, is) => {
  expect(networksText.safeParse(text).success).toBe(true);
  expect(networksOf(text)(address)).toBe(is);
});

test.each(['localhost', '10.0.0.0/33', '::/129', '10.0.0.0/8/8', '10.0.0.0/x', '300.1.1.1'])(
  '"%s" is refused as a setting',
  (text) => {
    expect(networksText.safeParse(text).success).toBe(false);
  },
);

test.each([
  ['192.0.2.1', undefined, '192.0.2.1'],
  ['192.0.2.1', '203.0.113.9', '192.0.2.1'],
  ['10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['10.0.0.1', '198.51.100.1, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
  ['10.0.0.1', '10.0.0.3', '10.0.0.3'],
  ['10.0.0.1', undefined, '10.0.0.1'],
])('from %s, forwarded for %s, comes %s', (peer, forwarded, address) => {
  expect(addressOf(peer, forwarded, networksOf('10.0.0.0/8'))).toBe(address);
});
