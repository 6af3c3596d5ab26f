import { describe, expect, test } from '@jest/globals';
import { given } from '@railhead/tests/support/given.ts';
import {
  aborted as abortedBy,
  acquired as acquiredBy,
  confirmed as confirmedBy,
  expired as expiredBy,
  lockPartsOf,
  releasedLock,
} from '@railhead/tests/support/seat-events.ts';
import fc from 'fast-check';
import { decide, type SeatLockCommand } from './decide.ts';
import type { SeatLockEvent } from './events.ts';
import { evolve, keptOnSegment, type LockStatus, occupies, unopenedBook } from './fold.ts';
import { type LockPlan, NO_SEAT, seatsOnSegment, segmentsOf, stillTravelling } from './plan.ts';
import { lockBookCategory, lockIdOf } from './stream.ts';

const plan = (orderNo = 'N1', epoch = 1): LockPlan => ({ orderNo, epoch, legs: [{ from: 0, to: 2, seats: [4, 5] }] });
const opened = (epoch: number, owner = 'a'): SeatLockEvent => ({
  type: 'BookOpened',
  version: 1,
  data: { owner, epoch },
});
const acquired = (lockId: string, of = plan()): SeatLockEvent => acquiredBy(lockId, of);
const aborted = abortedBy('L1', 'late');
const confirmed = confirmedBy('L1');
const released = releasedLock('L1', 'late');
const expired = expiredBy('L1');

const withdrawn: SeatLockEvent = {
  type: 'SeatsWithdrawn',
  version: 2,
  data: { lockId: 'L1', plan: plan(), reason: 'broken' },
};
const returned: SeatLockEvent = { type: 'SeatsReturned', version: 1, data: { lockId: 'L1' } };

const book = given(evolve, unopenedBook);
const histories: Readonly<Record<LockStatus | 'unknown', readonly SeatLockEvent[]>> = {
  unknown: [opened(1)],
  acquired: [opened(1), acquired('L1')],
  aborted: [opened(1), aborted],
  confirmed: [opened(1), acquired('L1'), confirmed],
  released: [opened(1), acquired('L1'), released],
  expired: [opened(1), acquired('L1'), expired],
  withdrawn: [opened(1), withdrawn],
  returned: [opened(1), withdrawn, returned],
};

const acquire = (lockId = 'L1', of = plan()): SeatLockCommand => ({ type: 'Acquire', lockId, plan: of });
const abort: SeatLockCommand = { type: 'Abort', lockId: 'L1', reason: 'late' };
const confirm: SeatLockCommand = { type: 'Confirm', lockId: 'L1' };
const release: SeatLockCommand = { type: 'Release', lockId: 'L1', reason: 'late' };
const expire: SeatLockCommand = { type: 'Expire', lockId: 'L1' };
const withdraw: SeatLockCommand = { type: 'Withdraw', lockId: 'L1', plan: plan(), reason: 'broken' };
const giveBack: SeatLockCommand = { type: 'Return', lockId: 'L1' };

const backBy = (...travellers: readonly number[]): SeatLockCommand => ({
  type: 'GiveBack',
  lockId: 'L1',
  travellers,
  reason: 'late',
});
const backFrom = (...travellers: readonly number[]): SeatLockEvent => ({
  type: 'SeatsGivenBack',
  version: 1,
  data: { lockId: 'L1', travellers },
});

describe('travellers who give their seats back', () => {
  const sold = [opened(1), acquired('L1'), confirmed];

  test('leave the others theirs, once each; the last one ends the lock', () => {
    book(sold).when(decide, backBy(1)).emits(backFrom(1));
    book(sold).when(decide, backBy(0, 1)).emits(released);
    book(sold).when(decide, backBy(1, 1)).emits(backFrom(1));
    book([...sold, backFrom(1)])
      .when(decide, backBy(1))
      .changesNothing();
    book([...sold, backFrom(1)])
      .when(decide, backBy(0, 1))
      .emits(released);
    book([...sold, backFrom(1)])
      .when(decide, release)
      .emits(released);
    book([...sold, backFrom(1), released])
      .when(decide, backBy(0))
      .changesNothing();
    for (const nobody of [[], [2], [-1]])
      book(sold)
        .when(decide, backBy(...nobody))
        .changesNothing();
    for (const history of [[opened(1)], [opened(1), acquired('L1')], [opened(1), acquired('L1'), expired]])
      book(history).when(decide, backBy(1)).refuses('LOCK_NOT_HELD');
  });

  test('have no seats any more, and the plan stays what it was', () => {
    const lock = book([...sold, backFrom(1)]).state.locks.get('L1');
    expect(lock).toEqual({ status: 'confirmed', plan: plan(), gone: [1] });
    if (lock === undefined) throw new Error('the lock is there');
    expect([keptOnSegment(lock, 0), keptOnSegment(lock, 2)]).toEqual([[4], []]);
  });

  test('get none by late assignment; the others keep their places in the party', () => {
    const three = { ...plan(), legs: [{ from: 0, to: 2, seats: [1, 2, 3] }] };
    const closed: SeatLockEvent = { type: 'BookClosed', version: 1, data: { reason: 'SEATS_ASSIGNED' } };
    const legs = [{ from: 0, to: 2, seats: [7, 8] }];
    const assigned: SeatLockEvent = { type: 'SeatsAssigned', version: 1, data: { seats: [{ lockId: 'L1', legs }] } };
    const history = [opened(1), acquired('L1', three), confirmed, backFrom(1), closed, assigned];
    expect(book(history).state.locks.get('L1')?.assigned).toEqual([{ from: 0, to: 2, seats: [7, NO_SEAT, 8] }]);
    expect(stillTravelling(three, [1]).legs).toEqual([{ from: 0, to: 2, seats: [1, 3] }]);
  });
});

const DECIDED = 'LOCK_DECIDED';
const NOT_HELD = 'LOCK_NOT_HELD';
type Verdict = SeatLockEvent | 'nothing' | 'LOCK_DECIDED' | 'LOCK_NOT_HELD';

/** What each command does to a lock in each of the `states` below. */
const table: readonly [SeatLockCommand, readonly Verdict[]][] = [
  [acquire(), [acquired('L1'), DECIDED, DECIDED, DECIDED, DECIDED, DECIDED, DECIDED, DECIDED]],
  [withdraw, [withdrawn, DECIDED, DECIDED, DECIDED, DECIDED, DECIDED, DECIDED, DECIDED]],
  [abort, [aborted, DECIDED, 'nothing', DECIDED, DECIDED, DECIDED, DECIDED, DECIDED]],
  [confirm, [NOT_HELD, confirmed, NOT_HELD, 'nothing', NOT_HELD, NOT_HELD, NOT_HELD, NOT_HELD]],
  [release, [NOT_HELD, released, NOT_HELD, released, 'nothing', 'nothing', NOT_HELD, NOT_HELD]],
  [expire, [NOT_HELD, expired, NOT_HELD, NOT_HELD, 'nothing', 'nothing', NOT_HELD, NOT_HELD]],
  [giveBack, [NOT_HELD, NOT_HELD, NOT_HELD, NOT_HELD, NOT_HELD, NOT_HELD, returned, 'nothing']],
];
const states = ['unknown', 'acquired', 'aborted', 'confirmed', 'released', 'expired', 'withdrawn', 'returned'] as const;

describe('lock book', () => {
  test.each(
    table.flatMap(([command, verdicts]) =>
      states.map((state, index) => ({ name: command.type, command, state, verdict: verdicts[index] })),
    ),
  )('$name of a lock that is $state', ({ command, state, verdict }) => {
    const decided = book(histories[state]).when(decide, command);
    if (verdict === undefined || verdict === 'nothing') decided.changesNothing();
    else if (typeof verdict === 'string') decided.refuses(verdict);
    else decided.emits(verdict);
  });

  test('only what is acquired, confirmed or withdrawn occupies seats', () => {
    const occupying = states.filter((state) => occupies(book(histories[state]).state.locks.get('L1')));
    expect(occupying).toEqual(['acquired', 'confirmed', 'withdrawn']);
  });

  test('keeps the plan of a lock through its life', () => {
    expect(book(histories.confirmed).state.locks.get('L1')).toEqual({ status: 'confirmed', plan: plan() });
    expect(book(histories.expired).state.locks.get('L1')).toEqual({ status: 'expired', plan: plan() });
    expect(book(histories.aborted).state.locks.get('L1')).toEqual({ status: 'aborted' });
  });

  test('each owner begins an epoch of its own', () => {
    book([]).when(decide, { type: 'OpenBook', owner: 'a' }).emits(opened(1));
    book([opened(1)])
      .when(decide, { type: 'OpenBook', owner: 'b' })
      .emits(opened(2, 'b'));
    book([opened(1)])
      .when(decide, { type: 'OpenBook', owner: 'a' })
      .emits(opened(2));
    expect(book([opened(1), opened(2, 'b')]).state).toMatchObject({ owner: 'b', epoch: 2 });
  });

  test('a plan of another epoch gets no lock', () => {
    book([]).when(decide, acquire()).refuses('EPOCH_OVER');
    book([opened(1), opened(2, 'b')])
      .when(decide, acquire())
      .refuses('EPOCH_OVER');
    book([opened(1)])
      .when(decide, acquire('L1', plan('N1', 2)))
      .refuses('EPOCH_OVER');
    book([opened(1), opened(2, 'b')])
      .when(decide, acquire('L1', plan('N1', 2)))
      .emits(acquired('L1', plan('N1', 2)));
  });

  test('locks of an epoch that is over can still be confirmed, released and expired', () => {
    const history = [opened(1), acquired('L1'), opened(2, 'b')];
    book(history).when(decide, confirm).emits(confirmed);
    book(history).when(decide, release).emits(released);
    book(history).when(decide, expire).emits(expired);
  });

  test('an order gets one lock, ever; an aborted one was none', () => {
    for (const state of ['acquired', 'confirmed', 'released', 'expired'] as const)
      book(histories[state]).when(decide, acquire('L2')).refuses('LOCK_DECIDED');
    book(histories.aborted).when(decide, acquire('L2')).emits(acquired('L2'));
    book(histories.acquired)
      .when(decide, acquire('L2', plan('N2')))
      .emits(acquired('L2', plan('N2')));
    expect(book(histories.released).state.lockOf.get('N1')).toBe('L1');
  });

  test('for any sequence of commands, the first event decides a lock and nothing moves it back', () => {
    const lockIds = fc.constantFrom('L1', 'L2', 'L3');
    const commands: fc.Arbitrary<SeatLockCommand> = fc.oneof(
      fc.record({ type: fc.constant('OpenBook' as const), owner: fc.constantFrom('a', 'b') }),
      fc
        .tuple(lockIds, fc.constantFrom('N1', 'N2'), fc.constantFrom(1, 1, 1, 2))
        .map(([id, no, epoch]) => acquire(id, plan(no, epoch))),
      fc.record({
        type: fc.constantFrom('Abort' as const, 'Release' as const),
        lockId: lockIds,
        reason: fc.constant(''),
      }),
      fc.record({ type: fc.constantFrom('Confirm' as const, 'Expire' as const), lockId: lockIds }),
    );
    const LIVES = [
      '',
      'Aborted',
      'Acquired',
      'Acquired Released',
      'Acquired Expired',
      'Acquired Confirmed',
      'Acquired Confirmed Released',
    ];
    const lived = new Set<string>();
    fc.assert(
      fc.property(fc.array(commands, { maxLength: 40, size: 'max' }), (random) => {
        const list: readonly SeatLockCommand[] = [{ type: 'OpenBook', owner: 'a' }, ...random];
        let now = unopenedBook();
        let epoch = 0;
        const lives = new Map<string, string[]>();
        const ordersWithLock: string[] = [];
        for (const command of list) {
          const decision = decide(now, command);
          for (const event of decision.ok ? decision.value : []) {
            now = evolve(now, event);
            if (event.type === 'BookOpened') {
              expect(event.data.epoch).toBe(epoch + 1);
              epoch += 1;
              continue;
            }
            if (event.type === 'BookClosed' || event.type === 'SeatsAssigned') throw new Error('nobody asked for it');
            const [part, ...more] = lockPartsOf(event);
            if (part === undefined || more.length > 0) throw new Error('one command is about one lock');
            lives.set(part.lockId, [...(lives.get(part.lockId) ?? []), event.type.replace(/^SeatLocks?/, '')]);
            if (part.plan === undefined) continue;
            expect(part.plan.epoch).toBe(epoch);
            ordersWithLock.push(part.plan.orderNo);
          }
        }
        for (const life of lives.values()) {
          expect(LIVES).toContain(life.join(' '));
          lived.add(life.join(' '));
        }
        expect(new Set(ordersWithLock).size).toBe(ordersWithLock.length);
      }),
      { numRuns: 1000 },
    );
    expect(lived.has('Acquired Confirmed Released')).toBe(true);
  });
});

describe('a book that is closed', () => {
  const closedFor = (reason: 'RUN_CANCELLED' | 'SEATS_ASSIGNED'): SeatLockEvent => ({
    type: 'BookClosed',
    version: 1,
    data: { reason },
  });
  const cancelled = closedFor('RUN_CANCELLED');
  const assignedOver = closedFor('SEATS_ASSIGNED');
  const seats = [{ lockId: 'L1', legs: [{ from: 0, to: 2, seats: [7] }] }];
  const assigned: SeatLockEvent = { type: 'SeatsAssigned', version: 1, data: { seats } };

  test('is closed once, and sells nothing more', () => {
    book([opened(1)])
      .when(decide, { type: 'CloseBook', reason: 'RUN_CANCELLED' })
      .emits(cancelled);
    book([opened(1), cancelled])
      .when(decide, { type: 'CloseBook', reason: 'SEATS_ASSIGNED' })
      .changesNothing();
    book([opened(1), cancelled])
      .when(decide, acquire())
      .refuses('BOOK_CLOSED');
    book([opened(1), cancelled])
      .when(decide, withdraw)
      .refuses('BOOK_CLOSED');
  });

  test('still confirms and releases what was sold', () => {
    book([opened(1), acquired('L1'), cancelled])
      .when(decide, confirm)
      .emits(confirmed);
    book([opened(1), acquired('L1'), cancelled])
      .when(decide, release)
      .emits(released);
  });

  test('assigns seats to the locks that have none, and only when the sale is over', () => {
    const assign: SeatLockCommand = { type: 'AssignSeats', seats };
    book([opened(1), acquired('L1')])
      .when(decide, assign)
      .refuses('BOOK_OPEN');
    book([opened(1), acquired('L1'), cancelled])
      .when(decide, assign)
      .refuses('BOOK_OPEN');
    book([opened(1), acquired('L1'), assignedOver])
      .when(decide, assign)
      .emits(assigned);
    book([opened(1), acquired('L1'), assignedOver, assigned])
      .when(decide, assign)
      .changesNothing();
    book([opened(1), acquired('L1'), released, assignedOver])
      .when(decide, assign)
      .changesNothing();
    const { state } = book([opened(1), acquired('L1'), confirmed, assignedOver, assigned]);
    expect(state.locks.get('L1')).toMatchObject({ status: 'confirmed', assigned: seats[0]?.legs });
  });

  test('splits many assignments into events of a thousand', () => {
    const many = Array.from({ length: 1_001 }, (_, index) => `M${index}`);
    const locks = many.map((lockId) => acquired(lockId, { ...plan(), orderNo: lockId }));
    const decision = decide(book([opened(1), ...locks, assignedOver]).state, {
      type: 'AssignSeats',
      seats: many.map((lockId) => ({ lockId, legs: [] })),
    });
    expect(
      decision.ok && decision.value.map((event) => (event.type === 'SeatsAssigned' ? event.data.seats.length : 0)),
    ).toEqual([1_000, 1]);
  });
});

describe('plan', () => {
  const change: LockPlan = {
    orderNo: 'N1',
    epoch: 1,
    legs: [
      { from: 1, to: 3, seats: [4, 5] },
      { from: 3, to: 4, seats: [9, 2] },
    ],
  };

  test('covers the segments of its legs, in order', () => {
    expect(segmentsOf(change)).toEqual([1, 2, 3]);
    expect(segmentsOf({ ...change, legs: [] })).toEqual([]);
  });

  test('a seat change shows on the segment where the new leg begins', () => {
    expect([0, 1, 2, 3, 4].map((segment) => seatsOnSegment(change, segment))).toEqual([[], [4, 5], [4, 5], [9, 2], []]);
  });
});

test('no two attempts share a lock id', () => {
  const ids = [1, 2].flatMap((epoch) => [1, 2].map((attempt) => lockIdOf('N1', epoch, attempt)));
  expect(new Set(ids).size).toBe(4);
  expect(lockBookCategory.stream({ train: 'G1', date: '2026-12-01', seatClass: 'second' })).toBe(
    'seatLock-G1_2026-12-01_second',
  );
});
