// Every upcaster there is. An event whose shape changes gets a new version in its union and an entry here.
import { wholeRefundNoOf } from '@railhead/domain/payment/stream.ts';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import type { SeatHold } from '@railhead/domain/segment-inventory/events.ts';
import type { Upcaster } from '../eventstore/upcasting-store.ts';

/** The offset at the end of an RFC 3339 timestamp: `+08:00`. */
const OFFSET_LENGTH = 6;

const withRefundNo = (data: unknown): unknown => {
  const payment = data as { readonly paymentNo: string }; // of this type
  return { ...payment, refundNo: wholeRefundNoOf(payment.paymentNo) };
};

const ofLock = (data: unknown): unknown => ({ locks: [data] });

const holdIn = (data: unknown): SeatHold => {
  const { lockId, seats } = data as SeatHold; // of the two types
  return { lockId, seats };
};

export const UPCASTERS: readonly Upcaster[] = [
  {
    type: 'TrainRunOpened',
    from: 1,
    // Version 1 had no zone: the railway had one fixed offset. The timestamp of the event has that offset.
    lift: (data, { at }) => ({ ...(data as object), zone: at.slice(-OFFSET_LENGTH) }), // safe cast: the data of every version is an object
  },
  {
    type: 'SeatsWithdrawn',
    from: 1,
    // In version 1 a coach that left the composition was named in the reason, and had all of its seats withdrawn.
    lift: (data) => {
      const { plan, reason } = data as { readonly plan: LockPlan; readonly reason: string }; // of this type
      const [, coach] = (plan.legs[0]?.seats.length ?? 0) > 1 ? (/^coach (\S+): /.exec(reason) ?? []) : [];
      return coach === undefined ? data : { ...(data as object), coach };
    },
  },
  // In version 1 a payment was refunded once and in full.
  { type: 'PaymentRefundRequested', from: 1, lift: withRefundNo },
  { type: 'PaymentRefunded', from: 1, lift: withRefundNo },
  // In version 1 an event was about one lock, and every hold had the whole plan.
  { type: 'SeatsHeld', from: 1, lift: (data) => ({ holds: [holdIn(data)] }) },
  { type: 'SeatsReleased', from: 1, lift: (data) => ({ releases: [holdIn(data)] }) },
  { type: 'SeatLockAcquired', from: 1, renamed: 'SeatLocksAcquired', lift: ofLock },
  { type: 'SeatLockConfirmed', from: 1, renamed: 'SeatLocksConfirmed', lift: ofLock },
  { type: 'SeatLockReleased', from: 1, renamed: 'SeatLocksReleased', lift: ofLock },
  { type: 'SeatLockExpired', from: 1, renamed: 'SeatLocksExpired', lift: ofLock },
];
