import { expect, test } from '@jest/globals';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import { type TrackedOrder, untracked } from '../orders/tracked-order.ts';
import { IssuerError, type TicketIssuer, type TicketWanted } from '../ports/ticket-issuer.ts';
import type { OrderStepDeps } from './order-step.ts';
import { issue, makeVoid, mayHaveTickets, nextTry } from './ticketing.ts';

const paid: TrackedOrder = {
  ...untracked,
  order: {
    ...untracked.order,
    orderNo: 'N1',
    status: 'PAID',
    request: oneSeat,
    seatClass: 'first',
    lockId: 'L',
    items: [
      { itemNo: 1, coach: '01', seat: '01A', fareFen: 100 },
      { itemNo: 2, fareFen: 50 },
    ],
  },
};

const clock = new ManualClock();
const issuerOf = (answer: () => 'issued' | 'refused') => {
  const asked: (readonly TicketWanted[])[] = [];
  const made: string[] = [];
  const issuer: TicketIssuer = {
    issue: async (tickets) => {
      asked.push(tickets);
      return answer();
    },
    void: async (ticketNos) => {
      made.push(...ticketNos);
    },
  };
  return { issuer, asked, made };
};
const silent = (): never => {
  throw new IssuerError('no answer');
};
// Nothing else of them is used.
const depsOf = (issuer: TicketIssuer | undefined) => ({ issuer, clock }) as unknown as OrderStepDeps;
const issueOf = (tracked: TrackedOrder, issuer: TicketIssuer | undefined) =>
  issue({ key: '', current: () => tracked, deps: depsOf(issuer) });

test('a railway that numbers its tickets itself asks nobody', async () => {
  expect(await issueOf(paid, undefined)).toEqual({ kind: 'issued' });
  await makeVoid({}, paid.order, [1]);
});

test('the issuer is told what each ticket is for', async () => {
  const { issuer, asked } = issuerOf(() => 'issued');
  expect(await issueOf(paid, issuer)).toEqual({ kind: 'issued' });
  const { train, date, fromStation, toStation } = oneSeat;
  const ticket = { train, date, from: fromStation.code, to: toStation.code, seatClass: 'first' };
  expect(asked).toEqual([
    [
      { ticketNo: 'N1T1', ...ticket, coach: '01', seat: '01A' },
      { ticketNo: 'N1T2', ...ticket },
    ],
  ]);
});

test('a refusal is final', async () => {
  expect(await issueOf(paid, issuerOf(() => 'refused').issuer)).toMatchObject({ kind: 'refused' });
});

test('an issuer that gives no answer is asked again, later each time, and after eight times in vain it refuses', async () => {
  const { issuer, asked } = issuerOf(silent);
  const pauses: number[] = [];
  let tracked = paid;
  expect(nextTry(tracked)).toEqual({});
  for (;;) {
    const issued = await issueOf(tracked, issuer);
    if (issued.kind !== 'again') {
      expect(issued).toMatchObject({ kind: 'refused' });
      break;
    }
    tracked = { ...tracked, ...issued.learnt };
    pauses.push((nextTry(tracked).notBeforeMs ?? 0) - clock.now());
  }
  expect(asked).toHaveLength(8);
  expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test('an error that is none of the issuer is not taken for silence', async () => {
  const broken = issuerOf(() => {
    throw new TypeError('a mistake');
  });
  await expect(issueOf(paid, broken.issuer)).rejects.toThrow(TypeError);
});

test('tickets are made void by their numbers', async () => {
  const { issuer, made } = issuerOf(silent);
  await makeVoid({ issuer }, paid.order, [2, 1]);
  expect(made).toEqual(['N1T2', 'N1T1']);
});

test.each([
  ['nothing was ever held', {}, false],
  ['seats were held, and not paid', { lockId: 'L', amountFen: 100 }, false],
  ['it was paid', { lockId: 'L', amountFen: 100, paymentNo: 'P' }, true],
  ['there was nothing to pay', { lockId: 'L', amountFen: 0 }, true],
])('%s: it may have tickets: %j', (_, facts, expected) => {
  expect(mayHaveTickets({ ...untracked.order, ...facts })).toBe(expected);
});
