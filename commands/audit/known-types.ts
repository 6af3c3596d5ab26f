// The types of event that each category may have. Written out in full, so that the compiler asks for a new one.
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import type { PaymentEvent } from '@railhead/domain/payment/events.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import type { SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import type { SegmentInventoryEvent } from '@railhead/domain/segment-inventory/events.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import type { TrainRunEvent } from '@railhead/domain/train-run/events.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';

type Types<Event extends { readonly type: string }> = Readonly<Record<Event['type'], true>>;

const ofRuns: Types<TrainRunEvent> = {
  TrainRunOpened: true,
  CoachesAdded: true,
  TrainRunCancelled: true,
  TrainRunCancellationSettled: true,
  TrainRunSeatsAssigned: true,
};
const ofSegments: Types<SegmentInventoryEvent> = {
  SegmentOpened: true,
  SegmentExtended: true,
  SeatsHeld: true,
  SeatsReleased: true,
};
const ofBooks: Types<SeatLockEvent> = {
  BookOpened: true,
  BookClosed: true,
  SeatLockAcquired: true,
  SeatLockAborted: true,
  SeatLockConfirmed: true,
  SeatLockReleased: true,
  SeatLockExpired: true,
  SeatsWithdrawn: true,
  SeatsReturned: true,
  SeatsAssigned: true,
};
const ofOrders: Types<OrderEvent> = {
  OrderRequested: true,
  OrderOfferedStanding: true,
  OrderSeatsHeld: true,
  OrderSeatsAssigned: true,
  OrderPaid: true,
  OrderTicketingStarted: true,
  OrderTicketed: true,
  OrderTicketingFailed: true,
  OrderClosed: true,
};
const ofPayments: Types<PaymentEvent> = {
  PaymentCreated: true,
  PaymentSucceeded: true,
  PaymentDeclined: true,
  PaymentRefundRequested: true,
  PaymentRefunded: true,
};

const TYPES: Readonly<Record<string, object>> = {
  [runCategory.name]: ofRuns,
  [segmentCategory.name]: ofSegments,
  [lockBookCategory.name]: ofBooks,
  [orderCategory.name]: ofOrders,
  [paymentCategory.name]: ofPayments,
};

/** Whether the audit understands the event; categories it does not fold may have any. */
export const isKnownType = (category: string, type: string): boolean => {
  const types = TYPES[category];
  return types === undefined || Object.hasOwn(types, type);
};
