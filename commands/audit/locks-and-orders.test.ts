// Locks, segments and orders must agree: each way in which they can differ is named by itself.
import { beforeAll, expect, test } from '@jest/globals';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import {
  type Log,
  renumbered,
  withField,
  withMore,
  without,
  withoutLocks,
} from '@railhead/tests/support/broken-log.ts';
import { audited, simulatedDay, storedHistories } from '@railhead/tests/support/clean-logs.ts';
import { type LockPart, lockPartsOf } from '@railhead/tests/support/seat-events.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import type { ViolationCode } from './log-audit.ts';

/** Simulated days: with late assignment, with a plain sale, and with travellers who stand. */
const SEEDS = [84, 188, 6, 1447];
let logs: readonly Log[] = [];

beforeAll(async () => {
  const days: Log[] = [];
  for (const seed of SEEDS) days.push((await simulatedDay(seed)).log);
  logs = [...storedHistories(), ...days];
});

const lockOf = (event: RecordedEvent, orderNo: string): LockPart | undefined =>
  lockPartsOf(event).find(({ lockId }) => lockId.startsWith(`${orderNo}.`));

/** An order that has tickets and a lock, with the log they are in. */
const ticketed = (isWanted: (log: Log, orderNo: string) => boolean = () => true) => {
  for (const log of logs)
    for (const { type, stream } of log) {
      const orderNo = stream.slice('order-'.length);
      if (type !== 'OrderTicketed' || log.findLast((event) => event.stream === stream)?.type !== type) continue;
      const acquired = log.find((event) => event.type === 'SeatLocksAcquired' && lockOf(event, orderNo) !== undefined);
      if (acquired !== undefined && isWanted(log, orderNo))
        return { log, orderNo, stream, acquired, lockId: lockOf(acquired, orderNo)?.lockId ?? '' };
    }
  throw new Error('no such order in the logs');
};

const named = (log: Log, code: ViolationCode): string =>
  audited(log)
    .violations.filter((violation) => violation.code === code)
    .map(({ detail }) => detail)
    .join('\n');

const ofOrder = (log: Log, stream: string, type: string): RecordedEvent => {
  const found = log.find((event) => event.stream === stream && event.type === type);
  if (found === undefined) throw new Error(`no ${type} in ${stream}`);
  return found;
};

test('a lock whose seats are not held, are given back, or were others when it began', () => {
  const { log, orderNo, lockId, acquired } = ticketed();
  const held = log.find((event) => event.type === 'SeatsHeld' && lockOf(event, orderNo) !== undefined);
  if (held === undefined) throw new Error('a lock holds seats');
  const unheld = withoutLocks(log, (part, { type }) => type === 'SeatsHeld' && part.lockId === lockId);
  expect(named(unheld, 'LOCK_BROKEN')).toContain('never held its seats on segment');
  const seats = lockOf(held, orderNo)?.seats ?? [];
  const others = withField(log, held, ['holds'], [{ lockId, seats: seats.map((seat) => seat + seats.length) }]);
  expect(named(others, 'LOCK_BROKEN')).toMatch(/holds [\d,]+ on segment \d+, not its plan/);
  expect(named(unheld, 'LOCK_BROKEN')).toMatch(/does not hold its seats on segment \d+$/m);
  const releases = [{ lockId, seats }];
  expect(named(withMore(log, held.stream, 'SeatsReleased', { releases }), 'LOCK_BROKEN')).toMatch(
    /does not hold its seats on segment \d+$/,
  );
  const unbooked = withoutLocks(log, (part, { stream }) => stream === acquired.stream && part.lockId === lockId);
  expect(named(withMore(unbooked, held.stream, 'SeatsReleased', { releases }), 'LOCK_BROKEN')).toContain(
    'the book never ended it',
  );
});

test('a lock that began with a segment which is not on its way, though it has ended since', () => {
  const isWithdrawal = ({ type, data }: RecordedEvent): boolean =>
    type === 'SeatsWithdrawn' && (data as { plan: LockPlan }).plan.legs.some(({ from, to }) => to - from > 1);
  const log = logs.find((one) => one.some(isWithdrawal)) ?? [];
  const withdrawn = log.find(isWithdrawal);
  if (withdrawn === undefined) throw new Error('no seats were withdrawn');
  const shorter = (withdrawn.data as { plan: LockPlan }).plan.legs[0]?.from ?? 0;
  const changed = withField(log, withdrawn, ['plan', 'legs', '0', 'from'], shorter + 1);
  expect(named(changed, 'LOCK_BROKEN')).toContain(`held segment ${shorter}, which is not on its way`);
});

test('holds that come after their commit record, as in the merged log of two clusters, are those of the lock all the same', () => {
  const { log, orderNo, acquired } = ticketed();
  const holds = log.filter((event) => event.type === 'SeatsHeld' && lockOf(event, orderNo) !== undefined);
  const later = renumbered([
    ...log.slice(0, log.indexOf(acquired) + 1).filter((event) => !holds.includes(event)),
    ...holds,
    ...log.slice(log.indexOf(acquired) + 1),
  ]);
  expect(audited(later).violations).toEqual([]);
  const [first] = holds;
  const moved = later.find(({ id }) => id === first?.id);
  if (moved === undefined) throw new Error('a lock holds seats');
  const parts = lockPartsOf(moved).map(({ lockId, seats = [] }) => ({
    lockId,
    seats: seats.map((seat) => seat + seats.length),
  }));
  expect(named(withField(later, moved, ['holds'], parts), 'LOCK_BROKEN')).toContain('not its plan');
});

test('seats of some travellers that are still to be released are no violation, and pending', () => {
  let cut = 0;
  for (const log of logs)
    for (const [index, { type, stream }] of log.entries()) {
      if (type !== 'SeatsGivenBack') continue;
      const sofar = log.slice(0, index + 1);
      expect([stream, named(sofar, 'LOCK_BROKEN')]).toEqual([stream, '']);
      // Where one stream is written after another, the book is first.
      if (audited(sofar).pending.releases > 0) cut += 1;
    }
  expect(cut).toBeGreaterThan(0);
});

test('an order with tickets and a lock that is not confirmed, or never was', () => {
  const { log, lockId } = ticketed();
  const unconfirmed = withoutLocks(log, (part, { type }) => type === 'SeatLocksConfirmed' && part.lockId === lockId);
  const broken = named(unconfirmed, 'LOCK_BROKEN');
  expect(broken).toContain('has tickets, but');
  expect(broken).toContain('was never confirmed');
});

test('a lock that is confirmed for an order nobody has paid', () => {
  const { log, stream } = ticketed();
  const later = ['OrderPaid', 'OrderTicketingStarted', 'OrderTicketed'];
  const broken = named(
    without(log, (event) => event.stream === stream && later.includes(event.type)),
    'LOCK_BROKEN',
  );
  expect(broken).toContain('is not paid, but');
  expect(broken).toContain('was never paid');
});

test('an order with tickets whose payment is not known to it', () => {
  const { log, stream } = ticketed();
  const isPaid = (event: RecordedEvent): boolean => event.stream === stream && event.type === 'OrderPaid';
  expect(named(without(log, isPaid), 'TICKET_UNPAID')).toContain('its payment is unknown');
});

test('an order that names another lock, goes another way, or is for other people than its lock', () => {
  const { log, stream, orderNo } = ticketed();
  const held = ofOrder(log, stream, 'OrderSeatsHeld');
  const requested = ofOrder(log, stream, 'OrderRequested');
  const { passengers } = (requested.data as { readonly request: { readonly passengers: readonly unknown[] } }).request; // of an OrderRequested
  const other = withField(log, held, ['lockId'], `${orderNo}.99.9`);
  expect(named(other, 'ORDER_SEATS_DIFFER')).toContain(`names the lock ${orderNo}.99.9 and has`);
  expect(named(other, 'ORDER_SEATS_DIFFER')).toContain('which no book has');
  const away = withField(log, requested, ['request', 'to'], 99);
  expect(named(away, 'ORDER_SEATS_DIFFER')).toContain('to 99, its seats from');
  const more = withField(log, requested, ['request', 'passengers'], [...passengers, ...passengers]);
  expect(named(more, 'ORDER_SEATS_DIFFER')).toContain('passengers, its lock');
  const elsewhere = withField(log, requested, ['request', 'date'], '2026-01-01');
  expect(named(elsewhere, 'ORDER_SEATS_DIFFER')).toContain('on 2026-01-01');
});

test('an order that stands is not measured by a lock of its first class with the same number', () => {
  const stands = (log: Log, orderNo: string): boolean =>
    log.some(({ stream, type }) => stream === `order-${orderNo}` && type === 'OrderOfferedStanding');
  const { log, stream, orderNo } = ticketed(stands);
  const { lockId } = lockOf(ofOrder(log, stream, 'OrderSeatsHeld'), orderNo) ?? {};
  const standing = log.find(
    (event) =>
      event.type === 'SeatLocksAcquired' &&
      event.stream.endsWith('_standing') &&
      lockOf(event, orderNo)?.lockId === lockId,
  );
  if (standing === undefined) throw new Error(`${orderNo} stands without a lock`);
  const first = standing.stream.replace(/_standing$/, '_second');
  const begun = withMore(log, first, 'SeatLocksAcquired', { locks: [lockOf(standing, orderNo)] });
  const ended = withMore(begun, first, 'SeatLocksReleased', { locks: [{ lockId, reason: '' }] });
  expect(named(ended, 'ORDER_SEATS_DIFFER')).toBe('');
});

test('an order that names seats which were never assigned, or gets them twice', () => {
  for (const log of logs)
    for (const given of log) {
      if (given.type !== 'OrderSeatsAssigned') continue;
      const never = without(log, ({ type }) => type === 'SeatsAssigned');
      expect(named(never, 'ORDER_SEATS_DIFFER')).toContain('names seats that were never given out');
      const again = without(log, (event) => event.stream === given.stream && event.revision > given.revision);
      expect(named(withMore(again, given.stream, given.type, given.data), 'ORDER_DIFFERS')).toContain(
        'by name already',
      );
      return;
    }
  throw new Error('no seats were assigned late');
});

test('a lock in a book that was never opened, a second one of its order, and seats assigned in an open book', () => {
  const { log, acquired, orderNo, lockId } = ticketed();
  const unopened = without(log, ({ stream, type }) => stream === acquired.stream && type === 'BookOpened');
  expect(named(unopened, 'LOCK_BACKWARDS')).toContain('the book was never opened');
  const epoch = log.filter(({ stream, type }) => stream === acquired.stream && type === 'BookOpened').length;
  const plan = { orderNo, epoch, legs: [{ from: 0, to: 1, seats: [0] }] };
  const open = without(
    log,
    ({ stream, type }) => stream === acquired.stream && (type === 'BookClosed' || type === 'SeatsAssigned'),
  );
  const second = withMore(open, acquired.stream, 'SeatLocksAcquired', {
    locks: [{ lockId: `${orderNo}.${epoch}.9`, plan }],
  });
  expect(named(second, 'LOCK_BACKWARDS')).toContain(`has ${lockId} already`);
  const early = withMore(open, acquired.stream, 'SeatsAssigned', { seats: [{ lockId, legs: plan.legs }] });
  expect(named(early, 'LOCK_BACKWARDS')).toContain('the book is open');
});
