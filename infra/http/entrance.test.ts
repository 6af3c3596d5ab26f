import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test } from '@jest/globals';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { Entrance } from './entrance.ts';

// Only names and whether the client is still there are looked at.
const request = (url: string, method = 'GET') => ({ url, method }) as IncomingMessage;
const response = (destroyed = false) => ({ destroyed }) as ServerResponse;

const entering = (limits = { queuedOfAddress: 1_000, queuedInAll: 5_000 }, work: () => void = () => {}) => {
  const begun: string[] = [];
  const entrance = new Entrance(({ url = '' }) => {
    begun.push(url);
    work();
  }, limits);
  return { entrance, begun };
};

test('a single request is begun in the same turn', async () => {
  const { entrance, begun } = entering();
  expect(entrance.serve('a', request('/1'), response())).toBeUndefined();
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual(['/1']);
});

test('addresses take turns, so one that asks a little does not wait for one that asks a lot', async () => {
  const { entrance, begun } = entering();
  for (let n = 0; n < 500; n += 1) entrance.serve('many', request(`/many/${n}`), response());
  for (let n = 0; n < 3; n += 1) entrance.serve('few', request(`/few/${n}`), response());
  await waitUntil('all', () => begun.length === 503);
  expect(begun.indexOf('/few/2')).toBeLessThan(7);
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
  expect(entrance.serve('a', request('/1'), response())).toBeUndefined();
  expect(entrance.serve('a', request('/2'), response())).toBeUndefined();
  expect(entrance.serve('a', request('/no'), response())).toBe('address');
  expect(entrance.serve('b', request('/3'), response())).toBeUndefined();
  expect(entrance.serve('b', request('/no'), response())).toBe('all');
  await waitUntil('all in line', () => begun.length === 3);
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

test('a request that takes long leaves some turns to everybody else', async () => {
  const work = (): void => {
    const began = performance.now();
    while (performance.now() - began < 3);
  };
  const { entrance, begun } = entering(undefined, work);
  for (let n = 0; n < 20; n += 1) entrance.serve('a', request(`/${n}`), response());
  let turns = 0;
  while (begun.length < 15) {
    await new Promise((resolve) => setImmediate(resolve));
    turns += 1;
  }
  expect(turns).toBeGreaterThanOrEqual(40);
  // A change waits for none of them.
  entrance.serve('b', request('/change', 'POST'), response());
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun.at(-1)).toBe('/change');
});

test('changes are not held back by changes before them, however long they take', async () => {
  const work = (): void => {
    const began = performance.now();
    while (performance.now() - began < 3);
  };
  const { entrance, begun } = entering(undefined, work);
  for (let n = 0; n < 10; n += 1) entrance.serve('a', request(`/${n}`, 'POST'), response());
  let turns = 0;
  while (begun.length < 10) {
    await new Promise((resolve) => setImmediate(resolve));
    turns += 1;
  }
  expect(turns).toBeLessThanOrEqual(12);
});
