// Events with the longest texts and the largest numbers that any door admits, or that an older log may have.
import type { NewEvent, StreamAppend } from '@railhead/commands/ports/event-store.ts';
import { newEvent } from './events.ts';
import { openedRun } from './opened-run.ts';
import { oneSeat } from './order-request.ts';

const LONGEST_USER = 'u'.repeat(128);
const LONGEST_ORDER = 'Z'.repeat(18);
const LONGEST_TRAIN = 'G'.repeat(16);
const LARGEST = Number.MAX_SAFE_INTEGER;
/** Four bytes in UTF-8, two units in JavaScript. */
const LARGE = '𠮷';

/** Names of stations, as feeds have had them: longer than a column, growing in small letters, with what is no text. */
const NAMES = [
  '站'.repeat(200),
  'İ'.repeat(128),
  LARGE.repeat(128),
  LARGE.repeat(300),
  `a\u0000b`,
  `a\ud800b`,
  'x'.repeat(5_000),
];

const by = (event: NewEvent, actor = LONGEST_USER): NewEvent => ({ ...event, meta: { ...event.meta, actor } });
const append = (stream: string, ...events: readonly NewEvent[]): StreamAppend => ({ stream, expected: 'any', events });

const stations = NAMES.map((name, index) =>
  append(`station-S${index}`, newEvent({ code: `S${index}`, name, city: name, pinyin: '' }, 'StationRegistered')),
);

const run = { train: LONGEST_TRAIN, date: '2026-12-01' };
const stops = NAMES.map((name, seq) => ({ code: `S${seq}`, name, arrives: seq, departs: seq, km: seq }));
const opened = append(`trainRun-${run.train}_${run.date}`, newEvent(openedRun({ ...run, stops }), 'TrainRunOpened', 2));

const traveller = {
  name: LARGE.repeat(60),
  idType: 'passport',
  idNo: 'E'.repeat(32),
  kind: 'adult',
  wants: LARGE.repeat(8),
};

/** An order with its payment and its tickets, one part of the money given back. */
const sold = (orderNo: string, stationName: string, gatewayRef: string): readonly StreamAppend[] => {
  const ofOrder = { paymentNo: `${orderNo}P1`, orderNo };
  const passengers = Array.from({ length: 9 }, () => traveller);
  const seats = passengers.map((_, index) => ({ itemNo: index + 1, coach: '99', seat: '999F', fareFen: LARGEST }));
  const request = {
    ...{ ...oneSeat, ...run, userId: LONGEST_USER, passengers, faresFen: passengers.map(() => 1) },
    fromStation: { code: 'S'.repeat(16), name: stationName },
    toStation: { code: 'S'.repeat(16), name: stationName },
  };
  const held = {
    lockId: 'l',
    items: seats,
    amountFen: LARGEST,
    currency: 'CNY',
    payBefore: '2026-11-25T12:15:00+08:00',
  };
  const notice = { ...ofOrder, amountFen: LARGEST, version: LARGEST, gatewayRef };
  const dismissed = {
    ...ofOrder,
    amountFen: LARGEST,
    version: LARGEST,
    outcome: 'declined',
    reason: LARGE.repeat(100),
  };
  const refund = { ...ofOrder, refundNo: `${orderNo}R99C`, amountFen: LARGEST };
  return [
    append(`order-${orderNo}`, by(newEvent({ orderNo, requestHash: 'h', request }, 'OrderRequested'))),
    append(`order-${orderNo}`, newEvent(held, 'OrderSeatsHeld')),
    append(
      `payment-${ofOrder.paymentNo}`,
      by(newEvent({ ...ofOrder, channel: 'sandbox', amountFen: LARGEST, currency: 'CNY' }, 'PaymentCreated')),
      newEvent({ ...notice, code: 'AMOUNT_MISMATCH', outcome: 'declined' }, 'PaymentNoticeRefused'),
      by(newEvent(dismissed, 'PaymentNoticeDismissed')),
      newEvent(notice, 'PaymentSucceeded'),
    ),
    append(
      `order-${orderNo}`,
      newEvent({ paymentNo: ofOrder.paymentNo, amountFen: LARGEST }, 'OrderPaid'),
      newEvent({}, 'OrderTicketingStarted'),
      newEvent(
        { tickets: seats.map(({ itemNo }) => ({ itemNo, ticketNo: `${orderNo}T9${itemNo}` })) },
        'OrderTicketed',
      ),
    ),
    append(
      `payment-${ofOrder.paymentNo}`,
      newEvent({ ...refund, reason: gatewayRef }, 'PaymentRefundRequested', 2),
      newEvent({ ...refund, gatewayRef }, 'PaymentRefunded', 2),
    ),
  ];
};

/** A request that waits for one journey between each of the stations, with standing where there is no seat. */
const waits = (waitlistNo: string): StreamAppend => {
  const choice = (name: string) => ({
    ...{ ...run, from: 0, to: 1, seatClass: 'second', faresFen: [LARGEST], standingFaresFen: [LARGEST] },
    fromStation: { code: 'S'.repeat(16), name },
    toStation: { code: 'S'.repeat(16), name },
    until: '2026-12-01T08:00:00+08:00',
  });
  const submitted = {
    ...{ waitlistNo, requestHash: 'h', userId: LONGEST_USER, userKey: 'k', passengers: [traveller] },
    ...{ choices: NAMES.map(choice), currency: 'CNY', prepayFen: LARGEST, acceptStanding: true },
    ...{ payBefore: '2026-11-25T12:15:00+08:00', deadline: '2026-12-01T06:00:00+08:00' },
  };
  return append(
    `waitlist-${waitlistNo}`,
    by(newEvent(submitted, 'WaitlistSubmitted')),
    newEvent({ paymentNo: `${waitlistNo}P1`, amountFen: LARGEST }, 'WaitlistPrepaid'),
  );
};

/** Events of no category that this version knows, in a stream with the longest name. */
const stranger = append(`${'c'.repeat(64)}-${'n'.repeat(192)}`, by(newEvent({}, 'T'.repeat(300)), 'x'.repeat(1_000)));

export const LONGEST_TEXTS: readonly StreamAppend[] = [
  ...stations,
  opened,
  ...NAMES.flatMap((name, index) => [
    ...sold(`${LONGEST_ORDER.slice(1)}${index}`, name, name),
    // A version that nobody has yet: the stream is set aside.
    append(`order-W${index}`, newEvent({}, 'T'.repeat(300), LARGEST)),
  ]),
  ...sold(LONGEST_ORDER, '北京南', LARGE.repeat(64)),
  waits('Y'.repeat(18)),
  stranger,
];
