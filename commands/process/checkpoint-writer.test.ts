import { beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryCheckpoints } from '@railhead/tests/support/memory-checkpoints.ts';
import { type CheckpointChange, NOTHING_READ, type ProcessCheckpoint } from '../ports/process-checkpoints.ts';
import { CheckpointWriter } from './checkpoint-writer.ts';

/** Its next answer can be an error, whether or not the change was written. */
class Unsure extends MemoryCheckpoints {
  next: 'answers' | 'fails' | 'is written and fails' = 'answers';
  readonly calls: string[] = [];

  override async save(change: CheckpointChange): Promise<boolean> {
    return this.#ask('save', () => super.save(change));
  }

  override async replace(checkpoint: ProcessCheckpoint): Promise<void> {
    return this.#ask('replace', () => super.replace(checkpoint));
  }

  async #ask<Value>(call: string, work: () => Promise<Value>): Promise<Value> {
    this.calls.push(call);
    const { next } = this;
    this.next = 'answers';
    if (next === 'fails') throw new Error('no answer');
    const value = await work();
    if (next === 'is written and fails') throw new Error('no answer');
    return value;
  }
}

describe('a process saves its checkpoint', () => {
  let disk: Unsure;
  let writer: CheckpointWriter;
  const log = { fingerprintAt: async (position: number) => `event ${position}` };
  const at = (position: number, ...unfinished: readonly string[]): ProcessCheckpoint => ({
    position,
    fingerprint: `event ${position}`,
    unfinished,
  });
  const whole = () => at(30, 'B', 'C');
  const nobody = (): ProcessCheckpoint => {
    throw new Error('nobody asked for everything');
  };
  beforeEach(async () => {
    disk = new Unsure(at(10, 'A'));
    writer = new CheckpointWriter(disk, log);
    expect(await writer.load()).toEqual({ checkpoint: at(10, 'A'), dropped: false });
  });

  test('as the change since the last time', async () => {
    await writer.save({ position: 20, begun: ['B'], finished: ['A'] }, nobody);
    await writer.save({ position: 25, begun: ['C'], finished: [] }, nobody);
    expect(disk.current).toEqual(at(25, 'B', 'C'));
    expect(disk.calls).toEqual(['save', 'save']);
  });

  test('as a whole where something else stands there', async () => {
    disk.current = at(7, 'X');
    await writer.save({ position: 30, begun: ['C'], finished: ['A'] }, whole);
    expect(disk.current).toEqual(whole());
    await writer.save({ position: 31, begun: [], finished: ['C'] }, nobody);
    expect(disk.current).toEqual(at(31, 'B'));
  });

  test.each(['fails', 'is written and fails'] as const)('as a whole after a change that %s', async (next) => {
    disk.next = next;
    await expect(writer.save({ position: 20, begun: ['B'], finished: ['A'] }, nobody)).rejects.toThrow('no answer');
    expect(writer.inDoubt).toBe(true);
    disk.next = next;
    await expect(writer.save({ position: 25, begun: [], finished: [] }, whole)).rejects.toThrow('no answer');
    await writer.save({ position: 30, begun: [], finished: [] }, whole);
    expect(writer.inDoubt).toBe(false);
    expect(disk.current).toEqual(whole());
  });

  test('one after another, even if the next is asked for before the last was answered', async () => {
    const first = writer.save({ position: 20, begun: ['B'], finished: [] }, nobody);
    const second = writer.save({ position: 25, begun: ['C'], finished: ['A'] }, nobody);
    await Promise.all([first, second]);
    expect(disk.current).toEqual(at(25, 'B', 'C'));
  });

  test.each([
    ['stands somebody else’s event', at(10, 'A'), async () => 'another event'],
    ['stands nothing any more', at(10, 'A'), async () => undefined],
    ['stood nothing that proves it', { ...at(10, 'A'), fingerprint: '' }, async () => ''],
  ])('and where at its position %s, it begins at nothing and saves the whole', async (_, stored, fingerprintAt) => {
    disk.current = stored;
    const another = { fingerprintAt };
    writer = new CheckpointWriter(disk, another);
    expect(await writer.load()).toEqual({ checkpoint: NOTHING_READ, dropped: true });
    expect(writer.inDoubt).toBe(true);
    disk.calls.length = 0;
    await writer.save({ position: 3, begun: ['X'], finished: [] }, () => ({ position: 4, unfinished: ['X', 'Y'] }));
    expect(disk.calls).toEqual(['replace']);
    expect(disk.current).toMatchObject({ position: 4, unfinished: ['X', 'Y'] });
  });

  test('at nothing, which is at nothing in every log', async () => {
    disk.current = NOTHING_READ;
    writer = new CheckpointWriter(disk, log);
    expect(await writer.load()).toEqual({ checkpoint: NOTHING_READ, dropped: false });
  });
});
