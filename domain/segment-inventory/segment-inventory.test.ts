import { describe, expect, test } from '@jest/globals';
import { given } from '@railhead/tests/support/given.ts';
import { held as heldBy, heldTogether, releasedSeats, releasedTogether } from '@railhead/tests/support/seat-events.ts';
import fc from 'fast-check';
import { decide, type SegmentInventoryCommand } from './decide.ts';
import type { SegmentInventoryEvent } from './events.ts';
import { evolve, unopenedSegment } from './fold.ts';
import { segmentCategory } from './stream.ts';

const opened: SegmentInventoryEvent = { type: 'SegmentOpened', version: 1, data: { seats: 6 } };
const held = (lockId: string, ...seats: number[]): SegmentInventoryEvent => heldBy(lockId, seats);
const released = (lockId: string, ...seats: number[]): SegmentInventoryEvent => releasedSeats(lockId, seats);
const hold = (lockId: string, ...seats: number[]): SegmentInventoryCommand => ({ type: 'Hold', lockId, seats });
const release = (lockId: string): SegmentInventoryCommand => ({ type: 'Release', lockId });
const segment = given(evolve, unopenedSegment);

describe('segment inventory', () => {
  test('is opened once, and only ever grows', () => {
    segment([]).when(decide, { type: 'Open', seats: 6 }).emits(opened);
    segment([opened]).when(decide, { type: 'Open', seats: 6 }).changesNothing();
    segment([opened]).when(decide, { type: 'Open', seats: 5 }).changesNothing();
    const extended: SegmentInventoryEvent = { type: 'SegmentExtended', version: 1, data: { seats: 90 } };
    segment([opened]).when(decide, { type: 'Open', seats: 90 }).emits(extended);
    segment([opened, held('L1', 1), extended])
      .when(decide, hold('L2', 89))
      .emits(held('L2', 89));
    segment([opened, held('L1', 1), extended])
      .when(decide, hold('L2', 1))
      .refuses('SEATS_TAKEN');
    segment([]).when(decide, hold('L1', 0)).refuses('SEGMENT_NOT_OPEN');
  });

  test('a hold takes all of its seats or none', () => {
    segment([opened])
      .when(decide, hold('L1', 5, 0))
      .emits(held('L1', 5, 0));
    segment([opened, held('L1', 1)])
      .when(decide, hold('L2', 0, 1))
      .refuses('SEATS_TAKEN');
    segment([opened, held('L1', 1)])
      .when(decide, hold('L2', 0, 2))
      .emits(held('L2', 0, 2));
  });

  test('only existing seats can be held, each once', () => {
    for (const seats of [[6], [-1], [0, 6], [2, 2]])
      segment([opened])
        .when(decide, hold('L1', ...seats))
        .refuses('NO_SUCH_SEAT');
  });

  test('a lock that holds already holds no more', () => {
    segment([opened, held('L1', 1)])
      .when(decide, hold('L1', 1))
      .changesNothing();
  });

  test('a release frees what the lock held, and may come again', () => {
    segment([opened, held('L1', 3, 1)])
      .when(decide, release('L1'))
      .emits(released('L1', 3, 1));
    segment([opened, held('L1', 1), released('L1', 1)])
      .when(decide, release('L1'))
      .changesNothing();
    segment([opened]).when(decide, release('L1')).changesNothing();
    segment([opened, held('L1', 1), released('L1', 1)])
      .when(decide, hold('L2', 1))
      .emits(held('L2', 1));
  });

  test.each([
    {
      name: 'a seat held twice',
      events: [opened, held('L1', 1), held('L2', 0, 1)],
      says: /^L2 holds seat 1, held by L1$/,
    },
    { name: 'a lock that holds twice', events: [opened, held('L1', 1), held('L1', 2)], says: /^L1 / },
    { name: 'a seat beyond the last', events: [opened, held('L1', 6)], says: /^L1 holds seat 6/ },
    { name: 'a hold before the opening', events: [held('L1', 0)], says: /^L1 holds seat 0/ },
    { name: 'a release of nothing', events: [opened, released('L1', 1)], says: /^L1 releases seats/ },
    {
      name: 'a second release',
      events: [opened, held('L1', 1), released('L1', 1), released('L1', 1)],
      says: /^L1 releases seats/,
    },
  ])('$name is a contradiction, and nothing is decided any more', ({ events, says }) => {
    expect(segment(events).state.contradiction).toMatch(says);
    for (const command of [{ type: 'Open', seats: 6 } as const, hold('L9', 5), release('L1')])
      segment(events).when(decide, command).refuses('STREAM_CONTRADICTION');
  });

  test('an event that contradicts is not applied, and the first contradiction stays', () => {
    const { state } = segment([opened, held('L1', 1), held('L2', 0, 1), released('L3', 4)]);
    expect(state.contradiction).toMatch(/^L2 /);
    expect([...state.holds.keys()]).toEqual(['L1']);
    expect([...state.holderOf]).toEqual([[1, 'L1']]);
  });

  test('an event of many holds or releases is applied whole', () => {
    const { state } = segment([
      opened,
      heldTogether({ lockId: 'L1', seats: [1] }, { lockId: 'L2', seats: [0, 2] }, { lockId: 'L3', seats: [5] }),
      releasedTogether({ lockId: 'L2', seats: [2] }, { lockId: 'L1', seats: [1] }),
    ]);
    expect([...state.holderOf]).toEqual([
      [0, 'L2'],
      [5, 'L3'],
    ]);
    expect(state.holds).toEqual(
      new Map([
        ['L2', { lockId: 'L2', seats: [0] }],
        ['L3', { lockId: 'L3', seats: [5] }],
      ]),
    );
  });

  test.each([
    [
      'its own seat',
      heldTogether({ lockId: 'L4', seats: [3] }, { lockId: 'L5', seats: [4, 3] }),
      'L5 holds seat 3, held by L4',
    ],
    ['its own lock', heldTogether({ lockId: 'L4', seats: [3] }, { lockId: 'L4', seats: [4] }), 'L4 holds seat 4'],
    ['an earlier seat', heldTogether({ lockId: 'L4', seats: [3] }, { lockId: 'L5', seats: [2] }), 'held by L1'],
    [
      'a seat beyond the last',
      heldTogether({ lockId: 'L4', seats: [3] }, { lockId: 'L5', seats: [6] }),
      'L5 holds seat 6',
    ],
    [
      'a release of nothing',
      releasedTogether({ lockId: 'L1', seats: [1] }, { lockId: 'L1', seats: [2] }, { lockId: 'L9', seats: [4] }),
      'L9 releases seats',
    ],
    ['a second release', releasedTogether({ lockId: 'L1', seats: [1] }, { lockId: 'L1', seats: [1] }), 'L1 releases'],
  ])('an event of many that contradicts %s is not applied in part', (_, event, says) => {
    const before = segment([opened, held('L1', 1, 2), held('L2', 0)]).state;
    const { state } = segment([opened, held('L1', 1, 2), held('L2', 0), event]);
    expect(state.contradiction).toContain(says);
    expect([new Map(state.holds), new Map([...state.holderOf].sort())]).toEqual([
      before.holds,
      new Map([...before.holderOf].sort()),
    ]);
  });

  test('agrees with a plain list of seats', () => {
    const SIZE = 6;
    const lockIds = fc.constantFrom('L1', 'L2', 'L3', 'L4');
    const seats = fc.array(fc.integer({ min: -1, max: SIZE }), { minLength: 1, maxLength: 3 });
    const commands = fc.array(
      fc.oneof(
        fc.tuple(lockIds, seats).map(([lockId, list]) => hold(lockId, ...list)),
        lockIds.map(release),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(commands, (list) => {
        let now = evolve(unopenedSegment(), opened);
        const naive: (string | undefined)[] = new Array(SIZE).fill(undefined);
        for (const command of list) {
          const decision = decide(now, command);
          if (command.type === 'Hold') {
            const { lockId, seats: wanted } = command;
            const sound = wanted.every((seat) => seat in naive) && new Set(wanted).size === wanted.length;
            const works = naive.includes(lockId) || (sound && wanted.every((seat) => naive[seat] === undefined));
            expect(decision.ok).toBe(works);
            if (works && !naive.includes(lockId)) for (const seat of wanted) naive[seat] = lockId;
          }
          if (command.type === 'Release')
            for (const [seat, holder] of naive.entries()) if (holder === command.lockId) naive[seat] = undefined;
          for (const event of decision.ok ? decision.value : []) now = evolve(now, event);
          expect(naive.map((_, seat) => now.holderOf.get(seat))).toEqual(naive);
          expect(now.contradiction).toBeUndefined();
          expect(now.holds.size).toBe(new Set(now.holderOf.values()).size);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('a segment has a stream for each class', () => {
  expect(segmentCategory.stream({ train: 'G1', date: '2026-12-01', seq: 3, seatClass: 'second' })).toBe(
    'segmentInventory-G1_2026-12-01_3_second',
  );
});
