// On a host with an older Node the command starts the pinned one as its child: both end together, whatever ends one of
// them, and what one is told the other does.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { lockFolder } from '@railhead/infra/eventstore/sqlite/folder-lock.ts';
import { ownerOf } from '@railhead/infra/eventstore/sqlite/folder-owner.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const BIN = fileURLToPath(new URL('../../cli/bin/railhead.js', import.meta.url));
const OLDER = fileURLToPath(new URL('../support/older-node.mjs', import.meta.url));
const root = tempFolder();

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

const wrapped = (...args: readonly string[]): ChildProcess => {
  const child = spawn(process.execPath, ['--import', OLDER, BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  return child;
};

/** A wrapper whose server is up, with the id of the server's process. */
const serving = async (name: string): Promise<{ wrapper: ChildProcess; folder: string; pid: number }> => {
  const folder = join(root, name);
  const wrapper = wrapped('up', '--data', folder, '--port', '0', '--sale-days', '1', '--log-level', 'error', '--json');
  let stdout = '';
  wrapper.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  await waitUntil('the server', () => stdout.includes('\n'));
  // Printed by `up --json`.
  const { pid } = JSON.parse(stdout) as { readonly pid: number };
  expect(pid).not.toBe(wrapper.pid);
  expect(ownerOf(folder)?.pid).toBe(pid);
  return { wrapper, folder, pid };
};

const isFree = (folder: string): boolean => {
  try {
    lockFolder(folder).release();
    return true;
  } catch {
    return false;
  }
};

test('a wrapper that is killed takes its server with it, and the data folder is free', async () => {
  const { wrapper, folder } = await serving('killed');
  expect(isFree(folder)).toBe(false);
  wrapper.kill('SIGKILL');
  await waitUntil('the folder to be free', () => isFree(folder));
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s to the wrapper stops the server in order', async (signal) => {
  const { wrapper, folder } = await serving(signal);
  wrapper.kill(signal);
  const [code] = await once(wrapper, 'exit');
  expect(code).toBe(0);
  expect(isFree(folder)).toBe(true);
});

test('a server that is killed ends its wrapper by the same signal; an exit code is passed on', async () => {
  const { wrapper, pid } = await serving('server');
  process.kill(pid, 'SIGKILL');
  const [, signal] = await once(wrapper, 'exit');
  expect(signal).toBe('SIGKILL');
  const [code] = await once(wrapped('bench', 'nosuch'), 'exit');
  expect(code).toBe(2);
});
