import { expect, test } from '@jest/globals';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { PositionGate } from './position-gate.ts';

test('a wait ends at its own position, and not before', async () => {
  const gate = new PositionGate(new ManualClock());
  const through: number[] = [];
  const waits = [3, 4, 5].map(async (position) => {
    expect(await gate.waitFor(position, 1_000)).toBe(true);
    through.push(position);
  });
  const letThrough = async (position: number): Promise<readonly number[]> => {
    gate.reach(position);
    await new Promise((resolve) => setImmediate(resolve));
    return [...through];
  };
  expect(await letThrough(2)).toEqual([]);
  expect(await letThrough(4)).toEqual([3, 4]);
  expect(await letThrough(1)).toEqual([3, 4]);
  expect(gate.position).toBe(4);
  expect(await letThrough(9)).toEqual([3, 4, 5]);
  await Promise.all(waits);
  expect(await gate.waitFor(9, 0)).toBe(true);
});

test('the wait ends at its time limit, not a millisecond before, and leaves no timer', async () => {
  const clock = new ManualClock();
  const gate = new PositionGate(clock);
  let answer: boolean | undefined;
  const wait = gate.waitFor(1, 100).then((reached) => {
    answer = reached;
  });
  await clock.advance(99);
  expect(answer).toBeUndefined();
  await clock.advance(1);
  await wait;
  expect(answer).toBe(false);
  gate.reach(1);
  expect(answer).toBe(false);
});
