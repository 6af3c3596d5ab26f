import { expect, test } from '@jest/globals';
import type { OrderStatus } from '@railhead/domain/order/fold.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { NO_ALLOCATORS } from '@railhead/tests/support/no-allocators.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import type { HoldRefusal, LockOutcome, Operation } from '../../allocation/operation.ts';
import { type TrackedOrder, untracked } from '../../orders/tracked-order.ts';
import type { OrderStepDeps } from '../order-step.ts';
import { issueTickets } from './issue-tickets.ts';

const orderIn = (status: OrderStatus): TrackedOrder => ({
  ...untracked,
  revision: 3,
  order: {
    ...untracked.order,
    orderNo: 'N1',
    status,
    request: oneSeat,
    seatClass: 'first',
    items: [{ itemNo: 1, coach: '01', seat: '01A', fareFen: 100 }],
  },
});

/** Trains leave in a test of their own. */
const NO_RUNS = { find: async () => undefined };

/** What is written of an order for an answer of its allocator: the types, or nothing. */
const writtenFor = async (status: OrderStatus, outcome: LockOutcome): Promise<readonly string[] | undefined> => {
  let asked: readonly [unknown, Operation] | undefined;
  const pool = {
    ...NO_ALLOCATORS,
    submit: async (key: unknown, operation: Operation) => {
      asked = [key, operation];
      return outcome;
    },
  };
  // Neither the log nor the gateway is asked.
  const deps = { pool, runs: NO_RUNS, clock: new ManualClock() } as unknown as OrderStepDeps;
  expect(await issueTickets.run({ key: '', current: () => orderIn(status), deps })).toBeUndefined();
  expect(asked).toMatchObject([
    { train: 'G1', date: '2026-12-01', seatClass: 'first' },
    { kind: 'confirm', orderNo: 'N1' },
  ]);
  return asked?.[1].order?.eventFor(outcome)?.events.map(({ type }) => type);
};

const done: LockOutcome = { ok: true, value: { lockId: 'L', plan: { orderNo: 'N1', epoch: 1, legs: [] } } };
const refused = (code: HoldRefusal): LockOutcome => ({ ok: false, refusal: { code, detail: 'as the test wants it' } });

test.each<[OrderStatus, LockOutcome, readonly string[] | undefined]>([
  ['PAID', done, ['OrderTicketingStarted', 'OrderTicketed']],
  ['TICKETING', done, ['OrderTicketed']],
  ['PAID', refused('LOCK_NOT_HELD'), ['OrderTicketingStarted', 'OrderTicketingFailed']],
  ['TICKETING', refused('LOCK_NOT_HELD'), ['OrderTicketingFailed']],
  // Not final: it is asked again.
  ['PAID', refused('CONTENDED'), undefined],
  ['TICKETING', refused('SALE_STOPPED'), undefined],
  // Meanwhile another process has been here.
  ['SUCCESS', done, undefined],
])('an order that is %s, its lock answered %j: %j is written', async (status, outcome, types) => {
  expect(await writtenFor(status, outcome)).toEqual(types);
});
