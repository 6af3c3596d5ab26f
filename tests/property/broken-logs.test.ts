// Clean logs are broken at random. The audit must name the defect, unless the change is known to have no meaning.
// Leaving out the last event of something leaves work undone; the audit counts that as pending.
import { beforeAll, expect, test } from '@jest/globals';
import type { AuditReport } from '@railhead/commands/audit/log-audit.ts';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { queuePlaceCategory } from '@railhead/domain/queue-place/stream.ts';
import { replayCategory } from '@railhead/domain/replay/stream.ts';
import { runQueueCategory } from '@railhead/domain/run-queue/stream.ts';
import { saleOpeningsCategory } from '@railhead/domain/sale-openings/stream.ts';
import { waitlistPrioritiesCategory } from '@railhead/domain/waitlist-priorities/stream.ts';
import fc from 'fast-check';
import {
  type Leaf,
  type Log,
  leavesOf,
  nextInStream,
  withAgain,
  withField,
  without,
  withSwapped,
} from '../support/broken-log.ts';
import { audited, isAtRest, simulatedDay, storedHistories } from '../support/clean-logs.ts';
import { reservedLog } from '../support/reserved-log.ts';
import { isMissedByNobody, isOfRun, mayBeWrittenAgain, mayComeInEitherOrder } from './meaningless-changes.ts';
import { saysNothing } from './meaningless-values.ts';

/** Days that together have nearly every type of event. */
const SEEDS = [84, 132, 176, 188, 255];
const RUNS = 600;

const UNTOUCHED = [
  replayCategory,
  saleOpeningsCategory,
  waitlistPrioritiesCategory,
  runQueueCategory,
  queuePlaceCategory,
];

let logs: readonly Log[] = [];
let byType: readonly (readonly { readonly log: Log; readonly event: RecordedEvent }[])[] = [];

beforeAll(async () => {
  const days: Log[] = [];
  for (const seed of SEEDS) days.push((await simulatedDay(seed)).log);
  logs = [await reservedLog(), ...storedHistories(), ...days];
  // What is decided about read models, openings of sales and priorities changes nothing that is promised; a queue may be joined,
  // admitted and paused in many ways, and its own test breaks it (commands/audit/queues.test.ts).
  const places = logs.flatMap((log) =>
    log.filter((event) => !UNTOUCHED.some((category) => category.holds(event))).map((event) => ({ log, event })),
  );
  byType = [...Map.groupBy(places, ({ event }) => event.type).values()];
});

/** Draws a type of event first, so that rare types are drawn as often as frequent ones. */
const withAnyEvent = (check: (log: Log, event: RecordedEvent, choice: number) => void): void => {
  const choice = fc.nat({ max: 1_000_000 });
  fc.assert(
    fc.property(choice, choice, choice, (type, place, more) => {
      const events = byType[type % byType.length] ?? [];
      const found = events[place % events.length];
      if (found !== undefined) check(found.log, found.event, more);
    }),
    { numRuns: RUNS },
  );
};

/** Something is reserved for an order that never came. */
const isUnclaimed = (log: Log, { pending }: AuditReport): boolean => pending.unclaimed > pendingIn(log).unclaimed;

const known = new Map<Log, AuditReport['pending']>();
const pendingIn = (log: Log): AuditReport['pending'] => {
  const pending = known.get(log) ?? audited(log).pending;
  known.set(log, pending);
  return pending;
};

const shown = ({ type, stream, revision, data }: RecordedEvent): string =>
  `${stream}@${revision} ${type} ${JSON.stringify(data)}`;

test('an event left out', () => {
  withAnyEvent((log, event) => {
    const report = audited(without(log, (other) => other === event));
    // Earlier versions did not close payments: their logs have some by which money may still come.
    const isOpened = report.pending.payments > pendingIn(log).payments;
    const isNamed = !report.ok || !isAtRest(report) || isOpened || isUnclaimed(log, report);
    if (!isNamed) expect([shown(event), isMissedByNobody(log, event)]).toEqual([shown(event), true]);
  });
});

test('an event written twice', () => {
  withAnyEvent((log, event) => {
    expect(audited(withAgain(log, event, event.id)).violations.map(({ code }) => code)).toContain('EVENT_TWICE');
    // A composition that is set again says something only if it was set otherwise meanwhile.
    if (event.type === 'CompositionChanged') return;
    const isTimetable = /^(train|station)-/.test(event.stream);
    const again = audited(withAgain(log, event));
    const isPassedOver = again.ok && isAtRest(again);
    const isMeaningless = isTimetable || (isPassedOver && mayBeWrittenAgain(event));
    expect([shown(event), isPassedOver]).toEqual([shown(event), isMeaningless]);
  });
});

test('an event in the place of the next one of its stream', () => {
  withAnyEvent((log, event) => {
    const next = nextInStream(log, event);
    if (next === undefined) return;
    const report = audited(withSwapped(log, event, next));
    if (report.ok && report.pending.reservations === 0 && !isUnclaimed(log, report))
      expect([shown(event), shown(next), mayComeInEitherOrder(event, next)]).toEqual([shown(event), shown(next), true]);
  });
});

test('a value of an event changed', () => {
  withAnyEvent((log, event, choice) => {
    const leaves = [...leavesOf(event.data)];
    const leaf = leaves[choice % Math.max(1, leaves.length)];
    if (leaf === undefined) return;
    const changed = otherThan(leaf, choice);
    const what = `${shown(event)}: ${leaf.path.join('.')} becomes ${JSON.stringify(changed)}`;
    const report = audited(withField(log, event, leaf.path, changed));
    if (report.ok && !isUnclaimed(log, report))
      expect([what, saysNothing(log, event, leaf, changed)]).toEqual([what, true]);
  });
});

/** Other values that a field may really have, by the last name of its path. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  seatClass: ['first', 'second', 'standing'],
  soldOut: ['first', 'second', 'standing'],
  kind: ['adult', 'child', 'student'],
  code: ['ST0', 'ST1', 'ST2'],
  at: ['ST0', 'ST1', 'ST2'],
  reason: ['SOLD_OUT', 'EXPIRED', 'CANCELLED', 'TICKETING_FAILED', 'SALE_CLOSED', 'RUN_CANCELLED', 'SEATS_ASSIGNED'],
  payBefore: ['2099-01-01T00:00:00.000+08:00'],
};

const otherThan = ({ path, value }: Leaf, choice: number): unknown => {
  if (typeof value === 'boolean') return !value;
  // A number that differs after any rounding, or the next one, or the one before.
  if (typeof value === 'number') return [value * 3 + 7, value + 1, value - 1][choice % 3];
  const others = (VALUES[path.at(-1) ?? ''] ?? []).filter((other) => other !== value);
  return choice % 2 === 0 ? `${value}x` : (others[choice % Math.max(1, others.length)] ?? `x${value}`);
};

test('all of an order, a payment or a lock left out', () => {
  const choice = fc.nat({ max: 1_000_000 });
  fc.assert(
    fc.property(choice, choice, (which, place) => {
      const log = logs[which % logs.length] ?? [];
      const streams = [...new Set(log.map(({ stream }) => stream))].filter((stream) =>
        /^(order|payment|seatLock|trainRun)-/.test(stream),
      );
      const stream = streams[place % streams.length] ?? '';
      const report = audited(without(log, (event) => event.stream === stream));
      const isNamed = !report.ok || !isAtRest(report);
      if (!isNamed) expect([stream, wasForNothing(log, stream)]).toEqual([stream, true]);
    }),
    { numRuns: RUNS / 5 },
  );
});

/** An order refused before it had seats, a payment never paid, or a run that nobody asked for. */
const wasForNothing = (log: Log, stream: string): boolean => {
  const types = log.filter((event) => event.stream === stream).map(({ type }) => type);
  if (stream.startsWith('trainRun-')) {
    const run = stream.slice('trainRun-'.length);
    return !log.some((event) => event.stream !== stream && isOfRun(event, run));
  }
  if (stream.startsWith('payment-')) return !types.includes('PaymentSucceeded') || types.includes('PaymentRefunded');
  // A book in which nothing was held, or all of it withdrawn.
  if (stream.startsWith('seatLock-')) return !types.includes('SeatLocksAcquired') && !types.includes('SeatsWithdrawn');
  const orderNo = stream.slice('order-'.length);
  return (
    !types.includes('OrderSeatsHeld') &&
    !log.some(
      ({ stream: other, data }) => other.startsWith('seatLock-') && JSON.stringify(data).includes(`${orderNo}.`),
    )
  );
};
