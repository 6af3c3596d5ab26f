// A server of the read side is away when the process starts: the sale begins, and the process ends when it is told to.
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { ownerOf } from '@railhead/infra/eventstore/sqlite/folder-owner.ts';
import { startChild } from '../support/children.ts';
import { ask } from '../support/shopper.ts';
import { smallRailway } from '../support/small-railway.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const root = tempFolder();

test.each([
  ['--read-sql', 'postgres://user@127.0.0.1:1/none'],
  ['--read-cache', 'redis://127.0.0.1:1/0/none'],
  ['--read-search', 'http://127.0.0.1:1'],
])('%s', async (setting, address) => {
  const own = join(root, setting);
  const data = join(own, 'data');
  mkdirSync(data, { recursive: true });
  const railway = smallRailway(own, { rows: 20, letters: 'AB', stops: 3 });
  const args = [MAIN, 'up', '--data', data, '--port', '0', '--log-level', 'silent', ...railway, setting, address];
  const child = startChild(args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const gone = once(child, 'exit');
  const url = await waitUntil('it to serve', () => ownerOf(data)?.url);
  await waitUntil('the sale to be open', async () => {
    const { body } = await ask(`${url}/readyz`);
    return body.parts?.sale === 'open';
  });
  child.kill('SIGTERM');
  expect([await gone, stderr]).toEqual([[0, null], expect.not.stringContaining('Warning')]);
});
