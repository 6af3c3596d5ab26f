// The types of event that each category may have. Written out in full, so that the compiler asks for a new one.
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { ORDER_CATEGORY } from '@railhead/domain/order/stream.ts';
import type { PaymentEvent } from '@railhead/domain/payment/events.ts';
import { PAYMENT_CATEGORY } from '@railhead/domain/payment/stream.ts';
import type { SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import { LOCK_CATEGORY } from '@railhead/domain/seat-lock/stream.ts';
import type { SegmentInventoryEvent } from '@railhead/domain/segment-inventory/events.ts';
import { SEGMENT_CATEGORY } from '@railhead/domain/segment-inventory/stream.ts';
import type { TrainRunEvent } from '@railhead/domain/train-run/events.ts';
import { RUN_CATEGORY } from '@railhead/domain/train-run/stream.ts';

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
  [RUN_CATEGORY]: ofRuns,
  [SEGMENT_CATEGORY]: ofSegments,
  [LOCK_CATEGORY]: ofBooks,
  [ORDER_CATEGORY]: ofOrders,
  [PAYMENT_CATEGORY]: ofPayments,
};

/** Whether the audit understands the event; categories it does not fold may have any. */
export const isKnownType = (category: string, type: string): boolean => {
  const types = TYPES[category];
  return types === undefined || Object.hasOwn(types, type);
};
