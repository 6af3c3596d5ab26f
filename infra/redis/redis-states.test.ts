// A Redis that is not there, or says nothing: whoever asks is told in the end, and no queue grows.
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { silentLogger } from '@railhead/tests/support/read-side.ts';
import { RedisStates } from './redis-states.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const statesAt = (port: number): RedisStates => {
  const states = new RedisStates(`redis://127.0.0.1:${port}`, { clock: realClock, logger: silentLogger });
  ends.push(() => states.close());
  return states;
};

/** Accepts every connection, and answers nothing. */
const silent = async (): Promise<number> => {
  const server: Server = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => server.close());
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
};

test('where nobody listens, reads and writes say so at once, and again', async () => {
  const states = statesAt(1);
  const refused = { code: 'STORE_UNAVAILABLE', message: expect.stringContaining('ECONNREFUSED') };
  for (let times = 0; times < 2; times += 1) {
    await expect(states.read('numbers', ['a'])).rejects.toMatchObject(refused);
    await expect(states.prepare('numbers', 1)).rejects.toMatchObject(refused);
  }
  expect(states.failure).toMatch('ECONNREFUSED');
});

test('where nobody answers, two thousand wait for a while, and whoever comes then is told at once', async () => {
  const states = statesAt(await silent());
  const asked = Array.from({ length: 2_001 }, () =>
    states.read('numbers', ['a']).catch((error: unknown) => (error instanceof Error ? error.message : '')),
  );
  const first = await Promise.race(asked);
  expect(first).toMatch('too many wait for an answer');
  const answers = await Promise.all(asked);
  expect(answers.filter((answer) => answer === first)).toHaveLength(1);
  expect(answers.every((answer) => typeof answer === 'string' && /cannot be used at the moment/.test(answer))).toBe(
    true,
  );
  // Those have gone: there is room for others.
  await expect(states.read('numbers', ['a'])).rejects.not.toThrow('too many');
});

test('one that is closed says so, and keeps nothing open', async () => {
  const states = statesAt(await silent());
  await states.close();
  await expect(states.read('numbers', [])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});
