// Signals reach a process and its children, also those in a session of their own, and nobody else.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { startChild } from '../support/children.ts';
import { A_HANG_MS, waitUntil } from '../support/wait-until.ts';
import { endTree, isRunning, killTree, type ProcessId, pauseTree, processOf, resumeTree, treeOf } from './processes.ts';

/** Starts another like itself in a session of its own, until there are as many as the number says. */
const FAMILY = `
  const { spawn } = require('node:child_process');
  const more = Number(process.argv[1]) - 1;
  const deaf = process.argv[2] === 'deaf';
  if (deaf) process.on('SIGTERM', () => {});
  if (more > 0) spawn(process.execPath, ['-e', process.env.FAMILY, String(more), ...(deaf ? ['deaf'] : [])], { detached: true, stdio: 'ignore' });
  setInterval(() => {}, 1_000);
`;

type Family = { readonly child: ChildProcess; readonly tree: readonly ProcessId[] };

const family = async (members: number, ...args: readonly string[]): Promise<Family> => {
  const env = { ...process.env, FAMILY };
  const child = startChild(['-e', FAMILY, String(members), ...args], { env, stdio: 'ignore' });
  await once(child, 'spawn');
  const root = await waitUntil('the process', () => child.pid !== undefined && processOf(child.pid));
  if (!root) throw new Error('no process');
  await waitUntil('its children', () => treeOf(root).length === members);
  return { child, tree: treeOf(root) };
};

const states = (root: ProcessId): readonly string[] => treeOf(root).map(({ state }) => state);

const rootOf = (tree: readonly ProcessId[]): ProcessId => {
  const [root] = tree;
  if (root === undefined) throw new Error('an empty tree');
  return root;
};

test('the children of a process, and theirs, are killed with it, and nobody else is', async () => {
  const [{ tree }, { tree: others }] = [await family(3), await family(2)];
  await killTree(rootOf(tree));
  expect(tree.map(isRunning)).toEqual([false, false, false]);
  expect(others.map(isRunning)).toEqual([true, true]);
  await killTree(rootOf(others));
});

test('all are paused, and all go on', async () => {
  const { tree } = await family(3);
  const root = rootOf(tree);
  await pauseTree(root);
  expect(states(root)).toEqual(['T', 'T', 'T']);
  resumeTree(root);
  await waitUntil('them to go on', () => !states(root).includes('T'));
  await killTree(root);
});

test('a paused one ends when it is asked to, and one that is deaf to that is killed with its children', async () => {
  const { child, tree } = await family(1);
  const ended = once(child, 'exit');
  await pauseTree(rootOf(tree));
  await endTree(rootOf(tree), 'SIGTERM', A_HANG_MS);
  expect(tree.map(isRunning)).toEqual([false]);
  expect(await ended).toEqual([null, 'SIGTERM']);
  const { tree: deaf } = await family(3, 'deaf');
  await endTree(rootOf(deaf), 'SIGTERM', 1);
  expect(deaf.map(isRunning)).toEqual([false, false, false]);
});

test('a process with the number of one that has ended is left alone', async () => {
  const root = rootOf((await family(1)).tree);
  const former = { pid: root.pid, startedAt: 'earlier' };
  await killTree(former);
  await endTree(former, 'SIGKILL', 1_000);
  expect(isRunning(former)).toBe(false);
  expect(isRunning(root)).toBe(true);
  await killTree(root);
});
