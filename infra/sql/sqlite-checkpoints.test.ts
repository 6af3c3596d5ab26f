import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { processCheckpointsContract } from '@railhead/tests/contract/process-checkpoints.contract.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { sqliteCheckpoints } from './sqlite-checkpoints.ts';

const root = tempFolder();
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'data-'));
});

processCheckpointsContract('SQLite', async (process) => {
  const checkpointsOf = sqliteCheckpoints(folder);
  return { checkpoints: checkpointsOf(process), close: checkpointsOf.close };
});

test('a checkpoint that cannot be written as a whole is not written at all', async () => {
  const checkpointsOf = sqliteCheckpoints(folder);
  const checkpoints = checkpointsOf('orders');
  await checkpoints.save({ since: 0, position: 10, fingerprint: 'event 10', begun: ['A'], finished: [] });
  const change = { since: 10, position: Number.NaN, fingerprint: 'event 11', begun: ['B'], finished: ['A'] };
  await expect(checkpoints.save(change)).rejects.toThrow();
  await expect(checkpoints.replace({ ...change, unfinished: ['C'] })).rejects.toThrow();
  expect(await checkpoints.load()).toEqual({ position: 10, fingerprint: 'event 10', unfinished: ['A'] });
  await checkpoints.save({ ...change, position: 11 });
  expect(await checkpoints.load()).toEqual({ position: 11, fingerprint: 'event 11', unfinished: ['B'] });
  checkpointsOf.close();
});
