// Locks, segments and orders must agree: each way in which they can differ is named by itself.
import { beforeAll, expect, test } from '@jest/globals';
import { type Log, withField, withMore, without } from '@railhead/tests/support/broken-log.ts';
import { audited, simulatedDay, storedHistories } from '@railhead/tests/support/clean-logs.ts';
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

type Named = { readonly lockId?: string };
const lockOf = (event: RecordedEvent): string => (event.data as Named).lockId ?? ''; // events of a lock have its id

/** An order that has tickets and a lock, with the log they are in. */
const ticketed = (isWanted: (log: Log, orderNo: string) => boolean = () => true) => {
  for (const log of logs)
    for (const { type, stream } of log) {
      const orderNo = stream.slice('order-'.length);
      if (type !== 'OrderTicketed' || log.findLast((event) => event.stream === stream)?.type !== type) continue;
      const acquired = log.find(
        (event) => event.type === 'SeatLockAcquired' && lockOf(event).startsWith(`${orderNo}.`),
      );
      if (acquired !== undefined && isWanted(log, orderNo))
        return { log, orderNo, stream, acquired, lockId: lockOf(acquired) };
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

test('a lock whose seats are not held, are given back, or were held under another plan', () => {
  const { log, lockId, acquired } = ticketed();
  const isHold = (event: RecordedEvent): boolean => event.type === 'SeatsHeld' && lockOf(event) === lockId;
  const held = log.find(isHold);
  if (held === undefined) throw new Error('a lock holds seats');
  expect(named(without(log, isHold), 'LOCK_BROKEN')).toContain('another plan on the segments');
  const { seats } = held.data as { readonly seats: readonly number[] }; // of a SeatsHeld
  expect(named(withMore(log, held.stream, 'SeatsReleased', { lockId, seats }), 'LOCK_BROKEN')).toContain(
    'does not hold its seats on segment',
  );
  const isBooked = (event: RecordedEvent): boolean => event.stream === acquired.stream && lockOf(event) === lockId;
  const released = withMore(without(log, isBooked), held.stream, 'SeatsReleased', { lockId, seats });
  expect(named(released, 'LOCK_BROKEN')).toContain('the book never ended it');
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
  const isConfirmed = (event: RecordedEvent): boolean => event.type === 'SeatLockConfirmed' && lockOf(event) === lockId;
  const broken = named(without(log, isConfirmed), 'LOCK_BROKEN');
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
  const { lockId } = ofOrder(log, stream, 'OrderSeatsHeld').data as Named; // of an OrderSeatsHeld
  const isStanding = (event: RecordedEvent): boolean =>
    event.type === 'SeatLockAcquired' && event.stream.endsWith('_standing') && lockOf(event) === lockId;
  const standing = log.find(isStanding);
  if (standing === undefined) throw new Error(`${orderNo} stands without a lock`);
  const first = standing.stream.replace(/_standing$/, '_second');
  const ended = withMore(withMore(log, first, 'SeatLockAcquired', standing.data), first, 'SeatLockReleased', {
    lockId,
  });
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
  const second = withMore(open, acquired.stream, 'SeatLockAcquired', { lockId: `${orderNo}.${epoch}.9`, plan });
  expect(named(second, 'LOCK_BACKWARDS')).toContain(`has ${lockId} already`);
  const early = withMore(open, acquired.stream, 'SeatsAssigned', { seats: [{ lockId, legs: plan.legs }] });
  expect(named(early, 'LOCK_BACKWARDS')).toContain('the book is open');
});
