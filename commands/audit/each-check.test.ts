// Every check by itself: one value is changed or one event added, and the audit names exactly that defect.
import { beforeAll, expect, test } from '@jest/globals';
import type { PaymentCreated } from '@railhead/domain/payment/events.ts';
import { type Log, withChanged, withField, withMore, without } from '@railhead/tests/support/broken-log.ts';
import { audited, simulatedDay, storedHistories } from '@railhead/tests/support/clean-logs.ts';
import { lockPartsOf } from '@railhead/tests/support/seat-events.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import type { ViolationCode } from './log-audit.ts';

/** Simulated days: with late assignment, with a cancelled run, and with neither. */
const SEEDS = [84, 188, 6];
let logs: readonly Log[] = [];

beforeAll(async () => {
  const days: Log[] = [];
  for (const seed of SEEDS) days.push((await simulatedDay(seed)).log);
  logs = [...storedHistories(), ...days];
});

const find = (
  type: string,
  isWanted: (log: Log) => boolean = () => true,
): { readonly log: Log; readonly event: RecordedEvent } => {
  for (const log of logs) for (const event of log) if (event.type === type && isWanted(log)) return { log, event };
  throw new Error(`no ${type} in the logs`);
};

/** No run is cancelled and no class is sold by count. */
const isPlain = (log: Log): boolean =>
  log.every(({ type, data }) => type !== 'TrainRunCancelled' && !Object.hasOwn(data as object, 'lateAssignment'));

const expectNamed = (log: Log, code: ViolationCode, detail: string): void => {
  const found = audited(log).violations.filter((violation) => violation.code === code);
  expect(found.map((violation) => violation.detail).join('\n')).toContain(detail);
};

test.each<readonly [type: string, path: string, value: unknown, code: ViolationCode, detail: string]>([
  ['TrainRunOpened', 'train', 'G99', 'STREAM_MISNAMED', 'opens the run G99'],
  ['TrainTimetabled', 'train', 'G99', 'STREAM_MISNAMED', 'publishes train G99'],
  ['StationRegistered', 'code', 'ELSE', 'STREAM_MISNAMED', 'registers station ELSE'],
  ['BookOpened', 'epoch', 7, 'LOCK_BACKWARDS', 'epoch 7 after'],
  ['BookClosed', 'reason', 'STORM', 'LOCK_BACKWARDS', 'STORM is no reason'],
  ['SeatLocksAcquired', 'locks', [], 'LOCK_BACKWARDS', 'about no lock'],
  ['SeatLocksReleased', 'locks', [], 'LOCK_BACKWARDS', 'about no lock'],
  ['SeatLocksAcquired', 'locks.0.plan.epoch', 99, 'LOCK_BACKWARDS', 'of epoch 99'],
  ['SeatLocksAcquired', 'locks.0.plan.orderNo', 'ANOTHER', 'LOCK_BACKWARDS', 'does not name order ANOTHER'],
  ['SeatLocksAcquired', 'locks.0.plan.legs.0.to', 99, 'LOCK_BACKWARDS', 'no way from'],
  ['SeatsAssigned', 'seats.0.lockId', 'ANOTHER.1.1', 'LOCK_BACKWARDS', 'ANOTHER.1.1 is unknown'],
  ['SeatsAssigned', 'seats.0.legs.0.seats.0', 99, 'LOCK_BACKWARDS', 'is given seats'],
  ['SegmentOpened', 'seats', 1_000, 'HOLD_DIFFERS', 'never had so many'],
  ['SegmentExtended', 'seats', 0, 'HOLD_DIFFERS', 'gets 0'],
  ['SeatsHeld', 'holds', [], 'HOLD_DIFFERS', 'holds nothing'],
  ['SeatsHeld', 'holds.0.seats', [], 'HOLD_DIFFERS', 'holds nothing'],
  ['SeatsHeld', 'holds.0.seats', [0, 0], 'SEAT_TWICE', 'holds a seat twice'],
  ['SeatsHeld', 'holds.0.seats', [99], 'SEAT_TWICE', 'holds seat 99'],
  ['SeatsHeld', 'holds.0.lockId', 'ANOTHER.1.1', 'LOCK_BROKEN', 'never held its seats on segment'],
  ['SeatsReleased', 'releases', [], 'HOLD_DIFFERS', 'gives nothing back'],
  ['SeatsReleased', 'releases.0.lockId', 'ANOTHER.1.1', 'SEAT_TWICE', 'gives back seats that it does not hold'],
  ['SeatsReleased', 'releases.0.seats', [], 'HOLD_DIFFERS', 'which are not its seats'],
  ['OrderRequested', 'request.passengers', [], 'ORDER_DIFFERS', 'nobody travels'],
  ['OrderRequested', 'request.faresFen', [], 'ORDER_DIFFERS', 'not one fare for each'],
  ['OrderRequested', 'request.currency', 'EUR', 'ORDER_DIFFERS', 'nothing is sold in EUR'],
  ['OrderRequested', 'request.to', 99, 'ORDER_DIFFERS', 'goes from stop'],
  ['OrderRequested', 'request.fromStation.name', 'Elsewhere', 'ORDER_DIFFERS', 'Elsewhere'],
  ['OrderRequested', 'request.toStation.code', 'ELSE', 'ORDER_DIFFERS', '(ELSE)'],
  ['OrderRequested', 'request.seatClass', 'business', 'ORDER_DIFFERS', 'asks for business'],
  ['OrderRequested', 'request.train', 'G99', 'RUN_UNKNOWN', 'is for G99'],
  ['OrderOfferedStanding', 'soldOut', 'business', 'ORDER_DIFFERS', 'not business'],
  ['OrderOfferedStanding', 'faresFen', [], 'ORDER_DIFFERS', 'more fares or fewer'],
  ['OrderSeatsHeld', 'lockId', 'ANOTHER.1.1', 'ORDER_DIFFERS', 'lock of another order'],
  ['OrderSeatsHeld', 'currency', 'EUR', 'ORDER_DIFFERS', 'priced in CNY'],
  ['OrderSeatsHeld', 'amountFen', 1, 'ORDER_DIFFERS', 'the amount is 1'],
  ['OrderSeatsHeld', 'items', [], 'ORDER_DIFFERS', '0 items'],
  ['OrderSeatsHeld', 'items.0.itemNo', 9, 'ORDER_DIFFERS', 'item 9'],
  ['OrderSeatsHeld', 'items.0.fareFen', 9, 'ORDER_DIFFERS', 'item 1'],
  ['OrderSeatsHeld', 'payBefore', 'soon', 'PAY_AFTER_DEPARTURE', 'soon'],
  ['OrderSeatsAssigned', 'items.0.seat', undefined, 'ORDER_DIFFERS', 'an item has no seat'],
  ['OrderSeatsAssigned', 'items.0.seat', '99Z', 'ORDER_SEATS_DIFFER', '99Z'],
  ['OrderPaid', 'paymentNo', 'ANOTHERP1', 'ORDER_DIFFERS', 'payment of another order'],
  ['OrderPaid', 'amountFen', 1, 'ORDER_DIFFERS', '1 fen paid'],
  ['PaymentCreated', 'orderNo', 'ANOTHER', 'STREAM_MISNAMED', 'order ANOTHER'],
  ['PaymentCreated', 'currency', 'EUR', 'AMOUNT_WRONG', 'EUR'],
  ['PaymentSucceeded', 'paymentNo', 'ANOTHERP1', 'STREAM_MISNAMED', 'ANOTHERP1'],
  ['PaymentSucceeded', 'orderNo', 'ANOTHER', 'STREAM_MISNAMED', 'order ANOTHER'],
  ['PaymentSucceeded', 'version', 0, 'PAYMENT_BACKWARDS', 'version 0'],
  ['PaymentSucceeded', 'amountFen', 1, 'AMOUNT_WRONG', 'is of 1 fen'],
  ['OrderRefundRequested', 'items', [], 'ORDER_DIFFERS', 'gives back no ticket'],
  ['OrderRefundRequested', 'items.0.itemNo', 9, 'ORDER_DIFFERS', 'ticket 9 is not there'],
  ['OrderRefundRequested', 'items.0.fareFen', 9, 'ORDER_DIFFERS', 'cost '],
  ['OrderRefundRequested', 'items.0.refundFen', 9, 'ORDER_DIFFERS', 'are not its fare'],
  ['OrderRefundRequested', 'feeFen', 9, 'ORDER_DIFFERS', 'is not the sum'],
  ['OrderRefundRequested', 'currency', 'EUR', 'ORDER_DIFFERS', 'priced in CNY'],
  ['OrderRefundRequested', 'table', 'OTHER', 'FEE_WRONG', 'no table OTHER'],
  ['OrderRefundRequested', 'quotedAt', '2026-11-01T08:00:00+08:00', 'FEE_WRONG', 'quoted at 2026-11-01'],
  ['OrderRefunded', 'refundNo', 'R9', 'ORDER_DIFFERS', 'R9 was not asked for'],
  ['SeatsGivenBack', 'travellers', [9], 'LOCK_BACKWARDS', 'travellers 9 of'],
  ['SeatsGivenBack', 'travellers', [], 'LOCK_BACKWARDS', 'give seats back'],
  ['PaymentRefunded', 'refundNo', 'R9', 'AMOUNT_WRONG', 'R9 was not asked for'],
  ['PaymentRefunded', 'amountFen', 1, 'AMOUNT_WRONG', '1 fen,'],
  ['PaymentRefundRequested', 'refundNo', 'R9', 'REFUND_WITHOUT_CAUSE', 'R9'],
  ['PaymentRefundRequested', 'amountFen', 1_000_000, 'AMOUNT_WRONG', '1000000 fen of'],
])('%s with %s %j: %s', (type, path, value, code, detail) => {
  const { log, event } = find(type);
  expectNamed(withField(log, event, path.split('.'), value), code, detail);
});

test('seats of a run that was never opened, on segments and in books', () => {
  const { log } = find('SeatLocksAcquired');
  const unopened = without(log, ({ type }) => type === 'TrainRunOpened');
  expectNamed(unopened, 'RUN_UNKNOWN', 'is a segment of no run');
  expectNamed(unopened, 'RUN_UNKNOWN', 'is the book of no run');
});

test.each<readonly [type: string, data: (first: RecordedEvent) => unknown, code: ViolationCode, detail: string]>([
  ['TrainRunOpened', ({ data }) => data, 'RUN_BACKWARDS', 'opened before'],
  ['TrainRunCancellationSettled', () => ({ orders: 0 }), 'RUN_BACKWARDS', 'it is not cancelled'],
  ['TrainRunSeatsAssigned', () => ({ orders: 0 }), 'RUN_BACKWARDS', 'no class of it is sold by count'],
  [
    'CoachesAdded',
    ({ data }) => ({ coaches: (data as { readonly composition: readonly unknown[] }).composition }),
    'RUN_BACKWARDS',
    'a coach number is given twice',
  ],
  ['CompositionChanged', () => ({ coaches: ['none'] }), 'RUN_BACKWARDS', 'it has no coach none'],
])('%s at the end of a run that goes on', (type, dataOf, code, detail) => {
  const { log, event } = find('TrainRunOpened', isPlain);
  expectNamed(withMore(log, event.stream, type, dataOf(event)), code, detail);
});

test('a run cancelled twice, and given coaches afterwards', () => {
  const { log, event } = find('TrainRunCancelled');
  expectNamed(withMore(log, event.stream, 'TrainRunCancelled', { reason: '' }), 'RUN_BACKWARDS', 'cancelled before');
  expectNamed(withMore(log, event.stream, 'CoachesAdded', { coaches: [] }), 'RUN_BACKWARDS', 'it is cancelled');
  expectNamed(withMore(log, event.stream, 'CompositionChanged', { coaches: [] }), 'RUN_BACKWARDS', 'it is cancelled');
});

test('an event that names a lock, an order or a seat twice', () => {
  const held = find('SeatsHeld', isPlain);
  const [hold] = lockPartsOf(held.event);
  const holds = (...parts: readonly unknown[]): Log => withField(held.log, held.event, ['holds'], parts);
  expectNamed(holds(hold, hold), 'SEAT_TWICE', 'holds seats again');
  expectNamed(holds(hold, { ...hold, lockId: 'ANOTHER.1.1' }), 'SEAT_TWICE', `held by ${hold?.lockId}`);
  const released = find('SeatsReleased', isPlain);
  const [release] = lockPartsOf(released.event);
  const twice = withField(released.log, released.event, ['releases'], [release, release]);
  expectNamed(twice, 'HOLD_DIFFERS', 'which are not its seats');
  const acquired = find('SeatLocksAcquired', isPlain);
  const [lock] = lockPartsOf(acquired.event);
  const locks = (...parts: readonly unknown[]): Log => withField(acquired.log, acquired.event, ['locks'], parts);
  expectNamed(locks(lock, lock), 'LOCK_BACKWARDS', `it names ${lock?.lockId} twice`);
  expectNamed(locks(lock, { ...lock, lockId: `${lock?.lockId}9` }), 'LOCK_BACKWARDS', 'gets two locks');
});

test('a book that is closed twice, sells after that, or is closed while its run goes on', () => {
  const { log, event } = find('BookClosed');
  const closedFor = (event.data as { readonly reason: string }).reason; // of a BookClosed
  expectNamed(withMore(log, event.stream, 'BookClosed', event.data), 'LOCK_BACKWARDS', 'closed before');
  const plan = { orderNo: 'N', epoch: 1, legs: [{ from: 0, to: 1, seats: [0] }] };
  expectNamed(
    withMore(log, event.stream, 'SeatLocksAcquired', { locks: [{ lockId: 'N.1.1', plan }] }),
    'LOCK_BACKWARDS',
    `the book was closed: ${closedFor}`,
  );
  const open = find('SeatLocksConfirmed', isPlain);
  for (const [reason, detail] of [
    ['RUN_CANCELLED', 'its run is not cancelled'],
    ['SEATS_ASSIGNED', 'not sold by count'],
  ] as const)
    expectNamed(withMore(open.log, open.event.stream, 'BookClosed', { reason }), 'BOOK_DIFFERS', detail);
});

test('an order closed for a run that goes on', () => {
  const { log, event } = find('OrderTicketed', isPlain);
  const closed = withMore(log, event.stream, 'OrderClosed', { reason: 'RUN_CANCELLED', detail: '' });
  expectNamed(closed, 'ORDER_DIFFERS', 'which goes on');
});

test('an order that is offered to stand and does not accept it, or twice', () => {
  const { log, event } = find('OrderOfferedStanding');
  const requested = log.find(({ stream, type }) => stream === event.stream && type === 'OrderRequested');
  if (requested === undefined) throw new Error('it was requested');
  expectNamed(
    withField(log, requested, ['request', 'acceptStanding'], false),
    'ORDER_DIFFERS',
    'does not accept to stand',
  );
  const again = without(log, ({ stream, revision }) => stream === event.stream && revision > event.revision);
  expectNamed(withMore(again, event.stream, event.type, event.data), 'ORDER_DIFFERS', 'places to stand already');
});

test('an event of a type that its stream cannot contain', () => {
  const { log, event } = find('SeatLocksConfirmed');
  expectNamed(
    withChanged(log, event, { type: 'OrderPaid' }),
    'EVENT_UNREADABLE',
    'this version does not understand OrderPaid version 2',
  );
});

test('a notice refused for its amount is counted with what it says was paid; one of the right amount was none to refuse', () => {
  const { log, event } = find('PaymentCreated');
  const { paymentNo, orderNo, amountFen } = event.data as PaymentCreated['data'];
  const notice = { paymentNo, orderNo, code: 'AMOUNT_MISMATCH', version: 1, gatewayRef: '' };
  const withNotice = (outcome: string, amount: number, to = log): Log =>
    withMore(to, event.stream, 'PaymentNoticeRefused', { ...notice, outcome, amountFen: amount });
  const refused = withNotice('declined', amountFen + 7, withNotice('paid', amountFen + 5));
  const { ok, money, refusedNotices } = audited(refused);
  expect({ ok, refusedNotices }).toEqual({ ok: true, refusedNotices: { count: 2, paidFen: amountFen + 5 } });
  expect(money).toEqual(audited(log).money);
  expect(audited(log).refusedNotices).toEqual({ count: 0, paidFen: 0 });
  expectNamed(withNotice('paid', amountFen), 'AMOUNT_WRONG', 'was refused for its amount');
  const alone = without(log, ({ stream }) => stream === event.stream);
  expectNamed(withNotice('paid', amountFen + 5, alone), 'PAYMENT_BACKWARDS', 'PaymentNoticeRefused');
});
