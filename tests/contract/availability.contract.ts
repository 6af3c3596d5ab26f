// Questions to a read model of free seats, and their answers, wherever it stands.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { isSeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { type LockPlan, seatsOnSegment, segmentsOf } from '@railhead/domain/seat-lock/plan.ts';
import fc from 'fast-check';
import { ANY, type AvailabilityPlace, beginning, type FedModel } from '../support/availability-place.ts';
import { countOf } from '../support/read-side.ts';
import { aborted, heldTogether, releasedLock, releasedSeats, releasedTogether } from '../support/seat-events.ts';
import { DATE, planOf, SEGMENTS, SeatLog, SIZE } from '../support/seat-log.ts';

export const availabilityContract = (name: string, newPlace: () => Promise<AvailabilityPlace>, runs = 300): void =>
  describe(`availability, ${name}`, () => {
    const places: AvailabilityPlace[] = [];
    const lives: FedModel[] = [];
    const opened = async (): Promise<FedModel> => {
      const place = await newPlace();
      places.push(place);
      const model = await beginning(place, ANY);
      lives.push(model);
      return model;
    };
    const modelOf = async ({ events }: SeatLog): Promise<FedModel> => {
      const model = await opened();
      await model.apply({ events, position: events.length, caughtUp: true });
      return model;
    };
    afterEach(async () => {
      for (const model of lives.splice(0)) await model.end();
      for (const place of places.splice(0)) await place.close();
    });

    let log = new SeatLog();
    const count = async (from: number, to: number, seatClass: SeatClass = 'second') =>
      countOf((await modelOf(log)).queries, { train: 'G1', date: DATE, seatClass }, SIZE, from, to);
    const plan = planOf(1, 3, 2, 5);
    const sell = (): void => {
      log.hold('G1', 'second', 'L1', plan);
      log.acquire('G1', 'second', 'L1', plan);
      log.confirm('G1', 'second', 'L1');
    };

    beforeEach(() => {
      log = new SeatLog();
      log.run('G1');
      log.run('G2');
    });

    test('a class that nobody has bought from is free', async () => {
      expect(await count(0, 4)).toEqual({ total: SIZE, available: SIZE, held: 0, sold: 0 });
    });

    test('a held seat is taken for every journey over its segments, and for no other', async () => {
      log.hold('G1', 'second', 'L1', plan);
      expect(await count(0, 4)).toEqual({ total: SIZE, available: 4, held: 2, sold: 0 });
      expect(await count(2, 3)).toEqual({ total: SIZE, available: 4, held: 2, sold: 0 });
      expect(await count(0, 1)).toEqual({ total: SIZE, available: 6, held: 0, sold: 0 });
      expect(await count(3, 4)).toEqual({ total: SIZE, available: 6, held: 0, sold: 0 });
    });

    test('other classes and other trains keep their seats', async () => {
      sell();
      expect(await count(0, 4, 'first')).toEqual({ total: SIZE, available: SIZE, held: 0, sold: 0 });
      const model = await modelOf(log);
      for (const other of [
        { train: 'G2', date: DATE },
        { train: 'G1', date: '2026-12-02' },
      ])
        expect(await countOf(model.queries, { ...other, seatClass: 'second' }, SIZE, 0, 4)).toMatchObject({
          available: SIZE,
        });
    });

    test('a confirmed lock is sold where it was held', async () => {
      sell();
      expect(await count(0, 2)).toEqual({ total: SIZE, available: 4, held: 0, sold: 2 });
      expect(await count(0, 1)).toEqual({ total: SIZE, available: 6, held: 0, sold: 0 });
    });

    test('what many locks did together counts for each of them', async () => {
      const locks = ['A', 'B', 'C', 'D'].map((lockId, seat) => ({ lockId, plan: planOf(0, 2, seat) }));
      const holds = locks.map(({ lockId }, seat) => ({ lockId, seats: [seat] }));
      const named = (...lockIds: string[]) => lockIds.map((lockId) => ({ lockId }));
      for (const seq of [0, 1]) {
        log.segment('G1', 'second', seq, { type: 'SegmentOpened', version: 1, data: { seats: SIZE } });
        log.segment('G1', 'second', seq, heldTogether(...holds));
      }
      log.book('G1', 'second', { type: 'SeatLocksAcquired', version: 2, data: { locks } });
      log.book('G1', 'second', { type: 'SeatLocksConfirmed', version: 2, data: { locks: named('B', 'C') } });
      expect(await count(0, 2)).toMatchObject({ available: 2, held: 2, sold: 2 });
      log.book('G1', 'second', { type: 'SeatLocksExpired', version: 2, data: { locks: named('A', 'D') } });
      for (const seq of [0, 1])
        log.segment('G1', 'second', seq, releasedTogether({ lockId: 'D', seats: [3] }, { lockId: 'A', seats: [0] }));
      expect(await count(0, 2)).toMatchObject({ available: 4, held: 0, sold: 2 });
    });

    test('a seat sold on one part and held on another counts once, as sold', async () => {
      sell();
      const onward = planOf(3, 4, 5, 0);
      log.hold('G1', 'second', 'L2', onward);
      log.acquire('G1', 'second', 'L2', onward);
      expect(await count(0, 4)).toEqual({ total: SIZE, available: 3, held: 1, sold: 2 });
      expect(await count(3, 4)).toEqual({ total: SIZE, available: 4, held: 2, sold: 0 });
    });

    test('a held lock that ends frees its seats', async () => {
      log.hold('G1', 'second', 'L1', plan);
      log.acquire('G1', 'second', 'L1', plan);
      log.expire('G1', 'second', 'L1');
      log.free('G1', 'second', 'L1', plan);
      expect(await count(0, 4)).toEqual({ total: SIZE, available: 6, held: 0, sold: 0 });
    });

    test('so does a sold one, and its seats can be held and sold again', async () => {
      sell();
      log.end('G1', 'second', 'L1', releasedLock);
      log.free('G1', 'second', 'L1', plan);
      expect(await count(0, 4)).toEqual({ total: SIZE, available: 6, held: 0, sold: 0 });
      log.hold('G1', 'second', 'L2', plan);
      log.acquire('G1', 'second', 'L2', plan);
      expect(await count(0, 4)).toEqual({ total: SIZE, available: 4, held: 2, sold: 0 });
      log.confirm('G1', 'second', 'L2');
      expect(await count(0, 4)).toEqual({ total: SIZE, available: 4, held: 0, sold: 2 });
    });

    test('a lock that ended keeps its seats held until each segment releases them', async () => {
      log.hold('G1', 'second', 'L1', plan);
      log.acquire('G1', 'second', 'L1', plan);
      log.end('G1', 'second', 'L1', releasedLock);
      expect(await count(0, 4)).toEqual({ total: SIZE, available: 4, held: 2, sold: 0 });
      log.segment('G1', 'second', 1, releasedSeats('L1', [2, 5]));
      expect(await count(0, 4)).toEqual({ total: SIZE, available: 4, held: 2, sold: 0 });
      expect(await count(1, 2)).toEqual({ total: SIZE, available: 6, held: 0, sold: 0 });
    });

    test('an aborted hold frees its seats', async () => {
      log.hold('G1', 'second', 'L1', plan);
      log.end('G1', 'second', 'L1', aborted);
      log.free('G1', 'second', 'L1', plan);
      expect(await count(0, 4)).toEqual({ total: SIZE, available: 6, held: 0, sold: 0 });
    });

    test('a traveller who changes seats occupies each seat on its part of the way', async () => {
      const change: LockPlan = {
        ...plan,
        legs: [
          { from: 0, to: 1, seats: [1] },
          { from: 1, to: 4, seats: [3] },
        ],
      };
      log.hold('G1', 'second', 'L1', change);
      log.acquire('G1', 'second', 'L1', change);
      log.confirm('G1', 'second', 'L1');
      expect(await count(0, 4)).toEqual({ total: SIZE, available: 4, held: 0, sold: 2 });
      expect(await count(0, 1)).toEqual({ total: SIZE, available: 5, held: 0, sold: 1 });
    });

    test('a segment of a run that was never opened is an error', async () => {
      log.hold('G9', 'second', 'L1', plan);
      await expect(modelOf(log)).rejects.toThrow('segmentInventory-G9');
    });

    test('a batch that failed half way can be applied again', async () => {
      sell();
      const model = await opened();
      const position = log.events.length;
      const stranger = new SeatLog();
      stranger.hold('G9', 'second', 'L1', plan);
      const [bad] = stranger.events;
      if (bad === undefined) throw new Error('a hold is an event');
      const broken = [...log.events.slice(0, 5), { ...bad, position: 6 }];
      await expect(model.apply({ events: broken, position: 6, caughtUp: false })).rejects.toThrow();
      await model.apply({ events: log.events, position, caughtUp: true });
      await model.apply({ events: log.events, position, caughtUp: true });
      expect(await countOf(model.queries, { train: 'G1', date: DATE, seatClass: 'second' }, SIZE, 0, 4)).toEqual({
        total: SIZE,
        available: 4,
        held: 0,
        sold: 2,
      });
      expect(await model.load()).toBe(position);
    });

    test('a lock that is confirmed and released in one append leaves nothing sold', async () => {
      log.hold('G1', 'second', 'L1', plan);
      log.acquire('G1', 'second', 'L1', plan);
      // One append writes all streams, with the segments before the book.
      log.free('G1', 'second', 'L1', plan);
      log.hold('G1', 'second', 'L2', plan);
      log.confirm('G1', 'second', 'L1');
      log.end('G1', 'second', 'L1', releasedLock);
      log.acquire('G1', 'second', 'L2', plan);
      expect(await count(0, 4)).toEqual({ total: SIZE, available: 4, held: 2, sold: 0 });
      log.confirm('G1', 'second', 'L2');
      expect(await count(0, 4)).toEqual({ total: SIZE, available: 4, held: 0, sold: 2 });
    });

    test('of a class whose book is closed nothing is available, even if nobody has bought from it', async () => {
      log.book('G1', 'first', { type: 'BookClosed', version: 1, data: { reason: 'SEATS_ASSIGNED' } });
      expect(await count(0, 4, 'first')).toEqual({ total: SIZE, available: 0, held: 0, sold: 0 });
      expect(await count(0, 4)).toMatchObject({ available: SIZE });
    });

    test('events delivered again change nothing', async () => {
      sell();
      const model = await modelOf(log);
      const shown = await countOf(model.queries, { train: 'G1', date: DATE, seatClass: 'second' }, SIZE, 0, 4);
      const early = log.events.slice(0, 4);
      await model.apply({ events: early, position: early.length, caughtUp: false });
      await model.apply({ events: log.events, position: log.events.length, caughtUp: true });
      expect(await countOf(model.queries, { train: 'G1', date: DATE, seatClass: 'second' }, SIZE, 0, 4)).toEqual(shown);
    });

    test('equals a simple recount, however the log is cut into batches', async () => {
      type SeatState = 'free' | 'held' | 'sold';
      const actions = fc.array(
        fc.record({
          kind: fc.constantFrom('hold', 'hold', 'confirm', 'release', 'abort'),
          train: fc.constantFrom('G1', 'G2'),
          seatClass: fc.constantFrom<SeatClass>('first', 'second'),
          from: fc.nat(SEGMENTS - 1),
          length: fc.integer({ min: 1, max: SEGMENTS }),
          seats: fc.uniqueArray(fc.nat(SIZE - 1), { minLength: 1, maxLength: 3 }),
          pick: fc.nat(5),
        }),
        { maxLength: 25 },
      );
      type Lock = { readonly lockId: string; readonly plan: LockPlan; state: 'held' | 'confirmed' };
      await fc.assert(
        fc.asyncProperty(actions, fc.integer({ min: 1, max: 12 }), async (list, batchSize) => {
          const written = new SeatLog();
          written.run('G1');
          written.run('G2');
          const grids = new Map<string, SeatState[][]>();
          const locks = new Map<string, Lock[]>();
          for (const [index, action] of list.entries()) {
            const { train, seatClass, from, seats } = action;
            const key = `${train}/${seatClass}`;
            const grid =
              grids.get(key) ?? Array.from({ length: SEGMENTS }, () => new Array<SeatState>(SIZE).fill('free'));
            grids.set(key, grid);
            const live = locks.get(key) ?? [];
            locks.set(key, live);
            const paint = (plan: LockPlan, state: SeatState): void => {
              for (const seq of segmentsOf(plan))
                for (const seat of seatsOnSegment(plan, seq)) grid[seq]?.splice(seat, 1, state);
            };
            const plan = planOf(from, Math.min(SEGMENTS, from + action.length), ...seats);
            const fits = segmentsOf(plan).every((seq) => seats.every((seat) => grid[seq]?.[seat] === 'free'));
            const lockId = `L${index}`;
            const lock = live[action.pick % Math.max(1, live.length)];
            if (action.kind === 'hold' && fits) {
              written.hold(train, seatClass, lockId, plan);
              written.acquire(train, seatClass, lockId, plan);
              live.push({ lockId, plan, state: 'held' });
              paint(plan, 'held');
            } else if (action.kind === 'abort' && fits) {
              written.hold(train, seatClass, lockId, plan);
              written.end(train, seatClass, lockId, aborted);
              written.free(train, seatClass, lockId, plan);
            } else if (action.kind === 'confirm' && lock?.state === 'held') {
              written.confirm(train, seatClass, lock.lockId);
              lock.state = 'confirmed';
              paint(lock.plan, 'sold');
            } else if (action.kind === 'release' && lock !== undefined) {
              if (lock.state === 'held' && action.from === 0) written.expire(train, seatClass, lock.lockId);
              else written.end(train, seatClass, lock.lockId, releasedLock);
              written.free(train, seatClass, lock.lockId, lock.plan);
              paint(lock.plan, 'free');
              live.splice(live.indexOf(lock), 1);
            }
          }
          const model = await opened();
          for (let start = 0; start < written.events.length; start += batchSize) {
            const events = written.events.slice(start, start + batchSize);
            await model.apply({ events, position: start + events.length, caughtUp: false });
          }
          for (const [key, grid] of grids) {
            const [train = '', name] = key.split('/');
            const seatClass = isSeatClass(name) ? name : 'second';
            for (let from = 0; from < SEGMENTS; from += 1)
              for (let to = from + 1; to <= SEGMENTS; to += 1) {
                const seats = Array.from({ length: SIZE }, (_, seat) => grid.slice(from, to).map((row) => row[seat]));
                const sold = seats.filter((states) => states.includes('sold')).length;
                const available = seats.filter((states) => states.every((state) => state === 'free')).length;
                const expected = { total: SIZE, available, held: SIZE - available - sold, sold };
                expect(await countOf(model.queries, { train, date: DATE, seatClass }, SIZE, from, to)).toEqual(
                  expected,
                );
              }
          }
        }),
        { numRuns: runs },
      );
    });
  });
