import { beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryCheckpoints } from '@railhead/tests/support/memory-checkpoints.ts';
import type { CheckpointChange, ProcessCheckpoint } from '../ports/process-checkpoints.ts';
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
  const whole = () => ({ position: 30, unfinished: ['B', 'C'] });
  const nobody = (): ProcessCheckpoint => {
    throw new Error('nobody asked for everything');
  };
  beforeEach(async () => {
    disk = new Unsure({ position: 10, unfinished: ['A'] });
    writer = new CheckpointWriter(disk);
    expect(await writer.load()).toEqual({ position: 10, unfinished: ['A'] });
  });

  test('as the change since the last time', async () => {
    await writer.save({ position: 20, begun: ['B'], finished: ['A'] }, nobody);
    await writer.save({ position: 25, begun: ['C'], finished: [] }, nobody);
    expect(disk.current).toEqual({ position: 25, unfinished: ['B', 'C'] });
    expect(disk.calls).toEqual(['save', 'save']);
  });

  test('as a whole if another checkpoint is stored', async () => {
    disk.current = { position: 7, unfinished: ['X'] };
    await writer.save({ position: 30, begun: ['C'], finished: ['A'] }, whole);
    expect(disk.current).toEqual(whole());
    await writer.save({ position: 31, begun: [], finished: ['C'] }, nobody);
    expect(disk.current).toEqual({ position: 31, unfinished: ['B'] });
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
    expect(disk.current).toEqual({ position: 25, unfinished: ['B', 'C'] });
  });
});
