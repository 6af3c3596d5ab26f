import { describe, expect, test } from '@jest/globals';
import { recorded } from '@railhead/tests/support/events.ts';
import { given } from '@railhead/tests/support/given.ts';
import { QUEUE_RULES } from '@railhead/tests/support/queue-options.ts';
import { decide } from './decide.ts';
import type { QueueMode, RunQueueEvent } from './events.ts';
import { evolve, inLine, noQueue, rankOf, waitingOf } from './fold.ts';
import { runQueueCategory } from './stream.ts';

const queue = given(evolve, noQueue);
const at = (ms: number): string => new Date(ms).toISOString();
const rules = { ...QUEUE_RULES, first: 2, leastPerSecond: 1 };

const mode = (to: QueueMode, more: object = {}): RunQueueEvent => ({
  type: 'QueueModeSet',
  version: 1,
  data: { mode: to, cause: 'operator', ...more },
});
const joined = (...joins: readonly string[]): RunQueueEvent => ({ type: 'QueueJoined', version: 1, data: { joins } });
const admitted = (upTo: number, ms = 0): RunQueueEvent => ({
  type: 'QueueAdmitted',
  version: 1,
  data: { upTo, at: at(ms) },
});
const roomData = { opensAt: at(5_000), commitment: 'c', nonce: 'n' };
const room: RunQueueEvent = { type: 'WaitingRoomOpened', version: 1, data: roomData };
const seed = '1'.repeat(64);
const shuffled = (places: number): RunQueueEvent => ({
  type: 'WaitingRoomShuffled',
  version: 1,
  data: { seed, places, digest: 'd' },
});
const closed: RunQueueEvent = { type: 'QueueClosed', version: 1, data: { reason: 'SALE_CLOSED' } };

const join = (...users: readonly string[]) =>
  ({
    type: 'Join',
    joining: users.map((user) => ({ user })),
    mostWaiting: 5,
    rules,
    nowMs: 0,
    at: at(0),
  }) as const;
const admit = (nowMs: number, seatsLeft = 100) => ({ type: 'Admit', nowMs, at: at(nowMs), seatsLeft, rules }) as const;

test('the stream of a queue is named by its run', () => {
  expect(runQueueCategory.stream({ train: 'G1', date: '2026-12-01' })).toBe('runQueue-G1_2026-12-01');
});

describe('joining', () => {
  test('writes nothing where there is no queue', () => {
    queue([]).when(decide, join('a')).changesNothing();
  });

  test('gives places in the order of arrival, each user one; the first enter at once', () => {
    queue([mode('QUEUED')])
      .when(decide, join('a', 'b', 'a', 'c'))
      .emits(joined('a', 'b', 'c'), admitted(2));
    queue([mode('QUEUED'), joined('a', 'b', 'c'), admitted(2)])
      .when(decide, join('a', 'b', 'c'))
      .changesNothing();
  });

  test('gives a place anew where the last one is good for nothing any more', () => {
    const before = [mode('QUEUED'), joined('a', 'b'), admitted(2)];
    const again = { ...join(), joining: [{ user: 'a', spent: 1 }] };
    queue(before).when(decide, again).emits(joined('a'));
    // Of another request of the same user, which was faster.
    queue([...before, joined('a')])
      .when(decide, again)
      .changesNothing();
  });

  test('stops at the limit: some of a batch have a place, the others none', () => {
    queue([mode('PAUSED'), joined('a', 'b', 'c')])
      .when(decide, join('d', 'e', 'f'))
      .emits(joined('d', 'e'));
    queue([mode('PAUSED'), joined('a', 'b', 'c', 'd', 'e')])
      .when(decide, join('f'))
      .changesNothing();
  });

  test('before the sale opens begins a queue with a waiting room, in which nobody is admitted', () => {
    const early = { ...join('a', 'b'), room: roomData };
    queue([])
      .when(decide, early)
      .emits(mode('QUEUED', { cause: 'waitingRoom' }), room, joined('a', 'b'));
    queue([mode('QUEUED')])
      .when(decide, early)
      .emits(room, joined('a', 'b'));
    queue([mode('QUEUED'), room, joined('a')])
      .when(decide, { ...join('b'), room: { ...roomData, nonce: 'other' } })
      .emits(joined('b'));
    // An operator wants everybody to order when it opens.
    queue([mode('OPEN')])
      .when(decide, early)
      .changesNothing();
  });

  test('is refused once the queue has ended', () => {
    queue([mode('QUEUED'), closed])
      .when(decide, join('a'))
      .refuses('QUEUE_CLOSED');
    queue([mode('QUEUED'), closed])
      .when(decide, { type: 'Close', reason: 'RUN_CANCELLED' })
      .changesNothing();
  });
});

test('who joins before an opening that was put off stands behind those who have a rank, and is not admitted', () => {
  const drawn = [mode('QUEUED', { cause: 'waitingRoom' }), room, joined('a'), shuffled(1)];
  const early = { ...join('b'), room: { ...roomData, nonce: 'other' } };
  queue(drawn).when(decide, early).emits(joined('b'));
  queue([...drawn, admitted(1), mode('OPEN', { cause: 'calm' })])
    .when(decide, early)
    .emits(mode('QUEUED', { cause: 'waitingRoom' }), joined('b'));
  queue([...drawn, mode('OPEN')])
    .when(decide, early)
    .changesNothing();
});

describe('the waiting room', () => {
  const before = [mode('QUEUED'), joined('x', 'y', 'z'), admitted(2), room, joined('a', 'b', 'c', 'd')];

  test('keeps its people out of the line until the seed is there, and then puts them behind who came before it', () => {
    const { state } = queue(before);
    expect([inLine(state), rankOf(state, 3), rankOf(state, 4)]).toEqual([3, 3, undefined]);
    queue(before).when(decide, { type: 'Shuffle', seed, digest: 'd' }).emits(shuffled(4));
    const open = queue([...before, shuffled(4), joined('late')]).state;
    expect([1, 2, 3].map((place) => rankOf(open, place))).toEqual([1, 2, 3]);
    expect([4, 5, 6, 7].map((place) => rankOf(open, place) ?? 0).sort()).toEqual([4, 5, 6, 7]);
    expect(rankOf(open, 8)).toBe(8);
    expect([0, 9, 1.5, Number.NaN].map((place) => rankOf(open, place))).toEqual(new Array(4).fill(undefined));
  });

  test('is opened once', () => {
    queue([...before, shuffled(4)])
      .when(decide, { type: 'Shuffle', seed: '2'.repeat(64), digest: 'd' })
      .changesNothing();
    queue([mode('QUEUED')])
      .when(decide, { type: 'Shuffle', seed, digest: 'd' })
      .changesNothing();
  });

  test('is emptied into the sale where the queue was opened meanwhile', () => {
    const { state } = queue([...before, mode('OPEN')]);
    expect(state.admitted).toBe(3);
    expect(waitingOf(queue([...before, mode('OPEN'), shuffled(4)]).state)).toBe(0);
  });
});

describe('admission', () => {
  const line = [mode('QUEUED'), joined('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), admitted(2, 0)];

  test('goes on by the share of the seats, in whole steps', () => {
    queue(line).when(decide, admit(999)).changesNothing();
    const two = { type: 'QueueAdmitted', version: 1, data: { upTo: 4, at: at(1_000), seatsLeft: 100 } } as const;
    queue(line).when(decide, admit(1_000)).emits(two);
    // However long nothing happened, nobody is flooded: two steps at most.
    queue(line)
      .when(decide, admit(3_600_000))
      .emits({ ...two, data: { upTo: 6, at: at(3_600_000), seatsLeft: 100 } });
  });

  test('goes on with the least rate when no seat is left, and no faster than an operator says', () => {
    const one = (seatsLeft: number, ms: number) =>
      ({ type: 'QueueAdmitted', version: 1, data: { upTo: 3, at: at(ms), seatsLeft } }) as const;
    queue(line).when(decide, admit(1_000, 0)).emits(one(0, 1_000));
    const slow = [...line, mode('QUEUED', { ratePerSecond: 0.5 })];
    queue(slow).when(decide, admit(1_999)).changesNothing();
    queue(slow).when(decide, admit(2_000)).emits(one(100, 2_000));
  });

  test('does not stand still when the clock is set back', () => {
    queue([...line, admitted(4, 3_600_000)])
      .when(decide, admit(0))
      .emits({ type: 'QueueAdmitted', version: 1, data: { upTo: 6, at: at(0), seatsLeft: 100 } });
  });

  test('ends with the last in line, and nobody is admitted while it is paused, shut or opened', () => {
    queue([...line, admitted(8, 0)])
      .when(decide, admit(9_000))
      .changesNothing();
    queue([...line, mode('PAUSED')])
      .when(decide, admit(9_000))
      .changesNothing();
    queue([...line, mode('OPEN')])
      .when(decide, admit(9_000))
      .changesNothing();
    queue([mode('QUEUED'), room, joined('a')])
      .when(decide, admit(9_000))
      .changesNothing();
  });
});

describe('the mode', () => {
  test('is what operators say, each request once', () => {
    const set = { type: 'SetMode', id: 'c1', mode: 'PAUSED' } as const;
    queue([]).when(decide, set).emits(mode('PAUSED'));
    queue([mode('PAUSED')])
      .when(decide, set)
      .changesNothing();
    queue([recorded(mode('PAUSED'), 'c1'), mode('QUEUED')])
      .when(decide, set)
      .changesNothing();
    queue([mode('PAUSED')])
      .when(decide, { ...set, id: 'c2', ratePerSecond: 3 })
      .emits(mode('PAUSED', { ratePerSecond: 3 }));
  });

  test('changes by itself only where no operator has said anything', () => {
    queue([])
      .when(decide, { type: 'TurnOn' })
      .emits(mode('QUEUED', { cause: 'load' }));
    queue([mode('OPEN')])
      .when(decide, { type: 'TurnOn' })
      .changesNothing();
    const own = mode('QUEUED', { cause: 'load' });
    queue([own]).when(decide, { type: 'TurnOn' }).changesNothing();
    queue([own])
      .when(decide, { type: 'TurnOff' })
      .emits(mode('OPEN', { cause: 'calm' }));
    queue([own, joined('a')])
      .when(decide, { type: 'TurnOff' })
      .changesNothing();
    queue([own, room]).when(decide, { type: 'TurnOff' }).changesNothing();
    queue([mode('QUEUED')])
      .when(decide, { type: 'TurnOff' })
      .changesNothing();
  });
});
