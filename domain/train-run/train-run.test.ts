import { describe, expect, test } from '@jest/globals';
import { recorded } from '@railhead/tests/support/events.ts';
import { given } from '@railhead/tests/support/given.ts';
import fc from 'fast-check';
import type { Tariff } from '../fare/fare.ts';
import { SEAT_CLASSES } from '../kernel/seat-class.ts';
import { everyDay, type Train } from '../timetable/timetable.ts';
import { type Coach, classSizes, type Layout, seatCount, seatsOfClass, seatsOfCoach } from './composition.ts';
import { decide, type OpenRun } from './decide.ts';
import type { TrainRunEvent } from './events.ts';
import { absentRun, evolve } from './fold.ts';
import { dayOffset, journeyBetween, journeyFares, journeyKm } from './journey.ts';
import { runCategory } from './stream.ts';

const coach = (number: string, seatClass: Coach['seatClass'], layout: Layout): Coach => ({
  coach: number,
  seatClass,
  layout,
});
const labels = (layout: Layout): string[] => seatsOfCoach(coach('05', 'second', layout)).map(({ seat }) => seat);

describe('composition', () => {
  test('lettered rows are numbered from the front', () => {
    expect(labels({ kind: 'rows', rows: 2, letters: 'ACF' })).toEqual(['01A', '01C', '01F', '02A', '02C', '02F']);
    expect(seatsOfCoach(coach('05', 'first', { kind: 'rows', rows: 12, letters: 'ACDF' })).at(-1)).toEqual({
      coach: '05',
      seat: '12F',
      row: 12,
      letter: 'F',
    });
  });

  test('numbered seats stand five a row', () => {
    const seats = seatsOfCoach(coach('05', 'hardSeat', { kind: 'numbers', seats: 118 }));
    expect(seats.filter((_, index) => [0, 4, 5, 117].includes(index))).toEqual([
      { coach: '05', seat: '001', row: 1 },
      { coach: '05', seat: '005', row: 1 },
      { coach: '05', seat: '006', row: 2 },
      { coach: '05', seat: '118', row: 24 },
    ]);
  });

  test('berths are stacks from the floor up, two stacks a bay', () => {
    const levels = ['lower', 'middle', 'upper'] as const;
    const layout: Layout = { kind: 'berths', bays: 2, levels };
    expect(labels(layout)).toEqual([
      '01L',
      '01M',
      '01U',
      '02L',
      '02M',
      '02U',
      '03L',
      '03M',
      '03U',
      '04L',
      '04M',
      '04U',
    ]);
    const rows = seatsOfCoach(coach('05', 'hardSleeper', layout)).map(({ row }) => row);
    expect(rows).toEqual([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
    expect(labels({ kind: 'berths', bays: 1, levels: ['lower', 'upper'] })).toEqual(['01L', '01U', '02L', '02U']);
  });

  test('a class is the seats of its coaches, in the order of the train', () => {
    const train = [
      coach('01', 'second', { kind: 'rows', rows: 1, letters: 'AF' }),
      coach('02', 'first', { kind: 'rows', rows: 1, letters: 'A' }),
      coach('03', 'second', { kind: 'rows', rows: 1, letters: 'B' }),
    ];
    expect(seatsOfClass(train, 'second').map((seat) => seat.coach + seat.seat)).toEqual(['0101A', '0101F', '0301B']);
    expect(seatsOfClass(train, 'business')).toEqual([]);
    expect(classSizes(train)).toEqual([
      { seatClass: 'first', seats: 1 },
      { seatClass: 'second', seats: 3 },
    ]);
  });

  test('every seat has a label of its own and is counted once', () => {
    const layouts: fc.Arbitrary<Layout> = fc.oneof(
      fc.record({
        kind: fc.constant('rows' as const),
        rows: fc.nat(120),
        letters: fc.constantFrom('ACF', 'ACDF', 'ABCDF'),
      }),
      fc.record({ kind: fc.constant('numbers' as const), seats: fc.nat(1100) }),
      fc.record({
        kind: fc.constant('berths' as const),
        bays: fc.nat(60),
        levels: fc.constantFrom(['lower', 'upper'] as const, ['lower', 'middle', 'upper'] as const),
      }),
    );
    const trains = fc
      .array(fc.tuple(fc.constantFrom(...SEAT_CLASSES), layouts), { maxLength: 6 })
      .map((list) => list.map(([seatClass, layout], index) => coach(`0${index + 1}`, seatClass, layout)));
    fc.assert(
      fc.property(trains, (train) => {
        const all = SEAT_CLASSES.flatMap((seatClass) => seatsOfClass(train, seatClass));
        expect(new Set(all.map((seat) => `${seat.coach}/${seat.seat}`)).size).toBe(all.length);
        for (const one of train) expect(seatsOfCoach(one)).toHaveLength(seatCount(one));
        for (const { seatClass, seats } of classSizes(train))
          expect(seatsOfClass(train, seatClass)).toHaveLength(seats);
        expect(classSizes(train).reduce((sum, { seats }) => sum + seats, 0)).toBe(all.length);
        expect(classSizes(train).every(({ seats }) => seats > 0)).toBe(true);
      }),
    );
  });
});

const tariff: Tariff = {
  name: 'flat',
  ratesMilliFenPerKm: { second: 46_000, business: 138_000 },
  bands: [{ percent: 100 }],
  minimumFen: 600,
  roundToFen: 50,
  percentOfAdult: { adult: 100, child: 50, student: 75 },
};
const train: Train = {
  train: 'G1',
  type: '高速动车组',
  stops: [
    { code: 'VNP', name: '北京南', arrives: null, departs: 540, km: 0 },
    { code: 'JGK', name: '济南西', arrives: 622, departs: 624, km: 406 },
    { code: 'AOH', name: '上海虹桥', arrives: 808, departs: null, km: 1318 },
  ],
  service: { ...everyDay, removed: ['2026-12-24'] },
};
const composition = [coach('01', 'second', { kind: 'rows', rows: 1, letters: 'ABCDF' })];
const zone = 'Asia/Shanghai';
const open: OpenRun = { type: 'OpenRun', train, date: '2026-12-01', zone, composition, tariff };
const facts = {
  train: 'G1',
  date: '2026-12-01',
  zone,
  trainType: '高速动车组',
  stops: train.stops,
  composition,
  tariff,
};
const opened: TrainRunEvent = { type: 'TrainRunOpened', version: 2, data: facts };

describe('train run', () => {
  const run = given(evolve, () => absentRun);

  test('is opened with everything that decides its seats and prices', () => {
    run([]).when(decide, open).emits(opened);
    expect(run([opened]).state).toMatchObject({ status: 'open', ...facts });
    expect(runCategory.stream({ train: 'G1', date: '2026-12-01' })).toBe('trainRun-G1_2026-12-01');
  });

  test('is opened once; a later timetable does not change it', () => {
    run([opened]).when(decide, open).changesNothing();
    run([opened])
      .when(decide, { ...open, composition: [], train: { ...train, stops: [] } })
      .changesNothing();
  });

  test('is not opened without a sound train, a date it runs on, and seats', () => {
    run([])
      .when(decide, { ...open, train: { ...train, stops: train.stops.slice(1, 2) } })
      .refuses('TRAIN_INVALID');
    run([])
      .when(decide, { ...open, date: '2026-12-24' })
      .refuses('NOT_SCHEDULED');
    run([])
      .when(decide, { ...open, composition: [] })
      .refuses('NO_SEATS');
    run([])
      .when(decide, { ...open, composition: [coach('01', 'second', { kind: 'numbers', seats: 0 })] })
      .refuses('NO_SEATS');
  });
});

describe('a run on sale', () => {
  const run = given(evolve, () => absentRun);
  const more = coach('02', 'second', { kind: 'rows', rows: 2, letters: 'AF' });
  const add = (...coaches: Coach[]) => ({ id: 'c1', type: 'AddCoaches', coaches }) as const;
  const added: TrainRunEvent = { type: 'CoachesAdded', version: 1, data: { coaches: [more] } };
  const cancel = { id: 'c2', type: 'Cancel', reason: 'snow' } as const;
  const cancelled: TrainRunEvent = { type: 'TrainRunCancelled', version: 1, data: { reason: 'snow' } };
  const settle = { id: 'c3', type: 'SettleCancellation', orders: 2 } as const;
  const settled: TrainRunEvent = { type: 'TrainRunCancellationSettled', version: 1, data: { orders: 2 } };

  test('takes more coaches, and every seat keeps its index', () => {
    run([opened]).when(decide, add(more)).emits(added);
    const { state } = run([opened, added]);
    if (state.status === 'absent') throw new Error('the run is open');
    expect(seatsOfClass(state.composition, 'second').map(({ coach: number, seat }) => number + seat)).toEqual([
      '0101A',
      '0101B',
      '0101C',
      '0101D',
      '0101F',
      '0201A',
      '0201F',
      '0202A',
      '0202F',
    ]);
    run([opened]).when(decide, add()).changesNothing();
    run([opened, recorded(added, 'c1')])
      .when(decide, add(more))
      .changesNothing();
  });

  test('refuses a coach with a number it has, one it could not sell, and one too many', () => {
    run([opened, added]).when(decide, add(more)).refuses('COACH_NUMBER_TAKEN');
    run([opened]).when(decide, add(more, more)).refuses('COACH_NUMBER_TAKEN');
    run([opened])
      .when(decide, add({ ...more, seatClass: 'softSeat' }))
      .refuses('CLASS_WITHOUT_FARE');
    run([opened])
      .when(decide, add({ ...more, standing: 5 }))
      .refuses('CLASS_WITHOUT_FARE');
    const train = Array.from({ length: 99 }, (_, index) => ({ ...more, coach: String(index + 2).padStart(2, '0') }));
    run([opened])
      .when(decide, add(...train))
      .refuses('TOO_MANY_COACHES');
    run([]).when(decide, add(more)).refuses('TRAIN_NOT_FOUND');
    run([opened, cancelled]).when(decide, add(more)).refuses('RUN_CANCELLED');
  });

  test('is cancelled once, and settled once after that', () => {
    run([]).when(decide, cancel).refuses('TRAIN_NOT_FOUND');
    run([opened]).when(decide, cancel).emits(cancelled);
    run([opened, cancelled]).when(decide, cancel).changesNothing();
    run([opened]).when(decide, settle).refuses('RUN_NOT_CANCELLED');
    run([opened, cancelled]).when(decide, settle).emits(settled);
    run([opened, cancelled, settled]).when(decide, settle).changesNothing();
  });

  test('is never opened again', () => {
    run([opened, cancelled]).when(decide, open).changesNothing();
  });
});

describe('standing', () => {
  const seated = coach('01', 'hardSeat', { kind: 'numbers', seats: 3 });

  test('takes as many as its coaches allow, without touching their seats', () => {
    const train = [
      { ...seated, standing: 2 },
      coach('02', 'second', { kind: 'numbers', seats: 1 }),
      { ...seated, coach: '03', standing: 1 },
    ];
    expect(classSizes(train)).toEqual([
      { seatClass: 'second', seats: 1 },
      { seatClass: 'hardSeat', seats: 6 },
      { seatClass: 'standing', seats: 3 },
    ]);
    expect(seatsOfClass(train, 'standing').map(({ coach: number }) => number)).toEqual(['01', '01', '03']);
  });
});

describe('journey', () => {
  test('goes from a stop to a later one', () => {
    expect(journeyBetween(train, 'VNP', 'AOH')).toEqual({ ok: true, value: { from: 0, to: 2 } });
    expect(journeyBetween(train, 'JGK', 'AOH')).toEqual({ ok: true, value: { from: 1, to: 2 } });
    expect(journeyKm(train, { from: 1, to: 2 })).toBe(912);
  });

  test.each([
    { from: 'AOH', to: 'VNP', code: 'JOURNEY_BACKWARDS', names: 'AOH' },
    { from: 'JGK', to: 'JGK', code: 'JOURNEY_BACKWARDS', names: 'JGK' },
    { from: 'XXX', to: 'AOH', code: 'STATION_NOT_ON_ROUTE', names: 'XXX' },
    { from: 'VNP', to: 'YYY', code: 'STATION_NOT_ON_ROUTE', names: 'YYY' },
    { from: 'XXX', to: 'YYY', code: 'STATION_NOT_ON_ROUTE', names: 'XXX' },
  ])('$from to $to is $code', ({ from, to, code, names }) => {
    expect(journeyBetween(train, from, to)).toEqual({
      ok: false,
      refusal: { code, detail: expect.stringContaining(names) },
    });
  });

  test('costs each passenger their own fare, in their order', () => {
    const kinds = ['child', 'adult', 'student'] as const;
    // 912 km at 46 fen are 41952 fen: 41950; half of it 20975: 21000; three quarters 31462.5: 31450.
    expect(journeyFares(facts, { from: 1, to: 2 }, 'second', kinds)).toEqual({
      ok: true,
      value: [21_000, 41_950, 31_450],
    });
  });

  test('a class needs seats and a rate', () => {
    const sleeper = [coach('01', 'softSleeper', { kind: 'berths', bays: 1, levels: ['lower'] as const })];
    for (const [run, seatClass] of [
      [facts, 'business'],
      [{ ...facts, composition: sleeper }, 'softSleeper'],
    ] as const)
      expect(journeyFares(run, { from: 0, to: 1 }, seatClass, ['adult'])).toMatchObject({
        refusal: { code: 'CLASS_NOT_ON_TRAIN' },
      });
  });
});

test('a minute of the clock is counted in days from the run date', () => {
  expect([0, 1_439, 1_440, 2_879, 2_880].map(dayOffset)).toEqual([0, 0, 1, 1, 2]);
});
