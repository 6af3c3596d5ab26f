import { expect, test } from '@jest/globals';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { type NamedRequest, nameRequest } from './name-request.ts';

const DAY_MS = 86_400_000;

const railway = () => {
  const store = new MemoryEventStore();
  const clock = new ManualClock(Date.parse('2026-11-25T12:00:00+08:00'));
  const named = async (asked: unknown, change: Partial<NamedRequest> = {}): Promise<string> => {
    const request = { userId: 'u', operation: 'write', idempotencyKey: 'k', asked: [asked], correlationId: 'c' };
    const answer = await nameRequest({ store, clock, idempotencyDays: 7 }, { ...request, ...change });
    return answer.ok ? 'ok' : answer.refusal.code;
  };
  return { store, clock, named };
};

test('a key names its request for seven days to the millisecond, and then another', async () => {
  const { clock, named, store } = railway();
  expect(await named('this')).toBe('ok');
  await clock.advance(7 * DAY_MS);
  expect([await named('this'), await named('that')]).toEqual(['ok', 'IDEMPOTENCY_KEY_REUSED']);
  expect(await store.lastPosition()).toBe(1);
  await clock.advance(1);
  expect([await named('that'), await named('this')]).toEqual(['ok', 'IDEMPOTENCY_KEY_REUSED']);
  await clock.advance(7 * DAY_MS);
  expect([await named('that'), await named('this')]).toEqual(['ok', 'IDEMPOTENCY_KEY_REUSED']);
});

test('of two requests in the same millisecond one has the key; of two equal ones, both', async () => {
  const { named, store } = railway();
  const answers = await Promise.all(['a', 'b', 'a', 'c'].map((asked) => named(asked)));
  expect(answers).toEqual(['ok', 'IDEMPOTENCY_KEY_REUSED', 'ok', 'IDEMPOTENCY_KEY_REUSED']);
  expect(await store.lastPosition()).toBe(1);
});

test('users, operations and keys are told apart, also where their texts run into each other', async () => {
  const { named } = railway();
  const changes: readonly Partial<NamedRequest>[] = [
    {},
    { userId: 'v' },
    { operation: 'w' },
    { idempotencyKey: 'l' },
    { userId: 'u","write', operation: 'k' },
    { userId: 'uw', operation: 'rite' },
  ];
  for (const [index, change] of changes.entries()) expect(await named(index, change)).toBe('ok');
  for (const change of changes) expect(await named('other', change)).toBe('IDEMPOTENCY_KEY_REUSED');
});
