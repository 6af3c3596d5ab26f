// Given what the log has of a run, when its requests are sold again under other rules, then each comes to that.
import { describe, expect, test } from '@jest/globals';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import { seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { openedRun, stopsOf } from '@railhead/tests/support/opened-run.ts';
import type { QuotaRule } from '../allocation/quota-rules.ts';
import { boardingMs } from '../runs/sale-window.ts';
import { figuresOf } from './figures.ts';
import { payersOf } from './payers.ts';
import { sellAgain } from './sell-again.ts';
import type { Ask, Asked, Inventory, Later, Outcome, SoldRun, Step, TicketChange } from './sold-run.ts';

/** A to C by B, two seats, one place to stand. */
const run = openedRun({
  stops: stopsOf('A', 'B', 'C'),
  composition: [{ coach: '01', seatClass: 'second', layout: { kind: 'rows', rows: 1, letters: 'AB' }, standing: 1 }],
  tariff: { ...openedRun().tariff, ratesMilliFenPerKm: { second: 10_000, standing: 5_000 } },
});
const seats = seatsOfClass(run.composition, 'second');
const DAY_MS = 86_400_000;
const BEGINS = boardingMs(run, 0) - DAY_MS;

const asked = (orderNo: string, from: number, to: number, more: Partial<Asked> = {}): Asked => {
  const kinds = more.kinds ?? ['adult'];
  return {
    ...{ orderNo, seatClass: 'second', from, to, kinds, acceptStanding: false, acceptSeatChange: false },
    faresFen: kinds.map(() => (to - from) * 1_000),
    wants: kinds.map(() => undefined),
    ...more,
  };
};
const party = (size: number) => ({ kinds: Array.from({ length: size }, () => 'adult' as const) });

const REFUSED: Outcome = { kind: 'refused', code: 'SOLD_OUT' };
const SOLD: Outcome = { kind: 'sold', seatClass: 'second', legs: [], faresFen: [], kept: [0] };

type Move = Ask | Later | Inventory;
const ask = (orderNo: string, toStand = false): Move => ({ kind: 'ask', orderNo, toStand });
const confirm = (orderNo: string): Move => ({ kind: 'confirm', orderNo });
const giveBack = (orderNo: string, ...travellers: readonly number[]): Move => ({
  kind: 'giveBack',
  orderNo,
  travellers,
});

type Given = {
  readonly happened: readonly (readonly [Asked, Outcome])[];
  /** A second after each other. */
  readonly moves: readonly Move[];
  readonly changes?: readonly TicketChange[];
  readonly offeredStanding?: readonly string[];
  readonly lastsMs?: number;
};

const given = ({ happened, moves, changes = [], offeredStanding = [], lastsMs = 3_600_000 }: Given): SoldRun => ({
  run,
  composition: run.composition,
  asked: new Map(happened.map(([one]) => [one.orderNo, one])),
  outcomes: new Map(happened.map(([{ orderNo }, outcome]) => [orderNo, outcome])),
  changes,
  steps: moves.map((move, index): Step => ({ ...move, atMs: BEGINS + index * 1_000 })),
  offeredStanding: new Set(offeredStanding),
  endMs: BEGINS + lastsMs,
  setAside: new Map(),
});

type Under = { readonly quotas?: readonly QuotaRule[]; readonly paidShare?: number };
const soldAgain = (sold: SoldRun, { quotas = [], paidShare = 1 }: Under = {}) => {
  const again = sellAgain(sold, {
    rules: { policy: bestFit, quotas, forecasts: [] },
    payers: payersOf(paidShare, 900_000),
  });
  if (!again.ok) throw new Error(again.refusal.code);
  return again.value;
};
/** Of each order its state, its class and who kept seats; or the code of its refusal. */
const told = (sold: SoldRun, under?: Under): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...soldAgain(sold, under).outcomes].map(([orderNo, outcome]) => {
      if (outcome.kind === 'refused') return [orderNo, outcome.code];
      if (outcome.kind === 'open') return [orderNo, 'open'];
      const { kind, seatClass, kept } = outcome;
      return [orderNo, `${kind} ${seatClass} ${kept.join('+')}`.trim()];
    }),
  );

/** Both seats are kept for the whole way. */
const LONG: QuotaRule = {
  ...{ train: 'G1', seatClass: 'second', from: 'A', to: 'C', seats: 2, untilMinutesBefore: 0 },
};
const short = asked('short', 0, 1);
const long = asked('long', 0, 2);

test('who was refused gets seats that others do not get here, pays and keeps them', () => {
  const two = asked('two', 0, 2, party(2));
  const sold = given({
    happened: [
      [short, SOLD],
      [two, REFUSED],
    ],
    moves: [ask('short'), confirm('short'), ask('two')],
  });
  expect(told(sold)).toEqual({ short: 'sold second 0', two: 'SOLD_OUT' });
  expect(told(sold, { quotas: [LONG] })).toEqual({ short: 'SOLD_OUT', two: 'sold second 0+1' });
  expect(figuresOf(sold, soldAgain(sold, { quotas: [LONG] }).outcomes)).toMatchObject({
    ...{ served: 1, refused: { SOLD_OUT: 1 }, seatsSold: 2, seatKm: 400, revenueFen: 4_000 },
    segments: [
      { from: 'A', to: 'B', seats: 2, sold: 2, standing: 0 },
      { from: 'B', to: 'C', seats: 2, sold: 2, standing: 0 },
    ],
  });
});

test('who does not pay lets the seats go when the time to pay is over, for those who come after', () => {
  const next = asked('next', 0, 2, party(2));
  const two = asked('two', 0, 2, party(2));
  const sold = given({
    happened: [
      [short, SOLD],
      [two, REFUSED],
      [next, REFUSED],
    ],
    moves: [ask('short'), ask('two'), ask('next')],
  });
  const waiting = { short: 'SOLD_OUT', two: 'held second 0+1', next: 'SOLD_OUT' };
  expect(told({ ...sold, endMs: BEGINS + 600_000 }, { quotas: [LONG], paidShare: 0 })).toEqual(waiting);
  const [first, second, third] = sold.steps;
  const later = [first, second, third && { ...third, atMs: BEGINS + 1_000 + 900_000 }].filter(
    (one) => one !== undefined,
  );
  expect(told({ ...sold, steps: later, endMs: BEGINS + 1_000_000 }, { quotas: [LONG], paidShare: 0 })).toEqual({
    ...{ short: 'SOLD_OUT', two: 'ended second', next: 'held second 0+1' },
  });
});

test('nobody has longer to pay than until the train leaves', () => {
  const sold = given({ happened: [[long, REFUSED]], moves: [ask('long')] });
  const leavesMs = boardingMs(run, 0);
  const late = { ...sold, steps: sold.steps.map((step) => ({ ...step, atMs: leavesMs - 1_000 })) };
  expect(told({ ...late, endMs: leavesMs - 1 }, { paidShare: 0 })).toEqual({ long: 'held second 0' });
  expect(told({ ...late, endMs: leavesMs }, { paidShare: 0 })).toEqual({ long: 'ended second' });
});

test('what happened to an order is repeated as far as it has seats here', () => {
  const other = asked('other', 0, 2);
  const cancelled: Later = { kind: 'release', orderNo: 'short', reason: 'CANCELLED' };
  const sold = given({
    happened: [
      [short, { ...SOLD, kind: 'ended', kept: [] }],
      [long, SOLD],
      [other, SOLD],
    ],
    moves: [ask('short'), ask('long'), cancelled, ask('other'), confirm('long'), giveBack('long', 0)],
  });
  expect(told(sold)).toEqual({ short: 'ended second', long: 'ended second', other: 'held second 0' });
  expect(told(sold, { quotas: [LONG] })).toEqual({ short: 'SOLD_OUT', long: 'ended second', other: 'held second 0' });
});

test('an order that its buyer ended before a decision ends here too, and one that was never decided stays so', () => {
  const sold = given({
    happened: [
      [short, { kind: 'refused', code: 'CANCELLED' }],
      [long, { kind: 'open' }],
    ],
    moves: [{ kind: 'release', orderNo: 'short', reason: 'CANCELLED' }],
  });
  expect(told(sold)).toEqual({ short: 'CANCELLED', long: 'open' });
});

describe('to stand', () => {
  const stands = asked('stands', 0, 2, { acceptStanding: true });

  test('is asked at once of those who had seats then', () => {
    const one = asked('one', 0, 1, { acceptStanding: true });
    const sold = given({ happened: [[one, SOLD]], moves: [ask('one'), confirm('one')] });
    expect(told(sold, { quotas: [LONG] })).toEqual({ one: 'sold standing 0' });
    const [outcome] = soldAgain(sold, { quotas: [LONG] }).outcomes.values();
    expect(outcome).toMatchObject({ faresFen: [500] });
  });

  test('is asked where it was asked then, and not of those who get a seat here', () => {
    const two = asked('two', 0, 1, party(2));
    const happened: Given['happened'] = [
      [two, SOLD],
      [stands, { ...SOLD, seatClass: 'standing' }],
    ];
    const moves = [ask('two'), confirm('two'), ask('stands'), ask('stands', true), confirm('stands')];
    const sold = given({ happened, moves, offeredStanding: ['stands'] });
    expect(told(sold)).toEqual({ two: 'sold second 0+1', stands: 'sold standing 0' });
    expect(told(sold, { quotas: [LONG] })).toEqual({ two: 'SOLD_OUT', stands: 'sold second 0' });
  });

  test('is not asked again of those who went away while they were asked', () => {
    const two = asked('two', 0, 2, party(2));
    const sold = given({
      happened: [
        [two, SOLD],
        [stands, { kind: 'refused', code: 'CANCELLED' }],
      ],
      moves: [ask('two'), ask('stands'), { kind: 'release', orderNo: 'stands', reason: 'CANCELLED' }],
      offeredStanding: ['stands'],
    });
    expect(told(sold)).toEqual({ two: 'held second 0+1', stands: 'CANCELLED' });
    expect(told(sold, { quotas: [{ ...LONG, from: 'A', to: 'B' }] })).toMatchObject({ stands: 'CANCELLED' });
  });
});

describe('tickets that were changed within the run', () => {
  const old = asked('old', 0, 2);
  const fresh = asked('fresh', 0, 1, { inPlaceOf: 'old' });
  const change = { orderNo: 'old', travellers: [0], newOrderNo: 'fresh' };
  const moves = [ask('old'), confirm('old'), ask('fresh'), confirm('fresh'), giveBack('old', 0)];
  const done = given({
    happened: [
      [old, { ...SOLD, kind: 'ended', kept: [] }],
      [fresh, SOLD],
    ],
    moves,
    changes: [{ ...change, isDone: true }],
  });

  test('are changed', () => {
    expect(told(done)).toEqual({ old: 'ended second', fresh: 'sold second 0' });
  });

  test('are kept where the new ones cannot be had', () => {
    expect(told(done, { quotas: [LONG] })).toEqual({ old: 'sold second 0', fresh: 'SOLD_OUT' });
  });

  test('are not asked to be changed where there are none', () => {
    const kept: QuotaRule = {
      ...{ train: 'G1', seatClass: 'second', boardingAt: 'B', seats: 2, untilMinutesBefore: 0 },
    };
    expect(told(done, { quotas: [kept] })).toEqual({ old: 'SOLD_OUT', fresh: 'NOTHING_TO_CHANGE' });
  });

  test('are changed where they could not be then', () => {
    const two = asked('two', 0, 1, party(1));
    const sold = given({
      happened: [
        [two, SOLD],
        [old, SOLD],
        [fresh, REFUSED],
      ],
      moves: [ask('two'), confirm('two'), ask('old'), confirm('old'), ask('fresh')],
      changes: [{ ...change, isDone: false }],
    });
    expect(told(sold)).toEqual({ two: 'sold second 0', old: 'sold second 0', fresh: 'SOLD_OUT' });
    const keepsOne: QuotaRule = { ...LONG, seats: 1 };
    expect(told(sold, { quotas: [keepsOne] })).toMatchObject({ old: 'sold second 0' });
    const fewer = { ...sold, steps: sold.steps.filter((step) => !('orderNo' in step) || step.orderNo !== 'two') };
    expect(told(fewer)).toMatchObject({ old: 'ended second', fresh: 'sold second 0' });
  });
});

describe('what operators did', () => {
  const withdraw = (...out: readonly number[]): Move => ({
    ...{ kind: 'withdraw', seatClass: 'second', withdrawalNo: 'W1', reason: 'broken' },
    legs: [{ from: 0, to: 2, seats: out }],
  });

  test('seats are taken out of sale but for those that somebody has here, and come back', () => {
    const sold = given({
      happened: [
        [short, SOLD],
        [long, REFUSED],
      ],
      moves: [ask('short'), withdraw(0, 1), ask('long')],
    });
    expect(soldAgain(sold).seatsNotWithdrawn).toBe(1);
    expect(told(sold)).toEqual({ short: 'held second 0', long: 'SOLD_OUT' });
    const back = given({
      happened: [[long, SOLD]],
      moves: [withdraw(0, 1), { kind: 'return', seatClass: 'second', withdrawalNo: 'W1' }, ask('long')],
    });
    expect(soldAgain(back).seatsNotWithdrawn).toBe(0);
    expect(told(back)).toEqual({ long: 'held second 0' });
  });

  test('coaches that were added are sold from there on', () => {
    const coach = { coach: '02', seatClass: 'second', layout: { kind: 'rows', rows: 1, letters: 'AB' } } as const;
    const three = asked('three', 0, 2, party(3));
    const moves: readonly Move[] = [ask('three'), { kind: 'extend', coaches: [coach] }, ask('four')];
    const sold = given({
      happened: [
        [three, REFUSED],
        [asked('four', 0, 2, party(4)), SOLD],
      ],
      moves,
    });
    expect(told({ ...sold, composition: [...run.composition, coach] })).toEqual({
      ...{ three: 'SOLD_OUT', four: 'held second 0+1+2+3' },
    });
  });

  test('nothing is left of a run that was cancelled', () => {
    const closed: Move = { kind: 'close', seatClass: 'second', reason: 'RUN_CANCELLED' };
    const two = asked('two', 0, 2, party(2));
    const sold = given({
      happened: [
        [short, { ...SOLD, kind: 'ended', kept: [] }],
        [two, REFUSED],
      ],
      moves: [ask('short'), ask('two'), closed, { kind: 'release', orderNo: 'short', reason: 'RUN_CANCELLED' }],
    });
    expect(told(sold)).toEqual({ short: 'ended second', two: 'SOLD_OUT' });
    expect(told(sold, { quotas: [LONG] })).toEqual({ short: 'SOLD_OUT', two: 'ended second' });
  });
});

test('rules that do not fit the train are refused', () => {
  const sold = given({ happened: [[short, SOLD]], moves: [ask('short')] });
  const under = (rule: Partial<QuotaRule>) =>
    sellAgain(sold, {
      rules: { policy: bestFit, quotas: [{ ...LONG, ...rule } as QuotaRule], forecasts: [] },
      payers: payersOf(1, 0),
    });
  expect(under({ seats: seats.length + 1 })).toMatchObject({ refusal: { code: 'QUOTA_INVALID' } });
  expect(under({ seatClass: 'business' })).toMatchObject({ refusal: { code: 'QUOTA_INVALID' } });
  expect(under({ train: 'G2', seatClass: 'business' })).toMatchObject({ ok: true });
});
