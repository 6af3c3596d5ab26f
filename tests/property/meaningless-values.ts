// Values without meaning: no promise is about them, so another value is no violation. Every value that is not listed
// here must be checked by the audit.
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { SEAT_CLASSES } from '@railhead/domain/kernel/seat-class.ts';
import type { WaitingJoined } from '@railhead/domain/seat-lock/events.ts';
import { type Composition, seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import type { WaitlistSubmitted } from '@railhead/domain/waitlist/events.ts';
import { type Leaf, type Log, withField } from '../support/broken-log.ts';
import { dataOf, isOfRun, isSizeOf, isTimetable, nameOf } from './meaningless-changes.ts';

/** Fields that no promise is about, by event type; `*` stands for any index. */
const SAYS_NOTHING: Readonly<Record<string, readonly RegExp[]>> = {
  TrainRunOpened: [/^trainType$/, /^stops\.\d+\.(arrives|departs)$/, /^tariff\.(name|minimumFen)$/],
  TrainRunCancelled: [/^reason$/],
  // Coaches are in the train whose seats are not withdrawn.
  CompositionChanged: [/^coaches\.\d+$/],
  // How many there were when the process looked.
  TrainRunCancellationSettled: [/^orders$/],
  TrainRunSeatsAssigned: [/^orders$/],
  BookOpened: [/^owner$/],
  SeatLockAborted: [/^reason$/],
  SeatLocksReleased: [/^locks\.\d+\.reason$/],
  SeatsWithdrawn: [/^reason$/, /^coach$/, /^plan\.wants\./],
  SeatLocksAcquired: [/^locks\.\d+\.plan\.wants\./],
  OrderRequested: [
    /^requestHash$/,
    /^request\.userId$/,
    // Names and wants; only the kind of passenger decides the fare.
    /^request\.passengers\.\d+\.(name|idType|idNo|wants)$/,
  ],
  // A limit is a setting of its moment; a smaller one than what is reserved under it is named. What was released may have
  // been of another request under the same number.
  JourneyReserved: [/^limit$/, /^requestMark$/],
  TicketsReserved: [/^limit$/, /^requestMark$/],
  // Only how many they are and what they pay is looked at, unless an order comes of it.
  WaitlistSubmitted: [
    /^requestHash$/,
    /^currency$/,
    /^acceptStanding$/,
    /^passengers\.\d+\.(name|idType|idNo|wants)$/,
    /^userId$/,
  ],
  WaitingJoined: [/^waiting\.\d+\.wants\.\d+$/],
  WaitlistOpened: [/^limit$/],
  OrderTicketingFailed: [/^reason$/],
  OrderClosed: [/^detail$/],
  PaymentCreated: [/^channel$/],
  PaymentSucceeded: [/^gatewayRef$/],
  PaymentRefundRequested: [/^reason$/],
  PaymentRefunded: [/^gatewayRef$/],
};

export const saysNothing = (log: Log, event: RecordedEvent, { path, value }: Leaf, changed: unknown): boolean => {
  if (isTimetable(event)) return true;
  const name = path.join('.');
  if (SAYS_NOTHING[event.type]?.some((pattern) => pattern.test(name)) === true) return true;
  switch (event.type) {
    case 'OrderClosed':
      return name === 'reason' && isSameEnd(log, event, changed);
    case 'OrderRequested':
      return isUnusedConsent(log, event, name);
    case 'TrainRunOpened':
    case 'CoachesAdded':
      // Fares are rounded, so a thousandth more or less may not show.
      if (path[0] === 'tariff' && Math.abs(Number(changed) - Number(value)) <= 1) return true;
      return !isUsed(log, event, path, changed);
    case 'SegmentExtended':
    case 'SegmentOpened':
      return isAnotherSizeOfTheClass(log, event, changed);
    case 'BookClosed':
      // A class that was to be given seats when its run was cancelled is closed either way.
      return (changed === 'SEATS_ASSIGNED' || changed === 'RUN_CANCELLED') && isLateOnCancelled(log, event);
    case 'SeatsAssigned':
      // A traveller who has given up a place is not told its seat.
      return path.at(-2) === 'seats' && isToldNobody(log, event, path);
    case 'SeatsWithdrawn':
      // Where places are counted: the seats that an operator meant.
      return path[0] === 'seats' && path.at(-2) === 'seats' && isSeat(log, event, changed);
    case 'JourneyReserved':
    case 'TicketsReserved':
      // By a request that was lost before there was an order.
      return !log.some(({ stream }) => stream === `order-${dataOf(event).orderNo}`);
    case 'WaitlistSubmitted':
      return isLevelOfNobodyInLine(log, event, path, changed);
    case 'WaitlistFailed':
      return name === 'reason' && isSameEndOfWaiting(log, event, changed);
    case 'PaymentDeclined':
    case 'PaymentSucceeded':
      return name === 'version' && stillGrows(log, event, Number(changed));
    default:
      return false;
  }
};

const isLateOnCancelled = (log: Log, event: RecordedEvent): boolean => {
  const [train, date, seatClass = ''] = nameOf(event).split('_');
  const ofRun = log.filter(({ stream }) => stream === `trainRun-${train}_${date}`);
  const { lateAssignment = [] } = (ofRun[0]?.data ?? {}) as { readonly lateAssignment?: readonly string[] }; // TrainRunOpened
  return lateAssignment.includes(seatClass) && ofRun.some(({ type }) => type === 'TrainRunCancelled');
};

const isToldNobody = (log: Log, event: RecordedEvent, path: readonly string[]): boolean => {
  const { seats } = event.data as { readonly seats: readonly { readonly lockId: string }[] }; // SeatsAssigned
  const orderNo = seats[Number(path[1])]?.lockId.split('.')[0];
  return !log.some(({ type, stream }) => type === 'OrderSeatsAssigned' && stream === `order-${orderNo}`);
};

const isSeat = (log: Log, event: RecordedEvent, changed: unknown): boolean => {
  const inClass = nameOf(event).split('_');
  const sizes = log.flatMap(({ type, stream, data }) => {
    const [train, date, , seatClass] = stream.slice(stream.indexOf('-') + 1).split('_');
    const isOfClass = [train, date, seatClass].join() === inClass.join() && type.startsWith('Segment');
    return isOfClass ? [(data as { readonly seats: number }).seats] : [];
  });
  return Number(changed) >= 0 && Number(changed) < Math.max(...sizes);
};

/** The gateway's own version; it only has to grow. */
const stillGrows = (log: Log, event: RecordedEvent, changed: number): boolean => {
  const versions = log.flatMap((other) => {
    const { version } = other.data as { readonly version?: number }; // of notices only
    return other.stream === event.stream && version !== undefined ? [other === event ? changed : version] : [];
  });
  return versions.every((version, index) => version > (versions[index - 1] ?? 0));
};

/** A level that exists, of a request that never came into a line: only the token said it. */
const isLevelOfNobodyInLine = (log: Log, event: RecordedEvent, path: readonly string[], changed: unknown): boolean => {
  const [top, ranks, index, leaf] = path;
  if (top !== 'priority' || ranks !== 'ranks' || leaf !== 'value') return false;
  const { priority } = event.data as WaitlistSubmitted['data']; // of this type
  const isLevel = priority?.ranks[Number(index)]?.by === 'member-level';
  const exists = Number.isInteger(changed) && Number(changed) >= 0 && Number(changed) <= 9;
  return isLevel && exists && !log.some((other) => other.type === 'WaitingJoined' && waitsIn(other, nameOf(event)));
};

const waitsIn = (joined: RecordedEvent, waitlistNo: string): boolean =>
  (joined.data as WaitingJoined['data']).waiting.some((one) => one.waitlistNo === waitlistNo); // of this type

/** Several reasons end an order in the same state; the log does not prove which one it was. */
const isSameEnd = (log: Log, event: RecordedEvent, changed: unknown): boolean => {
  const own = log.filter(({ stream }) => stream === event.stream);
  const before = own.findLast(({ type, revision }) => revision < event.revision && type !== 'OrderSeatsAssigned')?.type;
  const request = dataOf(own[0]).request;
  const run = `trainRun-${request?.train}_${request?.date}`;
  if (changed === 'RUN_CANCELLED')
    return log.some(({ stream, type }) => stream === run && type === 'TrainRunCancelled');
  if (before === 'OrderSeatsHeld') return changed === 'CANCELLED' || changed === 'EXPIRED';
  if (before !== 'OrderRequested' && before !== 'OrderOfferedStanding') return false;
  return ['SOLD_OUT', 'SALE_STOPPED', 'SALE_CLOSED', 'CANCELLED'].includes(String(changed));
};

/** Several reasons end the waiting of somebody who was never served; the log does not prove which one it was. */
const isSameEndOfWaiting = (log: Log, event: RecordedEvent, changed: unknown): boolean => {
  const before = log.filter(({ stream, revision }) => stream === event.stream && revision < event.revision);
  if (before.some(({ type }) => type === 'WaitlistSeatsLocked')) return false;
  const isPaid = before.some(({ type }) => type === 'WaitlistPrepaid');
  return (isPaid ? ['GIVEN_UP', 'DEADLINE', 'RUN_CANCELLED', 'SALE_CLOSED'] : ['GIVEN_UP', 'UNPAID']).includes(
    String(changed),
  );
};

/** Consents of the buyer that were never needed. */
const isUnusedConsent = (log: Log, event: RecordedEvent, name: string): boolean => {
  if (name === 'request.acceptStanding')
    return !log.some(({ stream, type }) => stream === event.stream && type === 'OrderOfferedStanding');
  if (name === 'request.acceptSeatChange') return true;
  return false;
};

const isAnotherSizeOfTheClass = (log: Log, event: RecordedEvent, changed: unknown): boolean => {
  const seatClass = event.stream.split('_').at(-1);
  const run = event.stream.split('-')[1]?.split('_')[0];
  return log.some(
    ({ stream, type, data }) =>
      stream.startsWith(`segmentInventory-${run}_`) &&
      stream.endsWith(`_${seatClass}`) &&
      type.startsWith('Segment') &&
      (data as { readonly seats: number }).seats === changed,
  );
};

/** Stops, coaches and tariff of a run are proved only as far as somebody bought by them. */
const isUsed = (log: Log, event: RecordedEvent, path: readonly string[], changed: unknown): boolean => {
  const [field = '', index = '', part = ''] = path;
  const runName = nameOf(event);
  const requests = log.flatMap((other) => {
    const { request } = dataOf(other);
    return other.type === 'OrderRequested' && request !== undefined && isOfRun(other, runName) ? [request] : [];
  });
  switch (field) {
    case 'stops':
      return requests.some(({ from, to }) => from === Number(index) || to === Number(index));
    case 'tariff':
      if (index === 'ratesMilliFenPerKm') return requests.some(({ seatClass }) => seatClass === part);
      if (index === 'percentOfAdult')
        return requests.some(({ passengers }) => passengers.some(({ kind }) => kind === part));
      return requests.length > 0;
    case 'composition':
    case 'coaches': {
      // Data with the coaches of a run: one of both names.
      const coach = (event.data as Record<string, Composition>)[field]?.[Number(index)];
      if (part === 'coach') return namesCoach(log, runName, coach?.coach);
      return !sizesStillFit(log, event, path, changed);
    }
    case 'zone': {
      // Only the time to pay depends on it, and a refund, which comes later.
      const orders = new Set(
        log.filter((other) => other.type === 'OrderRequested' && isOfRun(other, runName)).map(nameOf),
      );
      return log.some((other) => other.type === 'OrderSeatsHeld' && orders.has(nameOf(other)));
    }
    case 'lateAssignment':
      return log.some((other) => isSizeOf(other, runName, 'second') && other.type === 'SegmentOpened');
    default:
      return true;
  }
};

const namesCoach = (log: Log, runName: string, coach: string | undefined): boolean => {
  const orders = new Set(log.filter((event) => event.type === 'OrderRequested' && isOfRun(event, runName)).map(nameOf));
  return log.some((event) => {
    if (event.type !== 'OrderSeatsHeld' && event.type !== 'OrderSeatsAssigned') return false;
    const { items } = event.data as { readonly items: readonly { readonly coach?: string }[] }; // of these two types
    return orders.has(nameOf(event)) && items.some((item) => item.coach === coach);
  });
};

/** With other coaches the classes would have had every number of seats that their segments had. */
const sizesStillFit = (log: Log, event: RecordedEvent, path: readonly string[], changed: unknown): boolean => {
  const otherwise = withField(log, event, path, changed);
  const runName = nameOf(event);
  let composition: Composition = [];
  const all: Composition[] = [];
  for (const { stream, type, data } of otherwise) {
    if (stream !== event.stream || (type !== 'TrainRunOpened' && type !== 'CoachesAdded')) continue;
    const made = data as { readonly composition?: Composition; readonly coaches?: Composition }; // of these two types
    composition = [...composition, ...(made.composition ?? made.coaches ?? [])];
    all.push(composition);
  }
  return SEAT_CLASSES.every((seatClass) =>
    log
      .filter((other) => isSizeOf(other, runName, seatClass))
      .every(({ data }) =>
        all.some((one) => seatsOfClass(one, seatClass).length === (data as { readonly seats: number }).seats),
      ),
  );
};
