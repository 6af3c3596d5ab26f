// Decisions of one batch as few events: the same fold, nothing moved in front of what it depends on, and within limits.
import { describe, expect, test } from '@jest/globals';
import { recorded } from '@railhead/tests/support/events.ts';
import {
  acquired,
  confirmed,
  expired,
  held,
  releasedLock,
  releasedSeats,
} from '@railhead/tests/support/seat-events.ts';
import fc from 'fast-check';
import { decide as decideBook, type SeatLockCommand } from '../seat-lock/decide.ts';
import type { SeatLockEvent } from '../seat-lock/events.ts';
import { evolve as evolveBook, unopenedBook } from '../seat-lock/fold.ts';
import { joinedInBook } from '../seat-lock/join.ts';
import type { LockPlan } from '../seat-lock/plan.ts';
import { decide as decideSegment, type SegmentInventoryCommand } from '../segment-inventory/decide.ts';
import type { SegmentInventoryEvent } from '../segment-inventory/events.ts';
import { evolve as evolveSegment, unopenedSegment } from '../segment-inventory/fold.ts';
import { joinedOnSegment } from '../segment-inventory/join.ts';
import { JOINED_BYTES_LIMIT } from './join.ts';

const onSegment = (events: readonly SegmentInventoryEvent[]): readonly SegmentInventoryEvent[] =>
  joinedOnSegment(events.map((event) => ({ event }))).map(({ event }) => event);
const inBook = (events: readonly SeatLockEvent[]): readonly SeatLockEvent[] =>
  joinedInBook(events.map((event) => ({ event }))).map(({ event }) => event);

const SIZE = 8;
const opened: SegmentInventoryEvent = { type: 'SegmentOpened', version: 1, data: { seats: SIZE } };
const planOf = (orderNo: string): LockPlan => ({ orderNo, epoch: 1, legs: [{ from: 0, to: 1, seats: [0] }] });
const bookOpened: SeatLockEvent = { type: 'BookOpened', version: 1, data: { owner: 'a', epoch: 1 } };

describe('on a segment', () => {
  test('holds become one event, and releases another that may come before them', () => {
    const events = [opened, held('L1', [1]), releasedSeats('L0', [0]), held('L2', [0]), releasedSeats('L9', [3])];
    expect(onSegment(events)).toEqual([
      opened,
      held('L1', [1]),
      {
        type: 'SeatsReleased',
        version: 2,
        data: {
          releases: [
            { lockId: 'L0', seats: [0] },
            { lockId: 'L9', seats: [3] },
          ],
        },
      },
      held('L2', [0]),
    ]);
  });

  test('what a lock takes and gives back stays in that order', () => {
    const events = [releasedSeats('L0', [0]), held('L1', [0]), releasedSeats('L1', [0]), held('L2', [0])];
    expect(onSegment(events)).toEqual(events);
  });

  test('any decisions have the same meaning joined, in at most three events where each lock is decided once', () => {
    const lockIds = fc.constantFrom('L1', 'L2', 'L3', 'L4', 'L5', 'L6');
    const seats = fc.uniqueArray(fc.nat(SIZE - 1), { minLength: 1, maxLength: 3 });
    const command: fc.Arbitrary<SegmentInventoryCommand> = fc.oneof(
      fc.record({ type: fc.constant('Hold' as const), lockId: lockIds, seats }),
      fc.record({ type: fc.constant('Release' as const), lockId: lockIds }),
      fc.record({ type: fc.constant('Release' as const), lockId: lockIds, seats }),
    );
    const commands = fc.array(command, { maxLength: 12 });
    fc.assert(
      fc.property(commands, commands, fc.boolean(), (earlier, later, once) => {
        const decided = (from: readonly SegmentInventoryEvent[], list: readonly SegmentInventoryCommand[]) => {
          const state = from.reduce(evolveSegment, unopenedSegment());
          const seen = new Set<string>();
          return list.flatMap((one): readonly SegmentInventoryEvent[] => {
            if (one.type === 'Open' || (once && seen.has(one.lockId))) return [];
            seen.add(one.lockId);
            const decision = decideSegment(state, one);
            if (decision.ok) decision.value.reduce(evolveSegment, state);
            return decision.ok ? decision.value : [];
          });
        };
        const before = [opened, ...decided([opened], earlier)];
        const events = decided(before, later);
        const joined = onSegment(events);
        const after = (more: readonly SegmentInventoryEvent[]) => {
          const { holds, holderOf, ...rest } = [...before, ...more].reduce(evolveSegment, unopenedSegment());
          return { ...rest, holds: new Map([...holds].sort()), holderOf: new Map([...holderOf].sort()) };
        };
        expect(after(joined)).toEqual(after(events));
        if (once) expect(joined.length).toBeLessThanOrEqual(3);
      }),
      { numRuns: 500 },
    );
  });
});

describe('in a book', () => {
  test('locks that begin or end the same way become one event each; what begins stays behind what ended before', () => {
    const events = [
      acquired('A', planOf('A')),
      confirmed('X'),
      acquired('B', planOf('B')),
      releasedLock('R1'),
      acquired('C', planOf('C')),
      expired('E1'),
      confirmed('Y'),
      releasedLock('R2'),
      acquired('D', planOf('D')),
    ];
    expect(inBook(events)).toEqual([
      {
        type: 'SeatLocksAcquired',
        version: 2,
        data: { locks: ['A', 'B'].map((lockId) => ({ lockId, plan: planOf(lockId) })) },
      },
      confirmed('X', 'Y'),
      {
        type: 'SeatLocksReleased',
        version: 2,
        data: {
          locks: [
            { lockId: 'R1', reason: 'test' },
            { lockId: 'R2', reason: 'test' },
          ],
        },
      },
      {
        type: 'SeatLocksAcquired',
        version: 2,
        data: { locks: [{ lockId: 'C', plan: planOf('C') }] },
      },
      expired('E1'),
      acquired('D', planOf('D')),
    ]);
  });

  test.each<SeatLockEvent>([
    { type: 'BookClosed', version: 1, data: { reason: 'RUN_CANCELLED' } },
    { type: 'SeatsGivenBack', version: 1, data: { lockId: 'G', travellers: [0] } },
    { type: 'SeatLockAborted', version: 1, data: { lockId: 'G', reason: '' } },
    { type: 'SeatsAssigned', version: 1, data: { seats: [] } },
    bookOpened,
  ])('nothing passes $type', (event) => {
    const events = [confirmed('A'), event, confirmed('B'), event, event];
    expect(inBook(events)).toEqual(events);
  });

  test('any decisions have the same meaning joined', () => {
    const command: fc.Arbitrary<SeatLockCommand> = fc
      .tuple(
        fc.constantFrom('A', 'B', 'C', 'D'),
        fc.constantFrom('Acquire', 'Confirm', 'Release', 'Expire', 'CloseBook'),
      )
      .map(([lockId, type]): SeatLockCommand => {
        if (type === 'Acquire') return { type, lockId, plan: planOf(lockId) };
        if (type === 'CloseBook') return { type, reason: 'RUN_CANCELLED' };
        return type === 'Release' ? { type, lockId, reason: lockId } : { type: type as 'Confirm' | 'Expire', lockId }; // the two that are left
      });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 14 }), (commands) => {
        const state = evolveBook(unopenedBook(), bookOpened);
        const events: SeatLockEvent[] = [];
        for (const one of commands) {
          const decision = decideBook(state, one);
          for (const event of decision.ok ? decision.value : []) {
            events.push(event);
            evolveBook(state, event);
          }
        }
        const { locks, lockOf, ...rest } = [bookOpened, ...inBook(events)]
          .map((event) => recorded(event))
          .reduce(evolveBook, unopenedBook());
        const sorted = (map: ReadonlyMap<string, unknown>) => new Map([...map].sort(([a], [b]) => a.localeCompare(b)));
        expect({ ...rest, locks: sorted(locks), lockOf: sorted(lockOf) }).toEqual({
          ...state,
          locks: sorted(state.locks),
          lockOf: sorted(state.lockOf),
        });
      }),
      { numRuns: 500 },
    );
  });
});

test('an event grows up to a quarter of what a store allows, by the seats in it', () => {
  const party = Array.from({ length: 1_000 }, (_, seat) => seat);
  const many = Array.from({ length: 100 }, (_, n) => held(`L${n}`, party));
  const events = onSegment(many);
  expect(events.flatMap((event) => (event.type === 'SeatsHeld' ? event.data.holds : []))).toHaveLength(100);
  expect(events.length).toBeGreaterThan(1);
  for (const event of events) expect(JSON.stringify(event.data).length).toBeLessThanOrEqual(JOINED_BYTES_LIMIT);
  const parties = Array.from({ length: 3_000 }, (_, n) =>
    acquired(`WITH-A-LONG-NUMBER-${n}.1000.1`, {
      ...planOf(`WITH-A-LONG-NUMBER-${n}`),
      legs: [{ from: 0, to: 40, seats: [1, 2, 3, 4, 5] }],
    }),
  );
  const booked = inBook(parties);
  expect(booked.length).toBeGreaterThan(1);
  for (const event of booked) expect(JSON.stringify(event.data).length).toBeLessThanOrEqual(JOINED_BYTES_LIMIT);
});
