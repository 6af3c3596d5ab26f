// The audit is the last check. It must name every defect of a log, also where there are several, and must not report
// work that is still to be done.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { WaitingJoined } from '@railhead/domain/seat-lock/events.ts';
import {
  type Log,
  renumbered,
  withAgain,
  withChanged,
  withField,
  withMore,
  without,
  withoutLocks,
} from '@railhead/tests/support/broken-log.ts';
import { audited, type Day, isAtRest, simulatedDay, storedHistories } from '@railhead/tests/support/clean-logs.ts';
import { queuedLog } from '@railhead/tests/support/queued-sale.ts';
import { reservedLog } from '@railhead/tests/support/reserved-log.ts';
import { type LockPart, lockPartsOf } from '@railhead/tests/support/seat-events.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import { LogAudit, type ViolationCode } from './log-audit.ts';
import type { AuditCode } from './violation.ts';
import { MAX_OF_A_CODE } from './violation.ts';

/** Simulated days that together contain every event the cases below look for. */
const SEEDS = [84, 188, 255, 7];
let days: readonly Day[] = [];
let logs: readonly Log[] = [];

beforeAll(async () => {
  const lived: Day[] = [];
  for (const seed of SEEDS) lived.push(await simulatedDay(seed));
  days = lived;
  logs = [await reservedLog(), await queuedLog(), ...storedHistories(), ...lived.map(({ log }) => log)];
});

/** The first event of its kind in any of the logs, with its log. */
const find = (
  type: string,
  isWanted: (event: RecordedEvent, log: Log) => boolean = () => true,
): { readonly log: Log; readonly event: RecordedEvent } => {
  for (const log of logs)
    for (const event of log) if (event.type === type && isWanted(event, log)) return { log, event };
  throw new Error(`no ${type} in the logs`);
};

const data = (event: RecordedEvent): Record<string, unknown> => event.data as Record<string, unknown>; // every event has data
const orderOf = ({ stream }: RecordedEvent): string => stream.slice('order-'.length);
const lastOf = (log: Log, stream: string): string | undefined => log.findLast((event) => event.stream === stream)?.type;

/** An order that ended with tickets. */
const ticketed = (): { readonly log: Log; readonly event: RecordedEvent; readonly orderNo: string } => {
  const found = find('OrderTicketed', ({ stream }, log) => lastOf(log, stream) === 'OrderTicketed');
  return { ...found, orderNo: orderOf(found.event) };
};

/** For each code a log that has this defect and as few others as possible. */
const BROKEN: Readonly<Record<AuditCode, () => Log>> = {
  LOG_ORDER: () => {
    const { log, event } = find('OrderPaid');
    return withChanged(log, event, { position: event.position - 1 });
  },
  STREAM_GAP: () => {
    const { log, event } = find('SeatsReleased');
    return log.filter((other) => other !== event);
  },
  EVENT_TWICE: () => {
    const { log, event } = find('PaymentDeclined');
    return withAgain(log, event, event.id);
  },
  EVENT_UNREADABLE: () => {
    const { log, event } = find('OrderPaid');
    return withChanged(log, event, { type: 'OrderForgotten' });
  },
  STREAM_MISNAMED: () => {
    const { log, event } = find('OrderRequested');
    return withField(log, event, ['orderNo'], 'ANOTHER');
  },
  RUN_UNKNOWN: () => {
    const { log } = find('TrainRunOpened');
    return without(log, ({ type }) => type === 'TrainRunOpened');
  },
  RUN_BACKWARDS: () => {
    const { log, event } = find('TrainRunCancellationSettled');
    return withAgain(log, event);
  },
  LOCK_BACKWARDS: () => {
    const { log, event } = find('SeatLocksReleased');
    return withAgain(log, event);
  },
  ORDER_BACKWARDS: () => {
    const { log, event } = ticketed();
    return withMore(log, event.stream, 'OrderTicketingStarted', {});
  },
  PAYMENT_BACKWARDS: () => {
    const { log, event } = find('PaymentRefunded');
    return withAgain(log, event);
  },
  SEAT_TWICE: () => {
    const { log, orderNo } = ticketed();
    const held = log.find((event) => event.type === 'SeatsHeld' && lockOf(event, orderNo) !== undefined);
    if (held === undefined) throw new Error('an order with tickets holds seats');
    const holds = [{ ...lockOf(held, orderNo), lockId: 'ANOTHER.1.1' }];
    return withMore(log, held.stream, 'SeatsHeld', { holds });
  },
  HOLD_DIFFERS: () => {
    const { log, event } = find('SeatsReleased');
    return withField(log, event, ['releases', '0', 'seats', '0'], 99);
  },
  LOCK_BROKEN: () => {
    const { log, orderNo } = ticketed();
    return withoutLocks(log, ({ lockId }, { type }) => type === 'SeatLocksConfirmed' && isOf(orderNo, lockId));
  },
  ORDER_WITHOUT_SEATS: () => {
    const { log, orderNo } = ticketed();
    return withoutLocks(log, ({ lockId }, { type }) => type.startsWith('Seat') && isOf(orderNo, lockId));
  },
  SEATS_WITHOUT_ORDER: () => {
    const { log, event } = ticketed();
    return without(log, ({ stream }) => stream === event.stream);
  },
  ORDER_SEATS_DIFFER: () => {
    const { log, event } = find(
      'OrderSeatsHeld',
      (held, all) => lastOf(all, held.stream) === 'OrderTicketed' && hasSeat(held),
    );
    return withField(log, event, ['items', '0', 'seat'], '77Z');
  },
  SEATS_UNNAMED: () => {
    const { log, event } = find('OrderSeatsAssigned', ({ stream }, all) => lastOf(all, stream) !== 'OrderClosed');
    return without(log, (other) => other === event);
  },
  ORDER_DIFFERS: () => {
    const { log, event } = ticketed();
    return withField(log, event, ['tickets', '0', 'ticketNo'], 'ANOTHER');
  },
  FEE_WRONG: () => {
    const { log, event } = find('OrderRefundRequested');
    return withField(log, event, ['items', '0', 'rule'], 'OTHER');
  },
  CHANGE_DIFFERS: () => {
    const { log, event } = find(
      'OrderChangeRequested',
      ({ stream }, all) => lastOf(all, stream) !== 'OrderChangeRequested',
    );
    return withField(log, event, ['newOrderNo'], 'ANOTHER');
  },
  TICKET_TWICE: () => {
    const { log, event } = find('OrderChanged');
    return without(log, ({ stream, revision }) => stream === event.stream && revision >= event.revision);
  },
  FARE_WRONG: () => {
    const { log, event } = find('OrderRequested', ({ stream }, all) => lastOf(all, stream) === 'OrderClosed');
    return withField(log, event, ['request', 'faresFen', '0'], 1);
  },
  PAY_AFTER_DEPARTURE: () => {
    const { log, event } = find('OrderSeatsHeld');
    return withField(log, event, ['payBefore'], '2099-01-01T00:00:00.000+08:00');
  },
  TICKET_UNPAID: () => {
    const { log, orderNo } = ticketed();
    return without(log, ({ stream }) => stream.startsWith(`payment-${orderNo}P`));
  },
  ORDER_UNPAID: () => {
    const { log, orderNo, event } = ticketed();
    return without(log, (other) => other === event || other.stream.startsWith(`payment-${orderNo}P`));
  },
  PAYMENT_WITHOUT_ORDER: () => {
    const { log, event } = ticketed();
    return without(log, ({ stream }) => stream === event.stream);
  },
  AMOUNT_WRONG: () => {
    const { log, event } = find('PaymentRefunded');
    return withField(log, event, ['amountFen'], 1);
  },
  REFUND_WITHOUT_CAUSE: () => {
    const { log, orderNo, event } = ticketed();
    const ended = ['OrderPaid', 'OrderTicketingStarted', 'OrderTicketed'];
    const waiting = without(log, ({ stream, type }) => stream === event.stream && ended.includes(type));
    const paid = log.find(
      ({ stream, type }) => type === 'PaymentSucceeded' && stream.startsWith(`payment-${orderNo}P`),
    );
    if (paid === undefined) throw new Error('a ticket is paid');
    return withMore(waiting, paid.stream, 'PaymentRefundRequested', { ...data(paid), reason: '' });
  },
  MONEY_MISMATCH: () => {
    const { log, orderNo } = ticketed();
    const succeeded = log.find(
      ({ stream, type }) => type === 'PaymentSucceeded' && stream.startsWith(`payment-${orderNo}P`),
    );
    const created = log.find(({ stream, type }) => type === 'PaymentCreated' && stream === succeeded?.stream);
    if (created === undefined) throw new Error('a ticket is paid');
    return withField(log, created, ['amountFen'], 1);
  },
  CANCELLED_RUN_SERVED: () => {
    const { log, event } = find('OrderClosed', ({ stream, ...closed }, all) => {
      const isOfRun = (closed.data as { reason: string }).reason === 'RUN_CANCELLED'; // an order is closed for a reason
      return isOfRun && all.some((other) => other.stream === stream && other.type === 'OrderTicketed');
    });
    return without(log, (other) => other === event);
  },
  BOOK_DIFFERS: () => {
    const { log, event } = find('BookClosed', (closed) => data(closed).reason === 'RUN_CANCELLED');
    return without(log, (other) => other === event);
  },
  LIMIT_EXCEEDED: () => {
    const { log, event } = find('TicketsReserved', ({ data }) => hasTickets(data, 2));
    return withField(log, event, ['limit'], 1);
  },
  RESERVATION_BACKWARDS: () => {
    const { log, event } = find('JourneyReleased');
    return withAgain(log, event);
  },
  RESERVATION_DIFFERS: () => {
    const { log, event } = find('JourneyReserved');
    return withField(log, event, ['to'], '2099-01-01T00:00:00.000+08:00');
  },
  RESERVATION_BROKEN: () => {
    const { log, event } = find('JourneyReleased');
    return without(log, ({ stream, type }) => type === 'OrderClosed' && stream === `order-${data(event).orderNo}`);
  },
  WAITLIST_BACKWARDS: () => {
    const { log, event } = find('WaitlistPrepaid');
    return withAgain(log, event);
  },
  WAITLIST_DIFFERS: () => {
    const { log, event } = find('WaitingJoined');
    return withField(log, event, ['waiting', '0', 'since'], '2020-01-01T00:00:00.000+08:00');
  },
  OVERTAKEN: () => {
    const { log, event } = find('WaitlistSeatsLocked');
    return withSomebodyBefore(log, event.stream.slice('waitlist-'.length));
  },
  SEED_DIFFERS: () => {
    const { log, event } = find('WaitingRoomShuffled');
    return withField(log, event, ['seed'], 'f'.repeat(64));
  },
  QUEUE_BACKWARDS: () => {
    const { log, event } = find('QueueAdmitted');
    return withField(log, event, ['upTo'], 99);
  },
  QUEUE_PLACE_MISUSED: () => {
    const { log, event } = find('QueuePlaceUsed');
    return withField(log, event, ['user'], 'another');
  },
};

/** Somebody else submitted the same request a year before, prepaid it, and waits for ever. */
const withSomebodyBefore = (log: Log, waitlistNo: string): Log => {
  const since = '2025-01-01T00:00:00.000+08:00';
  const asAnother = (event: RecordedEvent): RecordedEvent => ({
    ...event,
    id: randomUUID(),
    stream: event.stream.replace(waitlistNo, 'EARLIER'),
    // Safe cast: the same data under another number.
    data: JSON.parse(JSON.stringify(event.data).replaceAll(waitlistNo, 'EARLIER')) as RecordedEvent['data'],
    meta: { ...event.meta, at: since },
  });
  return renumbered(
    log.flatMap((event) => {
      if (event.stream === `waitlist-${waitlistNo}` && /^Waitlist(Submitted|Prepaid)$/.test(event.type))
        return [asAnother(event), event];
      if (event.type !== 'WaitingJoined') return [event];
      const all = data(event).waiting as readonly WaitingJoined['data']['waiting'][number][]; // of this type
      const own = all.filter((one) => one.waitlistNo === waitlistNo);
      const before = own.map((one) => ({ ...one, waitlistNo: 'EARLIER', since, until: '2099-01-01T00:00:00+08:00' }));
      return own.length === 0 ? [event] : [{ ...event, id: randomUUID(), data: { waiting: before } }, event];
    }),
  );
};

const isOf = (orderNo: string, lockId: string): boolean => lockId.startsWith(`${orderNo}.`);
const lockOf = (event: RecordedEvent, orderNo: string): LockPart | undefined =>
  lockPartsOf(event).find(({ lockId }) => isOf(orderNo, lockId));

const hasTickets = (reserved: unknown, count: number): boolean =>
  (reserved as { readonly itemNos: readonly number[] }).itemNos.length === count; // TicketsReserved

const hasSeat = (held: RecordedEvent): boolean =>
  (held.data as { readonly items: readonly { readonly seat?: string }[] }).items[0]?.seat !== undefined; // OrderSeatsHeld

const codesOf = (log: Log): readonly ViolationCode[] => [...new Set(audited(log).violations.map(({ code }) => code))];

// Safe cast: an object literal has exactly these keys.
const CODES = Object.keys(BROKEN) as readonly AuditCode[];

test('a clean log at rest has no violation and nothing pending', () => {
  for (const log of logs) {
    const report = audited(log);
    expect(report).toMatchObject({ ok: true, violations: [], events: log.length, position: log.length });
    expect(isAtRest(report)).toBe(true);
  }
});

test('the log of a running railway is clean after every commit: pending work is no violation', () => {
  for (const { log, ends } of days) {
    const audit = new LogAudit();
    let read = 0;
    for (const end of ends) {
      for (const event of log.slice(read, end)) audit.add(event);
      read = end;
      expect(audit.report().violations).toEqual([]);
    }
  }
});

describe('names', () => {
  test.each(CODES)('%s', (code) => {
    expect(codesOf(BROKEN[code]())).toContain(code);
  });

  test.each([
    ['first to last', CODES],
    ['last to first', CODES.toReversed()],
  ])('all of it in one log, %s', (_, codes) => {
    const named = codesOf(together(codes.map((code) => BROKEN[code]())));
    expect(CODES.filter((code) => !named.includes(code))).toEqual([]);
  });

  test('a seat held twice in each of two classes', () => {
    const { violations } = audited(together([BROKEN.SEAT_TWICE(), BROKEN.SEAT_TWICE()]));
    expect(violations.filter(({ code }) => code === 'SEAT_TWICE')).toHaveLength(2);
  });

  test('up to the limit of each code, and no code hides another', () => {
    const { log, event } = find('SeatLocksReleased');
    const unpaid = BROKEN.TICKET_UNPAID();
    for (const more of [MAX_OF_A_CODE - 1, MAX_OF_A_CODE, MAX_OF_A_CODE + 1]) {
      const again = Array.from({ length: more }, () => event).reduce((so: Log, one) => withAgain(so, one), log);
      const { violations } = audited(together([again, unpaid]));
      const found = violations.filter(({ code }) => code === 'LOCK_BACKWARDS');
      expect(found).toHaveLength(Math.min(more, MAX_OF_A_CODE));
      expect(violations.some(({ code }) => code === 'TICKET_UNPAID')).toBe(true);
    }
  });

  test('the same when it is asked again', () => {
    const audit = new LogAudit();
    for (const event of BROKEN.LOCK_BROKEN()) audit.add(event);
    expect(audit.report()).toEqual(audit.report());
  });
});

/** Several logs as one: the trains and orders of each get other names. */
const together = (parts: readonly Log[]): Log => {
  let position = 0;
  return parts.flatMap((log, n) => {
    const offset = position;
    position += log.length;
    const text = JSON.stringify(log.filter(({ stream }) => !stream.startsWith('station-')))
      .replace(/\bG(\d)(?=["_ ])/g, `G${n}x$1`)
      .replace(/\b(buyer|traveller)-(\d{4}-\d\d-\d\d)_/g, `$1-$2_P${n}x`)
      .replace(/(?<![0-9A-Z])[0-9A-Z]{18}(?=P\d|T\d|[^0-9A-Z])/g, `N${n}x$&`);
    // Safe cast: the same events with other names in them.
    return (JSON.parse(text) as Log).map((event) => ({ ...event, position: event.position + offset }));
  });
};
