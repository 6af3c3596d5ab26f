import { expect, test } from '@jest/globals';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import { UnpaidSeats } from './unpaid-seats.ts';

const request = (userId: string, seats: number) => ({
  ...oneSeat,
  userId,
  passengers: Array.from({ length: seats }, () => oneSeat.passengers).flat(),
});

test('a request counts from its reservation until its order is paid or has ended', () => {
  const unpaid = new UnpaidSeats();
  expect(unpaid.reserve('A', 'u', 2, 4)).toBe(true);
  expect(unpaid.of('u')).toBe(2);
  expect(unpaid.reserve('B', 'u', 3, 4)).toBe(false);
  expect(unpaid.reserve('B', 'v', 3, 4)).toBe(true);
  unpaid.see('A', { status: 'QUEUED', request: request('u', 2) });
  unpaid.see('A', { status: 'WAIT_PAY', request: request('u', 2) });
  expect(unpaid.of('u')).toBe(2);
  unpaid.see('A', { status: 'PAID', request: request('u', 2) });
  expect(unpaid.of('u')).toBe(0);
  unpaid.see('B', undefined);
  expect(unpaid.of('v')).toBe(0);
});

test('a repeat adds nothing, and giving back takes nothing that is in the log', () => {
  const unpaid = new UnpaidSeats();
  expect(unpaid.reserve('A', 'u', 2, 4)).toBe(true);
  expect(unpaid.reserve('A', 'u', 2, 2)).toBe(true);
  expect(unpaid.of('u')).toBe(2);
  unpaid.see('A', { status: 'QUEUED', request: request('u', 2) });
  unpaid.giveBack('A');
  expect(unpaid.of('u')).toBe(2);
  expect(unpaid.reserve('B', 'u', 2, 4)).toBe(true);
  unpaid.giveBack('B');
  unpaid.giveBack('C');
  expect(unpaid.of('u')).toBe(2);
});
