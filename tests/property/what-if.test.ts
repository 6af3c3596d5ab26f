// A run that is sold again under the rules it was sold under comes to what happened: the same orders, on the same seats.
import { describe, expect, test } from '@jest/globals';
import type { Forecast, QuotaRule } from '@railhead/commands/allocation/quota-rules.ts';
import type { SellingRules } from '@railhead/commands/allocation/selling-rules.ts';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { figuresOf, otherwiseOf } from '@railhead/commands/what-if/figures.ts';
import { payersOf } from '@railhead/commands/what-if/payers.ts';
import { type SoldAgain, sellAgain } from '@railhead/commands/what-if/sell-again.ts';
import type { SoldRun } from '@railhead/commands/what-if/sold-run.ts';
import { soldRunIn } from '@railhead/commands/what-if/what-if.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import { SEAT_POLICIES } from '@railhead/domain/allocation/seat-policies.ts';
import type { TrainRunOpened } from '@railhead/domain/train-run/events.ts';
import { type RunId, runCategory } from '@railhead/domain/train-run/stream.ts';
import fc from 'fast-check';
import { live } from '../simulation/live.ts';
import { planOf } from '../simulation/plan-of.ts';
import { World } from '../simulation/world/world.ts';
import { openedRun, stopsOf } from '../support/opened-run.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { smallSale } from '../support/small-sale.ts';
import { eventsOfHistory, HISTORIES } from '../support/stored-histories.ts';

const PAYERS = payersOf(1, 900_000);

const soldIn = async (events: readonly RecordedEvent[], id: RunId): Promise<SoldRun | undefined> => {
  const sold = await soldRunIn(recordedLog(events), id, events.at(-1)?.position ?? 0);
  return sold.ok ? sold.value : undefined;
};
const again = (sold: SoldRun, rules: SellingRules, payers = PAYERS): SoldAgain => {
  const result = sellAgain(sold, { rules, payers });
  if (!result.ok) throw new Error(result.refusal.detail);
  return result.value;
};
const plain = <Value>(map: ReadonlyMap<string, Value>): Readonly<Record<string, Value>> => Object.fromEntries(map);

/** Every run of the log that somebody has asked for. Returns the number of their requests. */
const expectSame = async (events: readonly RecordedEvent[], rules: SellingRules): Promise<number> => {
  let requests = 0;
  for (const event of events) {
    if (!runCategory.owns(event) || event.type !== 'TrainRunOpened') continue;
    const sold = await soldIn(events, event.data);
    if (sold === undefined) continue;
    expect(plain(again(sold, rules).outcomes)).toEqual(plain(sold.outcomes));
    requests += sold.asked.size;
  }
  return requests;
};

test.each(HISTORIES)('the stored history %s', async (name) => {
  const rules = { policy: bestFit, quotas: [], forecasts: [] };
  expect(await expectSame(eventsOfHistory(name), rules)).toBeGreaterThan(0);
});

test.each([9, 10, 15, 18])('the simulated day %d, with its quotas', async (seed) => {
  const plan = planOf(seed);
  const world = new World({ ...plan, faults: { ...plan.faults, strangeEvent: 0 } });
  try {
    await live(world);
    const quotas = plan.trains.flatMap((train) => train.quotas ?? []);
    expect(await expectSame(world.log.events, { policy: bestFit, quotas, forecasts: [] })).toBeGreaterThan(0);
  } finally {
    world.close();
  }
});

const CODES = ['A', 'B', 'C', 'D', 'E'];
const journeyArb = (stops: number) =>
  fc
    .tuple(fc.nat(stops - 2), fc.nat(stops - 2))
    .map(([from, more]) => ({ from, to: Math.min(stops - 1, from + 1 + more) }));

const wishArb = (stops: number) =>
  fc.record({
    journey: journeyArb(stops),
    wants: fc.array(fc.constantFrom(undefined, 'window', 'aisle', 'A'), { minLength: 1, maxLength: 3 }),
    acceptStanding: fc.boolean(),
    acceptSeatChange: fc.boolean(),
  });

const endArb = fc.record({
  order: fc.nat(),
  how: fc.constantFrom('confirm', 'release', 'expire', 'giveBack'),
  travellers: fc.uniqueArray(fc.nat(2), { minLength: 1 }),
} as const);

/** What is decided together: seats for some, or the end of some. */
const roundArb = (stops: number) =>
  fc.record({
    wishes: fc.array(wishArb(stops), { maxLength: 6 }),
    ends: fc.array(endArb, { maxLength: 5 }),
    laterMinutes: fc.constantFrom(0, 1, 90, 400),
  });

const rulesArb = (stops: number, seats: number): fc.Arbitrary<SellingRules> => {
  const of = { train: 'G1', seatClass: 'second' } as const;
  const placed = ({ from, to }: { readonly from: number; readonly to: number }) => ({
    from: CODES[from] ?? '',
    to: CODES[to] ?? '',
  });
  const quota = fc
    .record({ way: journeyArb(stops), seats: fc.nat(seats), untilMinutesBefore: fc.constantFrom(0, 600, 1_200) })
    .map(({ way, ...rest }): QuotaRule => ({ ...of, ...rest, ...placed(way) }));
  const forecast = fc
    .array(fc.record({ way: journeyArb(stops), requests: fc.nat(20) }), { minLength: 1, maxLength: 3 })
    .map(
      (demand): Forecast => ({
        ...of,
        daysOnSale: 2,
        demand: demand.map(({ way, requests }) => ({ ...placed(way), requests })),
      }),
    );
  return fc.record({
    policy: fc.constantFrom(...Object.values(SEAT_POLICIES)),
    quotas: fc.array(quota, { maxLength: 2 }),
    forecasts: fc.array(forecast, { maxLength: 1 }),
  });
};

const railwayArb = fc.integer({ min: 2, max: 5 }).chain((stops) =>
  fc.integer({ min: 1, max: 3 }).chain((rows) =>
    fc.record({
      stops: fc.constant(stops),
      rows: fc.constant(rows),
      standing: fc.nat(2),
      late: fc.boolean(),
      atomicStreams: fc.boolean(),
      rules: rulesArb(stops, rows * 3),
      others: rulesArb(stops, rows * 3),
      rounds: fc.array(roundArb(stops), { minLength: 1, maxLength: 6 }),
    }),
  ),
);
type Railway = typeof railwayArb extends fc.Arbitrary<infer Value> ? Value : never;

const runOf = ({ stops, rows, standing, late }: Railway): TrainRunOpened['data'] => {
  const places = standing === 0 ? {} : { standing };
  return openedRun({
    stops: stopsOf(...CODES.slice(0, stops)),
    composition: [{ coach: '01', seatClass: 'second', layout: { kind: 'rows', rows, letters: 'ABC' }, ...places }],
    tariff: { ...openedRun().tariff, ratesMilliFenPerKm: { second: 46_000, standing: 23_000 } },
    ...(late ? { lateAssignment: ['second'] } : {}),
  });
};

const sell = async (railway: Railway): Promise<SoldRun | undefined> => {
  const { rules, atomicStreams, rounds } = railway;
  const run = runOf(railway);
  const sale = await smallSale(run, rules, { atomicStreams });
  const placed: string[] = [];
  for (const { wishes, ends, laterMinutes } of rounds) {
    const orders: string[] = [];
    for (const { journey, ...wish } of wishes) orders.push(await sale.request({ ...journey, ...wish }));
    placed.push(...orders);
    await Promise.all(orders.map((orderNo) => sale.hold(orderNo)));
    await Promise.all(
      ends.map(({ order, how, travellers }) => {
        const orderNo = placed[order % Math.max(1, placed.length)] ?? '';
        return how === 'giveBack' ? sale.giveBack(orderNo, travellers) : sale.end(orderNo, how);
      }),
    );
    await sale.clock.advance(laterMinutes * 60_000);
  }
  return soldIn(await sale.events(), run);
};

describe('random small railways', () => {
  test('come to what happened, under their own rules', async () => {
    await fc.assert(
      fc.asyncProperty(railwayArb, async (railway) => {
        const sold = await sell(railway);
        if (sold === undefined) return;
        const { outcomes } = again(sold, railway.rules);
        expect(plain(outcomes)).toEqual(plain(sold.outcomes));
        expect(figuresOf(sold, outcomes)).toEqual(figuresOf(sold, sold.outcomes));
      }),
      { numRuns: 150 },
    );
  });

  test('come to what happened nearly always, where seats come free in the batches that take them', async () => {
    const random = seededRandom(1);
    const rules = { policy: bestFit, quotas: [], forecasts: [] };
    const layout = { kind: 'rows', rows: 8, letters: 'ABCDF' } as const;
    let [requests, otherwise] = [0, 0];
    for (let train = 0; train < 8; train += 1) {
      const run = openedRun({
        stops: stopsOf(...CODES),
        composition: [{ coach: '01', seatClass: 'second', layout }],
        tariff: { ...openedRun().tariff, ratesMilliFenPerKm: { second: 46_000 } },
      });
      const sale = await smallSale(run, rules);
      const placed: string[] = [];
      for (let round = 0; round < 12; round += 1) {
        const work: (() => Promise<void>)[] = [];
        for (let n = 0; n < 40; n += 1) {
          const from = random.below(4);
          const to = from + 1 + random.below(4 - from);
          const orderNo = await sale.request({ from, to, wants: [undefined] });
          work.push(() => sale.hold(orderNo));
          placed.push(orderNo);
        }
        for (let n = 0; n < 15; n += 1) {
          const orderNo = placed[random.below(placed.length)] ?? '';
          work.splice(random.below(work.length), 0, () => sale.end(orderNo, 'expire'));
        }
        await Promise.all(work.map((start) => start()));
      }
      const sold = await soldIn(await sale.events(), run);
      if (sold === undefined) throw new Error('it was asked for');
      const { servedNow, refusedNow } = otherwiseOf(sold, again(sold, rules).outcomes, 0);
      requests += sold.asked.size;
      otherwise += servedNow.orders + refusedNow.orders;
    }
    expect(requests).toBe(8 * 12 * 40);
    expect(otherwise / requests).toBeLessThan(0.005);
  });

  test('sell no seat twice under other rules, answer every request, and answer the same when asked again', async () => {
    await fc.assert(
      fc.asyncProperty(railwayArb, fc.double({ min: 0, max: 1, noNaN: true }), async (railway, share) => {
        const sold = await sell(railway);
        if (sold === undefined) return;
        const payers = payersOf(share, 900_000);
        const { outcomes } = again(sold, railway.others, payers);
        expect([...outcomes.keys()]).toEqual([...sold.asked.keys()]);
        const taken = new Set<string>();
        for (const outcome of outcomes.values()) {
          if (outcome.kind !== 'sold' && outcome.kind !== 'held') continue;
          for (const { from, to, seats } of outcome.legs)
            for (let segment = from; segment < to; segment += 1)
              for (const traveller of outcome.kept) {
                const seat = `${outcome.seatClass}/${segment}/${seats[traveller]}`;
                expect(taken.has(seat)).toBe(false);
                taken.add(seat);
              }
        }
        const { segments } = figuresOf(sold, outcomes);
        for (const { sold: count, seats } of segments) expect(count).toBeLessThanOrEqual(seats);
        expect(plain(again(sold, railway.others, payers).outcomes)).toEqual(plain(outcomes));
      }),
      { numRuns: 100 },
    );
  });
});
