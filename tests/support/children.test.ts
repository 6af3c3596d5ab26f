import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { endChildren, startChild } from './children.ts';

const endless = ['-e', 'setInterval(() => {}, 1_000); process.on("SIGTERM", () => {})'];

test('what a test has left running is ended with its file, also what it was still starting', async () => {
  const children = [
    startChild(endless, { stdio: 'ignore' }),
    startChild(endless, { stdio: ['ignore', 'pipe', 'pipe'] }),
  ];
  await endChildren();
  expect(children.map(({ signalCode }) => signalCode)).toEqual(['SIGKILL', 'SIGKILL']);
  const late = startChild(endless, { stdio: 'ignore' });
  const [, signal] = await once(late, 'exit');
  expect(signal).toBe('SIGKILL');
});
