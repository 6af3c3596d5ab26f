// All steps of an order, in the order in which they are begun. A new step is a file in steps/ and a line here.

import type { TrackedOrder } from '../orders/tracked-order.ts';
import { bind, dueSteps } from '../workflow/step.ts';
import type { OrderStep, OrderStepDeps } from './order-step.ts';
import { acceptPayment } from './steps/accept-payment.ts';
import { askPayment } from './steps/ask-payment.ts';
import { closeFailed } from './steps/close-failed.ts';
import { completeRefund } from './steps/complete-refund.ts';
import { dropChange } from './steps/drop-change.ts';
import { endChange } from './steps/end-change.ts';
import { endPayment } from './steps/end-payment.ts';
import { exchangeTickets } from './steps/exchange-tickets.ts';
import { expire } from './steps/expire.ts';
import { giveBackSeats } from './steps/give-back-seats.ts';
import { holdSeats } from './steps/hold-seats.ts';
import { issueTickets } from './steps/issue-tickets.ts';
import { placeChanged } from './steps/place-changed.ts';
import { refund } from './steps/refund.ts';
import { refundCarried } from './steps/refund-carried.ts';
import { releaseReservation } from './steps/release-reservation.ts';
import { releaseSeats } from './steps/release-seats.ts';
import { requestRefund } from './steps/request-refund.ts';
import { settleChange } from './steps/settle-change.ts';
import { acceptPrepayment } from './steps/waitlist/accept-prepayment.ts';
import { endWaiting } from './steps/waitlist/end-waiting.ts';
import { joinLines } from './steps/waitlist/join-lines.ts';
import { leaveLines } from './steps/waitlist/leave-lines.ts';
import { placeServed } from './steps/waitlist/place-served.ts';
import { releasePlace } from './steps/waitlist/release-place.ts';
import { tellWaitlist } from './steps/waitlist/tell-waitlist.ts';

export const ORDER_STEPS: readonly OrderStep[] = [
  holdSeats,
  acceptPayment,
  askPayment,
  expire,
  issueTickets,
  exchangeTickets,
  closeFailed,
  placeChanged,
  dropChange,
  endChange,
  releaseSeats,
  giveBackSeats,
  releaseReservation,
  endPayment,
  requestRefund,
  refund,
  refundCarried,
  completeRefund,
  settleChange,
  acceptPrepayment,
  joinLines,
  endWaiting,
  placeServed,
  tellWaitlist,
  leaveLines,
  releasePlace,
];

export const orderSteps = (deps: OrderStepDeps) => bind(ORDER_STEPS, deps);

/** The steps that an order still needs. With none, it has ended or waits for somebody. */
export const stepsOf = (tracked: TrackedOrder) =>
  dueSteps(ORDER_STEPS, tracked).map(({ step: { kind }, ...due }) => ({ kind, ...due }));
