import { describe, expect, test } from '@jest/globals';
import { given } from '@railhead/tests/support/given.ts';
import { decide, MAX_CHOICES, MAX_WAITLIST_PASSENGERS } from './decide.ts';
import type { WaitlistChoice, WaitlistEvent, WaitlistFailReason, WaitlistSubmitted } from './events.ts';
import { absentWaitlist, evolve, lineOf, servedLine, type Waitlist, waitingIn } from './fold.ts';

const waitlist = given<Waitlist, WaitlistEvent>(evolve, () => absentWaitlist);

const choice = (more: Partial<WaitlistChoice> = {}): WaitlistChoice => ({
  train: 'G1',
  date: '2026-12-01',
  from: 0,
  to: 2,
  fromStation: { code: 'A', name: 'A' },
  toStation: { code: 'C', name: 'C' },
  seatClass: 'second',
  faresFen: [100],
  until: '2026-12-01T09:00:00+08:00',
  ...more,
});
const person = (n: number) => ({ name: `P${n}`, idType: 'passport', idNo: `E000${n}`, kind: 'adult' }) as const;
const request = (more: Partial<WaitlistSubmitted['data']> = {}): WaitlistSubmitted['data'] => ({
  waitlistNo: 'W',
  requestHash: 'h',
  userId: 'u',
  userKey: 'k',
  passengers: [person(1)],
  choices: [choice()],
  currency: 'CNY',
  prepayFen: 100,
  payBefore: '2026-11-20T08:15:00+08:00',
  deadline: '2026-11-27T08:00:00+08:00',
  acceptStanding: false,
  ...more,
});
const submitted = (more: Partial<WaitlistSubmitted['data']> = {}): WaitlistEvent => ({
  type: 'WaitlistSubmitted',
  version: 1,
  data: request(more),
});
const prepaid: WaitlistEvent = { type: 'WaitlistPrepaid', version: 1, data: { paymentNo: 'P', amountFen: 100 } };
const by = { choice: 0, seatClass: 'second', lockId: 'W.1.1' } as const;
const locked: WaitlistEvent = { type: 'WaitlistSeatsLocked', version: 1, data: by };
const placed: WaitlistEvent = { type: 'WaitlistOrderPlaced', version: 1, data: {} };
const served: WaitlistEvent = { type: 'WaitlistServed', version: 1, data: {} };
const failed = (reason: WaitlistFailReason): WaitlistEvent => ({
  type: 'WaitlistFailed',
  version: 1,
  data: { reason },
});

describe('a request', () => {
  test('is submitted once, with as many people and choices as the rules allow', () => {
    waitlist([])
      .when(decide, { type: 'Submit', ...request() })
      .emits(submitted());
    waitlist([submitted()])
      .when(decide, { type: 'Submit', ...request() })
      .refuses('WAITLIST_EXISTS');
    for (const count of [0, 1, MAX_WAITLIST_PASSENGERS, MAX_WAITLIST_PASSENGERS + 1]) {
      const asked = { passengers: Array.from({ length: count }, (_, n) => person(n)) };
      const decided = waitlist([]).when(decide, { type: 'Submit', ...request(asked) });
      if (count >= 1 && count <= MAX_WAITLIST_PASSENGERS) decided.emits(submitted(asked));
      else decided.refuses('PASSENGER_COUNT');
    }
    for (const count of [0, 1, MAX_CHOICES, MAX_CHOICES + 1]) {
      const asked = { choices: Array.from({ length: count }, (_, n) => choice({ train: `G${n}` })) };
      const decided = waitlist([]).when(decide, { type: 'Submit', ...request(asked) });
      if (count >= 1 && count <= MAX_CHOICES) decided.emits(submitted(asked));
      else decided.refuses('CHOICE_COUNT');
    }
  });

  test('names nobody and no class twice, and days that follow one another', () => {
    const twice = [person(1), { ...person(1), idNo: 'e-0001' }];
    waitlist([])
      .when(decide, { type: 'Submit', ...request({ passengers: twice }) })
      .refuses('PASSENGER_TWICE');
    waitlist([])
      .when(decide, { type: 'Submit', ...request({ choices: [choice(), choice({ to: 1 })] }) })
      .refuses('CHOICE_TWICE');
    const days = (...dates: readonly string[]) => request({ choices: dates.map((date) => choice({ date })) });
    waitlist([])
      .when(decide, { type: 'Submit', ...days('2026-12-31', '2027-01-01') })
      .emits({ type: 'WaitlistSubmitted', version: 1, data: days('2026-12-31', '2027-01-01') });
    waitlist([])
      .when(decide, { type: 'Submit', ...days('2026-12-01', '2026-12-03') })
      .refuses('DATES_APART');
  });

  test('waits once it is prepaid, with just what is due', () => {
    const pay = { type: 'Prepay', paymentNo: 'P', amountFen: 100 } as const;
    waitlist([submitted()]).when(decide, pay).emits(prepaid);
    waitlist([submitted()])
      .when(decide, { ...pay, amountFen: 99 })
      .refuses('AMOUNT_MISMATCH');
    for (const events of [[], [submitted(), prepaid], [submitted(), failed('UNPAID')]])
      waitlist(events).when(decide, pay).refuses('WAITLIST_STATE');
  });

  test('is served once, or fails, and never both', () => {
    const lock = { type: 'LockSeats', ...by } as const;
    waitlist([submitted(), prepaid]).when(decide, lock).emits(locked);
    waitlist([submitted(), prepaid, locked]).when(decide, lock).changesNothing();
    waitlist([submitted(), prepaid, locked])
      .when(decide, { ...lock, lockId: 'W.1.2' })
      .refuses('WAITLIST_STATE');
    for (const events of [[submitted()], [submitted(), prepaid, failed('GIVEN_UP')]])
      waitlist(events).when(decide, lock).refuses('WAITLIST_STATE');
    for (const reason of ['GIVEN_UP', 'DEADLINE', 'UNPAID'] as const)
      waitlist([submitted(), prepaid, locked]).when(decide, { type: 'Fail', reason }).refuses('WAITLIST_STATE');
    waitlist([submitted(), prepaid, failed('GIVEN_UP')])
      .when(decide, { type: 'Fail', reason: 'DEADLINE' })
      .changesNothing();
  });

  test('goes on with its order: placed, and then with tickets or without', () => {
    waitlist([submitted(), prepaid, locked]).when(decide, { type: 'PlaceOrder' }).emits(placed);
    waitlist([submitted(), prepaid, locked, placed]).when(decide, { type: 'PlaceOrder' }).changesNothing();
    waitlist([submitted(), prepaid]).when(decide, { type: 'PlaceOrder' }).refuses('WAITLIST_STATE');
    for (const events of [
      [submitted(), prepaid, locked],
      [submitted(), prepaid, locked, placed],
    ]) {
      waitlist(events).when(decide, { type: 'Serve' }).emits(served);
      waitlist(events).when(decide, { type: 'Fail', reason: 'TICKETING_FAILED' }).emits(failed('TICKETING_FAILED'));
      waitlist(events).when(decide, { type: 'Fail', reason: 'JOURNEY_OVERLAPS' }).emits(failed('JOURNEY_OVERLAPS'));
    }
    waitlist([submitted(), prepaid]).when(decide, { type: 'Serve' }).refuses('WAITLIST_STATE');
    waitlist([submitted(), prepaid])
      .when(decide, { type: 'Fail', reason: 'TICKETING_FAILED' })
      .refuses('WAITLIST_STATE');
  });
});

test('a request waits in the line of each class, in that for standing once a train, and is served in one', () => {
  const standing = { standingFaresFen: [50] };
  const choices = [choice(standing), choice({ ...standing, seatClass: 'first', to: 1 }), choice({ train: 'G2' })];
  const { state } = waitlist([submitted({ choices }), prepaid, { ...locked, data: { ...by, seatClass: 'standing' } }]);
  expect(waitingIn(state).map((one) => [lineOf(one), one.choice])).toEqual([
    ['G1_2026-12-01_second', 0],
    ['G1_2026-12-01_standing', 0],
    ['G1_2026-12-01_first', 1],
    ['G2_2026-12-01_second', 2],
  ]);
  expect(servedLine(state)).toBe('G1_2026-12-01_standing');
});
