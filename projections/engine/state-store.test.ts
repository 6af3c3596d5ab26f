import { stateStoreContract } from '@railhead/tests/contract/state-store.contract.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { MemoryStates, StatesDisk } from '@railhead/tests/support/memory-states.ts';

stateStoreContract('in memory', async () => {
  const disk = new StatesDisk();
  let opened = 0;
  return {
    open: () => {
      opened += 1;
      return new MemoryStates(disk, { owner: `process ${opened}`, clock: new ManualClock() });
    },
    empty: async () => disk.empty(),
    close: async () => {},
  };
});
