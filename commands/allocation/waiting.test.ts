// Who waits for seats of a class: whatever comes in which order, the first who can use what is free gets it, nobody twice,
// and no seat stays free for the public that somebody in the line could have. An oracle of a few lines says the same.
import { describe, expect, test } from '@jest/globals';
import { seated } from '@railhead/domain/allocation/choose-legs.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import { untouchedStock } from '@railhead/domain/class-stock/class-stock.ts';
import type { JoinedWaiting } from '@railhead/domain/seat-lock/events.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import type { WaitlistPriority } from '@railhead/domain/waitlist-priorities/priority.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent, testMeta } from '@railhead/tests/support/events.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { seededRandom } from '@railhead/tests/support/seeded-random.ts';
import fc from 'fast-check';
import type { EventStore } from '../ports/event-store.ts';
import { load } from '../streams/load.ts';
import { ClassAllocator } from './class-allocator.ts';
import { parseSnapshot, snapshotText, stateText } from './class-snapshot.ts';
import type { Operation } from './operation.ts';

const SEGMENTS = 3;
const SEATS = 3;
const key = { train: 'G1', date: '2026-12-01', seatClass: 'second' } as const;
const seats = seatsOfClass([{ coach: '01', seatClass: 'second', layout: { kind: 'numbers', seats: SEATS } }], 'second');
const NO_MARKS = { bookMark: { revision: -1, id: '' }, segmentMarks: [] };
const FAR = '2099-01-01T00:00:00.000+08:00';

let owners = 0;
const openOn = (store: EventStore, options: { soleWriter?: boolean; batchLimit?: number } = {}): ClassAllocator => {
  owners += 1;
  const fail = (_: unknown, detail: string): never => {
    throw new Error(detail);
  };
  const deps = { store, clock: realClock, random: seededRandom(owners), owner: `o${owners}`, onSaleStopped: fail };
  return new ClassAllocator({ ...deps, ...options }, key, {
    seats,
    segments: SEGMENTS,
    chooseAt: () => ({ counted: false, choose: seated(bestFit) }),
    seatsNow: async () => seats,
  });
};

/** A prepaid request, so that what serves it can be written down. */
const prepaid = async (store: EventStore, waitlistNo: string): Promise<void> => {
  const submitted = { waitlistNo, choices: [], passengers: [] };
  const paid = { paymentNo: 'P', amountFen: 1 };
  await store.append([
    {
      stream: waitlistCategory.stream(waitlistNo),
      expected: 'noStream',
      events: [newEvent(submitted, 'WaitlistSubmitted'), newEvent(paid, 'WaitlistPrepaid')],
    },
  ]);
};

const hold = (orderNo: string, from: number, to: number, party = 1): Operation => ({
  ...{ kind: 'hold', orderNo, from, to, meta: testMeta(orderNo) },
  wants: Array.from({ length: party }, () => undefined),
});
const release = (orderNo: string): Operation => ({ kind: 'release', orderNo, meta: testMeta(`${orderNo}/release`) });
const leave = (orderNo: string): Operation => ({ kind: 'leave', orderNo, meta: testMeta(`${orderNo}/leave`) });
const wait = (
  waitlistNo: string,
  second: number,
  from: number,
  to: number,
  party = 1,
  priority?: WaitlistPriority,
): Operation => {
  const since = new Date(Date.UTC(2026, 10, 1, 0, 0, second)).toISOString();
  const wants = Array.from({ length: party }, () => null);
  const asked: JoinedWaiting = { waitlistNo, choice: 0, from, to, wants, since, until: FAR, revision: 1 };
  const waiting = priority === undefined ? asked : { ...asked, priority };
  return { kind: 'wait', orderNo: waitlistNo, waiting, meta: testMeta(waitlistNo) };
};

/** The book as the log has it. */
const bookOf = async (store: EventStore) => (await load(store, lockBookCategory, key)).state;
const holderOf = async (store: EventStore, orderNo: string): Promise<string | undefined> => {
  const { lockOf, locks } = await bookOf(store);
  const lockId = lockOf.get(orderNo);
  return lockId === undefined ? undefined : locks.get(lockId)?.status;
};

describe.each([true, false])('streams written at once: %s', (atomicStreams) => {
  test('a released seat goes to who waits, in the same batch as somebody of the public asks for it', async () => {
    const store = new MemoryEventStore({ atomicStreams });
    const allocator = openOn(store);
    for (const n of [1, 2, 3]) await allocator.submit(hold(`O${n}`, 0, 3));
    await prepaid(store, 'W1');
    await allocator.submit(wait('W1', 1, 0, 3));
    const [, asked] = await Promise.all([allocator.submit(release('O2')), allocator.submit(hold('O4', 0, 3))]);
    expect(asked).toMatchObject({ ok: false, refusal: { code: 'SOLD_OUT' } });
    expect(await holderOf(store, 'W1')).toBe('acquired');
    const { state } = await load(store, waitlistCategory, 'W1');
    expect(state).toMatchObject({ status: 'LOCKED', served: { choice: 0, seatClass: 'second' } });
    if (!atomicStreams) return;
    // At no revision of a segment was the seat free.
    for (const event of await store.readStream(segmentCategory.stream({ ...key, seq: 0 })))
      if (event.type === 'SeatsReleased') {
        const next = (await store.readAll({ after: event.position, limit: 1 })).events[0];
        expect([next?.stream, next?.type]).toEqual([event.stream, 'SeatsHeld']);
      }
  });

  test('a request that has been given up is passed over, and its seats go on to the next', async () => {
    const store = new MemoryEventStore({ atomicStreams });
    const allocator = openOn(store);
    for (const n of [1, 2, 3]) await allocator.submit(hold(`O${n}`, 0, 3));
    for (const [index, no] of ['W1', 'W2'].entries()) {
      await prepaid(store, no);
      await allocator.submit(wait(no, index, 0, 3));
    }
    const failed = newEvent({ reason: 'GIVEN_UP' }, 'WaitlistFailed');
    await store.append([{ stream: waitlistCategory.stream('W1'), expected: 1, events: [failed] }]);
    await allocator.submit(release('O1'));
    await allocator.submit(leave('W1'));
    expect([await holderOf(store, 'W1'), await holderOf(store, 'W2')]).toEqual([
      atomicStreams ? undefined : 'released',
      'acquired',
    ]);
  });

  test('an owner that takes over knows who waits, from the log and from a snapshot', async () => {
    const store = new MemoryEventStore({ atomicStreams });
    const first = openOn(store);
    for (const n of [1, 2, 3]) await first.submit(hold(`O${n}`, 0, 3));
    await prepaid(store, 'W1');
    await first.submit(wait('W1', 1, 0, 3));
    const second = openOn(store);
    await second.submit(release('O3'));
    expect(await holderOf(store, 'W1')).toBe('acquired');
    // To ask again is answered with what it has.
    expect(await second.submit(wait('W1', 1, 0, 3))).toMatchObject({ ok: true, value: { plan: { orderNo: 'W1' } } });
  });

  test('of the same time the line goes by rank, also for an owner that takes over, from the log or from a snapshot', async () => {
    const store = new MemoryEventStore({ atomicStreams });
    const first = openOn(store);
    for (const n of [1, 2, 3]) await first.submit(hold(`O${n}`, 0, 3));
    const countsFrom = '2026-11-01T00:00:00.000Z';
    const level = (value: number): WaitlistPriority => ({ countsFrom, ranks: [{ by: 'member-level', value }] });
    const [guest, member, before] = ['W1', 'W2', 'W3'];
    for (const no of [guest, member, before]) await prepaid(store, no);
    await first.submit(wait(guest, 10, 0, 3, 1, level(0)));
    await first.submit(wait(member, 30, 0, 3, 1, level(4)));
    // It came first, before there were priorities.
    await first.submit(wait(before, -1, 0, 3));
    await first.submit(release('O1'));
    expect(await holderOf(store, before)).toBe('acquired');
    const { state } = await load(store, lockBookCategory, key);
    const kept = parseSnapshot(snapshotText(stateText({ ...untouchedStock(seats, SEGMENTS), book: state }), NO_MARKS));
    expect(kept?.waiting).toMatchObject([
      { waitlistNo: member, priority: level(4) },
      { waitlistNo: guest, priority: level(0) },
    ]);
    expect(Object.keys(kept?.waiting[0] ?? {})).not.toContain('rank');
    const second = openOn(store);
    await second.submit(release('O2'));
    expect([await holderOf(store, member), await holderOf(store, guest)]).toEqual(['acquired', undefined]);
  });

  test('coaches that are added serve who waits, although nobody asks', async () => {
    const store = new MemoryEventStore({ atomicStreams });
    const allocator = openOn(store);
    for (const n of [1, 2, 3]) await allocator.submit(hold(`O${n}`, 0, 3));
    await prepaid(store, 'W1');
    await allocator.submit(wait('W1', 1, 0, 3));
    const more = { coach: '02', seatClass: 'second', layout: { kind: 'numbers', seats: 1 } } as const;
    allocator.extend([...seats, ...seatsOfClass([more], 'second')]);
    await allocator.close();
    expect(await holderOf(store, 'W1')).toBe('acquired');
  });
});

type Act = {
  readonly kind: 'hold' | 'wait' | 'release' | 'leave' | 'again';
  readonly from: number;
  readonly length: number;
  readonly party: number;
  readonly pick: number;
  /** Submitted together with the one before. */
  readonly together: boolean;
  /** Of the member who waits; undefined: by time alone. */
  readonly level: number | undefined;
};

const act = fc.record<Act>({
  kind: fc.constantFrom('hold', 'hold', 'wait', 'wait', 'wait', 'release', 'release', 'leave', 'again'),
  from: fc.integer({ min: 0, max: SEGMENTS - 1 }),
  length: fc.integer({ min: 1, max: SEGMENTS }),
  party: fc.constantFrom(1, 1, 1, 2),
  pick: fc.nat(1_000),
  together: fc.boolean(),
  level: fc.constantFrom(undefined, 0, 5, 9),
});

type Asked = {
  readonly no: string;
  readonly from: number;
  readonly to: number;
  readonly party: number;
  readonly level: number | undefined;
};

/** Of the same ten seconds, by level; whoever waits by time alone counts from the own second. */
const levelled = (index: number, value: number | undefined): WaitlistPriority | undefined => {
  if (value === undefined) return undefined;
  const countsFrom = new Date(Date.UTC(2026, 10, 1, 0, 0, Math.floor(index / 10) * 10)).toISOString();
  return { countsFrom, ranks: [{ by: 'member-level', value }] };
};

/** Counts what is free for a journey by the locks of the book. */
const freeBy = (taken: readonly ReadonlySet<number>[], from: number, to: number): number => {
  let free = 0;
  for (let seat = 0; seat < SEATS; seat += 1) {
    let isFree = true;
    for (let seq = from; seq < to; seq += 1) if (taken[seq]?.has(seat) === true) isFree = false;
    if (isFree) free += 1;
  }
  return free;
};

describe.each([
  { atomicStreams: true, soleWriter: true },
  { atomicStreams: true, soleWriter: false },
  { atomicStreams: false, soleWriter: false },
])('any sequence of what people do, %j', ({ atomicStreams, soleWriter }) => {
  test('serves the line first come first served, each once, and leaves nothing free that somebody in it could use', async () => {
    let served = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), fc.constantFrom(1, 3, 1_000), async (acts, batchLimit) => {
        const store = new MemoryEventStore({ atomicStreams });
        const allocator = openOn(store, { soleWriter, batchLimit });
        const orders: string[] = [];
        const waiters: Asked[] = [];
        let flying: Promise<unknown>[] = [];
        for (const [index, { kind, from, length, party, pick, together, level }] of acts.entries()) {
          if (!together) await Promise.all(flying.splice(0));
          const to = Math.min(SEGMENTS, from + length);
          const no = `${kind === 'wait' ? 'W' : 'O'}${index}`;
          if (kind === 'hold') {
            orders.push(no);
            flying.push(allocator.submit(hold(no, from, to, party)));
          } else if (kind === 'wait') {
            await prepaid(store, no);
            waiters.push({ no, from, to, party, level });
            flying.push(allocator.submit(wait(no, index, from, to, party, levelled(index, level))));
          } else if (kind === 'release') {
            const all = [...orders, ...waiters.map((one) => one.no)];
            const one = all[pick % Math.max(1, all.length)];
            if (one !== undefined) flying.push(allocator.submit(release(one)));
          } else {
            const one = waiters[pick % Math.max(1, waiters.length)];
            if (one === undefined) continue;
            const second = Number(one.no.slice(1));
            if (kind === 'again')
              flying.push(
                allocator.submit(wait(one.no, second, one.from, one.to, one.party, levelled(second, one.level))),
              );
            else if ((await load(store, waitlistCategory, one.no)).state.status === 'MATCHING') {
              const failed = newEvent({ reason: 'GIVEN_UP' }, 'WaitlistFailed');
              await store.append([{ stream: waitlistCategory.stream(one.no), expected: 1, events: [failed] }]);
              flying.push(allocator.submit(leave(one.no)));
            }
          }
        }
        await Promise.all(flying);
        await allocator.close();
        flying = [];
        served += await assertServed(store, waiters);
      }),
      { numRuns: 150 },
    );
    // Otherwise nothing was tried.
    expect(served).toBeGreaterThan(50);
  });
});

const assertServed = async (store: EventStore, waiters: readonly Asked[]): Promise<number> => {
  const { line, locks } = await bookOf(store);
  const taken = Array.from({ length: SEGMENTS }, () => new Set<number>());
  for (const { status, plan } of locks.values()) {
    if (status !== 'acquired' || plan === undefined) continue;
    for (const leg of plan.legs)
      for (let seq = leg.from; seq < leg.to; seq += 1)
        for (const seat of leg.seats) {
          expect(taken[seq]?.has(seat)).toBe(false);
          taken[seq]?.add(seat);
        }
  }
  let served = 0;
  for (const { no, from, to, party } of waiters) {
    const { state } = await load(store, waitlistCategory, no);
    const lock = [...locks].filter(([, { plan }]) => plan?.orderNo === no);
    expect([no, lock.length]).toEqual([no, Math.min(1, lock.length)]);
    if (state.status === 'LOCKED') {
      served += 1;
      expect(state.served?.lockId).toBe(lock[0]?.[0]);
      expect(line.waiting.has(no)).toBe(false);
    }
    if (state.status !== 'MATCHING') continue;
    // It waits, so there is nothing for it.
    expect([no, line.waiting.has(no)]).toEqual([no, true]);
    expect([no, freeBy(taken, from, to) < party]).toEqual([no, true]);
  }
  await assertInTurn(store, waiters);
  return served;
};

/**
 * Of the same journey and party, whoever goes first was served first. Whoever joined later and goes before may find the
 * seats taken, so a request is only passed by one that was there after it.
 */
const assertInTurn = async (store: EventStore, waiters: readonly Asked[]): Promise<void> => {
  const states = await Promise.all(
    waiters.map(async ({ no }) => (await load(store, waitlistCategory, no)).state.status),
  );
  for (const [index, late] of waiters.entries()) {
    if (states[index] !== 'LOCKED') continue;
    const passed = waiters
      .slice(0, index)
      .find(
        (early, at) =>
          states[at] === 'MATCHING' &&
          early.from === late.from &&
          early.to === late.to &&
          early.party <= late.party &&
          isBefore(early, late),
      );
    expect([late.no, passed?.no]).toEqual([late.no, undefined]);
  }
};

/** The one came before the other: then it goes first, unless a higher level came in the same ten seconds. */
const isBefore = (early: Asked, late: Asked): boolean => {
  const tens = ({ no, level }: Asked): number => {
    const second = Number(no.slice(1));
    return level === undefined ? second : Math.floor(second / 10) * 10;
  };
  if (tens(early) !== tens(late)) return tens(early) < tens(late);
  return (early.level ?? 0) >= (late.level ?? 0);
};
