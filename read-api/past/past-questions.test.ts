// What keeps a question about the past from being a burden: room, time, what it reads, and whether somebody waits for it.
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { codeOf } from '@railhead/tests/support/code-of.ts';
import { newEvent, newEvents } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { PastQuestions, type PastReads } from './past-questions.ts';

const asked = () => {
  const request = new IncomingMessage(new Socket());
  return { request, response: new ServerResponse(request) };
};

const questionsOn = (store: MemoryEventStore, giveWay: PastReads['giveWay'], clock = new ManualClock(0)) => {
  const model = { queries: {}, gate: {} };
  // Safe cast: no order of a user is asked for here.
  const models = { orders: { ofUser: () => model, ofOrder: () => model } } as unknown as PastReads['models'];
  return new PastQuestions({ store, clock, models, giveWay });
};

const storeOf = async (events: number): Promise<MemoryEventStore> => {
  const store = new MemoryEventStore();
  for (let left = events; left > 0; left -= 10_000)
    await store.append([{ stream: 'order-1', expected: 'any', events: newEvents(Math.min(left, 10_000)) }]);
  return store;
};

test('reads a page at a time, gives way before each, and stops at its limit', async () => {
  let ways = 0;
  const questions = questionsOn(await storeOf(50_001), async () => {
    ways += 1;
  });
  const first = questions.answer(asked(), async ({ log }) => log.readStream('order-1', { limit: 50_000 }));
  expect([(await first).length, ways]).toEqual([50_000, 1_001]);
  const all = questions.answer(asked(), async ({ log }) => log.readStream('order-1'));
  expect(await codeOf(all)).toBe('TOO_MUCH_TO_READ');
  const pages = questions.answer(asked(), async ({ log }) => {
    for (let after = 0; ; ) {
      const batch = await log.readAll({ after, limit: 2_000 });
      if (batch.caughtUp) return 'the end';
      after = batch.position;
    }
  });
  expect(await codeOf(pages)).toBe('TOO_MUCH_TO_READ');
});

test('an event about many locks counts as so many', async () => {
  const store = new MemoryEventStore();
  const locks = Array.from({ length: 1_000 }, (_, n) => ({ lockId: String(n) }));
  const events = Array.from({ length: 51 }, () => newEvent({ locks }));
  await store.append([{ stream: 'seatLock-1', expected: 'any', events }]);
  const questions = questionsOn(store, async () => {});
  const read = (limit: number) => questions.answer(asked(), async ({ log }) => log.readStream('seatLock-1', { limit }));
  expect(await read(50)).toHaveLength(50);
  expect(await codeOf(read(51))).toBe('TOO_MUCH_TO_READ');
});

test('one is answered at a time, eight are asked, and the next one finds room when one has ended', async () => {
  const questions = questionsOn(await storeOf(1), async () => {});
  const ends: (() => void)[] = [];
  const wait = () => questions.answer(asked(), () => new Promise<void>((resolve) => ends.push(resolve)));
  const eight = Array.from({ length: 8 }, wait);
  expect(await codeOf(wait())).toBe('OVERLOADED');
  await waitUntil('the first to be answered', () => ends.length > 0);
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await eight[0];
  const failing = questions.answer(asked(), () => Promise.reject(new Error('broken')));
  for (let ended = 1; ended < 8; ended += 1) {
    await waitUntil('the next to be answered', () => ends.length > ended);
    ends[ended]?.();
  }
  await Promise.all(eight);
  await expect(failing).rejects.toThrow('broken');
  expect(await questions.answer(asked(), async () => 'answered')).toBe('answered');
});

test('one that waited for its turn until nobody waited for it is not answered', async () => {
  const questions = questionsOn(await storeOf(1), async (signal) => signal.throwIfAborted());
  const ends: (() => void)[] = [];
  const first = questions.answer(asked(), () => new Promise<void>((resolve) => ends.push(resolve)));
  const one = asked();
  const second = codeOf(questions.answer(one, async () => 'answered'));
  one.response.emit('close');
  await waitUntil('the first to be answered', () => ends.length > 0);
  ends[0]?.();
  await first;
  expect(await second).toBe('OVERLOADED');
});

test('one that gave way for too long ends', async () => {
  const clock = new ManualClock(0);
  const questions = questionsOn(await storeOf(1_000), async () => clock.advance(10_000), clock);
  expect(await codeOf(questions.answer(asked(), async ({ log }) => log.readStream('order-1')))).toBe('OVERLOADED');
});

test('one that nobody waits for any more ends', async () => {
  const questions = questionsOn(await storeOf(1_000), async (signal) => signal.throwIfAborted());
  const one = asked();
  const answer = questions.answer(one, async ({ log }) => {
    await log.readStream('order-1', { limit: 1 });
    one.response.emit('close');
    return log.readStream('order-1');
  });
  expect(await codeOf(answer)).toBe('OVERLOADED');
});
