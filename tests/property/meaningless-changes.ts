// The only changes of a clean log that the audit may pass over, each with its reason. Every change that is not listed
// here must be named.
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { categoryOf } from '@railhead/commands/ports/event-store.ts';
import type { CloseReason, OrderRequest } from '@railhead/domain/order/events.ts';
import { type Composition, classSizes } from '@railhead/domain/train-run/composition.ts';
import { type Log, nextInStream } from '../support/broken-log.ts';
import { lockPartsOf } from '../support/seat-events.ts';

/** Data of the events that these functions look at; each has some of the fields. */
export type Data = {
  readonly reason?: string;
  readonly request?: OrderRequest;
  readonly refundNo?: string;
  readonly orderNo?: string;
  readonly waitlistNo?: string;
};
export const dataOf = (event: RecordedEvent | undefined): Data => (event?.data ?? {}) as Data; // checked where it is used
export const nameOf = ({ stream }: RecordedEvent): string => stream.slice(stream.indexOf('-') + 1);
const after = (log: Log, event: RecordedEvent): Log =>
  log.filter(({ stream, revision }) => stream === event.stream && revision > event.revision);

/** A run carries its own stops, coaches and tariff, so no decision depends on the timetable's events. */
export const isTimetable = ({ stream }: RecordedEvent): boolean => ['train', 'station'].includes(categoryOf(stream));

const COMMIT_RECORDS = ['SeatLocksAcquired', 'SeatsWithdrawn'];

/** The order was closed next, and may be closed from the state before as well: it ended without seats either way. */
const isClosedNextAnyway = (log: Log, event: RecordedEvent): boolean => {
  const next = nextInStream(log, event);
  if (next?.type !== 'OrderClosed') return false;
  const reason = dataOf(next).reason as CloseReason; // of an OrderClosed
  if (reason === 'RUN_CANCELLED') return event.type !== 'OrderRequested';
  if (event.type === 'OrderOfferedStanding') return true;
  return event.type === 'OrderSeatsHeld' && reason === 'CANCELLED' && !isPaidFor(log, event);
};

const isPaidFor = (log: Log, order: RecordedEvent): boolean =>
  log.some(({ stream }) => stream.startsWith(`payment-${nameOf(order)}P`));

/** The log would have the same meaning without this event. */
export const isMissedByNobody = (log: Log, event: RecordedEvent): boolean => {
  if (isTimetable(event) || isClosedNextAnyway(log, event)) return true;
  switch (event.type) {
    case 'TrainRunOpened':
      return !log.some((other) => other !== event && isOfRun(other, nameOf(event)));
    case 'CoachesAdded':
      return !isSoldAfter(log, event);
    case 'CompositionChanged':
      // The seats of coaches that go and come are withdrawn and returned by events of their own.
      return true;
    case 'WaitlistOrderPlaced':
      // A step on the way: what became of the order says more.
      return true;
    case 'TrainRunSeatsAssigned':
      // Everything was assigned before; the run process only repeats it.
      return true;
    case 'BookOpened':
      // An owner that wrote nothing else to the book.
      return event.revision === 0
        ? after(log, event).length === 0
        : !after(log, event).some(({ type }) => type === 'BookOpened' || COMMIT_RECORDS.includes(type));
    case 'SegmentExtended':
      return !areNewSeatsHeld(log, event);
    case 'SeatLockAborted':
      // It never held a seat.
      return !log.some((other) => other.type === 'SeatsHeld' && !areApart(other, event));
    case 'OrderSeatsAssigned':
      return log.findLast(({ stream }) => stream === event.stream)?.type === 'OrderClosed';
    case 'PaymentDeclined':
      // No money came in, and the next notice has a higher version anyway.
      return true;
    case 'PaymentCreated':
      return after(log, event).length === 0;
    case 'JourneyReserved':
    case 'TicketsReserved': {
      // The only one of its order: then the order was not limited. Or it is written again by a repeated request. Or the
      // order never came, and one less is reserved for nobody.
      const ofOrder = log.filter((other) => other.type === event.type && isOfSameOrder(other, event));
      const isRepeated = ofOrder.some((other) => other !== event && other.stream === event.stream);
      const hasCome = log.some((other) => other.type === 'OrderRequested' && isOfSameOrder(other, event));
      return ofOrder.length === 1 || isRepeated || !hasCome;
    }
    case 'UnpaidOrderEnded':
      // The order was not limited, or is not counted yet.
      return true;
    default:
      return false;
  }
};

/** Is one of the seats that the segment got held before it gets more? */
const areNewSeatsHeld = (log: Log, event: RecordedEvent): boolean => {
  const sizeOf = ({ data }: RecordedEvent): number => (data as { readonly seats: number }).seats; // of these two types
  const isSize = ({ type }: RecordedEvent): boolean => type === 'SegmentOpened' || type === 'SegmentExtended';
  const before = log.findLast(
    (other) => other.stream === event.stream && other.revision < event.revision && isSize(other),
  );
  const later = after(log, event);
  const next = later.findIndex(isSize);
  const until = next < 0 ? later : later.slice(0, next);
  const size = before === undefined ? 0 : sizeOf(before);
  return until.some((other) => other.type === 'SeatsHeld' && seatsIn(other).some((seat) => seat >= size));
};

export const isOfRun = (event: RecordedEvent, runName: string): boolean => {
  const { request } = dataOf(event);
  return (
    event.stream.includes(`-${runName}`) || (request !== undefined && `${request.train}_${request.date}` === runName)
  );
};

/**
 * Were segments of these coaches' classes opened or extended after them? Then they have the number of seats they made.
 */
const isSoldAfter = (log: Log, event: RecordedEvent): boolean => {
  const { coaches } = event.data as { readonly coaches: Composition }; // CoachesAdded
  return classSizes(coaches).some(({ seatClass }) =>
    log.some((other) => other.position > event.position && isSizeOf(other, nameOf(event), seatClass)),
  );
};

export const isSizeOf = ({ stream, type }: RecordedEvent, runName: string, seatClass: string | undefined): boolean =>
  type.startsWith('Segment') && stream.startsWith(`segmentInventory-${runName}_`) && stream.endsWith(`_${seatClass}`);

/** Two events of a stream about different things may come in either order. */
export const mayComeInEitherOrder = (a: RecordedEvent, b: RecordedEvent): boolean => {
  if (isTimetable(a)) return true;
  const types = [a.type, b.type];
  const other = (type: string): RecordedEvent | undefined => (a.type === type ? b : b.type === type ? a : undefined);
  switch (categoryOf(a.stream)) {
    case 'segmentInventory': {
      if (types.some((type) => type === 'SegmentOpened')) return false;
      // A release needs no room; a hold needs its seats to exist.
      const beside = other('SegmentExtended');
      if (beside !== undefined) return beside.type !== 'SegmentExtended';
      // What one lock gives back in parts may go back in any order.
      const isRelease = types.every((type) => type === 'SeatsReleased');
      return (isRelease || areApart(a, b)) && !seatsIn(a).some((seat) => seatsIn(b).includes(seat));
    }
    case 'seatLock': {
      const beside = other('BookOpened') ?? other('BookClosed');
      if (beside !== undefined) {
        const isOpening = types.includes('BookOpened');
        const bound = isOpening ? ['BookOpened'] : ['BookClosed', 'SeatsAssigned'];
        return ![...COMMIT_RECORDS, ...bound].includes(beside.type);
      }
      if (types.includes('SeatsAssigned')) return true;
      return areApart(a, b) || types.every((type) => type === 'SeatsGivenBack');
    }
    case 'payment':
      return areOfTwoRefunds(a, b);
    case 'order':
      if (areOfTwoRefunds(a, b)) return true;
      // Seats do not change an order's status.
      return (
        other('OrderSeatsAssigned') !== undefined && !types.includes('OrderSeatsHeld') && !types.includes('OrderClosed')
      );
    case 'traveller':
    case 'buyer':
      // What one order takes says nothing of another, unless a limit is reached.
      return !isOfSameOrder(a, b) || types.includes('UnpaidOrderEnded') || (mayBeWrittenAgain(a) && a.type === b.type);
    case 'waitlistUser':
      return dataOf(a).waitlistNo !== dataOf(b).waitlistNo;
    case 'trainRun':
      if (types.includes('TrainRunSeatsAssigned')) return true;
      return types.every((type) => type === 'CoachesAdded' || type === 'CompositionChanged');
    default:
      return false;
  }
};

const isOfSameOrder = (a: RecordedEvent, b: RecordedEvent): boolean => dataOf(a).orderNo === dataOf(b).orderNo;

/** A request that is repeated writes again what it has reserved. */
export const mayBeWrittenAgain = ({ type }: RecordedEvent): boolean =>
  type === 'JourneyReserved' || type === 'TicketsReserved';

/** Each refund has its own steps, and the order of two refunds says nothing. */
const areOfTwoRefunds = (a: RecordedEvent, b: RecordedEvent): boolean => {
  const [one, other] = [dataOf(a).refundNo, dataOf(b).refundNo];
  return one !== undefined && other !== undefined && one !== other;
};

/** Are the two about different locks? */
const areApart = (a: RecordedEvent, b: RecordedEvent): boolean => {
  const locks = new Set(lockPartsOf(a).map(({ lockId }) => lockId));
  return !lockPartsOf(b).some(({ lockId }) => locks.has(lockId));
};

/** The seats that an event of a segment names. */
const seatsIn = (event: RecordedEvent): readonly number[] => lockPartsOf(event).flatMap(({ seats = [] }) => seats);
