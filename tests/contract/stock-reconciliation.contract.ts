// Free seats that are shown, compared with the log: every kind of difference is planted, found, and repaired or left to
// people; and what is sold meanwhile is never taken for one.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Reconciled } from '@railhead/commands/reconciliation/reconciled.ts';
import { isFree, occupySegment, vacateSegment } from '@railhead/domain/allocation/bitmap.ts';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import { className, runName } from '@railhead/domain/train-run/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import type { ClassState, ClassStock, RunState } from '@railhead/projections/availability/class-state.ts';
import { reconcileStock, type StockAsked } from '@railhead/projections/availability/reconcile-stock.ts';
import fc from 'fast-check';
import { type AvailabilityPlace, beginning, type FedModel } from '../support/availability-place.ts';
import { releasedLock } from '../support/seat-events.ts';
import { DATE, planOf, SEGMENTS, SeatLog } from '../support/seat-log.ts';

const SIZE = 40;
const run = (train: string) => ({ train, date: DATE });
const second = (train: string) => className({ ...run(train), seatClass: 'second' });
const AT = '2026-12-01T08:00:00.000+08:00';

type World = { readonly store: MemoryEventStore; readonly place: AvailabilityPlace; model: FedModel };

const logOf = (store: MemoryEventStore) => ({
  fingerprintAt: (position: number) => store.fingerprintAt(position),
});

export const stockReconciliationContract = (
  name: string,
  newPlace: () => Promise<AvailabilityPlace>,
  runs = 100,
): void =>
  describe(`what is shown of free seats, compared with the log, ${name}`, () => {
    const opened: World[] = [];
    const begin = async (): Promise<World> => {
      const store = new MemoryEventStore();
      const place = await newPlace();
      const world = { store, place, model: await beginning(place, logOf(store)) };
      opened.push(world);
      return world;
    };
    afterEach(async () => {
      for (const { model, place } of opened.splice(0)) {
        await model.end();
        await place.close();
      }
    });

    const write = async ({ store }: World, written: SeatLog): Promise<void> => {
      for (const { stream, revision: _, position: __, ...event } of written.events.splice(0))
        await store.append([{ stream, expected: 'any', events: [event] }]);
    };
    const feed = async ({ store, model }: World, after: number): Promise<number> => {
      const batch = await store.readAll({ after, limit: 1_000 });
      await model.apply(batch);
      return batch.position;
    };
    const compare = async ({ store, model }: World, asked: StockAsked = {}): Promise<Reconciled> => {
      const deps = { log: store, states: model.queries.states, giveWay: async () => {}, timestamp: () => AT };
      const found = await reconcileStock(deps, asked);
      if (found === undefined) throw new Error('nobody knows the run');
      return found;
    };
    const plant = async (
      { model }: World,
      classes: ReadonlyMap<string, ((state: ClassState) => ClassState | undefined) | ClassState>,
      planted: ReadonlyMap<string, RunState | undefined> = new Map(),
    ): Promise<void> => {
      const names = { runs: [], classes: [...classes.keys()] };
      const isWritten = await model.queries.states.rewrite(names, async (now) => ({
        runs: planted,
        classes: new Map(
          [...classes].map(([of, made]) => {
            const state = now.classes.get(of);
            if (typeof made !== 'function') return [of, made];
            if (state === undefined) throw new Error(`there is no ${of}`);
            return [of, made(state)];
          }),
        ),
      }));
      expect(isWritten).toBe(true);
    };
    const changed = (change: (stock: ClassStock) => void) => (state: ClassState) => {
      if (state.stock === undefined) throw new Error('a class without seats');
      change(state.stock);
      return state;
    };

    let world: World;
    const plan = planOf(1, 3, 2, 5);
    /** Of train G1 two seats are sold, and three held; of G2 one is held. */
    beforeEach(async () => {
      world = await begin();
      const written = new SeatLog(SIZE);
      for (const train of ['G1', 'G2']) written.run(train);
      const sell = (train: string, lockId: string, of: LockPlan, isSold: boolean): void => {
        written.hold(train, 'second', lockId, of);
        written.acquire(train, 'second', lockId, of);
        if (isSold) written.confirm(train, 'second', lockId);
      };
      sell('G1', 'L1', plan, true);
      sell('G1', 'L2', planOf(0, 4, 10, 11, 12), false);
      sell('G2', 'L3', planOf(0, 1, 0), false);
      await write(world, written);
      await feed(world, 0);
    });

    const found = { store: expect.any(String), position: expect.any(Number) };
    const nothing = { counts: { auto_fixed: 0, repaired: 0, alarm: 0, left: 0 }, details: [] };
    /** The class as the log has it. */
    const inLog = { mysql_seats: SIZE - 5, logged_held: 3, logged_sold: 2 };
    const ofG1 = { train_number: 'G1', train_date: DATE, seat_type: 'second', ...found };
    const fixed = { action: 'auto_fixed', fix_time: AT };
    const alarm = { action: 'alarm', fix_time: '' };

    test('what is as the log has it differs nowhere', async () => {
      expect(await compare(world)).toEqual({ checked: 2, ...nothing });
      expect(await compare(world, { run: run('G1') })).toEqual({ checked: 1, ...nothing });
    });

    test('a run that nobody knows is none', async () => {
      await expect(compare(world, { run: run('G9') })).rejects.toThrow('nobody knows');
    });

    const isRepaired = async (): Promise<void> => {
      expect(await compare(world)).toEqual({ checked: 2, ...nothing });
      // It goes on with what the log has next.
      const written = new SeatLog(SIZE);
      written.confirm('G1', 'second', 'L2');
      const end = await world.store.lastPosition();
      await write(world, written);
      await feed(world, end);
      expect(await compare(world)).toEqual({ checked: 2, ...nothing });
      const [shown] = await world.model.queries.stocks([{ ...run('G1'), seatClass: 'second' }]);
      expect(shown?.count(SIZE, 0, SEGMENTS)).toEqual({ total: SIZE, available: SIZE - 5, held: 0, sold: 5 });
    };

    test.each<[what: string, diff: number, shown: object, change: (stock: ClassStock) => void]>([
      [
        'a seat shown free that is sold',
        1,
        { redis_seats: SIZE - 4, shown_held: 3, shown_sold: 1 },
        ({ taken, sold }) => {
          for (const bits of [taken, sold]) for (const seq of [1, 2]) vacateSegment(bits, seq, [2]);
        },
      ],
      [
        'a seat shown sold that is free',
        1,
        { redis_seats: SIZE - 6, shown_held: 3, shown_sold: 3 },
        ({ taken, sold }) => {
          for (const bits of [taken, sold]) occupySegment(bits, 0, [30]);
        },
      ],
      [
        'seats shown held that are sold',
        2,
        { redis_seats: SIZE - 5, shown_held: 5, shown_sold: 0 },
        ({ sold }) => {
          for (const seq of [1, 2]) vacateSegment(sold, seq, [2, 5]);
        },
      ],
      [
        'a seat that nobody has withdrawn',
        1,
        { redis_seats: SIZE - 6 },
        ({ taken, withdrawn }) => {
          for (const bits of [taken, withdrawn]) occupySegment(bits, 3, [20]);
        },
      ],
      ['a lock that is not known, whose seats would not be sold', 3, {}, ({ pending }) => void pending.delete('L2')],
      ['nine seats', 9, {}, ({ taken }) => occupySegment(taken, 0, [20, 21, 22, 23, 24, 25, 26, 27, 28])],
    ])('few are written anew from the log: %s', async (_, diff, shown, change) => {
      await plant(world, new Map([[second('G1'), changed(change)]]));
      const { checked, counts, details } = await compare(world);
      expect({ checked, counts }).toEqual({ checked: 2, counts: { ...nothing.counts, auto_fixed: 1 } });
      expect(details).toEqual([expect.objectContaining({ ...ofG1, ...inLog, diff, ...shown, ...fixed })]);
      await isRepaired();
    });

    test('a class that is missing is written anew', async () => {
      await plant(world, new Map([[second('G1'), () => undefined]]));
      const { details } = await compare(world, { run: run('G1') });
      const shown = { redis_seats: 0, shown_held: 0, shown_sold: 0 };
      expect(details).toEqual([expect.objectContaining({ ...ofG1, ...inLog, ...shown, diff: 5, ...fixed })]);
      await isRepaired();
    });

    test('a class of no run goes, and so does what no class is called', async () => {
      const empty: ClassState = { position: 0, stock: undefined, isClosed: false };
      await plant(
        world,
        new Map([
          [second('G7'), empty],
          [`G1_${DATE}_hammock`, empty],
        ]),
      );
      const { details } = await compare(world);
      expect(details).toEqual([
        expect.objectContaining({ train_number: 'G7', train_date: DATE, seat_type: 'second', diff: 0, ...fixed }),
        expect.objectContaining({ train_number: `G1_${DATE}_hammock`, ...fixed }),
      ]);
      await isRepaired();
      const names: string[] = [];
      for await (const page of world.model.queries.states.names()) names.push(...page);
      expect([...new Set(names)].sort()).toEqual([runName(run('G1')), second('G1'), runName(run('G2')), second('G2')]);
    });

    test('a run that is missing, or that the log does not have', async () => {
      const stranger = { position: 0, segments: 2, counted: [], isOver: false };
      await plant(
        world,
        new Map(),
        new Map([
          [runName(run('G2')), undefined],
          [runName(run('G8')), stranger],
        ]),
      );
      const { details } = await compare(world);
      const ofRun = { train_date: DATE, seat_type: '', diff: 0, ...fixed };
      expect(details).toEqual([
        expect.objectContaining({ train_number: 'G2', ...ofRun }),
        expect.objectContaining({ train_number: 'G8', ...ofRun }),
      ]);
      await isRepaired();
    });

    const tenSeats = changed(({ taken }) => occupySegment(taken, 0, [20, 21, 22, 23, 24, 25, 26, 27, 28, 29]));

    test('ten seats are left as they are, and the class is withheld until somebody repairs it', async () => {
      await plant(world, new Map([[second('G1'), tenSeats]]));
      const isWithheld = async (train: string) =>
        (await world.model.queries.stocks([{ ...run(train), seatClass: 'second' }]))[0]?.isWithheld;
      expect(await isWithheld('G1')).toBe(false);
      for (const _ of [1, 2]) {
        const { counts, details } = await compare(world);
        expect(counts).toEqual({ ...nothing.counts, alarm: 1 });
        expect(details).toEqual([expect.objectContaining({ ...ofG1, ...inLog, diff: 10, ...alarm })]);
        expect([await isWithheld('G1'), await isWithheld('G2')]).toEqual([true, false]);
        expect(await world.model.queries.states.withheld()).toEqual([second('G1')]);
      }
      // It dies, and another begins where it was.
      await world.model.end();
      world.model = await beginning(world.place, logOf(world.store));
      await feed(world, await world.model.load());
      expect(await isWithheld('G1')).toBe(true);
      expect(await world.model.queries.states.withheld()).toEqual([second('G1')]);
      // What is sold meanwhile does not show it again.
      const written = new SeatLog(SIZE);
      written.segment('G1', 'second', 0, {
        type: 'SeatsHeld',
        version: 2,
        data: { holds: [{ lockId: 'L9', seats: [39] }] },
      });
      const end = await world.store.lastPosition();
      await write(world, written);
      await feed(world, end);
      expect(await isWithheld('G1')).toBe(true);

      const { counts, details } = await compare(world, { run: run('G1'), repair: true });
      expect(counts).toEqual({ ...nothing.counts, repaired: 1 });
      expect(details).toEqual([expect.objectContaining({ ...ofG1, diff: 10, action: 'repaired', fix_time: AT })]);
      expect(await isWithheld('G1')).toBe(false);
      expect(await world.model.queries.states.withheld()).toEqual([]);
      expect(await compare(world)).toEqual({ checked: 2, ...nothing });
    });

    test('a class that differs no more stays withheld, until its repair is asked for', async () => {
      await plant(world, new Map([[second('G1'), (state: ClassState) => ({ ...state, isWithheld: true as const })]]));
      expect(await compare(world)).toEqual({ checked: 2, ...nothing });
      expect(await world.model.queries.states.withheld()).toEqual([second('G1')]);
      expect(await compare(world, { repair: true })).toEqual({ checked: 2, ...nothing });
      expect(await world.model.queries.states.withheld()).toEqual([]);
    });

    test('a class shown as closed is off by all its seats, and so is each class of a run shown as cancelled', async () => {
      await plant(world, new Map([[second('G1'), (state: ClassState) => ({ ...state, isClosed: true })]]));
      expect((await compare(world)).details).toEqual([expect.objectContaining({ ...ofG1, diff: SIZE, ...alarm })]);
      await compare(world, { repair: true });
      const cancelled = { position: 1, segments: SEGMENTS, counted: [], isOver: true };
      await plant(world, new Map(), new Map([[runName(run('G1')), cancelled]]));
      expect((await compare(world)).details).toEqual([expect.objectContaining({ ...ofG1, diff: SIZE, ...alarm })]);
      expect((await compare(world, { repair: true })).counts.repaired).toBe(1);
      await isRepaired();
    });

    test('a class with a wrong number of seats', async () => {
      const other = new SeatLog(SIZE + 2);
      other.run('G1');
      other.hold('G1', 'second', 'L1', planOf(0, 1, 0));
      const larger = await begin();
      await write(larger, other);
      await feed(larger, 0);
      const { classes } = await larger.model.queries.states.read({ runs: [], classes: [second('G1')] });
      const wrong = classes.get(second('G1'));
      if (wrong === undefined) throw new Error('it was fed');
      await plant(world, new Map([[second('G1'), wrong]]));
      // Two seats that there are not, seat 0 that is free, and five that are taken.
      expect((await compare(world)).details).toEqual([
        expect.objectContaining({ ...ofG1, ...inLog, redis_seats: SIZE + 1, diff: 8, ...fixed }),
      ]);
      await isRepaired();
    });

    const action = fc.record({
      kind: fc.constantFrom('hold', 'hold', 'confirm', 'release'),
      train: fc.constantFrom('G3', 'G4', 'G5'),
      from: fc.nat(SEGMENTS - 1),
      length: fc.integer({ min: 1, max: SEGMENTS }),
      seats: fc.uniqueArray(fc.nat(SIZE - 1), { minLength: 1, maxLength: 3 }),
    });
    const flips = fc.dictionary(
      fc.constantFrom('G3', 'G4', 'G5'),
      fc.uniqueArray(fc.nat(SIZE - 1), { minLength: 1, maxLength: 14 }),
      { noNullPrototype: true },
    );

    test('while seats are sold nothing differs, and what is planted then is found, exactly', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(action, { maxLength: 20 }),
          fc.integer({ min: 1, max: 9 }),
          flips,
          async (list, perBatch, planted) => {
            const own = await begin();
            const written = new SeatLog(SIZE);
            const trains = ['G3', 'G4', 'G5'];
            for (const train of trains) {
              written.run(train);
              // So that each class is there.
              written.hold(train, 'second', `first-${train}`, planOf(0, SEGMENTS, SIZE - 1));
            }
            const live = new Map<string, { readonly lockId: string; readonly plan: LockPlan }[]>();
            const taken = new Set<string>();
            for (const [index, { kind, train, from, length, seats: wanted }] of list.entries()) {
              const seats = wanted.filter((seat) => seat !== SIZE - 1 && !taken.has(`${train} ${seat}`));
              const locks = live.get(train) ?? [];
              live.set(train, locks);
              const lock = locks[0];
              if (kind === 'hold' && seats.length > 0) {
                const one = { lockId: `L${index}`, plan: planOf(from, Math.min(SEGMENTS, from + length), ...seats) };
                written.hold(train, 'second', one.lockId, one.plan);
                written.acquire(train, 'second', one.lockId, one.plan);
                for (const seat of seats) taken.add(`${train} ${seat}`);
                locks.push(one);
              } else if (kind === 'confirm' && lock !== undefined) written.confirm(train, 'second', lock.lockId);
              else if (kind === 'release' && lock !== undefined) {
                written.end(train, 'second', lock.lockId, releasedLock);
                written.free(train, 'second', lock.lockId, lock.plan);
                locks.shift();
                for (const seat of lock.plan.legs[0]?.seats ?? []) taken.delete(`${train} ${seat}`);
              }
            }
            const events = [...written.events];
            await write(own, written);
            for (let start = 0; start < events.length; start += perBatch) {
              const position = Math.min(events.length, start + perBatch);
              const batch = { events: events.slice(start, position), position, caughtUp: false };
              const [compared] = await Promise.all([compare(own), own.model.apply(batch)]);
              expect(compared).toMatchObject(nothing);
            }
            const turned = new Map(
              Object.entries(planted).map(([train, seats]) => [
                second(train),
                changed(({ taken: bits }) => {
                  for (const seat of seats)
                    if (isFree(bits, 1, 2, seat)) occupySegment(bits, 1, [seat]);
                    else vacateSegment(bits, 1, [seat]);
                }),
              ]),
            );
            await plant(own, turned);
            const { details } = await compare(own);
            const told = details.map(({ train_number, diff, action: done }) => [train_number, diff, done]).sort();
            const expected = Object.entries(planted).map(([train, { length }]) => [
              train,
              length,
              length < 10 ? 'auto_fixed' : 'alarm',
            ]);
            expect(told).toEqual(expected.sort());
            await compare(own, { repair: true });
            expect(await compare(own)).toMatchObject(nothing);
            opened.splice(opened.indexOf(own), 1);
            await own.model.end();
            await own.place.close();
          },
        ),
        { numRuns: runs },
      );
    });
  });
