import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { SqliteCheckpoints } from './sqlite-checkpoints.ts';

const root = tempFolder();
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'data-'));
});

const loaded = async (process = 'orders') => {
  const checkpoints = new SqliteCheckpoints(folder, process);
  const { position, unfinished } = await checkpoints.load();
  checkpoints.close();
  return { position, unfinished: [...unfinished].sort() };
};

describe('a checkpoint', () => {
  test('begins at nothing', async () => {
    expect(await loaded()).toEqual({ position: 0, unfinished: [] });
  });

  test('outlives the process: position, and what has begun and not finished', async () => {
    const checkpoints = new SqliteCheckpoints(folder, 'orders');
    await checkpoints.save(10, ['A', 'B', 'C'], []);
    await checkpoints.save(20, ['B', 'D'], ['A', 'never begun']);
    checkpoints.close();
    expect(await loaded()).toEqual({ position: 20, unfinished: ['B', 'C', 'D'] });
  });

  test('moves on though nothing began or finished', async () => {
    const checkpoints = new SqliteCheckpoints(folder, 'orders');
    await checkpoints.save(10, ['A'], []);
    await checkpoints.save(11, [], []);
    checkpoints.close();
    expect(await loaded()).toEqual({ position: 11, unfinished: ['A'] });
  });

  test('is each process’s own', async () => {
    const orders = new SqliteCheckpoints(folder, 'orders');
    const refunds = new SqliteCheckpoints(folder, 'refunds');
    await orders.save(10, ['A', 'B'], []);
    await refunds.save(5, ['A'], ['B']);
    orders.close();
    refunds.close();
    expect(await loaded('orders')).toEqual({ position: 10, unfinished: ['A', 'B'] });
    expect(await loaded('refunds')).toEqual({ position: 5, unfinished: ['A'] });
  });

  test('that cannot be written as a whole is not written at all', async () => {
    const checkpoints = new SqliteCheckpoints(folder, 'orders');
    await checkpoints.save(10, ['A'], []);
    await expect(checkpoints.save(Number.NaN, ['B'], ['A'])).rejects.toThrow();
    expect(await checkpoints.load()).toEqual({ position: 10, unfinished: ['A'] });
    await checkpoints.save(11, ['B'], ['A']);
    checkpoints.close();
    expect(await loaded()).toEqual({ position: 11, unfinished: ['B'] });
  });
});
