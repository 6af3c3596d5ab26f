import { expect, test } from '@jest/globals';
import { Lane } from './lane.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a lane lets its width through at once, the others in the order they came, also after a failure', async () => {
  const lane = new Lane(2);
  const begun: number[] = [];
  const ends: ((failed: boolean) => void)[] = [];
  const all = Array.from({ length: 5 }, (_, n) =>
    lane.run(async () => {
      begun.push(n);
      const failed = await new Promise<boolean>((resolve) => ends.push(resolve));
      if (failed) throw new Error(`${n} failed`);
      return n;
    }),
  );
  const results = Promise.allSettled(all);
  await turn();
  expect(begun).toEqual([0, 1]);
  ends[1]?.(true);
  await turn();
  expect(begun).toEqual([0, 1, 2]);
  let hasRoom = false;
  void lane.room().then(() => {
    hasRoom = true;
  });
  for (const n of [0, 2]) ends[n]?.(false);
  await turn();
  expect([begun, hasRoom]).toEqual([[0, 1, 2, 3, 4], true]);
  for (const n of [3, 4]) ends[n]?.(false);
  expect((await results).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ]);
  await lane.room();
});
