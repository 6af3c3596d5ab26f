import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test } from '@jest/globals';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { Entrance } from './entrance.ts';

// Only names and whether the client is still there are looked at.
const request = (url: string) => ({ url }) as IncomingMessage;
const response = (destroyed = false) => ({ destroyed }) as ServerResponse;

const entering = (limits = { queuedOfAddress: 1_000, queuedInAll: 5_000 }, work: () => void = () => {}) => {
  const begun: string[] = [];
  const entrance = new Entrance(({ url = '' }) => {
    begun.push(url);
    work();
  }, limits);
  return { entrance, begun };
};

test('a single request is begun at once', () => {
  const { entrance, begun } = entering();
  expect(entrance.serve('a', request('/1'), response())).toBeUndefined();
  expect(begun).toEqual(['/1']);
});

test('addresses take turns, so one that asks a little does not wait for one that asks a lot', async () => {
  const { entrance, begun } = entering();
  for (let n = 0; n < 500; n += 1) entrance.serve('many', request(`/many/${n}`), response());
  for (let n = 0; n < 3; n += 1) entrance.serve('few', request(`/few/${n}`), response());
  await waitUntil('all', () => begun.length === 503);
  expect(begun.indexOf('/few/2')).toBeLessThan(10);
  const ofMany = begun.filter((url) => url.startsWith('/many'));
  expect(ofMany).toEqual(Array.from({ length: 500 }, (_, n) => `/many/${n}`));
  expect(entrance.queued).toBe(0);
});

test('other work comes in between, however many requests are in line', async () => {
  const { entrance, begun } = entering();
  for (let n = 0; n < 500; n += 1) entrance.serve('many', request(`/${n}`), response());
  let others = 0;
  while (begun.length < 500) {
    await new Promise((resolve) => setImmediate(resolve));
    others += 1;
  }
  expect(others).toBeGreaterThanOrEqual(500 / 16);
});

test('a line that is full is said to be full, and nothing is begun for it', async () => {
  const { entrance, begun } = entering({ queuedOfAddress: 2, queuedInAll: 3 });
  entrance.serve('a', request('/begun'), response());
  expect(entrance.serve('a', request('/1'), response())).toBeUndefined();
  expect(entrance.serve('a', request('/2'), response())).toBeUndefined();
  expect(entrance.serve('a', request('/no'), response())).toBe('address');
  expect(entrance.serve('b', request('/3'), response())).toBeUndefined();
  expect(entrance.serve('b', request('/no'), response())).toBe('all');
  await waitUntil('all in line', () => begun.length === 4);
  expect(begun).not.toContain('/no');
});

test('whoever has gone while waiting is passed over', async () => {
  const { entrance, begun } = entering();
  entrance.serve('a', request('/begun'), response());
  entrance.serve('a', request('/gone'), response(true));
  entrance.serve('a', request('/last'), response());
  await waitUntil('the last', () => begun.includes('/last'));
  expect(begun).toEqual(['/begun', '/last']);
});
