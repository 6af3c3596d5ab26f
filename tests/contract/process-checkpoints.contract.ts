// What every adapter of the ProcessCheckpoints port must do.
import { describe, expect, test } from '@jest/globals';
import type { ProcessCheckpoint, ProcessCheckpoints } from '@railhead/commands/ports/process-checkpoints.ts';

/** `open` gives the checkpoints of a process; opened again by the same name, they are what was saved. */
export const processCheckpointsContract = (
  name: string,
  open: (process: string) => Promise<{ readonly checkpoints: ProcessCheckpoints; close(): void }>,
): void => {
  const using = async <Value>(process: string, work: (checkpoints: ProcessCheckpoints) => Promise<Value>) => {
    const { checkpoints, close } = await open(process);
    try {
      return await work(checkpoints);
    } finally {
      close();
    }
  };
  const loaded = (process = 'orders'): Promise<ProcessCheckpoint> =>
    using(process, async (checkpoints) => {
      const checkpoint = await checkpoints.load();
      return { ...checkpoint, unfinished: [...checkpoint.unfinished].sort() };
    });

  describe(`process checkpoints: ${name}`, () => {
    test('begin at nothing', async () => {
      expect(await loaded()).toEqual({ position: 0, fingerprint: '', unfinished: [] });
    });

    test('outlive the process: the position and the unfinished subjects', async () => {
      await using('orders', async (checkpoints) => {
        expect(
          await checkpoints.save({
            since: 0,
            position: 10,
            fingerprint: 'event 10',
            begun: ['A', 'B', 'C'],
            finished: [],
          }),
        ).toBe(true);
        const finished = ['A', 'never begun'];
        expect(
          await checkpoints.save({ since: 10, position: 20, fingerprint: 'event 20', begun: ['B', 'D'], finished }),
        ).toBe(true);
      });
      expect(await loaded()).toEqual({ position: 20, fingerprint: 'event 20', unfinished: ['B', 'C', 'D'] });
    });

    test('move on though nothing began or finished', async () => {
      await using('orders', async (checkpoints) => {
        await checkpoints.save({ since: 0, position: 10, fingerprint: 'event 10', begun: ['A'], finished: [] });
        expect(
          await checkpoints.save({ since: 10, position: 11, fingerprint: 'event 11', begun: [], finished: [] }),
        ).toBe(true);
      });
      expect(await loaded()).toEqual({ position: 11, fingerprint: 'event 11', unfinished: ['A'] });
    });

    test('refuse a change of a checkpoint that is not stored', async () => {
      await using('orders', async (checkpoints) => {
        await checkpoints.save({ since: 0, position: 10, fingerprint: 'event 10', begun: ['A'], finished: [] });
        for (const since of [0, 9, 11])
          expect(
            await checkpoints.save({ since, position: 20, fingerprint: 'event 20', begun: ['B'], finished: ['A'] }),
          ).toBe(false);
      });
      expect(await loaded()).toEqual({ position: 10, fingerprint: 'event 10', unfinished: ['A'] });
    });

    test('are replaced as a whole, forwards and back', async () => {
      await using('orders', async (checkpoints) => {
        await checkpoints.save({ since: 0, position: 10, fingerprint: 'event 10', begun: ['A', 'B'], finished: [] });
        await checkpoints.replace({ position: 30, fingerprint: 'event 30', unfinished: ['B', 'C'] });
        expect(await checkpoints.load()).toEqual({ position: 30, fingerprint: 'event 30', unfinished: ['B', 'C'] });
        await checkpoints.replace({ position: 5, fingerprint: 'event 5', unfinished: ['D'] });
        expect(
          await checkpoints.save({ since: 5, position: 6, fingerprint: 'event 6', begun: ['E'], finished: [] }),
        ).toBe(true);
      });
      expect(await loaded()).toEqual({ position: 6, fingerprint: 'event 6', unfinished: ['D', 'E'] });
    });

    test('are each process’s own', async () => {
      await using('orders', (orders) =>
        orders.save({ since: 0, position: 10, fingerprint: 'event 10', begun: ['A', 'B'], finished: [] }),
      );
      await using('refunds', async (refunds) => {
        await refunds.save({ since: 0, position: 4, fingerprint: 'event 4', begun: [], finished: ['B'] });
        await refunds.replace({ position: 5, fingerprint: 'event 5', unfinished: ['A'] });
      });
      expect(await loaded('orders')).toEqual({ position: 10, fingerprint: 'event 10', unfinished: ['A', 'B'] });
      expect(await loaded('refunds')).toEqual({ position: 5, fingerprint: 'event 5', unfinished: ['A'] });
    });
  });
};
