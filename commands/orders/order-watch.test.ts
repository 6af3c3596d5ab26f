import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import type { EventBatch, EventStore, SubscribeOptions } from '../ports/event-store.ts';
import { OrderWatch } from './order-watch.ts';

const LIMIT_MS = 5_000;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

let store: MemoryEventStore;
let clock: ManualClock;
let watch: OrderWatch;
/** Subscriptions that break off before their first batch. */
let broken = 0;

beforeEach(async () => {
  store = new MemoryEventStore();
  clock = new ManualClock();
  broken = 0;
  const followed = new Proxy<EventStore>(store, {
    get: (target, name) => {
      if (name !== 'subscribe') return Reflect.get(target, name).bind(target);
      return async function* (options: SubscribeOptions): AsyncGenerator<EventBatch> {
        for await (const batch of target.subscribe(options)) {
          if (broken > 0) {
            broken -= 1;
            throw new Error('injected: the log is away');
          }
          yield batch;
        }
      };
    },
  });
  await write('N0');
  watch = new OrderWatch(followed, clock, silent);
  await watch.start();
});
afterEach(async () => {
  await watch.stop();
  await store.close();
});

const write = async (orderNo: string): Promise<number> => {
  const [result] = await store.append([
    { stream: orderCategory.stream(orderNo), expected: 'any', events: [newEvent()] },
  ]);
  return result?.ok === true ? result.position : 0;
};

/** Asks until it is told `answer`; counts how often it asked. */
const asking = (orderNo: string, answers: readonly (string | undefined)[], after?: number) => {
  const asked: { times: number; answer: string | undefined } = { times: 0, answer: 'none yet' };
  const probe = async (): Promise<string | undefined> => answers[asked.times++];
  const done = watch.until(orderNo, LIMIT_MS, probe, after === undefined ? {} : { after }).then((answer) => {
    asked.answer = answer;
  });
  return Object.assign(asked, { done });
};

test('an answer that is there is given at once', async () => {
  const asked = asking('N1', ['here']);
  await asked.done;
  expect(asked).toMatchObject({ times: 1, answer: 'here' });
});

test('is asked for again after each event of the order, and of no other', async () => {
  const asked = asking('N1', [undefined, undefined, 'here']);
  await waitUntil('the first question', () => asked.times === 1);
  await write('N2');
  await write('N1');
  await waitUntil('the second question', () => asked.times === 2);
  await write('N1');
  await asked.done;
  expect(asked).toMatchObject({ times: 3, answer: 'here' });
});

test('is asked for with the events that came since, and no others', async () => {
  const position = await write('N1');
  const came: (readonly number[])[] = [];
  const done = watch.until(
    'N1',
    LIMIT_MS,
    async (events) => {
      came.push(events.map(({ revision }) => revision));
      return events.length === 2 ? 'here' : undefined;
    },
    { after: position },
  );
  await write('N2');
  await write('N1');
  await waitUntil('the first event', () => came.some((revisions) => revisions.length === 1));
  await write('N1');
  expect(await done).toBe('here');
  expect(came.filter((revisions) => revisions.length > 0)).toEqual([[1], [1, 2]]);
});

test('is asked for again where an event comes while the question is under way', async () => {
  const heard: number[] = [];
  watch.listen('N1', (at) => heard.push(at));
  let times = 0;
  const answer = await watch.until('N1', LIMIT_MS, async () => {
    times += 1;
    if (times === 2) return 'here';
    await write('N1');
    await waitUntil('the event', () => heard.length === 1);
    return undefined;
  });
  expect([answer, times]).toEqual(['here', 2]);
});

test('is asked for only after what the caller has written itself', async () => {
  const position = await store.lastPosition();
  const asked = asking('N1', ['here'], position + 1);
  expect(await write('N1')).toBe(position + 1);
  // Heard behind it, so it was heard too.
  const heard: number[] = [];
  watch.listen('N2', (at) => heard.push(at));
  await write('N2');
  await waitUntil('the other order', () => heard.length === 1);
  expect([heard, asked.times]).toEqual([[position + 2], 0]);
  await write('N1');
  await asked.done;
  expect(asked).toMatchObject({ times: 1, answer: 'here' });
});

test('is asked for at once where the log was followed up to what the caller has written, and only there', async () => {
  const position = await write('N1');
  await waitUntil('the log to be followed', () => asking('N1', ['here'], position).times === 1);
  expect(asking('N1', ['here'], position + 1).times).toBe(0);
});

test('nobody waits longer than the limit, or shorter', async () => {
  const asked = asking('N1', []);
  await waitUntil('the first question', () => asked.times === 1);
  await clock.advance(LIMIT_MS - 1);
  expect(asked.answer).toBe('none yet');
  await clock.advance(1);
  await asked.done;
  expect(asked).toMatchObject({ times: 1, answer: undefined });
});

test('events within the limit do not make it longer', async () => {
  const asked = asking('N1', []);
  await waitUntil('the first question', () => asked.times === 1);
  await clock.advance(LIMIT_MS - 1);
  await write('N1');
  await waitUntil('the second question', () => asked.times === 2);
  await clock.advance(1);
  await asked.done;
  expect(asked.answer).toBeUndefined();
});

test('who waits when the watch stops is told that there is no answer, and so is who comes later', async () => {
  const asked = asking('N1', []);
  await waitUntil('the first question', () => asked.times === 1);
  expect(watch.stopped).toBe(false);
  await watch.stop();
  await asked.done;
  expect([watch.stopped, asked.answer]).toEqual([true, undefined]);
  const late = asking('N1', []);
  await late.done;
  expect(late.answer).toBeUndefined();
});

test('a listener hears the events of its order until it leaves, beside others of the same order', async () => {
  const heard: string[] = [];
  const leave = watch.listen('N1', (at) => heard.push(`one ${at}`));
  watch.listen('N1', (at) => heard.push(`two ${at}`));
  const first = await write('N1');
  await waitUntil('both', () => heard.length === 2);
  leave();
  const second = await write('N1');
  await waitUntil('the other', () => heard.length === 3);
  expect(heard).toEqual([`one ${first}`, `two ${first}`, `two ${second}`]);
});

test('a log that was lost is followed again from where it was', async () => {
  broken = 2;
  const heard: number[] = [];
  watch.listen('N1', (at) => heard.push(at));
  const first = await write('N1');
  const second = await write('N1');
  await waitUntil('both', async () => {
    await clock.advance(500);
    return heard.length === 2;
  });
  expect([broken, heard]).toEqual([0, [first, second]]);
});
