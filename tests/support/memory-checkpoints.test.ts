import { beforeEach } from '@jest/globals';
import { processCheckpointsContract } from '../contract/process-checkpoints.contract.ts';
import { MemoryCheckpoints } from './memory-checkpoints.ts';

let disks = new Map<string, MemoryCheckpoints>();
beforeEach(() => {
  disks = new Map();
});

processCheckpointsContract('memory', async (process) => {
  const checkpoints = disks.get(process) ?? new MemoryCheckpoints();
  disks.set(process, checkpoints);
  return { checkpoints, close: () => {} };
});
