import { expect, test } from '@jest/globals';
import { ServerAddress } from './server-address.ts';

test.each([
  ['127.0.0.1', 'http://127.0.0.1:8081', 'http://localhost:8081'],
  ['0.0.0.0', 'http://127.0.0.1:8081', 'http://localhost:8081'],
  ['rail.example', 'http://rail.example:8081', 'http://rail.example:8081'],
  ['10.0.0.7', 'http://10.0.0.7:8081', 'http://10.0.0.7:8081'],
  ['::1', 'http://[::1]:8081', 'http://[::1]:8081'],
  ['::', 'http://[::1]:8081', 'http://localhost:8081'],
])('a server on %s reaches itself at %s and is told as %s', (host, own, told) => {
  const address = new ServerAddress(host, 0);
  address.listensOn(8_081);
  expect([address.own, address.public]).toEqual([own, told]);
});
