import { describe, expect, test } from '@jest/globals';
import { recorded } from '@railhead/tests/support/events.ts';
import { given } from '@railhead/tests/support/given.ts';
import fc from 'fast-check';
import { dayOf, decide, type TravellerCommand } from './decide.ts';
import type { TravellerEvent } from './events.ts';
import { evolve, freeTraveller, type Traveller } from './fold.ts';
import { travellerCategory } from './stream.ts';

const DAY = '2026-12-01';
const traveller = given<Traveller, TravellerEvent>(evolve, () => freeTraveller);

type Reserve = Extract<TravellerCommand, { type: 'Reserve' }>;
const at = (time: string, day = DAY): string => `${day}T${time}:00.000+08:00`;
const asking = (
  orderNo: string,
  from: string,
  to: string,
  { train = `G${orderNo}`, ...more }: Partial<Reserve> & { readonly train?: string; readonly date?: string } = {},
): Reserve => ({
  type: 'Reserve',
  day: DAY,
  journey: { orderNo, requestMark: 'm', itemNo: 1, train, date: more.date ?? DAY, from, to },
  mayOverlap: false,
  ...more,
});
const reserved = (orderNo: string, from: string, to: string, more: object = {}): TravellerEvent => ({
  type: 'JourneyReserved',
  version: 1,
  data: { orderNo, requestMark: 'm', itemNo: 1, train: `G${orderNo}`, date: DAY, from, to, ...more },
});
const released = (orderNo: string): TravellerEvent => ({ type: 'JourneyReleased', version: 1, data: { orderNo } });
const morning = reserved('A', at('08:00'), at('10:00'));

describe('a document', () => {
  test('is on one journey at a time', () => {
    for (const [from, to, overlaps] of [
      ['10:00', '11:00', false],
      ['09:59', '11:00', true],
      ['07:00', '08:00', false],
      ['07:00', '08:01', true],
      ['08:30', '09:30', true],
      ['07:00', '11:00', true],
      ['08:00', '10:00', true],
    ] as const) {
      const asked = traveller([morning]).when(decide, asking('B', at(from), at(to)));
      if (overlaps) asked.refuses('JOURNEY_OVERLAPS');
      else asked.emits(reserved('B', at(from), at(to)));
    }
  });

  test('is on one journey at a time, whatever zone the instants are written in', () => {
    traveller([morning])
      .when(decide, asking('B', `${DAY}T00:30:00Z`, `${DAY}T01:00:00Z`))
      .refuses('JOURNEY_OVERLAPS');
    traveller([morning])
      .when(decide, asking('B', `${DAY}T08:30:00Z`, `${DAY}T09:00:00Z`))
      .emits(reserved('B', `${DAY}T08:30:00Z`, `${DAY}T09:00:00Z`));
  });

  test('is once on a run, also for parts of it that do not overlap', () => {
    const again = { train: 'GA' };
    traveller([morning])
      .when(decide, asking('B', at('20:00'), at('21:00'), again))
      .refuses('JOURNEY_OVERLAPS');
    const nextDay = { ...again, date: '2026-12-02' };
    traveller([morning])
      .when(decide, asking('B', at('20:00'), at('21:00'), nextDay))
      .emits(reserved('B', at('20:00'), at('21:00'), nextDay));
  });

  test('may be on several where that is allowed, and the event says so', () => {
    traveller([morning])
      .when(decide, asking('B', at('09:00'), at('11:00'), { mayOverlap: true, train: 'GA' }))
      .emits(reserved('B', at('09:00'), at('11:00'), { train: 'GA', mayOverlap: true }));
  });

  test('is free again once a journey is released', () => {
    traveller([morning]).when(decide, { type: 'Release', orderNo: 'A' }).emits(released('A'));
    traveller([morning]).when(decide, { type: 'Release', orderNo: 'B' }).changesNothing();
    traveller([morning, released('A')])
      .when(decide, { type: 'Release', orderNo: 'A' })
      .changesNothing();
    const anew = asking('B', at('09:00'), at('11:00'));
    traveller([morning, released('A')])
      .when(decide, anew)
      .emits(reserved('B', at('09:00'), at('11:00')));
  });

  test('has so many tickets a day, counted where their journeys begin', () => {
    for (const there of [1, 2, 3]) {
      const journeys = Array.from({ length: there }, (_, n) => reserved(`${n}`, at(`0${n}:00`), at(`0${n}:30`)));
      const asked = traveller(journeys).when(decide, asking('B', at('12:00'), at('13:00'), { limit: 3 }));
      if (there < 3) asked.emits(reserved('B', at('12:00'), at('13:00'), { limit: 3 }));
      else asked.refuses('LIMIT_DOCUMENT');
    }
    const sinceYesterday = reserved('A', at('23:00', '2026-11-30'), at('01:00'));
    traveller([sinceYesterday])
      .when(decide, asking('B', at('12:00'), at('13:00'), { limit: 1 }))
      .emits(reserved('B', at('12:00'), at('13:00'), { limit: 1 }));
    // In the stream of the day on which it ends, a journey does not count, and is not limited.
    traveller([morning])
      .when(decide, asking('B', at('23:00', '2026-11-30'), at('01:00'), { limit: 1 }))
      .emits(reserved('B', at('23:00', '2026-11-30'), at('01:00')));
    traveller([morning])
      .when(decide, asking('B', at('12:00'), at('13:00'), { limit: 0 }))
      .refuses('LIMIT_DOCUMENT');
  });

  test('asks twice for one order and has one journey; another journey of that order is none of it', () => {
    const again = asking('A', at('08:00'), at('10:00'), { limit: 1 });
    traveller([morning])
      .when(decide, again)
      .emits(reserved('A', at('08:00'), at('10:00'), { limit: 1 }));
    expect(traveller([morning, morning]).state.journeys).toHaveLength(1);
    for (const other of [
      asking('A', at('08:00'), at('10:01')),
      asking('A', at('08:01'), at('10:00')),
      asking('A', at('08:00'), at('10:00'), { train: 'GB' }),
      asking('A', at('08:00'), at('10:00'), { date: '2026-11-30' }),
      { ...again, journey: { ...again.journey, itemNo: 2 } },
      { ...again, journey: { ...again.journey, requestMark: 'n' } },
    ])
      traveller([morning]).when(decide, other).refuses('ORDER_DIFFERS');
  });
});

describe('a journey that is exchanged for another', () => {
  const replaces = { orderNo: 'A', itemNos: [1] };
  const later = asking('B', at('09:00'), at('11:00'), { replaces, train: 'GA', limit: 1 });
  const exchanged = reserved('B', at('09:00'), at('11:00'), { train: 'GA', limit: 1, replaces: 'A' });

  test('may overlap the new one, and both count as one ticket', () => {
    traveller([morning]).when(decide, later).emits(exchanged);
    const third = (limit: number) => asking('C', at('12:00'), at('13:00'), { limit });
    traveller([morning, exchanged]).when(decide, third(1)).refuses('LIMIT_DOCUMENT');
    traveller([morning, exchanged])
      .when(decide, third(2))
      .emits(reserved('C', at('12:00'), at('13:00'), { limit: 2 }));
  });

  test('is in the way of everybody else, as the new one is, until one of them is released', () => {
    const both = [morning, exchanged];
    traveller(both)
      .when(decide, asking('C', at('08:00'), at('08:30')))
      .refuses('JOURNEY_OVERLAPS');
    traveller(both)
      .when(decide, asking('C', at('10:30'), at('10:40')))
      .refuses('JOURNEY_OVERLAPS');
    traveller([...both, released('A')])
      .when(decide, asking('C', at('08:00'), at('08:30')))
      .emits(reserved('C', at('08:00'), at('08:30')));
    traveller([...both, released('B')])
      .when(decide, asking('C', at('10:30'), at('10:40')))
      .emits(reserved('C', at('10:30'), at('10:40')));
    // Then the old ticket counts again.
    traveller([...both, released('B')])
      .when(decide, asking('C', at('12:00'), at('13:00'), { limit: 1 }))
      .refuses('LIMIT_DOCUMENT');
  });

  test('still counts on its day while it may be exchanged for one that begins on another', () => {
    // On a run of that day, boarding after midnight: both are in the stream of the day.
    const night = reserved('B', at('00:30', '2026-12-02'), at('02:00', '2026-12-02'), { train: 'GA', replaces: 'A' });
    traveller([morning])
      .when(decide, asking('B', at('00:30', '2026-12-02'), at('02:00', '2026-12-02'), { replaces, train: 'GA' }))
      .emits(night);
    traveller([morning, night])
      .when(decide, asking('C', at('12:00'), at('13:00'), { limit: 1 }))
      .refuses('LIMIT_DOCUMENT');
  });

  test('is the one that is named: no other overlaps', () => {
    for (const other of [
      { orderNo: 'X', itemNos: [1] },
      { orderNo: 'A', itemNos: [2] },
    ])
      traveller([morning])
        .when(decide, { ...later, replaces: other })
        .refuses('JOURNEY_OVERLAPS');
    const noon = reserved('D', at('10:30'), at('12:00'));
    traveller([morning, noon]).when(decide, later).refuses('JOURNEY_OVERLAPS');
  });
});

test('a stream is named by a key and a day, and by nothing else', () => {
  const stream = travellerCategory.stream({ key: 'abc', date: DAY });
  expect([stream, travellerCategory.idOf(stream)]).toEqual(['traveller-2026-12-01_abc', { key: 'abc', date: DAY }]);
  const event = { type: 'JourneyReserved', version: 1 };
  for (const name of ['abc', '2026-12-01', '2026-12-01_', '_abc', '2026-12-1_abc', 'x2026-12-01_abc', '2026-12-01_a b'])
    expect([name, travellerCategory.strangeness({ ...event, stream: `traveller-${name}` })]).toEqual([
      name,
      'BAD_NAME',
    ]);
});

test('whatever is asked for in whatever order, no two journeys overlap and the limit holds', () => {
  const minute = fc.nat(24 * 60);
  const clock = (minutes: number): string => new Date(Date.parse(`${DAY}T00:00:00Z`) + minutes * 60_000).toISOString();
  const one = fc.record({
    orderNo: fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'),
    from: minute,
    lasts: fc.integer({ min: 1, max: 120 }),
    train: fc.constantFrom('G1', 'G2', 'G3', 'G4', 'G5', 'G6'),
    release: fc.boolean(),
    replaces: fc.option(fc.constantFrom('A', 'B', 'C'), { nil: undefined, freq: 3 }),
  });
  let most = 0;
  fc.assert(
    fc.property(fc.array(one, { maxLength: 30 }), fc.integer({ min: 1, max: 4 }), (list, limit) => {
      let state = freeTraveller;
      for (const { orderNo, from, lasts, train, release, replaces } of list) {
        const isExchangeable = (wanted: string | undefined): wanted is string =>
          wanted !== undefined && state.journeys.find((one) => one.orderNo === wanted)?.replaces === undefined;
        const asked = asking(orderNo, clock(from), clock(from + lasts), {
          train,
          limit,
          // A ticket is exchanged once, so none is that came by an exchange.
          ...(isExchangeable(replaces) && replaces !== orderNo
            ? { replaces: { orderNo: replaces, itemNos: [1] } }
            : {}),
        });
        const decision = decide(state, release ? { type: 'Release', orderNo } : asked);
        if (decision.ok) for (const event of decision.value) state = evolve(state, recorded(event));
        const exchanged = new Set(state.journeys.map((journey) => journey.replaces));
        const counted = state.journeys.filter((journey) => dayOf(journey) === DAY && !exchanged.has(journey.orderNo));
        expect(counted.length).toBeLessThanOrEqual(limit);
        most = Math.max(most, counted.length);
        for (const a of state.journeys)
          for (const b of state.journeys) {
            if (a.orderNo >= b.orderNo || a.replaces === b.orderNo || b.replaces === a.orderNo) continue;
            expect([a.train === b.train, a.fromMs < b.toMs && b.fromMs < a.toMs]).toEqual([false, false]);
          }
      }
    }),
    { numRuns: 500 },
  );
  // Otherwise nothing was tried.
  expect(most).toBeGreaterThan(1);
});
