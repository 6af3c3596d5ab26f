import { describe, expect, test } from '@jest/globals';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { LogTail } from './log-tail.ts';

/** Writes to streams by name, with positions and revisions as in a log. */
const writing = (tail: LogTail) => {
  const lengths = new Map<string, number>();
  let position = 0;
  return (stream: string): RecordedEvent => {
    position += 1;
    const revision = lengths.get(stream) ?? 0;
    lengths.set(stream, revision + 1);
    const event = { ...newEvent(), stream, revision, position };
    tail.push(event);
    return event;
  };
};
const revisions = (events: readonly RecordedEvent[] | undefined) => events?.map(({ revision }) => revision);

describe('the tail of the log', () => {
  test('has streams that began in it, from either end and in part', () => {
    const tail = new LogTail(50);
    const write = writing(tail);
    for (let n = 0; n < 5; n += 1) {
      write('a-1');
      write('b-1');
    }
    expect(tail.readStream('c-1')).toBeUndefined();
    expect(tail.readStream('a-1')?.every(({ stream }) => stream === 'a-1')).toBe(true);
    expect(revisions(tail.readStream('a-1'))).toEqual([0, 1, 2, 3, 4]);
    expect(revisions(tail.readStream('a-1', { from: 3 }))).toEqual([3, 4]);
    expect(revisions(tail.readStream('a-1', { from: 1, limit: 2 }))).toEqual([1, 2]);
    expect(revisions(tail.readStream('a-1', { from: 9 }))).toEqual([]);
    expect(revisions(tail.readStream('a-1', { direction: 'backwards' }))).toEqual([4, 3, 2, 1, 0]);
    expect(revisions(tail.readStream('a-1', { direction: 'backwards', limit: 1 }))).toEqual([4]);
    expect(revisions(tail.readStream('a-1', { direction: 'backwards', from: 2, limit: 2 }))).toEqual([2, 1]);
    expect(revisions(tail.readStream('a-1', { direction: 'backwards', from: 99 }))).toEqual([4, 3, 2, 1, 0]);
  });

  test('has nothing of a stream that began before it, or in a tail that was cleared', () => {
    const tail = new LogTail(50);
    const write = writing(tail);
    write('a-1');
    tail.clear();
    write('a-1');
    write('b-1');
    expect(tail.readStream('a-1')).toBeUndefined();
    expect(revisions(tail.readStream('b-1'))).toEqual([0]);
  });

  test('forgets a stream when its first event is forgotten', () => {
    const tail = new LogTail(50);
    const write = writing(tail);
    write('a-1');
    write('b-1');
    for (let n = 0; n < 48; n += 1) write('c-1');
    expect(revisions(tail.readStream('a-1'))).toEqual([0]);
    write('a-1');
    expect(tail.readStream('a-1')).toBeUndefined();
    expect(revisions(tail.readStream('b-1'))).toEqual([0]);
    write('d-1');
    expect(tail.readStream('b-1')).toBeUndefined();
    expect(tail.readStream('c-1')).toHaveLength(48);
  });

  test('holds exactly its newest events, and the streams that began among them, for any number of events', () => {
    const tail = new LogTail(7);
    const write = writing(tail);
    const log: RecordedEvent[] = [];
    for (let n = 0; n < 60; n += 1) {
      log.push(write(`s-${(n * n) % 23}`));
      const kept = log.slice(-7);
      const before = (kept[0]?.position ?? 0) - 1;
      expect(tail.read(before, 100, undefined)).toEqual({ events: kept, position: log.length, caughtUp: true });
      expect(tail.read(before - 1, 100, undefined)).toBeUndefined();
      for (const stream of new Set(log.map((event) => event.stream))) {
        const events = log.filter((event) => event.stream === stream);
        const young = kept.some((event) => event.stream === stream && event.revision === 0);
        expect({ stream, events: tail.readStream(stream) }).toEqual({ stream, events: young ? events : undefined });
      }
    }
  });

  test('returns no list that it changes later', () => {
    const tail = new LogTail(50);
    const write = writing(tail);
    write('a-1');
    const before = tail.readStream('a-1');
    write('a-1');
    expect(before).toHaveLength(1);
  });
});
